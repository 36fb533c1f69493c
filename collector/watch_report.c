/* watch_report.c - what became of a file: NAME.report.json beside it, with a line for people in both languages. */
#include "watch_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tl_time.h"

static void
put_lines(const struct watch_report *r, struct tl_jw *w)
{
    char en[700], zh[700];
    unsigned long long rows = r->rows, events = r->events, q = r->quarantined + r->not_understood;
    if (strcmp(r->result, "repeated") == 0) {
        snprintf(en, sizeof en, "%s: taken before as %s (%s); nothing was sent", r->file, r->of, r->of_when);
        snprintf(zh, sizeof zh, "%s:内容与 %s(%s)相同,已接收过,未再发送", r->file, r->of, r->of_when);
    } else {
        bool bad = strcmp(r->result, "bad") == 0;
        snprintf(en, sizeof en, "%s: %llu rows, %llu events, %llu quarantined%s%s", r->file, rows, events, q, bad ? "; the file is set aside: " : "", bad ? r->why : "");
        snprintf(zh, sizeof zh, "%s:%llu 行,%llu 个事件,%llu 行隔离%s%s", r->file, rows, events, q, bad ? ";文件已搁置:" : "", bad ? r->why : "");
    }
    tl_jw_open(w, "line");
    tl_jw_cstr(w, "en", en);
    tl_jw_cstr(w, "zh", zh);
    tl_jw_close(w);
}

static void
put_counts(const struct watch_report *r, struct tl_jw *w)
{
    const struct { const char *name; uint64_t n; } counts[] = {
        { "bytes", r->bytes }, { "rows", r->rows }, { "events", r->events }, { "quarantined", r->quarantined }, { "not_understood", r->not_understood },
        { "taken_before", r->before }, { "left_out", r->left_out }, { "groups_cut_short", r->cut_short },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        tl_jw_uint(w, counts[i].name, counts[i].n);
}

static void
put_faults(const struct watch_report *r, struct tl_jw *w)
{
    uint64_t all = r->quarantined + r->not_understood;
    tl_jw_array(w, "faults");
    for (uint32_t i = 0; i < r->faults_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_uint(w, "row", r->fault[i].row);
        tl_jw_cstr(w, "column", r->fault[i].column);
        tl_jw_cstr(w, "reason", r->fault[i].why);
        tl_jw_bool(w, "understood", r->fault[i].quarantined);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "faults_not_listed", all > r->faults_n ? all - r->faults_n : 0);
}

void
watch_report_json(const struct watch_report *r, const struct watch_dir *d, struct tl_buf *out)
{
    char origin[96], time[32];
    struct tl_jw w = tl_jw_to(out);
    snprintf(origin, sizeof origin, "import:watch:%s", d->name);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "file", r->file);
    tl_jw_cstr(&w, "result", r->result);
    if (r->why[0])
        tl_jw_cstr(&w, "why", r->why);
    put_lines(r, &w);
    tl_jw_cstr(&w, "watch", d->name);
    tl_jw_cstr(&w, "mapping", d->map);
    tl_jw_cstr(&w, "origin", origin);
    if (r->of[0]) {
        tl_jw_open(&w, "same_as");
        tl_jw_cstr(&w, "file", r->of);
        tl_jw_cstr(&w, "at", r->of_when);
        tl_jw_close(&w);
    }
    put_counts(r, &w);
    tl_jw_cstr(&w, "began", tl_time_format(r->began_ms, time));
    tl_jw_cstr(&w, "ended", tl_time_format(r->ended_ms, time));
    tl_jw_cstr(&w, "moved_to", r->moved_to);
    put_faults(r, &w);
    tl_jw_close(&w);
    tl_buf_put_u8(out, '\n');
}

int
watch_report_write(const struct watch_report *r, const struct watch_dir *d, const char *path, struct tl_err *err)
{
    char part[PATH_MAX];
    struct tl_buf b = {0};
    watch_report_json(r, d, &b);
    snprintf(part, sizeof part, "%.4000s.part", path);
    int fd = b.failed ? -1 : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool good = fd >= 0 && write(fd, b.data, b.len) == (ssize_t)b.len && fdatasync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    good = good && rename(part, path) == 0;
    if (!good)
        unlink(part);
    tl_buf_free(&b);
    return good ? 0 : tl_fail(err, why == ENOSPC || why == EDQUOT ? TL_ENOSPC : TL_EIO, "cannot write the report %s: %s", path, strerror(why));
}
