/* callers.c - see callers.h. */
#include "callers.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_keys.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_wire.h"

#define LOOK_US INT64_C(250000)
#define ID_CHARS (2 * TL_KEYS_COLLECTOR_BYTES)

struct callers {
    char path[PATH_MAX];
    struct tl_bus_curve own;
    pthread_mutex_t lock;
    struct tl_peer_keys keys;
    uint64_t stamp;
    int64_t looked_us;
};

/* with the lock held */
static void
refresh(struct callers *c)
{
    struct tl_peer_keys fresh;
    struct tl_err err;
    int64_t now_us = tl_clock_real()->mono_us(tl_clock_real());
    if (now_us - c->looked_us < LOOK_US)
        return;
    c->looked_us = now_us;
    uint64_t stamp = tl_keys_stamp(c->path);
    if (stamp == c->stamp)
        return;
    c->stamp = stamp;                   /* said once a change */
    if (stamp == 0) {
        tl_log(TL_WARN, "collector_keys_gone", "path=\"%s\" text=\"what was listed holds until the next start\"", c->path);
    } else if (tl_peer_keys_load(c->path, &fresh, &err) != 0) {
        tl_log(TL_ERROR, "collector_keys_unreadable", "error=\"%s\" text=\"what was listed before holds\"", err.text);
    } else {
        tl_peer_keys_free(&c->keys);
        c->keys = fresh;
        tl_log(TL_INFO, "collector_keys", "keys=%zu", fresh.n);
    }
}

/* name_key - the User-Id of a connection: the collector's number, and which of its keys it was made with */
static void
name_key(const struct tl_peer_key *key, char user[TL_BUS_USER_BYTES])
{
    _Static_assert(2 * TL_KEYS_COLLECTOR_BYTES + 1 + 2 * TL_BUS_KEY_BYTES < TL_BUS_USER_BYTES, "a User-Id holds both");
    tl_hex(key->collector, TL_KEYS_COLLECTOR_BYTES, user);
    user[ID_CHARS] = '/';
    tl_hex(key->public_key, TL_BUS_KEY_BYTES, user + ID_CHARS + 1);
}

static int
who(void *arg, const uint8_t public_key[TL_BUS_KEY_BYTES], char user[TL_BUS_USER_BYTES])
{
    struct callers *c = arg;
    char hex[2 * TL_BUS_KEY_BYTES + 1];
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    int rc = TL_EAUTH;
    pthread_mutex_lock(&c->lock);
    refresh(c);
    for (size_t i = 0; i < c->keys.n && rc != 0; i++)
        if (memcmp(c->keys.key[i].public_key, public_key, TL_BUS_KEY_BYTES) == 0 && tl_peer_key_live(&c->keys.key[i], now_ms)) {
            name_key(&c->keys.key[i], user);
            rc = 0;
        }
    pthread_mutex_unlock(&c->lock);
    if (rc == 0)
        return 0;
    tl_hex(public_key, TL_BUS_KEY_BYTES, hex);
    tl_count_add(A_KEYS_REFUSED, 1);
    tl_log(TL_WARN, "key_refused", "public=%s text=\"not listed, disabled or over\"", hex);
    return rc;
}

int
callers_open(struct callers **out, const char *data, struct tl_bus_cfg *bus, struct tl_err *err)
{
    struct tl_curve_file own;
    struct callers *c = tl_alloc(sizeof *c);
    if (!c)
        return tl_fail(err, TL_ENOMEM, "out of memory for the keys of collectors");
    pthread_mutex_init(&c->lock, NULL);
    tl_run_path(c->path, data, "keys/collectors.json");
    c->stamp = tl_keys_stamp(c->path);
    int rc = tl_peer_keys_load(c->path, &c->keys, err);
    if (rc == 0)
        rc = tl_curve_server(data, &own, err);
    if (rc != 0) {
        callers_close(&c);
        return rc;
    }
    memcpy(c->own.public_key, own.public_key, TL_BUS_KEY_BYTES);
    memcpy(c->own.secret_key, own.secret_key, TL_BUS_KEY_BYTES);
    bus->curve = &c->own;
    bus->who = who;
    bus->who_arg = c;
    *out = c;
    return 0;
}

void
callers_close(struct callers **cp)
{
    if (!*cp)
        return;
    tl_peer_keys_free(&(*cp)->keys);
    pthread_mutex_destroy(&(*cp)->lock);
    tl_free(*cp);
    *cp = NULL;
}

/* is_live - the key that the connection was made with, not just any of its collector's */
static bool
is_live(struct callers *c, const uint8_t collector[TL_KEYS_COLLECTOR_BYTES], const char user[TL_BUS_USER_BYTES])
{
    char name[TL_BUS_USER_BYTES];
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    bool found = false;
    pthread_mutex_lock(&c->lock);
    refresh(c);
    for (size_t i = 0; i < c->keys.n && !found; i++) {
        if (memcmp(c->keys.key[i].collector, collector, TL_KEYS_COLLECTOR_BYTES) != 0)
            continue;
        name_key(&c->keys.key[i], name);
        found = strcmp(name, user) == 0 && tl_peer_key_live(&c->keys.key[i], now_ms);
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void
reject(struct tl_bus *bus, const struct tl_bus_msg *m, const struct tl_wire_head *from)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    struct tl_wire_head h = { .epoch = from->epoch, .partition = from->partition, .n_events = TL_REJECT_UNKNOWN_COLLECTOR,
                              .version_min = from->version_min, .version_max = from->version_max };
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 } };
    memcpy(h.collector, from->collector, sizeof h.collector);
    tl_wire_put_type(f0, TL_REJECT);
    tl_wire_put_head(f1, &h);
    tl_bus_send(bus, m->route, m->route_n, frame, 2, NULL);
}

bool
callers_admit(struct callers *c, struct tl_bus *bus, const struct tl_bus_msg *m)
{
    enum tl_wire_type type;
    struct tl_wire_head h = { 0 };
    char id[ID_CHARS + 1];
    if (m->frames_n < 2 || tl_wire_get_type(m->frame[0].p, m->frame[0].n, &type) < 0 || tl_wire_get_head(m->frame[1].p, m->frame[1].n, &h) < 0)
        return true;                    /* counted as a stray by who takes it */
    tl_hex(h.collector, sizeof h.collector, id);
    if (strncmp(id, m->user, ID_CHARS) == 0 && is_live(c, h.collector, m->user))
        return true;
    tl_count_add(A_CALLERS_REFUSED, 1);
    if (type == TL_HELLO) {
        tl_log(TL_WARN, "caller_refused", "collector=%s key_of=%s", id, m->user);
        reject(bus, m, &h);
    }
    return false;
}
