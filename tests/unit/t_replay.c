/* t_replay.c - recordings read from files, events under a run, verdicts held against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../cli/recording.h"
#include "../../cli/replay_event.h"
#include "../../cli/replay_send.h"
#include "../../cli/verdict.h"
#include "tl_hash.h"

static char path[64];

static void
write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static int
read_text(const char *text, struct recording *r, struct tl_err *err)
{
    write_file(text);
    int rc = recording_read(path, r, err);
    unlink(path);
    return rc;
}

/* ---- files ---- */

static void
t_order_and_persons(void **state)
{
    struct recording r;
    struct tl_err err = {0};
    (void)state;
    /* out of order; the sequence of a session beats its clock; a copy; a heartbeat; b and c become one through d, whose telephone is written in two ways */
    assert_int_equal(read_text("{\"id\":\"4\",\"type\":\"t\",\"time\":4000,\"ids\":{\"user\":\"a\"}}\n"
                               "{\"id\":\"1\",\"type\":\"t\",\"time\":1000,\"ids\":{\"email\":\"B@x.cn\"}}\n"
                               "{\"id\":\"3\",\"type\":\"t\",\"time\":2000,\"session\":\"s\",\"seq\":2,\"ids\":{\"user\":\"a\"}}\n"
                               "{\"id\":\"2\",\"type\":\"t\",\"time\":3000,\"session\":\"s\",\"seq\":1,\"ids\":{\"user\":\"a\"}}\n"
                               "{\"id\":\"1\",\"type\":\"t\",\"time\":1000,\"ids\":{\"email\":\"B@x.cn\"}}\n"
                               "{\"type\":\"heartbeat\",\"time\":1000}\n"
                               "{\"id\":\"5\",\"type\":\"t\",\"time\":5000,\"ids\":{\"phone\":\"0086 139\",\"device\":\"null\"}}\n"
                               "{\"id\":\"6\",\"type\":\"t\",\"time\":6000,\"ids\":{\"phone\":\"+86139\",\"email\":\"b@X.cn\"}}\n", &r, &err), 0);
    static const struct { const char *id; int64_t at_ms; uint32_t person; } want[] = { { "1", 1000, 0 }, { "2", 3000, 1 }, { "3", 3000, 1 }, { "4", 4000, 1 }, { "5", 5000, 0 }, { "6", 6000, 0 } };
    assert_int_equal(r.event_n, 6);
    assert_int_equal(r.person_n, 2);
    assert_int_equal(r.left_out, 2);
    for (uint32_t i = 0; i < r.event_n; i++) {
        assert_string_equal(r.event[i].id, want[i].id);
        assert_int_equal(r.event[i].at_ms, want[i].at_ms);
        assert_int_equal(r.event[i].person, want[i].person);
    }
    assert_int_equal(strncmp(r.run, "t_replay.", 9), 0);
    recording_free(&r);
}

