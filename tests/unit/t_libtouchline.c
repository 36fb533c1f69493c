/* t_libtouchline.c - the C SDK through its header alone, against a collector that is slow, busy, strict, gone: a queue in memory and one in a file, killed
 * programs, torn and spoiled files, children of fork. Every event that was taken arrives, under one id. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_http.h"
#include "tl_port.h"
#include "touchline.h"

#define NUMBERS 20000
#define NOWHERE "http://127.0.0.1:1"

static struct door {
    struct tl_http *http;
    pthread_mutex_t lock;
    char url[80];
    int refuse_n, refuse_status;     /* so many bodies are refused first */
    size_t lines_max;                /* 413 beyond it; 0: none */
    unsigned bodies, refused, conflicts, lines, beats;
    char id[NUMBERS][37];            /* the id that number n arrived with */
    char session[NUMBERS][37];
    uint64_t seq[NUMBERS];
} door;

static void
member_of(const char *line, const char *end, const char *name, char *out, size_t cap)
{
    char mark[40];
    snprintf(mark, sizeof mark, "\"%s\":", name);
    const char *at = memmem(line, (size_t)(end - line), mark, strlen(mark));
    size_t n = 0;
    for (at = at ? at + strlen(mark) + (at[strlen(mark)] == '"') : end; at < end && *at != '"' && *at != ',' && *at != '}' && n + 1 < cap; at++)
        out[n++] = *at;
    out[n] = 0;
}

static void
note(struct door *d, const char *line, const char *end)
{
    char n[24], id[37], seq[24], type[40];
    member_of(line, end, "n", n, sizeof n);
    member_of(line, end, "id", id, sizeof id);
    member_of(line, end, "seq", seq, sizeof seq);
    member_of(line, end, "type", type, sizeof type);
    if (line[0] != '{' || end[-1] != '}') fail_msg("not a line: %.*s", (int)(end - line), line);
    d->lines++;
    d->beats += !strcmp(type, "heartbeat");
    if (!*n) return;
    size_t i = strtoul(n, NULL, 10);
    assert_true(i < NUMBERS);
    d->conflicts += d->id[i][0] && strcmp(d->id[i], id) != 0;
    snprintf(d->id[i], sizeof d->id[i], "%s", id);
    member_of(line, end, "session", d->session[i], sizeof d->session[i]);
    d->seq[i] = strtoull(seq, NULL, 10);
}

static void
on_request(void *arg, int loop, struct tl_http_req *rq)
{
    struct door *d = arg;
    struct tl_str body = tl_http_body(rq);
    size_t lines_n = 0;
    (void)loop;
    for (size_t i = 0; i < body.n; i++)
        lines_n += body.p[i] == '\n';
    pthread_mutex_lock(&d->lock);
    int status = d->refuse_n > 0 ? d->refuse_status : d->lines_max && lines_n > d->lines_max ? 413 : 202;
    d->refuse_n -= d->refuse_n > 0;
    d->refused += status != 202;
    d->bodies += status == 202;
    for (const char *p = body.p, *nl; status == 202 && p < body.p + body.n; p = nl + 1) {
        nl = memchr(p, '\n', (size_t)(body.p + body.n - p));
        assert_non_null(nl);
        note(d, p, nl);
    }
    pthread_mutex_unlock(&d->lock);
    struct tl_http_reply reply = { .status = status, .content_type = "application/json", .body = TL_STR("{\"accepted\":1,\"quarantined\":[]}") };
    if (status == 503) {
        reply.header[0].name = "Retry-After";
        reply.header[0].value = "1";
        reply.headers_n = 1;
    }
    tl_http_answer(rq, &reply);
}

static int
door_open(void **state)
{
    const struct tl_http_cfg cfg = { .bind = "127.0.0.1", .threads = 1, .body_max = 512000, .body_budget = 1 << 24, .connections_max = 64, .deadline_ms = 5000,
                                     .handler = on_request, .arg = &door };
    (void)state;
    memset(&door, 0, sizeof door);
    pthread_mutex_init(&door.lock, NULL);
    assert_int_equal(tl_http_start(&door.http, &cfg, NULL), 0);
    snprintf(door.url, sizeof door.url, "http://127.0.0.1:%d", tl_http_port(door.http));
    return 0;
}

