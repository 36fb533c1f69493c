/* flip_drive.c - one bit turned, many times over: in the values of log and journeys, anywhere in a spool, anywhere in a backup.
 *
 *   flip_drive WORK FLIPS SEED [TOUCHLINE]      TOUCHLINE: the command that makes the backup; without it there is none
 *
 * After each flip a child reads all of it and is held to this: it says what is wrong, or everything it read is as it was written (the bit lay in room that
 * nobody reads). Never another content without a word, never an end by signal. In log and journeys only values are hit (with their checksums): what LMDB
 * keeps around them is its own, and trusted. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../cli/manifest.h"
#include "../../lib/tl_store_in.h"
#include "disk.h"
#include "tl_db.h"
#include "tl_logfmt.h"
#include "tl_run.h"
#include "tl_store.h"
#include "tl_wire.h"

#define CRC_BYTES 4
#define PLACES_MAX 200000

enum { SAME, SAID, OTHER };                     /* how a reading child ends */

struct place { off_t at; size_t n; };           /* bytes of the file that may be hit */
static const char *const log_names[] = { "batch", "hwm", "dlq", "meta", NULL };
static struct place place[PLACES_MAX];
static size_t places_n;
static uint64_t seed, hits;
static char work[PATH_MAX];

static void
shell(const char *fmt, const char *a, const char *b)
{
    char text[3 * PATH_MAX];
    snprintf(text, sizeof text, fmt, a, b);
    if (system(text) != 0) {
        fprintf(stderr, "flip_drive: %s\n", text);
        exit(1);
    }
}

static char *
under(char out[PATH_MAX], const char *name)
{
    return tl_run_path(out, work, name);
}

/* ---- what may be hit ---- */

/* Where the file that holds p is mapped: a value's offset in it is its distance from there. */
static const char *
mapped(const char *file, const char *p)
{
    char line[PATH_MAX + 100];
    const char *start = NULL;
    FILE *f = fopen("/proc/self/maps", "re");
    while (f && !start && fgets(line, sizeof line, f)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && strstr(line, file) && (uintptr_t)p >= from && (uintptr_t)p < to)
            start = (const char *)from;
    }
    if (f)
        fclose(f);
    return start;
}

static int
take_place(void *arg, struct tl_str v)
{
    const char *start = mapped(arg, v.p);
    if (start && places_n < PLACES_MAX)
        place[places_n++] = (struct place){ v.p - start, v.n + CRC_BYTES };
    return 0;
}

static int
each_value(const char *folder, const char *const *names, int (*each)(void *arg, struct tl_str v), void *arg, struct tl_err *err)
{
    struct tl_db *d = NULL;
    struct tl_db_txn *t = NULL;
    int rc = tl_db_open(&d, folder, TL_DB_READONLY, UINT64_C(1) << 30, names, err);
    rc = rc == 0 ? tl_db_begin(d, false, &t, err) : rc;
    for (int db = 0; rc == 0 && names[db]; db++) {
        struct tl_db_cursor *c = NULL;
        struct tl_str k, v;
        rc = tl_db_cursor_open(t, db, &c, err);
        for (rc = rc == 0 ? tl_db_seek(c, (struct tl_str){ "", 0 }, &k, &v, err) : rc; rc == 0; rc = tl_db_next(c, &k, &v, err))
            rc = each ? each(arg, v) : 0;
        rc = rc == TL_ENOTFOUND ? 0 : rc;
        tl_db_cursor_close(&c);
    }
    tl_db_abort(&t);
    tl_db_close(&d);
    return rc;
}

static void
add_values(const char *folder, const char *const *names)
{
    char file[PATH_MAX];
    struct tl_err err = { 0 };
    places_n = 0;
    if (!realpath(folder, file) || each_value(folder, names, take_place, file, &err) != 0)
        exit(disk_die(folder, &err));
    if (places_n == 0)
        exit(disk_die(folder, &(struct tl_err){ .text = "no value was found to be hit" }));
}

static void
all_of(const char *file)
{
    struct stat st;
    places_n = stat(file, &st) == 0 && st.st_size > 0;
    place[0] = (struct place){ 0, (size_t)st.st_size };
}

/* Turn the n-th drawn bit of the file; twice is as it was. */
static void
turn(const char *file, uint64_t n)
{
    const struct place *p = &place[disk_draw(seed, n, 1) % places_n];
    off_t at = p->at + (off_t)(disk_draw(seed, n, 2) % p->n);
    uint8_t b = 0;
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0 || pread(fd, &b, 1, at) != 1)
        exit(disk_die(file, &(struct tl_err){ .text = "cannot be read" }));
    b = (uint8_t)(b ^ 1 << disk_draw(seed, n, 3) % 8);
    if (pwrite(fd, &b, 1, at) != 1)
        exit(disk_die(file, &(struct tl_err){ .text = "cannot be written" }));
    close(fd);
}

/* ---- reading children: SAME, SAID or OTHER ---- */

