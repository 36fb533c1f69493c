/* watch_in.h - what the files of watch share. */
#ifndef WATCH_IN_H
#define WATCH_IN_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "admit.h"
#include "policy.h"
#include "tl_mapping.h"
#include "watch.h"

/* ---- contents ---- */
struct watch_known {                    /* one content that was taken */
    uint8_t hash[16];
    uint8_t mapping[16];
    uint64_t size;                      /* bytes of the file */
    uint64_t items;                     /* taken from its whole rows; what only its end finished is not among them */
    uint64_t at;                        /* of its line in the register */
};
struct watch_content {
    uint8_t hash[16];
    uint64_t size;
    const struct watch_known *same;     /* the very content */
    const struct watch_known *prefix;   /* the longest known one that this one begins with */
};
struct watch_register {
    char path[PATH_MAX];                /* DATA/watch/NAME/taken: a JSON line a file */
    struct watch_known *known;          /* oldest first */
    uint32_t known_n;
};
int watch_register_open(struct watch_register *r, const char *state_dir, struct tl_err *err);
void watch_register_close(struct watch_register *r);
int watch_register_add(struct watch_register *r, const struct watch_known *k, const char *name, struct tl_err *err);      /* synced. TL_ENOSPC, TL_EIO */
void watch_register_name(const struct watch_register *r, const struct watch_known *k, char name[256], char when[40]);
/* watch_content_read - hash fd's bytes, looking for what is known; prefix_of (may be NULL): also whether the first prefix_of->size bytes hash to it, in *is_prefix. */
int watch_content_read(const struct watch_register *r, int fd, const struct watch_known *prefix_of, bool *is_prefix, struct watch_content *out, atomic_bool *stopping, struct tl_err *err);
/* progress: what was taken of the file under way, in DATA/watch/NAME/progress */
struct watch_progress { struct watch_known content; uint64_t before; };
bool watch_progress_load(const char *state_dir, struct watch_progress *p);
int watch_progress_save(const char *state_dir, const struct watch_progress *p);
void watch_progress_clear(const char *state_dir);

/* ---- a folder ---- */
struct watch_seen { uint64_t key, size; int64_t mtime_ns, since_us; bool there; };
struct watch_done { char name[256]; uint64_t ino, size; };
enum watch_state { WATCH_IDLE, WATCH_TAKING, WATCH_WAITING, WATCH_FAILING };
struct watch_folder {
    const struct watch_dir *cfg;
    char state_dir[PATH_MAX];
    struct watch_register known;
    struct watch_seen *seen;
    uint32_t seen_n;
    struct watch_done done[WATCH_GROWN_MAX];
    uint32_t done_n;                    /* so far; the last ones are kept */
    /* told to health, under watch.lock */
    enum watch_state state;
    char file[256], why[300];
    uint32_t waiting_n;
};
struct watch {
    struct watch_cfg cfg;
    struct watch_folder *folder;
    uint32_t n;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping;
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    struct body body;
    struct tl_buf padded;
    struct policy_desk own;
};
void watch_tell(struct watch *w, struct watch_folder *f, enum watch_state state, const char *file, const char *why);
bool watch_sleep(struct watch *w, int64_t ms);           /* false: stopping */
void watch_path(char out[PATH_MAX], const char *dir, const char *sub, const char *name);   /* sub "": DIR/name */
/* watch_free_name - "sub/name", or "sub/name.2", "sub/name.3" ...: one that neither a file nor a report has, into out */
void watch_free_name(const char *dir, const char *sub, const char *name, char out[300]);

/* ---- one file ---- */
struct watch_fault { uint64_t row; bool quarantined; char column[80], why[200]; };
struct watch_report {
    const char *result;                 /* done bad repeated */
    char file[256], moved_to[300], why[300], of[256], of_when[40];
    uint64_t bytes, rows, events, quarantined, not_understood, before, left_out, cut_short;
    int64_t began_ms, ended_ms;
    struct watch_fault *fault;          /* up to WATCH_FAULTS_MAX */
    uint32_t faults_n;
};
void watch_report_json(const struct watch_report *r, const struct watch_dir *d, struct tl_buf *out);
int watch_report_write(const struct watch_report *r, const struct watch_dir *d, const char *path, struct tl_err *err);    /* whole or not at all; synced */
/* watch_take - DIR/taking/name to its end. 0: moved to done/ or bad/; TL_EBUSY: stopping; else it stays where it is and is tried again */
int watch_take(struct watch *w, struct watch_folder *f, const char *name, struct tl_err *err);
/* watch_finish - taking/name, or its report alone, to where the report says: true when they are there now */
bool watch_finish(struct watch_folder *f, const char *name);

#endif
