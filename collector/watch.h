/* watch.h - files that tills, CRM and telephone systems drop into a folder are taken exactly once, as events, through the spool like anyone's.
 *
 *   DIR/x.csv  --quiet for settle_s-->  DIR/taking/x.csv  --rows, mapping, spool-->  DIR/done/x.csv + x.csv.report.json     (or DIR/bad/)
 *
 * By polling, not inotify: the folders are often network shares, where inotify is silent about what other machines write; a poll costs a readdir a second.
 * A file is taken when neither its size nor its time has changed for settle_s of our own clock (what its time says does not matter: the past is never
 * too old). Moving it first makes it ours: what appears under its name later is another file. Then, in this order: its content is hashed; it is read
 * from its beginning, and after every batch that the spool has synced the number of items taken is written down; report, register of what was taken,
 * move. So a kill at any point repeats at most one batch, under the same ids, which the store counts once.
 *   the same content again, under any name: known by its hash, moved, nothing sent
 *   a longer version of something known: the items of the known part are not sent again
 *   still written to after it was moved (a descriptor was open): read on; after it was done: taken back
 *   spool full, disk full: it waits, and goes on. Bad rows are quarantined one by one, and never stop a file.
 * One thread for all folders, one batch under way: HTTP intake never waits for it, and has the last quarter of the spool to itself.
 * Not here: mapping and reading (tl_mapping.h), the spool (the caller's submit). */
#ifndef WATCH_H
#define WATCH_H

#include "body.h"
#include "tl_err.h"
#include "tl_json.h"

#define WATCH_DIRS_MAX 32
#define WATCH_BATCH_EVENTS 500          /* of one submit */
#define WATCH_BATCH_BYTES (192u * 1024)
#define WATCH_SEEN_MAX 4096             /* files looked at in one folder at a time; further ones wait until these are taken */
#define WATCH_KNOWN_MAX 16384           /* contents remembered, newest first; an older one dropped again is counted once by its ids */
#define WATCH_FAULTS_MAX 1000           /* rows listed in a report; further ones are counted */
#define WATCH_GROWN_MAX 64              /* files done last, looked at for what is still written to them */

struct watch_dir {
    char dir[512], map[512];            /* map "": native NDJSON and XES alone */
    char name[64];                      /* origin is import:watch:NAME */
    int64_t settle_s;
};
struct watch_list {
    struct watch_dir at[WATCH_DIRS_MAX];
    uint32_t n;
    int64_t poll_ms;
};
/* watch_list_args - take --watch DIR [--map FILE] pairs out of argv. TL_ECONFIG. */
int watch_list_args(struct watch_list *l, int *argc, char **argv, struct tl_err *err);
/* watch_list_file - {"watch":[{"dir","map","name","settle_s"}]}; a relative map stands beside the file. TL_ECONFIG, TL_ENOTFOUND: name file, line and key. */
int watch_list_file(struct watch_list *l, const char *path, struct tl_err *err);
/* watch_list_check - names filled in, unique; every mapping can be read. settle_s: where the entry says none. */
int watch_list_check(struct watch_list *l, int64_t settle_s, struct tl_err *err);

struct watch_cfg {
    const struct watch_list *list;      /* borrowed */
    const char *data;                   /* state lies in DATA/watch/NAME */
    /* submit - commit b and wait for it: 0 when it is on disk; TL_EBUSY stopping; else nothing was taken, and it is tried again */
    int (*submit)(void *arg, struct body *b, struct tl_err *err);
    bool (*room)(void *arg);            /* may more be taken now? */
    const struct policy *policy;        /* of fields; NULL: events are kept as read */
    void *arg;
};
struct watch;
int watch_start(struct watch **out, const struct watch_cfg *cfg, struct tl_err *err);
void watch_end(struct watch *w);        /* waits for the batch under way; from then on nothing is taken, and its health can still be asked. Accepts NULL. */
void watch_stop(struct watch **wp);     /* ends it, and frees it: nobody may ask any more */
/* watch_health - "watch":[{"name","dir","state":"idle|taking|waiting|failing","file","why","waiting"}] */
void watch_health(struct watch *w, struct tl_jw *out);
bool watch_failing(struct watch *w);    /* a folder or its mapping cannot be used */

#endif
