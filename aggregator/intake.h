/* intake.h - the aggregator's end of TLP/1: frames and control records in, one log transaction a round, acks out after its commit.
 *
 * A step machine over three small ports (log, net, clock): no sockets, files or threads here, so that a simulator can run it. One thread calls it.
 *
 *   loop { while not intake_due and a message is there: intake_take;  intake_commit }
 *
 * A round opens with its first batch or control record and holds at most INTAKE_ROUND_*; idle rounds are committed at once, so the delay grows only
 * with the load. Per batch: seq <= hwm is skipped, hwm + 1 is applied, beyond it RESYNC. A batch that cannot be decoded though its checksum is good
 * goes whole to the dlq and hwm passes it: a bad batch never blocks a line. */
#ifndef INTAKE_H
#define INTAKE_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_port.h"
#include "tl_wire.h"

#define INTAKE_ROUND_BATCHES 64
#define INTAKE_ROUND_BYTES (4u << 20)
#define INTAKE_ROUND_US 20000
#define INTAKE_CREDIT_BATCHES 64
#define INTAKE_CREDIT_BYTES (8u << 20)
#define INTAKE_PEERS_MAX 1024           /* (collector, epoch, partition) remembered; the longest silent one is forgotten and must say HELLO again */
#define INTAKE_ROUTE_BYTES 64
#define INTAKE_RAW_MAX (16u << 20)      /* of one batch after its codec */

/* The log, as tl_eventlog.h gives it: the contracts are written there. */
struct intake_log {
    void *self;
    int (*begin)(void *self, struct tl_err *err);
    int (*hwm)(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err);  /* inside or outside a transaction */
    int (*set_hwm)(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err);
    int (*append)(void *self, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err);
    int (*append_control)(void *self, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err);
    int (*refuse)(void *self, const struct tl_refused *r, struct tl_err *err);
    int (*commit)(void *self, struct tl_err *err);
    void (*abort)(void *self);
};

/* Frames out. route: as given to intake_take. A frame that cannot be sent is lost: the collector's timeout repairs that. */
struct intake_net {
    void *self;
    void (*send)(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n);
};

/* A control record waiting for its commit. done is called once: rc 0 and the position, or the failure. */
struct intake_ticket {
    void *self;
    void (*done)(void *self, int rc, uint64_t position, const struct tl_err *err);
};

struct intake;
struct intake *intake_new(const struct intake_log *log, const struct intake_net *net, struct tl_clock *clock);   /* NULL: out of memory. Ports are copied. */
void intake_free(struct intake **ip);                  /* an open round is aborted, its tickets fail */

/* intake_take - one message from a collector: F0, F1 and, for BATCH, F2; frames are borrowed for the call. Answers HELLO at once.
 * What is no TLP/1 is dropped and counted. 0, or the log's failure: then the round was aborted, its collectors were sent RESYNC to what is
 * committed, and its tickets failed. TL_ENOSPC may be followed by further calls (the log has grown); after another code the process should end. */
int intake_take(struct intake *in, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n, struct tl_err *err);
/* intake_control - append a control record in this round. 0 or as intake_take; the ticket is answered either way. */
int intake_control(struct intake *in, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, struct intake_ticket ticket, struct tl_err *err);
#define INTAKE_GAPS_MAX 64              /* told and accepted at a time */
/* A collector whose first kept batch lies beyond what is committed: the batches between are in no spool and no log. It is refused until someone accepts that. */
struct intake_gap {
    uint8_t collector[16];
    uint64_t epoch;
    uint16_t partition;
    uint64_t committed, first;              /* batches committed + 1 to first - 1 are missing */
};
size_t intake_gaps(const struct intake *in, struct intake_gap *out, size_t max);   /* those that wait; how many, at most max */
/* intake_accept_gaps - the missing batches are given up: a control record `gap` names them, and the line goes on behind them, both in this round.
 * hex: the beginning of a collector's number, or empty for every gap. 0 or as intake_take; the ticket is answered either way, with TL_ENOTFOUND
 * when no gap fits. */
int intake_accept_gaps(struct intake *in, const char *actor, int64_t time_ms, struct tl_str hex, struct intake_ticket ticket, struct tl_err *err);
bool intake_due(const struct intake *in);              /* the round is full or old enough: commit before taking more */
bool intake_pending(const struct intake *in);          /* a round is open */
/* intake_commit - commit the round, then ACK every collector in it and answer the tickets. Without an open round nothing happens. */
int intake_commit(struct intake *in, struct tl_err *err);
/* intake_hold - credit 0 from the next ACK on (the disk runs full), or normal credit again */
void intake_hold(struct intake *in, bool hold);

#endif
