/* watch_take.c - one file, from taking/ to done/ or bad/.
 *
 * Items are the events and the faults of its rows, in the order in which the reader tells them: the same bytes under the same mapping give the same items.
 * The first `before` of them an earlier file brought; those up to `skip` this one had brought when it was interrupted: they are counted, not sent. */
#include "watch_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_import.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"

#define RETRY_FIRST_MS 200
#define RETRY_MS_MAX 10000
#define TRIES_MAX 20                    /* of reading a file that the disk does not give */
#define STOP_MASK 4095                  /* items between looks at whether to stop, where nothing is sent */
#define REPORT_ENDING ".report.json"

struct take {
    struct watch *w;
    struct watch_folder *f;
    const char *name;
    char path[PATH_MAX];
    int fd;
    struct stat st;                     /* when reading began */
    struct watch_content content;
    struct tl_mapping *mapping;
    uint8_t mapping_hash[16];
    char origin[96];
    struct admit admit;
    struct watch_report report;
    struct tl_import_source src;
    struct tl_mapped mapped;
    uint64_t before, skip, item, committed, tail;   /* tail: items before what only the file's end finishes */
    bool tail_known;
    struct tl_err *err;
};

/* ---- batches ---- */
static void
say_waiting(struct take *t, const struct tl_err *why)
{
    tl_count_set(C_WATCH_HELD, 1);
    watch_tell(t->w, t->f, WATCH_WAITING, t->name, why->text);
    tl_log(TL_WARN, "watch_waits", "watch=%s error=\"%s\"", t->f->cfg->name, why->text);
}

/* The batch goes to the spool, however long that takes. 0, or TL_EBUSY: stopping, and it is not there. */
static int
submit(struct take *t)
{
    struct watch *w = t->w;
    struct tl_err why = {0};
    int64_t pause_ms = RETRY_FIRST_MS;
    if (w->body.events_n + w->body.refused_n == 0) {
        t->committed = t->item > t->committed ? t->item : t->committed;
        return 0;
    }
    for (;;) {
        int rc = atomic_load(&w->stopping) ? TL_EBUSY : 0;
        if (rc == 0 && !w->cfg.room(w->cfg.arg))
            rc = tl_fail(&why, TL_ENOSPC, "the spool is three quarters full: what is left is for those that send");
        else if (rc == 0)
            rc = body_failed(&w->body) ? tl_fail(t->err, TL_ENOMEM, "out of memory") : w->cfg.submit(w->cfg.arg, &w->body, &why);
        if (rc == 0)
            break;
        if (rc == TL_EBUSY || body_failed(&w->body))
            return tl_fail(t->err, rc, "the collector is stopping");
        say_waiting(t, &why);
        watch_sleep(w, pause_ms);
        pause_ms = pause_ms * 2 < RETRY_MS_MAX ? pause_ms * 2 : RETRY_MS_MAX;
    }
    tl_count_set(C_WATCH_HELD, 0);
    watch_tell(w, t->f, WATCH_TAKING, t->name, "");
    tl_count_add(C_WATCH_EVENTS, w->body.events_n);
    tl_count_add(C_WATCH_QUARANTINED, w->body.refused_n);
    body_reset(&w->body);
    t->committed = t->item;
    struct watch_progress p = { .before = t->before };
    p.content = (struct watch_known){ .size = t->content.size, .items = t->tail_known ? t->tail : t->committed };
    memcpy(p.content.hash, t->content.hash, 16);
    memcpy(p.content.mapping, t->mapping_hash, 16);
    watch_progress_save(t->f->state_dir, &p);
    return 0;
}

static int
submit_when_full(struct take *t)
{
    const struct body *b = &t->w->body;
    return b->events_n + b->refused_n >= WATCH_BATCH_EVENTS || body_bytes(b) >= WATCH_BATCH_BYTES ? submit(t) : 0;
}

/* ---- items ---- */
static void
list_fault(struct take *t, uint64_t row, bool quarantined, const char *column, const char *why)
{
    struct watch_report *r = &t->report;
    *(quarantined ? &r->quarantined : &r->not_understood) += 1;
    if (r->faults_n == WATCH_FAULTS_MAX)
        return;
    struct watch_fault *f = &r->fault[r->faults_n++];
    f->row = row;
    f->quarantined = quarantined;
    snprintf(f->column, sizeof f->column, "%s", column);
    snprintf(f->why, sizeof f->why, "%.199s", why);
}