static int
door_close(void **state)
{
    (void)state;
    tl_http_stop(&door.http);
    return 0;
}

static struct touchline *
open_sdk(const char *url, const char *file, size_t bytes)
{
    const struct touchline_options o = { .url = url, .key = "till", .flush_ms = 5, .queue_file = file, .queue_bytes_max = bytes };
    struct touchline *t = touchline_new(&o);
    if (t) assert_int_equal(touchline_identify(t, "member", "m1"), 0);
    return t;
}

static int
track(struct touchline *t, unsigned n)
{
    char props[60];
    snprintf(props, sizeof props, "{\"n\":%u}", n);
    return touchline_track(t, "tap", props);
}

static void
all_arrived(unsigned from, unsigned to)
{
    pthread_mutex_lock(&door.lock);
    for (unsigned i = from; i < to; i++)
        if (!door.id[i][0]) fail_msg("%u of %u..%u did not arrive", i, from, to);
    assert_int_equal(door.conflicts, 0);
    pthread_mutex_unlock(&door.lock);
}

/* told - a count of the door, whose thread writes it under its lock */
static unsigned
told(const unsigned *count)
{
    pthread_mutex_lock(&door.lock);
    unsigned n = *count;
    pthread_mutex_unlock(&door.lock);
    return n;
}

static const char *
new_path(void)
{
    static char path[80];
    snprintf(path, sizeof path, "%s/touchline-queue-%d", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
    unlink(path);
    return path;
}

/* ---- the collector says no ---- */
static void
sends(const char *file)
{
    struct touchline_stats s;
    struct touchline *t = open_sdk(door.url, file, 0);
    door.refuse_n = 1;
    door.refuse_status = 503;
    door.lines_max = 300;
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(track(t, i), 0);
        if (i == 2500) assert_int_equal(touchline_heartbeat(t, NULL), 0);
    }
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_stats(t, &s);
    assert_int_equal(s.sent, 5001);
    assert_int_equal(s.queued + s.refused + s.full + s.damaged, 0);
    assert_int_equal(s.last_status, 202);
    touchline_free(&t);
    assert_null(t);
    all_arrived(0, 5000);
    assert_int_equal(told(&door.lines), 5001);        /* none twice where nothing failed */
    assert_int_equal(told(&door.beats), 1);
    assert_true(told(&door.refused) >= 2);
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(door.seq[i], i + 1);
        assert_string_equal(door.session[i], door.session[0]);
    }
}

static void
busy_and_strict(void **state)
{
    (void)state;
    sends(NULL);
}

static void
busy_and_strict_with_a_file(void **state)
{
    struct stat st;
    const char *path = new_path();
    (void)state;
    sends(path);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 300 * 1024);       /* begun anew once it was empty */
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(path);
}