static void
t_refused(void **state)
{
    static const struct { const char *text, *said; } row[] = {
        { "", "has no event" },
        { "{\"id\":\"1\",\"type\":\"t\",\"time\":1,\"ids\":{\"user\":\"a\"}}\n{nonsense\n", ":2:" },
        { "{\"id\":\"1\",\"type\":\"t\",\"ids\":{\"user\":\"a\"}}\n", ":1: a recorded event needs its time" },
        { "{\"id\":\"1\",\"type\":\"t\",\"time\":1,\"origin\":\"web\",\"ids\":{\"user\":\"a\"}}\n", ":1:" },
        { "{\"id\":\"1\",\"type\":\"t\",\"time\":1}\n", ":1:" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct recording r;
        struct tl_err err = {0};
        assert_int_not_equal(read_text(row[i].text, &r, &err), 0);
        if (strstr(err.text, row[i].said) == NULL)
            fail_msg("\"%s\" instead of \"%s\"", err.text, row[i].said);
    }
    struct recording r;
    struct tl_err err = {0};
    assert_int_equal(recording_read("/nowhere/x.ndjson", &r, &err) < 0, 1);
    for (const char *const *bad = (const char *const[]){ "", "a b", "a/b", "a:b", NULL }; *bad != NULL; bad++) assert_int_equal(recording_run(*bad, &err), TL_EINVAL);
    assert_int_equal(recording_run("visit-02@20260302T000000Z", &err), 0);
}

/* ---- events ---- */

static char *
under(struct recording *r, const char *run, uint32_t i, int64_t shift_ms)
{
    struct replay_maker *m = replay_maker_new();
    struct tl_buf out = {0};
    struct tl_err err = {0};
    snprintf(r->run, sizeof r->run, "%s", run);
    assert_int_equal(replay_event(m, r, i, shift_ms, &out, &err), 0);
    replay_maker_free(&m);
    tl_buf_put_u8(&out, 0);
    return (char *)out.data;
}

static void
has(const char *json, const char *text, bool wanted)
{
    if ((strstr(json, text) != NULL) != wanted)
        fail_msg("%s\n%s %s", json, wanted ? "has no" : "has", text);
}

static void
t_under_a_run(void **state)
{
    struct recording r;
    struct tl_err err = {0};
    (void)state;
    assert_int_equal(read_text("{\"id\":\"e1\",\"type\":\"order.placed\",\"time\":\"2026-03-02T12:00:00+08:00\",\"sent_at\":\"2026-03-02T12:00:01+08:00\",\"session\":\"phone\",\"seq\":9,"
                               "\"ids\":{\"member\":\"M-1\",\"phone\":\"13912345678\",\"email\":\"a@b.cn\"},\"order\":\"o7\",\"case\":\"k1\",\"journey\":\"j\",\"place\":\"S03\",\"stream\":\"pilot\","
                               "\"promise\":{\"what\":\"ready\",\"due\":\"2026-03-02T12:08:00+08:00\"},\"props\":{\"note\":\"less ice\"}}\n", &r, &err), 0);
    char *a = under(&r, "visit-02", 0, 0), *same = under(&r, "visit-02", 0, 0), *b = under(&r, "visit-03", 0, 0), *later = under(&r, "visit-02", 0, 3600000);
    assert_string_equal(a, same);
    for (const char *const *x = (const char *const[]){ "\"ids\":{\"user\":\"replay:visit-02:c0\"}", "\"order\":\"replay:visit-02:o7\"", "\"case\":\"replay:visit-02:k1\"", "\"journey\":\"replay:visit-02:j\"",
             "\"stream\":\"replay\"", "\"seq\":1", "\"place\":\"S03\"", "\"time\":\"2026-03-02T12:00:00.000+08:00\"", "\"due\":\"2026-03-02T04:08:00.000Z\"", "less ice", NULL }; *x != NULL; x++) has(a, *x, true);
    for (const char *const *x = (const char *const[]){ "13912345678", "M-1", "a@b.cn", "sent_at", "\"e1\"", "pilot", "phone", NULL }; *x != NULL; x++) has(a, *x, false);
    has(later, "\"time\":\"2026-03-02T13:00:00.000+08:00\"", true);
    has(later, "\"due\":\"2026-03-02T05:08:00.000Z\"", true);
    assert_int_equal(strncmp(strstr(a, "\"id\":"), strstr(later, "\"id\":"), 38), 0);       /* the id is of run and id alone */
    assert_int_not_equal(strncmp(strstr(a, "\"id\":"), strstr(b, "\"id\":"), 38), 0);
    free(a), free(same), free(b), free(later);
    recording_free(&r);
}

static void
t_speeds(void **state)
{
    static const struct { const char *text; double want; } row[] = { { "1x", 1 }, { "60x", 60 }, { "0.5x", .5 }, { "max", 0 }, { "1000000x", 1e6 }, { "x", -1 }, { "60", -1 }, { "-1x", -1 }, { "0x", -1 }, { "nanx", -1 }, { "infx", -1 }, { "", -1 } };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        double speed = -1;
        int rc = replay_speed(row[i].text, &speed, NULL);
        assert_int_equal(rc, row[i].want < 0 ? TL_EINVAL : 0);
        if (rc == 0) assert_true(speed >= row[i].want && speed <= row[i].want);
    }
}

/* ---- verdicts ---- */

static struct verdict
lines(const char *text)
{
    struct verdict v = {0};
    for (const char *p = text; *p != '\0'; p++) assert_int_equal(verdict_add(&v, (struct tl_str){ p, 1 }, NULL), 0);
    return v;
}

/* Bags: against counting letters. */
static void
t_compare(void **state)
{
    static const char *const row[][4] = { { "abc", "abc", "", "" }, { "abc", "cba", "", "" }, { "aab", "ab", "a", "" }, { "ab", "aabb", "", "ab" }, { "", "x", "", "x" }, { "xyz", "", "xyz", "" }, { "axbx", "xbyy", "ax", "yy" } };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct verdict a = lines(row[i][0]), b = lines(row[i][1]);
        struct verdict_diff d;
        char gone[16] = "", come[16] = "";
        assert_int_equal(verdict_compare(&a, &b, &d, NULL), 0);
        for (uint32_t k = 0; k < d.gone_n; k++) strcat(gone, d.gone[k]);
        for (uint32_t k = 0; k < d.come_n; k++) strcat(come, d.come[k]);
        assert_int_equal(strlen(gone), strlen(row[i][2]));
        assert_int_equal(strlen(come), strlen(row[i][3]));
        for (const char *p = row[i][2]; *p; p++) assert_non_null(strchr(gone, *p));
        for (const char *p = row[i][3]; *p; p++) assert_non_null(strchr(come, *p));
        verdict_diff_free(&d);
        verdict_free(&a);
        verdict_free(&b);
    }
}

static void
t_files_of_verdicts(void **state)
{
    struct verdict v = {0}, back;
    struct tl_err err = {0};
    (void)state;
    assert_int_equal(verdict_add(&v, TL_STR("order: ended good"), NULL), 0);
    assert_int_equal(verdict_add(&v, TL_STR("order: steps a\x1b[31m, 取到\nb"), NULL), 0);      /* nothing steers a terminal or breaks a line */
    assert_int_equal(verdict_write(path, "a remark", &v, &err), 0);
    assert_int_equal(verdict_read(path, &back, &err), 0);
    assert_int_equal(back.n, 2);
    assert_string_equal(back.line[1], "order: steps a?[31m, 取到?b");
    unlink(path);
    verdict_free(&back);
    verdict_free(&v);
    assert_int_equal(verdict_read(path, &back, &err), TL_ENOTFOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_order_and_persons), cmocka_unit_test(t_refused), cmocka_unit_test(t_under_a_run), cmocka_unit_test(t_speeds), cmocka_unit_test(t_compare), cmocka_unit_test(t_files_of_verdicts),
    };
    if (tl_hash_init() != 0) return 1;
    snprintf(path, sizeof path, "/tmp/t_replay.%d.ndjson", (int)getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
