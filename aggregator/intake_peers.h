/* intake_peers.h - who speaks: a peer is one (collector, epoch, partition) with the route of its newest HELLO. Inside intake only. */
#ifndef INTAKE_PEERS_H
#define INTAKE_PEERS_H

#include "intake.h"

#define INTAKE_OLD_ROUTES 4
#define INTAKE_CHANGES 3                /* of its route within a minute; one more is an alarm */

struct intake_route {
    uint8_t b[INTAKE_ROUTE_BYTES];
    size_t n;                           /* 0: not connected */
};

/* Two numbers stand for a peer: committed (in the log, what every frame out says) and pending (applied in the open round). */
struct intake_peer {
    uint8_t collector[16];
    uint64_t epoch;
    uint16_t partition;
    struct intake_route route, old[INTAKE_OLD_ROUTES];
    unsigned old_next;
    uint64_t committed, pending;
    bool in_round, resync_said;
    int64_t heard_us, changed_us[INTAKE_CHANGES];   /* when its route changed last */
    unsigned changed_n;
    uint64_t gap_first;                 /* not 0: it was refused, for this is the first batch it still holds; */
    struct intake_route gap_route;      /* and this is where it waits */
};

struct intake_peers {
    struct intake_peer *at;             /* owned */
    size_t n, cap;
};

bool intake_route_same(const struct intake_route *a, const struct intake_route *b);
struct intake_peer *intake_peers_find(struct intake_peers *ps, const struct tl_wire_head *h);   /* NULL: not known */
/* intake_peers_place - a new place, or that of the peer that was silent longest and is in no round; to be overwritten. NULL: none can be had. */
struct intake_peer *intake_peers_place(struct intake_peers *ps);
/* intake_peer_supersede - the newest HELLO owns the peer. Often so within a minute: an alarm, two collectors run on copies of one spool. */
void intake_peer_supersede(struct intake_peer *p, const struct intake_route *route, int64_t now_us);
bool intake_peer_superseded(const struct intake_peer *p, const struct intake_route *route);

#endif