/* a bad key keeps the events; a flush does not cut short what the collector asked for */
static void
a_bad_key(void **state)
{
    struct touchline_stats s;
    struct touchline *t = open_sdk(door.url, NULL, 0);
    (void)state;
    door.refuse_n = 1000;
    door.refuse_status = 401;
    track(t, 1);
    while (touchline_stats(t, &s), s.last_status != 401)
        usleep(1000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(touchline_flush(t, 10), TOUCHLINE_TIMEOUT);
    touchline_stats(t, &s);
    assert_int_equal(s.queued, 1);
    assert_int_equal(s.refused + s.sent, 0);
    assert_int_equal(told(&door.refused), 1);
    touchline_free(&t);
}

static void
full(const char *file)
{
    struct touchline_stats s;
    struct touchline *t = open_sdk(NOWHERE, file, 20000);
    unsigned taken = 0;
    for (unsigned i = 0; i < 500; i++) {
        int rc = track(t, taken);
        assert_true(rc == TOUCHLINE_OK || rc == TOUCHLINE_FULL);
        taken += rc == TOUCHLINE_OK;
    }
    touchline_stats(t, &s);
    assert_in_range(taken, 50, 150);
    assert_int_equal(s.queued, taken);
    assert_int_equal(s.full, 500 - taken);
    touchline_free(&t);
    t = open_sdk(door.url, file, 20000);
    if (file) {
        assert_int_equal(touchline_flush(t, 30000), 0);
        all_arrived(0, taken);
        assert_int_equal(told(&door.lines), taken);
        for (unsigned i = 0; i < taken; i++)
            assert_int_equal(track(t, i), 0);                       /* room again */
    }
    touchline_free(&t);
}

static void
it_is_full(void **state)
{
    const char *path = new_path();
    (void)state;
    full(NULL);
    full(path);
    unlink(path);
}

static void
what_is_not_taken(void **state)
{
    const char *path = new_path();
    struct touchline_options o = { .key = "k" };
    char long_text[200], kept[20];
    (void)state;
    assert_null(touchline_new(NULL));
    assert_null(touchline_new(&o));
    assert_int_equal(errno, EINVAL);
    struct touchline *t = open_sdk(NOWHERE, path, 0);
    errno = 0;
    assert_null(open_sdk(NOWHERE, path, 0));
    assert_int_equal(errno, EWOULDBLOCK);
    memset(long_text, 'x', sizeof long_text);
    long_text[199] = 0;
    assert_int_equal(touchline_track(t, long_text, NULL), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(t, "", NULL), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(t, NULL, NULL), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(t, "a", "[]"), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(t, "a", "{\"a\":\"\n\"}"), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(t, "a", "{}}"), TOUCHLINE_INVALID);
    assert_int_equal(touchline_track(NULL, "a", NULL), TOUCHLINE_INVALID);
    assert_int_equal(touchline_identify(t, "member", ""), TOUCHLINE_INVALID);
    touchline_free(&t);
    touchline_free(&t);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "somebody's notes\n", 17), 17);
    close(fd);
    assert_null(open_sdk(NOWHERE, path, 0));
    assert_int_equal(errno, EINVAL);
    fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, kept, sizeof kept), 17);
    close(fd);
    unlink(path);
    assert_null(open_sdk(NOWHERE, "/nonexistent/queue", 0));
    assert_int_equal(errno, ENOENT);
}

/* ---- the program is killed ---- */
struct said { _Atomic unsigned next; _Atomic bool taken[NUMBERS]; };      /* shared with children */

static void
track_until_killed(const char *path, struct said *said, int ms)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct touchline *t = open_sdk(door.url, path, 0);
        for (unsigned n; t && (n = atomic_fetch_add(&said->next, 1)) < NUMBERS; usleep(n % 50 == 0 ? 1000 : 0))
            atomic_store(&said->taken[n], track(t, n) == TOUCHLINE_OK);
        _exit(1);
    }
    usleep((useconds_t)ms * 1000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void
killed_again_and_again(void **state)
{
    const char *path = new_path();
    struct said *said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned taken = 0;
    (void)state;
    for (int i = 0; i < 15; i++) {
        if (i % 5 == 4) door.refuse_n = 2, door.refuse_status = 500;
        track_until_killed(path, said, 10 + i * 7 % 40);
    }
    struct touchline *t = open_sdk(door.url, path, 0);
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_free(&t);
    for (unsigned n = 0; n < NUMBERS; n++)
        if (said->taken[n]) all_arrived(n, n + 1), taken++;
    assert_true(taken > 100);
    munmap(said, sizeof *said);
    unlink(path);
}

/* ---- the disk spoils the file ---- */
static size_t
make_file(const char *path, unsigned n, char *bytes, size_t cap)
{
    unlink(path);
    struct touchline *t = open_sdk(NOWHERE, path, 0);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(track(t, i), 0);
    touchline_free(&t);
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, bytes, cap);
    close(fd);
    assert_true(got > 64 && (size_t)got < cap);
    return (size_t)got;
}