struct reading { uint64_t number; bool other; struct tl_buf b; };

static int
hold_record(void *arg, const struct tl_logged *rec)
{
    struct reading *r = arg;
    if (rec->control)
        return 0;
    uint32_t n = disk_batch(seed, ++r->number, &r->b);
    r->other |= n != rec->n || r->b.len != rec->payload.n || memcmp(r->b.data, rec->payload.p, r->b.len) != 0;
    return 0;
}

static int
hold_refused(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct reading *g = arg;
    (void)number;
    g->other |= !tl_str_is(r->reason, "bad_json") || !tl_str_is(r->bytes, "{");
    return 0;
}

static int
read_log(void)
{
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    struct reading r = { 0 };
    static const uint8_t collector[16] = { 7 };
    char path[PATH_MAX];
    uint64_t hwm = 0;
    if (each_value(under(path, "base/log"), log_names, NULL, NULL, &err) != 0 || tl_eventlog_open(&l, under(path, "base/log"), true, &err) != 0 || tl_eventlog_hwm(l, collector, 1, 0, &hwm, &err) != 0 || tl_eventlog_read(l, 1, hold_record, &r, &err) != 0
        || tl_eventlog_refused(l, 0, hold_refused, &r, &err) != 0)
        return SAID;
    return r.other || r.number != BATCHES || hwm != BATCHES ? OTHER : SAME;
}

static uint64_t right_rows;

static int
read_journeys(void)
{
    struct tl_store *s = NULL;
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    char path[PATH_MAX];
    uint64_t rows = 0;
    if (tl_store_open_read(&s, under(path, "base/journeys"), &err) != 0 || tl_store_prove(s, NULL, NULL, &err) != 0)
        return SAID;
    tl_store_close(&s);
    if (tl_eventlog_open(&l, under(path, "base/log"), true, &err) != 0 || disk_rows(under(path, "base"), l, &rows, &err) != 0)
        return SAID;
    return rows == right_rows ? SAME : OTHER;
}

/* A record that rotted is replaced by a word about it. Behind the last one of which a later record says that it was synced, a bad record is a torn write, and
 * the spool ends there. */
static uint64_t
said_synced(void)
{
    uint64_t n = 0;
    for (uint64_t i = 1; i < BATCHES; i++)
        if (disk_syncs(seed, i))
            n = i;
    return n;
}

static int
read_spool(void)
{
    struct spool *s = NULL;
    struct tl_err err = { 0 };
    struct tl_buf want = { 0 }, got = { 0 };
    char path[PATH_MAX];
    bool said = false;
    if (disk_spool(&s, under(path, "run"), &err) != 0)
        return SAID;
    uint64_t last = spool_durable(s);
    said |= last < BATCHES;
    for (uint64_t i = spool_first(s); i <= last; i++) {
        struct tl_cur c;
        int kind = 0;
        uint32_t n = 0;
        disk_batch(seed, i, &want);
        tl_buf_reset(&got);
        if (spool_read(s, i, &got, &err) != 0)
            return SAID;
        c = tl_cur_of(got.data, got.len);
        bool same = got.len == want.len && memcmp(got.data, want.data, want.len) == 0;
        if (!same && (tl_wire_open(&c, &kind, &n) != 0 || kind != TL_KIND_QUARANTINE))
            return OTHER;
        said |= !same;
    }
    if (last < said_synced())
        return OTHER;
    return said ? SAID : SAME;
}

static uint8_t backup_key[TL_KEY_BYTES];

static int
read_backup(void)
{
    struct tl_err err = { 0 };
    char path[PATH_MAX];
    uint64_t bytes = 0;
    return manifest_check(under(path, "copy"), backup_key, &bytes, &err) == 0 ? SAME : SAID;
}

/* ---- runs ---- */

static int
in_child(int (*read)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO);
        _exit(read());
    }
    waitpid(pid, &status, 0);
    return status;
}

/* all_seen: every flip must be told, for nothing that is hit is room */
static bool
report(const char *what, uint64_t n, const uint64_t ended[4], bool all_seen)
{
    bool good = ended[OTHER] == 0 && ended[3] == 0 && (!all_seen || ended[SAME] == 0);
    printf("%s: %llu flips, %llu told, %llu in room that nobody reads, %llu another content, %llu ended by a signal\n", what, (unsigned long long)n,
           (unsigned long long)ended[SAID], (unsigned long long)ended[SAME], (unsigned long long)ended[OTHER], (unsigned long long)ended[3]);
    return good;
}

static void
count(uint64_t ended[4], int status, const char *what, uint64_t n)
{
    int how = WIFEXITED(status) && WEXITSTATUS(status) <= OTHER ? WEXITSTATUS(status) : 3;
    ended[how]++;
    if (how >= OTHER)
        fprintf(stderr, "%s: flip %llu of seed %llu: status %d\n", what, (unsigned long long)n, (unsigned long long)seed, status);
}

