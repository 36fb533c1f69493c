/* tl_event_reader.h - the reader's inside, shared by reading one event and splitting a body. Inside lib/ only. */
#ifndef TL_EVENT_READER_H
#define TL_EVENT_READER_H

#include "tl_event.h"
#include "tl_json_split.h"

#define TL_EVENT_SLOTS 256

struct tl_event_reader {
    struct tl_json *json;
    uint64_t factor;
    uint64_t key[TL_EVENT_SLOTS];
    uint8_t slot[TL_EVENT_SLOTS];        /* row + 1, 0 = none */
};

/* tl_event_read_part - one walked part of `text` -> ev. 0, TL_EINVAL with why filled (offsets in text), TL_ENOMEM. */
int tl_event_read_part(const struct tl_event_reader *r, struct tl_arena *a, struct tl_str text, const struct tl_json_part *part, struct tl_event *ev, struct tl_refusal *why);

#endif
