/* log - see log.h. */
#include "log.h"

static int
port_begin(void *self, struct tl_err *err)
{
    return tl_eventlog_begin(self, err);
}

static int
port_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err)
{
    return tl_eventlog_hwm(self, collector, epoch, partition, seq, err);
}

static int
port_set_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err)
{
    return tl_eventlog_set_hwm(self, collector, epoch, partition, seq, err);
}

static int
port_append(void *self, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err)
{
    return tl_eventlog_append(self, h, payload, received_ms, position, err);
}

static int
port_append_control(void *self, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err)
{
    return tl_eventlog_append_control(self, kind, actor, time_ms, body, position, err);
}

static int
port_refuse(void *self, const struct tl_refused *r, struct tl_err *err)
{
    return tl_eventlog_refuse(self, r, err);
}

static int
port_commit(void *self, struct tl_err *err)
{
    return tl_eventlog_commit(self, err);
}

static void
port_abort(void *self)
{
    tl_eventlog_abort(self);
}

struct intake_log
log_port(struct tl_eventlog *l)
{
    return (struct intake_log){ l, port_begin, port_hwm, port_set_hwm, port_append, port_append_control, port_refuse, port_commit, port_abort };
}