static bool
flip_file(const char *what, const char *file, uint64_t n, int (*read)(void))
{
    uint64_t ended[4] = { 0 };
    count(ended, in_child(read), "nothing flipped", 0);
    if (ended[SAME] != 1)
        return false;
    ended[SAME] = 0;
    for (uint64_t i = 0; i < n; i++) {
        turn(file, i);
        count(ended, in_child(read), what, i);
        turn(file, i);
    }
    hits += n;
    return report(what, n, ended, true);
}

static char files[64][PATH_MAX];
static int files_n;

static int
add_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type == FTW_F && st->st_size > 0 && !strstr(path, "lock.mdb") && files_n < 64)
        snprintf(files[files_n++], PATH_MAX, "%s", path);
    return 0;
}

static bool
flip_spool(uint64_t n)
{
    uint64_t ended[4] = { 0 };
    char base[PATH_MAX], run[PATH_MAX];
    under(base, "base");
    under(run, "run");
    for (uint64_t i = 0; i < n; i++) {
        shell("rm -rf '%s' && mkdir '%s'", run, run);
        shell("cp -r '%s/spool' '%s/'", base, run);
        files_n = 0;
        nftw(run, add_file, 8, 0);
        const char *file = files[disk_draw(seed, i, 4) % (uint64_t)files_n];
        all_of(file);
        turn(file, i);
        count(ended, in_child(read_spool), file, i);
    }
    hits += n;
    return report("spool", n, ended, false);
}

static bool
flip_backup(uint64_t n)
{
    uint64_t ended[4] = { 0 };
    char copy[PATH_MAX];
    files_n = 0;
    nftw(under(copy, "copy"), add_file, 8, 0);
    count(ended, in_child(read_backup), "nothing flipped", 0);
    if (ended[SAME] != 1)
        return false;
    ended[SAME] = 0;
    for (uint64_t i = 0; i < n; i++) {
        const char *file = files[disk_draw(seed, i, 4) % (uint64_t)files_n];
        all_of(file);
        turn(file, i);
        count(ended, in_child(read_backup), file, i);
        turn(file, i);
    }
    hits += n;
    return report("backup", n, ended, true);
}

static void
make(const char *target)
{
    char base[PATH_MAX];
    under(base, "base");
    fflush(stdout);
    int status = 0;
    pid_t pid = fork();
    for (const struct disk_target *d = disk_targets; pid == 0 && d->name; d++)
        if (strcmp(d->name, target) == 0) {
            int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
            dup2(null, STDOUT_FILENO);
            _exit(d->write(base, seed));
        }
    waitpid(pid, &status, 0);
    if (status != 0)
        exit(1);
}

/* the folder of journeys that is current: journeys.2 after the rebuild of its making */
static void
current(char out[PATH_MAX])
{
    char path[PATH_MAX], name[64] = "";
    FILE *f = fopen(under(path, "base/journeys/current"), "re");
    if (!f || fscanf(f, "%63s", name) != 1)
        exit(disk_die(path, &(struct tl_err){ .text = "does not name the current journeys" }));
    fclose(f);
    snprintf(out, PATH_MAX, "%.3000s/base/journeys/%s", work, name);
}

int
main(int argc, char **argv)
{
    char path[PATH_MAX], store[PATH_MAX];
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    bool good = true;
    tl_log_program("flip_drive");
    if (argc < 4 || disk_init() < 0)
        return 2;
    snprintf(work, sizeof work, "%s", argv[1]);
    seed = strtoull(argv[3], NULL, 10);
    uint64_t each = strtoull(argv[2], NULL, 10) / 4;
    shell("rm -rf '%s' && mkdir -p '%s/base'", work, work);
    for (const char *const *t = (const char *const[]){ "log", "journeys", "spool", NULL }; *t; t++)
        make(*t);
    if (tl_eventlog_open(&l, under(path, "base/log"), true, &err) != 0 || disk_rows(under(path, "base"), l, &right_rows, &err) != 0)
        return disk_die("base", &err);
    tl_eventlog_close(&l);
    if (argc > 4) {
        char copy[PATH_MAX];
        snprintf(copy, sizeof copy, "'%.1000s' backup '%%s' --data '%%s' >/dev/null", argv[4]);
        shell(copy, under(store, "copy"), under(path, "base"));
        if (tl_key_load(under(path, "base/keys/backup.key"), 0, backup_key, &err) != 0)
            return disk_die("backup", &err);
    }
    add_values(under(path, "base/log"), log_names);
    good &= flip_file("log", under(path, "base/log/data.mdb"), each, read_log);
    current(store);
    add_values(store, tl_store_dbs);
    good &= flip_file("journeys", tl_run_path(path, store, "data.mdb"), each, read_journeys);
    good &= flip_spool(each);
    good &= argc <= 4 || flip_backup(each);
    printf("%llu flips in all: %s\n", (unsigned long long)hits, good ? "every one told, or in room that nobody reads" : "NOT GOOD");
    return !good;
}
