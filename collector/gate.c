/* gate.c - see gate.h. A good key is never turned away for the failures of others that share its address, as all do behind one proxy: only failures are
 * answered with 429 then. */
#include "gate.h"

#include <strings.h>

#include "tl_count.h"
#include "tl_port.h"

#define FAILURE_EVENTS 10               /* a failed login takes as much of an address's share as so many events */

int
gate_open(struct gate *g, const struct tl_conf *conf, struct tl_err *err)
{
    *g = (struct gate){ .key = { conf->limit_key_events_s, conf->limit_burst_s }, .address = { conf->limit_address_events_s, conf->limit_burst_s },
                        .failure = { conf->limit_failures_s, conf->limit_burst_s } };
    int rc = proxies_read(&g->proxies, conf->collector_proxy, err);
    if (rc != 0) return rc;
    g->limit = limit_new();
    if (!g->limit) return tl_fail(err, TL_ENOMEM, "out of memory for limits");
    return access_open(&g->access, conf->data, err);
}

void
gate_close(struct gate *g)
{
    access_close(&g->access);
    limit_free(&g->limit);
}

static int64_t
now_us(void)
{
    return tl_clock_real()->mono_us(tl_clock_real());
}

struct forwarded {
    const struct proxies *proxies;
    struct tl_str sender;
};

static void
take_header(void *arg, struct tl_str name, struct tl_str value)
{
    struct forwarded *f = arg;
    if (name.n == 15 && strncasecmp(name.p, "X-Forwarded-For", 15) == 0) proxies_step(f->proxies, value, &f->sender);
}

/* Of several lines all are read: a proxy may add one of its own behind that of the sender. */
static struct tl_str
sender(const struct gate *g, const struct tl_http_req *rq)
{
    struct tl_str peer = tl_http_peer(rq);
    struct forwarded f = { &g->proxies, { NULL, 0 } };
    if (proxies_trust(&g->proxies, peer)) tl_http_header_each(rq, take_header, &f);
    return f.sender.p ? f.sender : peer;
}

static int
limited(struct gate_pass *p, int wait_s, const char *whose, struct tl_err *err)
{
    p->wait_s = wait_s;
    tl_count_add(C_BODIES_LIMITED, 1);
    return tl_fail(err, TL_ELIMIT, "%s; send the same again in %d s", whose, wait_s);
}

static int
failed(struct gate *g, struct gate_pass *p, int rc, struct tl_err *err)
{
    int64_t us = now_us();
    tl_count_add(C_AUTH_FAILURES, 1);
    limit_charge(g->limit, LIMIT_ADDRESS, p->network, g->address, FAILURE_EVENTS, us);
    int wait_s = limit_take(g->limit, LIMIT_FAILURE, p->network, g->failure, 1, us);
    return wait_s ? limited(p, wait_s, "too many requests with a bad write key came from this network", err) : rc;
}

int
gate_ask(struct gate *g, struct gate_pass *p, const struct tl_http_req *rq, struct tl_str key, struct tl_err *err)
{
    const struct access_asked asked = { .key = key, .browser = tl_http_header(rq, "Origin"), .token = tl_http_header(rq, "X-Touchline-Token") };
    p->network = limit_network(sender(g, rq), p->address);
    int rc = access_check(g->access, &asked, tl_clock_real()->wall_ms(tl_clock_real()), &p->grant, err);
    if (rc != 0) return failed(g, p, rc, err);
    p->asked = true;
    p->key_rate = (struct limit_rate){ p->grant.rate > 0 ? p->grant.rate : g->key.rate, g->key.burst_s };
    if (p->grant.operator) return 0;
    int64_t us = now_us();
    int wait_s = limit_take(g->limit, LIMIT_KEY, tl_str_of(p->grant.origin), p->key_rate, 0, us);
    if (wait_s) return limited(p, wait_s, "the write key has sent more than its share", err);
    wait_s = limit_take(g->limit, LIMIT_ADDRESS, p->network, g->address, 0, us);
    return wait_s ? limited(p, wait_s, "more than its share came from this network", err) : 0;
}

void
gate_charge(struct gate *g, const struct gate_pass *p, uint64_t events_n)
{
    int64_t us = now_us();
    if (p->grant.operator || events_n == 0) return;
    limit_charge(g->limit, LIMIT_KEY, tl_str_of(p->grant.origin), p->key_rate, (int64_t)events_n, us);
    limit_charge(g->limit, LIMIT_ADDRESS, p->network, g->address, (int64_t)events_n, us);
}