static struct touchline *
open_bytes(const char *url, const char *path, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
    return open_sdk(url, path, 0);
}

static void
a_torn_end(void **state)
{
    char bytes[4096];
    const char *path = new_path();
    struct touchline_stats s;
    size_t n = make_file(path, 5, bytes, sizeof bytes), whole = 0;
    (void)state;
    for (size_t cut = 64; cut <= n; cut += cut + 20 < n ? 3 : 1) {
        struct touchline *t = open_bytes(NOWHERE, path, bytes, cut);
        whole = 0;
        for (size_t i = 64; i < cut; i++)
            whole += bytes[i] == '\n';
        touchline_stats(t, &s);
        if (s.queued != whole) fail_msg("cut at %zu: %lu waiting, not %zu", cut, s.queued, whole);
        touchline_free(&t);
    }
    assert_int_equal(whole, 5);
    unlink(path);
}

static void
spoiled_lines(void **state)
{
    char bytes[4096];
    const char *path = new_path();
    struct touchline_stats s;
    size_t n = make_file(path, 9, bytes, sizeof bytes);
    (void)state;
    bytes[80] ^= 4;                                         /* in the first line; in the fifth; the end of the seventh */
    char *fifth = bytes + 64, *seventh;
    for (int i = 0; i < 4; i++)
        fifth = strchr(fifth, '\n') + 1;
    fifth[3] = 'z';
    seventh = strchr(strchr(fifth, '\n') + 1, '\n') + 1;
    *strchr(seventh, '\n') = ' ';
    struct touchline *t = open_bytes(door.url, path, bytes, n);
    track(t, 9);
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_stats(t, &s);
    assert_int_equal(s.damaged, 3);                         /* the seventh took the eighth with it */
    assert_int_equal(s.sent, 6);
    touchline_free(&t);
    static const unsigned left[] = { 1, 2, 3, 5, 8, 9 };
    for (size_t i = 0; i < 6; i++)
        all_arrived(left[i], left[i] + 1);
    assert_int_equal(told(&door.lines), 6);
    unlink(path);
}

/* Any byte anywhere: it opens or says EINVAL, ends, and nothing arrives that was not said. */
static void
any_byte_anywhere(void **state)
{
    char bytes[4096], other[4096];
    const char *path = new_path();
    size_t n = make_file(path, 4, bytes, sizeof bytes);
    (void)state;
    for (size_t i = 0; i < n; i += i < 70 ? 3 : 37) {
        static const char with[] = { 0, '\n', '9', (char)0xFF };
        for (size_t k = 0; k < sizeof with; k++) {
            memcpy(other, bytes, n);
            other[i] = with[k];
            struct touchline *t = open_bytes(NOWHERE, path, other, n);
            assert_true(t != NULL || errno == EINVAL);
            touchline_free(&t);
        }
    }
    struct touchline *t = open_bytes(door.url, path, bytes, n);         /* a head that points beyond the end */
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_free(&t);
    all_arrived(0, 4);
    memset(bytes, 0, 64);                                               /* a head that a power cut has emptied: all again, same ids */
    t = open_bytes(door.url, path, bytes, n);
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_free(&t);
    all_arrived(0, 4);
    assert_int_equal(told(&door.lines), 8);
    unlink(path);
}

/* Never empty for long: what is acknowledged goes back to the disk. */
static void
a_file_that_is_never_empty(void **state)
{
    const char *path = new_path();
    struct touchline_stats s;
    struct stat st;
    struct touchline *t = open_sdk(door.url, path, 0);
    char props[9000];
    (void)state;
    memset(props, 'x', sizeof props);
    memcpy(props, "{\"x\":\"", 6);
    memcpy(props + sizeof props - 3, "\"}", 3);
    for (unsigned i = 0; i < 1500; i++) {
        assert_int_equal(touchline_track(t, "tap", props), 0);
        while (touchline_stats(t, &s), s.queued > 100)
            usleep(200);
    }
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_blocks * 512 < 4 * 1024 * 1024);
    assert_int_equal(touchline_flush(t, 30000), 0);
    assert_int_equal(told(&door.lines), 1500);
    touchline_free(&t);
    unlink(path);
}

