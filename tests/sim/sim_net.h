/* sim_net.h - connections between collectors and the aggregator, as ZeroMQ makes them: in order while they last, silent when they break, with a new
 * route after each reconnection, and with late frames of an old connection arriving among those of the new one. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sim_io.h"
#include "sim_log.h"

#define SIM_FRAMES_MAX 3

struct sim_message {
    int64_t due_us;
    uint64_t route, order;
    bool up;                    /* towards the aggregator */
    struct tl_str frame[SIM_FRAMES_MAX];    /* owned */
    int frames_n;
};
struct sim_net {
    struct intake_net port;
    struct sim_rand *rand;
    const int64_t *now_us;
    struct sim_message *message;
    size_t n, cap;
    uint64_t order, routes_n;
    struct {
        uint64_t route;
        int64_t down_until_us, deaf_until_us, last_due_us[2];
    } link[SIM_COLLECTORS_MAX];
    bool calm, mute;            /* calm: no more trouble; mute: the sender is dead */
    unsigned flip_permille;
    uint64_t broken_n;
};
void sim_net_init(struct sim_net *n, struct sim_rand *rand, const int64_t *now_us);
void sim_net_free(struct sim_net *n);
void sim_net_break(struct sim_net *n, int link);                /* the connection ends; another comes by itself */
void sim_net_deafen(struct sim_net *n, int link, int64_t us);   /* half-open: what is sent goes nowhere */
bool sim_net_send(struct sim_net *n, int link, const struct tl_str *frame, int frames_n);      /* false: try again later */
/* The next message due, up to the aggregator or down to `link`; sim_message_free when done. */
bool sim_net_take(struct sim_net *n, bool up, int link, struct sim_message *m);
void sim_message_free(struct sim_message *m);

#endif
