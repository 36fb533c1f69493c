/* gate.h - may this request send, and so much? The write key (access.h) and the shares of its key and its address (limit.h), once a request. */
#ifndef GATE_H
#define GATE_H

#include "access.h"
#include "limit.h"
#include "proxies.h"
#include "tl_conf.h"
#include "tl_http.h"

struct gate {
    struct access *access;
    struct limit *limit;
    struct limit_rate key, address, failure;
    struct proxies proxies;             /* whose X-Forwarded-For is believed */
};
/* gate_open - TL_ECONFIG too: collector.proxy lists something else than addresses */
int gate_open(struct gate *g, const struct tl_conf *conf, struct tl_err *err);
void gate_close(struct gate *g);

struct gate_pass {                      /* one request's; zeroed before it */
    struct access_grant grant;
    bool asked;                         /* gate_ask said 0 */
    struct limit_rate key_rate;
    uint8_t address[16];
    struct tl_str network;              /* in address */
    int wait_s;                         /* after TL_ELIMIT */
};
/* gate_ask - 0, TL_EAUTH, TL_EDENIED, TL_ELIMIT (of the key, the address, or of failures) */
int gate_ask(struct gate *g, struct gate_pass *p, const struct tl_http_req *rq, struct tl_str key, struct tl_err *err);
/* gate_charge - so many events were taken */
void gate_charge(struct gate *g, const struct gate_pass *p, uint64_t events_n);

#endif