/* ---- fork ---- */
/* A sanitizer's own allocator does not survive the fork of a process with threads: a lock that another thread held stays held in the child. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define FORKS_WITH_THREADS 0
#else
#define FORKS_WITH_THREADS 1
#endif

static atomic_bool forked_enough;

static void *
hammer(void *arg)
{
    while (!atomic_load(&forked_enough)) {
        touchline_track(arg, "noise", NULL);
        usleep(200);
    }
    return NULL;
}

static void
children(const char *file)
{
    pthread_t thread[2];
    struct touchline *t = open_sdk(door.url, file, 0);
    int said = 0, children_n = 12;
    atomic_store(&forked_enough, false);
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, hammer, t);
    for (int c = 0; c < children_n; c++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct touchline_stats s;
            int bad = 0;
            for (unsigned i = 0; i < 20; i++)
                bad += track(t, (unsigned)c * 100 + i) != 0;
            bad += touchline_flush(t, 30000) != 0;
            touchline_stats(t, &s);
            bad += s.sent != 20;
            if (c % 2) touchline_free(&t);
            _exit(bad);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        assert_int_equal(status, 0);
        said += track(t, 5000 + (unsigned)c) == 0;
    }
    atomic_store(&forked_enough, true);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(touchline_flush(t, 60000), 0);
    touchline_free(&t);
    assert_int_equal(said, children_n);
    for (int c = 0; c < children_n; c++) {
        all_arrived((unsigned)c * 100, (unsigned)c * 100 + 20);
        assert_int_equal(door.seq[c * 100], 1);                     /* a session of its own */
        assert_string_not_equal(door.session[c * 100], door.session[5000]);
        if (c) assert_string_not_equal(door.session[c * 100], door.session[(c - 1) * 100]);
        for (int k = 0; k < c; k++)
            assert_string_not_equal(door.id[c * 100], door.id[k * 100]);
    }
    all_arrived(5000, 5000 + (unsigned)children_n);
}

static void
forks(void **state)
{
    (void)state;
    if (!FORKS_WITH_THREADS)
        skip();
    children(NULL);
}

static void
forks_with_a_file(void **state)
{
    const char *path = new_path();
    (void)state;
    if (!FORKS_WITH_THREADS)
        skip();
    children(path);
    unlink(path);
}

/* What waited when the child was made is the parent's, and goes out once. */
static void
a_child_sends_nothing_of_its_parent(void **state)
{
    const char *path = new_path();
    struct touchline_stats s;
    (void)state;
    struct touchline *t = open_sdk(NOWHERE, path, 0);
    for (unsigned i = 0; i < 10; i++)
        track(t, i);
    pid_t pid = fork();
    if (pid == 0) {
        touchline_stats(t, &s);
        touchline_free(&t);
        _exit(s.queued != 0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    touchline_free(&t);
    t = open_sdk(door.url, path, 0);
    assert_int_equal(touchline_flush(t, 30000), 0);
    touchline_free(&t);
    all_arrived(0, 10);
    assert_int_equal(told(&door.lines), 10);
    unlink(path);
}

int
main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, door_open, door_close)
    const struct CMUnitTest tests[] = {
        EACH(busy_and_strict), EACH(busy_and_strict_with_a_file), EACH(a_bad_key), EACH(it_is_full), EACH(what_is_not_taken), EACH(killed_again_and_again),
        EACH(a_torn_end), EACH(spoiled_lines), EACH(any_byte_anywhere), EACH(a_file_that_is_never_empty), EACH(forks), EACH(forks_with_a_file),
        EACH(a_child_sends_nothing_of_its_parent),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
