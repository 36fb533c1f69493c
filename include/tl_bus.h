/* tl_bus.h - frames over ZeroMQ. Only lib/tl_bus.c includes zmq.h. Options as measured safe: IMMEDIATE, LINGER 0, heartbeats, MAXMSGSIZE 8 MB.
 * One context per process, made at the first socket; never terminated (crash-only). With CURVE a socket is encrypted and both ends
 * prove their key; whose it is, is asked of `who` for every connection (ZAP, RFC 27), before a byte of it is taken. */
#ifndef TL_BUS_H
#define TL_BUS_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_BUS_FRAMES_MAX 4
#define TL_BUS_ROUTE_BYTES 64
#define TL_BUS_USER_BYTES 104
#define TL_BUS_KEY_BYTES 32

struct tl_bus;
struct tl_bus_curve {
    uint8_t public_key[TL_BUS_KEY_BYTES], secret_key[TL_BUS_KEY_BYTES];
    uint8_t server_key[TL_BUS_KEY_BYTES];                /* DEALER: public half of the other end */
};
/* 0 and who it is (what tl_bus_msg.user says from then on), or negative: refused. Called on a thread of its own. */
typedef int (*tl_bus_who)(void *arg, const uint8_t public_key[TL_BUS_KEY_BYTES], char user[TL_BUS_USER_BYTES]);
struct tl_bus_cfg {
    const char *endpoint;       /* "tcp://127.0.0.1:5570"; port * binds any free one */
    bool router;                /* ROUTER that binds, else DEALER that connects */
    int hwm;                    /* messages, 0 = 1000 */
    const struct tl_bus_curve *curve;   /* NULL: plain */
    tl_bus_who who;             /* ROUTER with curve: one such socket a process */
    void *who_arg;
};
struct tl_bus_msg {
    uint8_t route[TL_BUS_ROUTE_BYTES];   /* ROUTER: who; opaque */
    size_t route_n;
    struct tl_str frame[TL_BUS_FRAMES_MAX];
    int frames_n;
    char user[TL_BUS_USER_BYTES];        /* ROUTER with curve: as `who` said, else "" */
    void *hold;                 /* owner of the frames' bytes; tl_bus_done frees */
};
int tl_bus_open(struct tl_bus **out, const struct tl_bus_cfg *cfg, struct tl_err *err);
void tl_bus_close(struct tl_bus **bp);
const char *tl_bus_endpoint(const struct tl_bus *b);                 /* as bound, with the real port */
/* tl_bus_refused - DEALER with curve: the other end has refused our key since the last call. Such a socket never connects again: open a new one. */
bool tl_bus_refused(struct tl_bus *b);
int tl_bus_keypair(uint8_t public_key[TL_BUS_KEY_BYTES], uint8_t secret_key[TL_BUS_KEY_BYTES]);    /* 0, TL_EIO: a libzmq without CURVE */
int tl_bus_fd(const struct tl_bus *b);                               /* poll for reading, then tl_bus_recv until TL_EAGAIN (edge-triggered) */
int tl_bus_recv(struct tl_bus *b, struct tl_bus_msg *m, struct tl_err *err);   /* never waits: TL_EAGAIN. Frames live until tl_bus_done. */
void tl_bus_done(struct tl_bus_msg *m);
/* tl_bus_send - frames are copied. route NULL for DEALER. TL_EAGAIN when full or the peer is gone (ROUTER_MANDATORY). */
int tl_bus_send(struct tl_bus *b, const uint8_t *route, size_t route_n, const struct tl_str *frames, int frames_n, struct tl_err *err);

#endif
