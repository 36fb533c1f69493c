/* recording.h - one visit, one journey or one file of events, held in memory so that it can be sent again.
 *
 * A visit or a journey comes from a viewer (/api/recorded): events in order, corrected times, identities c0, c1 .. A file is NDJSON of native events; what
 * recording_write writes is one. In a file time decides the order, inside a session its seq, and for equal times the line. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "session.h"
#include "tl_err.h"
#include "tl_mem.h"

#define RECORDING_RUN_MAX 60             /* bytes; letters, digits and - _ . @ */
#define RECORDING_EVENTS_MAX 10000       /* of one */
#define RECORDING_PERSONS_MAX 256        /* likewise */

enum recording_kind { RECORDING_VISIT, RECORDING_JOURNEY, RECORDING_FILE };
struct recorded { char *id, *json; int64_t at_ms; uint32_t person; };     /* owned */
struct recorded_part { char customer[33], person[16], type[64]; int64_t start_ms; };
struct recording {
    enum recording_kind kind;
    char *name;                          /* as it was asked for; of a file its name without folder and .ndjson. owned */
    char run[RECORDING_RUN_MAX + 1];     /* what it is called when nobody says: the visit's id; otherwise made of customer, type and start, or of name and content */
    struct recorded *event;
    uint32_t event_n, person_n;          /* persons 0 .. person_n - 1: in a file those whose identities hang together */
    struct recorded_part *part;          /* its journeys; none of a file */
    uint32_t part_n;
    uint32_t left_out;                   /* events that are not in it: more than RECORDING_EVENTS_MAX, or no longer in the log; of a file: lines with an id that was there already */
    char format[8];                      /* "xes" or "csv" when all came by such a file, which decides what is a step and what is merged; else "" */
};

/* recording_fetch - what: a visit's id, or CUSTOMER[/TYPE[/START]] with CUSTOMER a hash or KIND:VALUE. TL_ENOTFOUND, TL_EINVAL, TL_ENET. */
int recording_fetch(struct session *s, const char *what, struct recording *out, struct tl_err *err);
/* recording_read - a file. A line that is no event fails it: err names file, line and reason. */
int recording_read(const char *path, struct recording *out, struct tl_err *err);
/* recording_write - FOLDER/NAME.ndjson, replaced as a whole */
int recording_write(const struct recording *r, const char *folder, struct tl_err *err);
void recording_free(struct recording *r);
/* recording_run - may it name a run? 0, TL_EINVAL. */
int recording_run(const char *run, struct tl_err *err);

/* ---- for recording.c and recording_file.c ---- */
int recording_add(struct recording *r, struct tl_str id, struct tl_str json, int64_t at_ms, uint32_t person, struct tl_err *err);
/* recording_call - the run: head, and if tail is not NULL - and 8 hex characters of it; what a run may not hold becomes - */
void recording_call(struct recording *r, const char *head, const char *tail);

#endif