static void
refuse(struct take *t, uint64_t row, const struct tl_refusal *why, struct tl_str bytes, bool withheld)
{
    if (t->item > t->skip)
        body_refuse(&t->w->body, row, why, bytes, withheld, t->admit.origin, t->admit.received_at_ms, "id");
}

/* A row that the mapping cannot read is quarantined as what is known of it: the file keeps its bytes. */
static void
take_fault(void *arg, uint64_t row, const char *column, const char *why)
{
    struct take *t = arg;
    struct tl_refusal refusal = { .reason = TL_REASON_FIELD_TYPE };
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    if (++t->item <= t->before)
        return;
    list_fault(t, row, false, column, why);
    snprintf(refusal.field, sizeof refusal.field, "%.63s", column);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "file", t->report.file);
    tl_jw_uint(&w, "row", row);
    tl_jw_cstr(&w, "column", column);
    tl_jw_cstr(&w, "reason", why);
    tl_jw_close(&w);
    refuse(t, row, &refusal, (struct tl_str){ (const char *)b.data, b.len }, t->w->cfg.policy != NULL);     /* the reason may quote a cell */
    tl_buf_free(&b);
}

static void
take_bad(void *arg, uint64_t row, const char *why)
{
    take_fault(arg, row, "", why);
}

static int
take_event(void *arg, struct tl_str json, uint64_t row, struct tl_err *err)
{
    struct take *t = arg;
    struct watch *w = t->w;
    struct tl_event ev;
    struct tl_refusal why = {0};
    if ((++t->item & STOP_MASK) == 0 && atomic_load(&w->stopping))
        return tl_fail(err, TL_EBUSY, "the collector is stopping");
    if (t->item <= t->before)
        return 0;
    tl_arena_reset(w->arena);
    tl_buf_reset(&w->padded);
    tl_buf_put(&w->padded, json.p, json.n);
    if (!tl_buf_reserve(&w->padded, TL_JSON_PADDING))
        return tl_fail(err, TL_ENOMEM, "out of memory");
    memset(w->padded.data + w->padded.len, 0, TL_JSON_PADDING);
    struct tl_str text = { (const char *)w->padded.data, json.n };
    int rc = tl_event_read(w->reader, w->arena, text, &ev, &why), own = rc == 0 ? policy_apply(w->cfg.policy, &w->own, &ev) : 0;
    bool withheld = (rc != 0 && w->cfg.policy != NULL) || own < 0;
    if (own < 0)
        why.reason = TL_REASON_TOO_LARGE;
    if (rc == 0)
        rc = own < 0 ? TL_EINVAL : admit_event(&t->admit, &ev, &why);
    if (rc == 0) {
        t->report.events++;
        if (t->item > t->skip)
            body_take(&w->body, &ev);
    } else if (rc == TL_EINVAL) {
        char told[160];
        snprintf(told, sizeof told, "%s%s%s", tl_reason_text(why.reason), why.field[0] ? ": " : "", why.field);
        list_fault(t, row, true, "", told);
        refuse(t, row, &why, own > 0 ? ev.raw : text, withheld);
    } else {
        return tl_fail(err, rc, "out of memory");
    }
    return submit_when_full(t);
}

/* ---- is it still written to? ---- */
static bool
changed(const struct take *t)
{
    struct stat now;
    return fstat(t->fd, &now) == 0
           && (now.st_size != t->st.st_size || now.st_mtim.tv_sec != t->st.st_mtim.tv_sec || now.st_mtim.tv_nsec != t->st.st_mtim.tv_nsec);
}

static int
settled(void *arg)
{
    struct take *t = arg;
    int rc = submit(t);
    t->tail = t->item;
    t->tail_known = true;
    return rc != 0 ? rc : changed(t) ? TL_EAGAIN : 0;
}

/* until it has been quiet for as long as a new file has to be */
static int
wait_quiet(struct take *t)
{
    int64_t quiet_ms = 0, step_ms = 250;
    watch_tell(t->w, t->f, WATCH_WAITING, t->name, "the file is still written to");
    for (fstat(t->fd, &t->st); quiet_ms < t->f->cfg->settle_s * 1000; quiet_ms += step_ms) {
        if (!watch_sleep(t->w, step_ms))
            return TL_EBUSY;
        if (changed(t)) {
            fstat(t->fd, &t->st);
            quiet_ms = -step_ms;
        }
    }
    return 0;
}

