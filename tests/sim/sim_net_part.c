/* sim_net_part.c - the network in memory; see sim_net.h. */
#include "sim_net.h"

#include <stdlib.h>

static void port_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n);

void
sim_net_init(struct sim_net *n, struct sim_rand *rand, const int64_t *now_us)
{
    *n = (struct sim_net){ .rand = rand, .now_us = now_us };
    n->port = (struct intake_net){ n, port_send };
    for (int i = 0; i < SIM_COLLECTORS_MAX; i++)
        n->link[i].route = ++n->routes_n;
}

void
sim_message_free(struct sim_message *m)
{
    for (int i = 0; i < m->frames_n; i++)
        free((void *)(uintptr_t)m->frame[i].p);
}

static void
remove_at(struct sim_net *n, size_t i)
{
    n->message[i] = n->message[--n->n];
}

void
sim_net_free(struct sim_net *n)
{
    for (size_t i = 0; i < n->n; i++)
        sim_message_free(&n->message[i]);
    free(n->message);
}

static int
link_of(const struct sim_net *n, uint64_t route)
{
    for (int i = 0; i < SIM_COLLECTORS_MAX; i++)
        if (n->link[i].route == route)
            return i;
    return -1;
}

/* Answers die with their connection. What the collector had sent may still arrive, up to some frame, and late. */
void
sim_net_break(struct sim_net *n, int link)
{
    uint64_t route = n->link[link].route, keep = n->order - sim_rand_below(n->rand, 20);
    n->broken_n++;
    for (size_t i = n->n; i-- > 0;) {
        struct sim_message *m = &n->message[i];
        if (m->route != route)
            continue;
        if (m->up && m->order <= keep) {
            m->due_us += (int64_t)(n->calm ? 0 : 300000);
            continue;
        }
        sim_message_free(m);
        remove_at(n, i);
    }
    n->link[link].route = ++n->routes_n;
    n->link[link].down_until_us = *n->now_us + (int64_t)sim_rand_below(n->rand, n->calm ? 1000 : 3000000);
    n->link[link].deaf_until_us = 0;
    n->link[link].last_due_us[0] = n->link[link].last_due_us[1] = 0;
}

void
sim_net_deafen(struct sim_net *n, int link, int64_t us)
{
    n->link[link].deaf_until_us = *n->now_us + us;
}

static void
enqueue(struct sim_net *n, int link, bool up, const struct tl_str *frame, int frames_n)
{
    if (n->n == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 256;
        n->message = realloc(n->message, n->cap * sizeof *n->message);
    }
    int64_t delay = (int64_t)(50 + sim_rand_below(n->rand, sim_rand_chance(n->rand, n->calm ? 0 : 20) ? 2000000 : 5000)), *last = &n->link[link].last_due_us[up];
    struct sim_message m = { .due_us = *n->now_us + delay, .route = n->link[link].route, .order = ++n->order, .up = up, .frames_n = frames_n };
    if (m.due_us < *last)
        m.due_us = *last;
    *last = m.due_us;
    for (int i = 0; i < frames_n; i++) {
        uint8_t *copy = malloc(frame[i].n + 1);
        memcpy(copy, frame[i].p, frame[i].n);
        m.frame[i] = (struct tl_str){ (char *)copy, frame[i].n };
        if (i == 2 && !n->calm && sim_rand_chance(n->rand, n->flip_permille))
            copy[sim_rand_below(n->rand, frame[i].n)] ^= 1;
    }
    n->message[n->n++] = m;
}

static bool
deaf(const struct sim_net *n, int link)
{
    return *n->now_us < n->link[link].deaf_until_us;
}

bool
sim_net_send(struct sim_net *n, int link, const struct tl_str *frame, int frames_n)
{
    if (*n->now_us < n->link[link].down_until_us)
        return false;
    if (!deaf(n, link))
        enqueue(n, link, true, frame, frames_n);
    return true;
}

static void
port_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    struct sim_net *n = self;
    uint64_t number = 0;
    if (route_n != sizeof number)
        abort();
    memcpy(&number, route, sizeof number);
    int link = link_of(n, number);
    if (link >= 0 && !n->mute && !deaf(n, link))
        enqueue(n, link, false, frame, frames_n);
}

/* By due time, then by order: so each connection keeps its order. */
bool
sim_net_take(struct sim_net *n, bool up, int link, struct sim_message *m)
{
    size_t best = n->n;
    for (size_t i = 0; i < n->n; i++) {
        const struct sim_message *x = &n->message[i];
        if (x->up != up || x->due_us > *n->now_us || (!up && x->route != n->link[link].route))
            continue;
        if (best == n->n || x->due_us < n->message[best].due_us || (x->due_us == n->message[best].due_us && x->order < n->message[best].order))
            best = i;
    }
    if (best == n->n)
        return false;
    *m = n->message[best];
    remove_at(n, best);
    return true;
}