/* ---- reading ---- */
static void
hash_file(const char *path, uint8_t hash[16])
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline watch: mappings";
    struct tl_buf b = {0};
    char chunk[4096];
    size_t n;
    FILE *f = path[0] ? fopen(path, "re") : NULL;
    while (f != NULL && b.len < TL_MAPPING_BYTES_MAX && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        tl_buf_put(&b, chunk, n);
    if (f != NULL)
        fclose(f);
    tl_hash128(key, b.data != NULL ? (const char *)b.data : "", b.len, hash);
    tl_buf_free(&b);
}

/* what of this content is there already; TL_EEXIST: all of it */
static int
look_back(struct take *t, struct tl_err *err)
{
    struct watch_progress p;
    bool begun = false, is_prefix = false;
    if (fstat(t->fd, &t->st) != 0)
        return tl_fail(err, TL_EIO, "cannot read %s: %s", t->path, strerror(errno));
    begun = watch_progress_load(t->f->state_dir, &p);
    int rc = watch_content_read(&t->f->known, t->fd, begun ? &p.content : NULL, &is_prefix, &t->content, &t->w->stopping, err);
    if (rc != 0)
        return rc;
    t->before = t->skip = 0;
    if (t->content.same != NULL)
        return TL_EEXIST;
    if (t->content.prefix != NULL && memcmp(t->content.prefix->mapping, t->mapping_hash, 16) == 0)
        t->before = t->skip = t->content.prefix->items;
    if (begun && is_prefix && memcmp(p.content.mapping, t->mapping_hash, 16) == 0 && p.content.items >= t->skip) {
        t->before = p.before;
        t->skip = p.content.items;
    }
    return 0;
}

static int
read_once(struct take *t, struct tl_err *err)
{
    const struct tl_import_sink sink = { .event = take_event, .bad = take_bad, .fault = take_fault, .arg = t };
    struct watch_report *r = &t->report;
    enum tl_import_format format;
    int rc = look_back(t, err);
    if (rc != 0)
        return rc;
    r->events = r->quarantined = r->not_understood = 0;
    r->faults_n = 0;
    t->item = 0;
    t->committed = t->skip;
    t->tail_known = false;
    body_reset(&t->w->body);
    t->admit = (struct admit){ .origin = tl_str_of(t->origin), .received_at_ms = tl_clock_real()->wall_ms(tl_clock_real()), .rand = tl_rand_real() };
    t->src = (struct tl_import_source){ .path = t->path, .run = t->f->cfg->name, .settled = settled, .settled_arg = t, .scratch = t->f->state_dir };
    rc = tl_import_format_of(t->path, &format, err);
    if (rc == 0 && t->mapping != NULL)
        tl_mapping_format(t->mapping, &format);
    if (rc == 0 && t->mapping == NULL && format == TL_IMPORT_CSV)
        return tl_fail(err, TL_EINVAL, "a table needs a mapping that says what its columns are: --map FILE");
    if (rc == 0)
        rc = tl_import_file(&t->src, t->mapping, format, &sink, &t->mapped, err);
    int sent = rc == TL_EBUSY ? rc : submit(t);
    return rc == 0 ? sent : rc;
}

/* ---- moving ---- */
static void
remember_done(struct watch_folder *f, const char *path, const char *moved_to)
{
    struct stat st;
    if (strncmp(moved_to, "done/", 5) != 0 || stat(path, &st) != 0)
        return;
    struct watch_done *d = &f->done[f->done_n++ % WATCH_GROWN_MAX];
    *d = (struct watch_done){ .ino = (uint64_t)st.st_ino, .size = (uint64_t)st.st_size };
    snprintf(d->name, sizeof d->name, "%s", moved_to + 5);
}

/* taking/name and its report to moved_to; the file may be there already */
static bool
move_both(struct watch_folder *f, const char *name, const char *moved_to)
{
    char from[PATH_MAX], to[PATH_MAX], report[PATH_MAX], report_to[PATH_MAX];
    watch_path(from, f->cfg->dir, "taking", name);
    snprintf(to, sizeof to, "%.3000s/%.260s", f->cfg->dir, moved_to);
    snprintf(report, sizeof report, "%.4000s" REPORT_ENDING, from);
    snprintf(report_to, sizeof report_to, "%.4000s" REPORT_ENDING, to);
    if (access(from, F_OK) == 0 && rename(from, to) != 0)
        return false;
    remember_done(f, to, moved_to);
    return rename(report, report_to) == 0;
}

/* What a kill left: the report beside the file says where both belong. */
bool
watch_finish(struct watch_folder *f, const char *name)
{
    char path[PATH_MAX], report[PATH_MAX], moved_to[300];
    struct tl_arena *a = tl_arena_new(8u << 20);
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    char chunk[4096];
    size_t n;
    watch_path(path, f->cfg->dir, "taking", name);
    snprintf(report, sizeof report, "%.4000s" REPORT_ENDING, path);
    FILE *in = fopen(report, "re");
    while (in != NULL && (n = fread(chunk, 1, sizeof chunk, in)) > 0)
        tl_buf_put(&b, chunk, n);
    if (in != NULL)
        fclose(in);
    bool good = in != NULL && a != NULL && tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, &fault, NULL) == 0;
    struct tl_str to = good ? tl_jv_text(root, "moved_to") : (struct tl_str){ NULL, 0 };
    good = to.n > 5 && to.n < sizeof moved_to && memchr(to.p + 5, '/', to.n - 5) == NULL && (memcmp(to.p, "done/", 5) == 0 || memcmp(to.p, "bad/", 4) == 0);
    snprintf(moved_to, sizeof moved_to, "%.*s", good ? (int)to.n : 0, good ? to.p : "");
    tl_buf_free(&b);
    tl_arena_free(&a);
    return good && move_both(f, name, moved_to);
}

/* ---- where it goes ---- */
/* the reason, with the file's name in place of where it lies just now */
static void
put_why(struct take *t, const char *text)
{
    struct watch_report *r = &t->report;
    const char *at = strstr(text, t->path);
    if (at != NULL)
        snprintf(r->why, sizeof r->why, "%.*s%.100s%.150s", (int)(at - text < 40 ? at - text : 40), text, t->name, at + strlen(t->path));
    else
        snprintf(r->why, sizeof r->why, "%.299s", text);
}

static const char *
result_of(struct take *t, int rc, const struct tl_err *why)
{
    struct watch_report *r = &t->report;
    bool nothing = r->events == 0 && r->before == 0 && r->not_understood + r->quarantined > 0;
    if (rc != 0)
        put_why(t, why->text);
    else if (nothing)
        snprintf(r->why, sizeof r->why, "none of its rows could be taken");
    return rc != 0 || nothing ? "bad" : "done";
}

static void
count(const struct take *t)
{
    const struct watch_report *r = &t->report;
    tl_count_add(C_WATCH_FILES_DONE, strcmp(r->result, "done") == 0);
    tl_count_add(C_WATCH_FILES_BAD, strcmp(r->result, "bad") == 0);
    tl_count_add(C_WATCH_FILES_REPEATED, strcmp(r->result, "repeated") == 0);
    tl_count_add(C_WATCH_ROWS, (int64_t)r->rows);
    tl_log(TL_INFO, "watch_file", "watch=%s result=%s rows=%llu events=%llu quarantined=%llu not_understood=%llu taken_before=%llu", t->f->cfg->name, r->result,
           (unsigned long long)r->rows, (unsigned long long)r->events, (unsigned long long)r->quarantined, (unsigned long long)r->not_understood, (unsigned long long)r->before);
}

static int
write_down(struct take *t, struct tl_err *err)
{
    struct watch_report *r = &t->report;
    char report[PATH_MAX];
    struct watch_known k = { .size = t->content.size, .items = t->tail_known ? t->tail : t->item };
    memcpy(k.hash, t->content.hash, 16);
    memcpy(k.mapping, t->mapping_hash, 16);
    snprintf(report, sizeof report, "%.4000s" REPORT_ENDING, t->path);
    int rc = watch_report_write(r, t->f->cfg, report, err);
    return rc == 0 && strcmp(r->result, "done") == 0 ? watch_register_add(&t->f->known, &k, t->name, err) : rc;
}

/* Report, register, move: in this order, so that what a kill leaves can be told (watch_finish). */
static int
finish(struct take *t, const char *result, struct tl_err *err)
{
    struct watch_report *r = &t->report;
    int rc;
    r->result = result;
    r->bytes = t->content.size;
    r->rows = t->src.rows;
    r->before = t->before;
    r->left_out = t->mapped.left_out;
    r->cut_short = t->mapped.cut_short;
    r->ended_ms = tl_clock_real()->wall_ms(tl_clock_real());
    watch_free_name(t->f->cfg->dir, strcmp(result, "bad") == 0 ? "bad" : "done", t->name, r->moved_to);
    while ((rc = write_down(t, err)) == TL_ENOSPC) {
        say_waiting(t, err);
        if (!watch_sleep(t->w, RETRY_MS_MAX / 10))
            return TL_EBUSY;
    }
    tl_count_set(C_WATCH_HELD, 0);
    if (rc == 0 && !move_both(t->f, t->name, r->moved_to))
        rc = tl_fail(err, TL_EIO, "cannot move %s to %s", t->path, r->moved_to);
    if (rc == 0) {
        watch_progress_clear(t->f->state_dir);
        count(t);
    }
    return rc;
}

static int
repeated(struct take *t, struct tl_err *err)
{
    char report[PATH_MAX];
    snprintf(report, sizeof report, "%.4000s" REPORT_ENDING, t->path);
    if (access(report, F_OK) == 0 && watch_finish(t->f, t->name))
        return 0;                        /* it was this one: a kill came between its register and its move */
    watch_register_name(&t->f->known, t->content.same, t->report.of, t->report.of_when);
    t->src.rows = 0;
    return finish(t, "repeated", err);
}

/* a file that the writer still has open is read again from its beginning; what was committed of it is passed over */
static int
read_all(struct take *t, struct tl_err *err)
{
    int64_t pause_ms = RETRY_FIRST_MS;
    for (int tries = 0;;) {
        struct tl_err why = {0};
        int rc = read_once(t, &why);
        bool again = rc == TL_ENOSPC || rc == TL_ENOMEM || (rc == TL_EIO && ++tries < TRIES_MAX);
        if (rc == TL_EBUSY || atomic_load(&t->w->stopping))
            return TL_EBUSY;
        if (rc == TL_EEXIST)
            return repeated(t, err);
        if (rc == TL_EAGAIN || changed(t)) {
            if (wait_quiet(t) != 0)
                return TL_EBUSY;
        } else if (again) {
            say_waiting(t, &why);
            if (!watch_sleep(t->w, pause_ms))
                return TL_EBUSY;
            pause_ms = pause_ms * 2 < RETRY_MS_MAX ? pause_ms * 2 : RETRY_MS_MAX;
        } else {
            return finish(t, result_of(t, rc, &why), err);
        }
    }
}

int
watch_take(struct watch *w, struct watch_folder *f, const char *name, struct tl_err *err)
{
    struct take *t = tl_alloc(sizeof *t);
    int rc = 0;
    if (t == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    *t = (struct take){ .w = w, .f = f, .name = name, .fd = -1, .err = err };
    t->report.fault = tl_alloc(WATCH_FAULTS_MAX * sizeof *t->report.fault);
    t->report.began_ms = tl_clock_real()->wall_ms(tl_clock_real());
    snprintf(t->report.file, sizeof t->report.file, "%s", name);
    snprintf(t->origin, sizeof t->origin, "import:watch:%s", f->cfg->name);
    watch_path(t->path, f->cfg->dir, "taking", name);
    watch_tell(w, f, WATCH_TAKING, name, "");
    if (t->report.fault == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && f->cfg->map[0] != '\0')
        rc = tl_mapping_read(&t->mapping, f->cfg->map, err);
    hash_file(f->cfg->map, t->mapping_hash);
    if (rc == 0 && (t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) < 0)
        rc = tl_fail(err, TL_EIO, "cannot open %s: %s", t->path, strerror(errno));
    if (rc == 0)
        rc = read_all(t, err);
    if (t->fd >= 0)
        close(t->fd);
    tl_mapping_free(&t->mapping);
    tl_free(t->report.fault);
    tl_free(t);
    return rc;
}
