/* t_json.c - what is JSON and what is not: by tables, and by a second opinion (oracle_json.h) on hundreds of thousands of damaged documents. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "oracle_json.h"
#include "tl_json.h"

#ifndef __SANITIZE_ADDRESS__
#define MUTATIONS 1000000
#else
#define MUTATIONS 60000
#endif

static const char *const must_accept[] = {
    "{}", "[]", " \t\r\n{ } \n", "{\"a\":1}", "[1,2,3]", "[-0]", "[0]", "[0.0]", "[-1.5e+10]", "[1E5]", "[1e-5]", "[0e1]",
    "[123456789012345678901234567890]", "[1e400]", "[1e-400]", "[true,false,null]", "[\"\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u12aB\"]",
    "[\"\\ud83d\\ude00\"]", "[\"\\ud800\"]", "[\"\\udc00\\ud800\"]", "[\"\x7f\"]", "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]", "[\"\xed\x9f\xbf\xee\x80\x80\"]",
    "[\"\xf4\x8f\xbf\xbf\"]", "{\"\":0}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"A\":2}", "[[[[[[[[]]]]]]]]", "{\"a\":\"}\"}", "[\"[\",\"]\"]", "[ 1 , 2 ]",
    "{\"\\ud800\":1}", "{\"a\\u0062\":1,\"ac\":2}",
};

static const char *const must_reject[] = {
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,2}", "{\"a\":1]", "[1,]", "[,1]", "[,]", "{,}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{:1}", "{1:1}",
    "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "[1 2]", "[1][2]", "[]]", "{}}", "{}{}", "[nul]", "[nulll]", "[tru]", "[True]", "[truefalse]",
    "[fals]", "[undefined]", "[NaN]", "[Infinity]", "[-]", "[+1]", "[01]", "[-01]", "[1.]", "[.5]", "[1.2.3]", "[1e]", "[1e+]", "[1ee5]", "[1e5.5]", "[0x10]",
    "[1a]", "[--1]", "[1-]", "[1\"a\"]", "[\"a\"1]", "[\"a\"b]", "[\"a\"\"b\"]", "[\"a]", "[\"a\\\"]", "[\"\\x\"]", "[\"\\\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"\\U1234\"]",
    "[\"\n\"]", "[\"\t\"]", "[\"\x01\"]", "[\"\x1f\"]", "[\x01]", "[\x0c]", "[1\x0c]", "[1\x1a]", "\xef\xbb\xbf[]", "[\"\x80\"]", "[\"\xc0\x80\"]", "[\"\xc3\"]", "[\"\xed\xa0\x80\"]",
    "[\"\xe0\x80\x80\"]", "[\"\xf0\x80\x80\x80\"]", "[\"\xf4\x90\x80\x80\"]", "[\"\xff\"]", "[\xc3\xa9]", "[1] // x", "/* x */[1]", "[1,/**/2]", "\\[1]", "[1]\\",
    "{\"\\ud800\":1,\"\\ud801\":2}", "{\"\\udc00\":1,\"\xef\xbf\xbd\":2}",        /* a lone surrogate reads as U+FFFD: one name twice */
    "[\\\"a\"]", "{\"a\":\"b\"\\}", "[1,2", "{\"a\":[1,2}", "{\"a\":{\"b\":1}", "[[[[1]]]", "\xa0[]",
};

/* ---- a place for a text: whatever follows the promised padding may not even be read ---- */

static struct {
    char *end;                  /* of readable memory */
    size_t cap;
} place;

static void
make_place(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 64 * page;
    char *p = mmap(NULL, n + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    mprotect(p + n, page, PROT_NONE);
    place.end = p + n;
    place.cap = n - TL_JSON_PADDING;
}

static struct tl_str
put_text(const char *t, size_t n, char padding)
{
    char *p = place.end - TL_JSON_PADDING - n;
    assert_true(n <= place.cap);
    memcpy(p, t, n);
    memset(p + n, padding, TL_JSON_PADDING);
    return (struct tl_str){ p, n };
}

static bool
is_bracketed(const char *t, size_t n)
{
    while (n && strchr(" \t\r\n", *t)) {
        t++;
        n--;
    }
    return n && (*t == '{' || *t == '[');
}

static enum tl_reason
reason_of(enum verdict v)
{
    static const enum tl_reason reason[] = { TL_REASON_NONE, TL_REASON_TOO_DEEP, TL_REASON_DUPLICATE_MEMBER, TL_REASON_FIELD_RANGE, TL_REASON_BAD_JSON, TL_REASON_BAD_UTF8 };
    return reason[v];
}

static void
show(const char *t, size_t n)
{
    printf("text of %zu bytes: ", n);
    for (size_t i = 0; i < n; i++)
        printf((unsigned char)t[i] >= 0x20 && (unsigned char)t[i] < 0x7f ? "%c" : "\\x%02x", (unsigned char)t[i]);
    printf("\n");
}

/* The walk and the second opinion agree: taken or not, why, and where. */
static enum verdict
compare(struct tl_json *j, const char *t, size_t n, char padding)
{
    struct tl_str text = put_text(t, n, padding);
    const struct tl_jnode *node;
    struct tl_json_fault fault;
    uint32_t node_n;
    size_t at;
    enum verdict v = oracle_judge(t, n, TL_JSON_DEPTH_MAX, &at);
    int rc = tl_json_walk(j, text, &node, &node_n, &fault);
    bool agree = rc == (v == V_GOOD && is_bracketed(t, n) ? 0 : TL_EINVAL);
    if (v != V_GOOD)
        agree = agree && fault.reason == reason_of(v);
    if (v == V_BROKEN || v == V_UTF8)
        agree = agree && fault.offset == at;
    if (!agree) {
        show(t, n);
        fail_msg("oracle says %d at %zu, the walk %d: %s at %zu (%s)", v, at, rc, tl_reason_word(fault.reason), fault.offset, fault.member);
    }
    return v;
}

static void
test_tables(void **state)
{
    struct tl_json *j = tl_json_new(1 << 16);
    (void)state;
    assert_non_null(j);
    for (size_t i = 0; i < sizeof must_accept / sizeof *must_accept; i++)
        for (const char *pad = " 1\"}]\\e\x80"; *pad; pad++)
            if (compare(j, must_accept[i], strlen(must_accept[i]), *pad) != V_GOOD)
                fail_msg("refused: %s", must_accept[i]);
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++)
        for (const char *pad = " 1\"}]\\e\x80"; *pad; pad++)
            if (compare(j, must_reject[i], strlen(must_reject[i]), *pad) == V_GOOD)
                fail_msg("taken: %s", must_reject[i]);
    tl_json_free(&j);
    assert_null(j);
}

static const char *const seeds[] = {
    "{\"a\":[{\"b\":[{\"c\":[{\"d\":[1,{}]},\"x\"]}]}]}",
    "[[[[[[[[1],[]]]]]]],{\"a\":[[[[[[[]]]]]]]}]",
    "{\"id\":\"0192f1c2\",\"type\":\"order.placed\",\"time\":\"2026-03-01T10:00:00.500+08:00\",\"ids\":{\"member\":\"M1\",\"email\":\"a@b\"},\"seq\":12,\"ok\":true}",
    "{\"a\":[1,2.5e3,-0,\"x\\n\\u00e9\\\\\",null,{\"b\":{\"c\":[[[]]]}}],\"d\":{},\"e\":[]}",
    "[{\"n\":1},{\"n\":2},{\"n\":\"\\ud83d\\ude00\"},[true,false,null]]",
    " {\n  \"type\" : \"a\" ,\n  \"props\" : { \"x\" : [ 1 , 2 ] , \"y\" : \"z\" }\n}\n",
    "{\"\xe4\xb8\xad\xe6\x96\x87\":\"\xf0\x9f\x98\x80\",\"\\u4e2d\":\"\xc3\xa9\",\"long name of a member\":1,\"long name of a mender\":2}",
    "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"r\":18,\"s\":19,\"t\":20,\"u\":21,\"v\":22,\"w\":23,\"x\":24,\"y\":25,\"z\":26,\"aa\":27,\"ab\":28,\"ac\":29}",
    "[[[[[[[1]]]]]],\"\\\\\\\"\",\"\\\\\",\"\\\"\"]",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}",
    "{\"a\":{\"\\u0000\":1},\"b\":\"x\\u0000y\",\"a\\u0000\":1}",
};
#define SEEDS_N (sizeof seeds / sizeof *seeds)

static void
test_damaged(void **state)
{
    struct tl_json *j = tl_json_new(1 << 16);
    uint64_t random = 155;
    size_t seen[6] = { 0 };
    char t[1024];
    (void)state;
    for (int i = 0; i < MUTATIONS; i++) {
        const char *seed = seeds[oracle_random(&random) % SEEDS_N];
        size_t n = strlen(seed);
        memcpy(t, seed, n);
        n = oracle_mutate(t, n, sizeof t, &random);
        seen[compare(j, t, n, "1\"}] \\"[i % 6])]++;
    }
    for (size_t i = 0; i < 6; i++)
        if (seen[i] < MUTATIONS / 10000)     /* each verdict was reached */
            fail_msg("verdict %zu only %zu times", i, seen[i]);
    tl_json_free(&j);
}

static void
test_many_members(void **state)
{
    struct tl_json *j = tl_json_new(1 << 20);
    struct tl_buf b = { 0 };
    const struct tl_jnode *node;
    struct tl_json_fault fault;
    uint32_t node_n;
    (void)state;
    for (int twice = -1; twice < 3000; twice += 333) {      /* a doubled name near the front, in the middle, at the end */
        tl_buf_reset(&b);
        tl_buf_put_str(&b, "{\"in\":{");
        for (int i = 0; i < 3000; i++)
            tl_buf_printf(&b, "\"abcdefgh%05dijklmnop\":%d,", i, i);
        tl_buf_printf(&b, "\"abcdefgh%05dijklmnop\":0},\"out\":1}", twice >= 0 ? twice : 77777);
        struct tl_str text = put_text((const char *)b.data, b.len, '"');
        assert_int_equal(tl_json_walk(j, text, &node, &node_n, &fault), twice >= 0 ? TL_EINVAL : 0);
        if (twice >= 0) {
            char member[64];
            snprintf(member, sizeof member, "in.abcdefgh%05dijklmnop", twice);
            assert_int_equal(fault.reason, TL_REASON_DUPLICATE_MEMBER);
            assert_string_equal(fault.member, member);
        } else {
            assert_int_equal(node_n, 1 + 1 + 3001 + 1);
        }
    }
    tl_buf_free(&b);
    tl_json_free(&j);
}

static void
test_very_deep(void **state)
{
    size_t n = 200000;
    char *t = malloc(n + TL_JSON_PADDING);
    struct tl_json *j = tl_json_new(n);
    const struct tl_jnode *node;
    struct tl_json_fault fault;
    uint32_t node_n;
    (void)state;
    memset(t, '[', n / 2);
    memset(t + n / 2, ']', n / 2 + TL_JSON_PADDING);
    assert_int_equal(tl_json_walk(j, (struct tl_str){ t, n }, &node, &node_n, &fault), TL_EINVAL);
    assert_int_equal(fault.reason, TL_REASON_TOO_DEEP);
    assert_int_equal(fault.offset, 8);
    assert_int_equal(tl_json_walk(j, (struct tl_str){ t, n - 1 }, &node, &node_n, &fault), TL_EINVAL);
    assert_int_equal(fault.reason, TL_REASON_BAD_JSON);
    assert_int_equal(fault.offset, n - 1);
    t[n - 1] = '}';
    assert_int_equal(tl_json_walk(j, (struct tl_str){ t, n }, &node, &node_n, &fault), TL_EINVAL);
    assert_int_equal(fault.offset, n - 1);
    free(t);
    tl_json_free(&j);
}

/* ---- elements ---- */

struct got {
    size_t n, faults_n;
    char text[512];
};

static int
collect(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault)
{
    struct got *g = arg;
    assert_int_equal(index, g->n++);
    assert_ptr_equal(place.end - TL_JSON_PADDING - strlen(g->text + 256) + offset, slice.p);
    g->faults_n += fault != NULL;
    snprintf(g->text + strlen(g->text), 256 - strlen(g->text), "%.*s%s;", (int)slice.n, slice.p, fault ? tl_reason_word(fault->reason) : "");
    return 0;
}

static void
test_elements(void **state)
{
    static const struct {
        const char *body, *parts;
        int rc;
    } row[] = {
        { "[]", "", 0 },
        { " [ ] ", "", 0 },
        { "[1]", "1;", 0 },
        { " [ {\"a\":1} , [2,3] ,\"x,]\", null , 1.5 ] ", "{\"a\":1};[2,3];\"x,]\";null;1.5;", 0 },
        { "[{\"a\":1,\"a\":2},{\"b\":1}]", "{\"a\":1,\"a\":2}duplicate_member;{\"b\":1};", 0 },
        { "[{\"a\":[[[[[[[[]]]]]]]]},{\"b\":\"\\u0000\"},{}]", "{\"a\":[[[[[[[[]]]]]]]]}too_deep;{\"b\":\"\\u0000\"}field_range;{};", 0 },
        { " {\"a\":1} ", "{\"a\":1};", 0 },
        { "{\"a\":1,\"\\u0061\":2}", "{\"a\":1,\"\\u0061\":2}duplicate_member;", 0 },
        { "[{\"a\":1},{\"b\":nul},{\"c\":3}]", "", TL_EINVAL },
        { "[{\"a\":1},{\"b\":[1},{\"c\":3}]", "", TL_EINVAL },
        { "[{\"a\":1}", "", TL_EINVAL },
        { "{\"a\":1}{\"b\":1}", "", TL_EINVAL },
        { "", "", TL_EINVAL },
    };
    struct tl_json *j = tl_json_new(4096);
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct got g = { 0 };
        struct tl_json_fault fault;
        struct tl_err err = { 0 };
        snprintf(g.text + 256, 256, "%s", row[i].body);
        struct tl_str text = put_text(row[i].body, strlen(row[i].body), '1');
        assert_int_equal(tl_json_elements(j, text, collect, &g, &fault, &err), row[i].rc);
        assert_string_equal(g.text, row[i].parts);
        if (row[i].rc)
            assert_non_null(strstr(err.text, "at byte"));
    }
    tl_json_free(&j);
}

/* ---- tree ---- */

static void
write_tree(struct tl_jw *w, const struct tl_jv *v, bool named)
{
    if (named)
        tl_jw_name(w, v->name);
    switch (v->type) {
    case TL_JNULL: tl_jw_null(w, NULL); break;
    case TL_JBOOL: tl_jw_bool(w, NULL, v->boolean); break;
    case TL_JNUMBER: tl_jw_raw(w, NULL, v->raw); break;
    case TL_JTEXT: tl_jw_str(w, NULL, v->text); break;
    case TL_JARRAY:
    case TL_JOBJECT:
        if (v->type == TL_JARRAY)
            tl_jw_array(w, NULL);
        else
            tl_jw_open(w, NULL);
        for (const struct tl_jv *c = v->child; c; c = c->next)
            write_tree(w, c, v->type == TL_JOBJECT);
        if (v->type == TL_JARRAY)
            tl_jw_end(w);
        else
            tl_jw_close(w);
        break;
    }
}

static void
same_tree(const struct tl_jv *a, const struct tl_jv *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->children_n, b->children_n);
    assert_true(tl_str_eq(a->name, b->name) && tl_str_eq(a->text, b->text));
    assert_true(a->number == b->number && a->boolean == b->boolean && a->integer == b->integer);
    const struct tl_jv *x = a->child, *y = b->child;
    for (; x && y; x = x->next, y = y->next)
        same_tree(x, y);
    assert_true(!x && !y);
}

/* What was read, written and read again is the same; checked on damaged documents that are still good. */
static void
test_tree_round_trip(void **state)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    uint64_t random = 7;
    char t[1024];
    size_t good_n = 0;
    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        size_t n = strlen(seeds[i % SEEDS_N]), at;
        memcpy(t, seeds[i % SEEDS_N], n);
        n = oracle_mutate(t, n, sizeof t, &random);
        struct tl_jv *v = NULL, *again = NULL;
        bool good = oracle_judge(t, n, TL_JSON_DEPTH_MAX, &at) == V_GOOD;
        assert_int_equal(tl_json_tree(a, (struct tl_str){ t, n }, 0, &v, NULL, NULL), good || (n >= 3 && !memcmp(t, "\xef\xbb\xbf", 3)) ? 0 : TL_EINVAL);
        if (v) {
            struct tl_buf b = { 0 };
            struct tl_jw w = tl_jw_to(&b);
            write_tree(&w, v, false);
            assert_int_equal(tl_json_tree(a, (struct tl_str){ (char *)b.data, b.len }, 0, &again, NULL, NULL), 0);
            if (!memmem(t, n, "\\ud", 3) && !memmem(t, n, "\\uD", 3))      /* lone surrogates change once */
                same_tree(v, again);
            tl_buf_free(&b);
            good_n++;
        }
        tl_arena_reset(a);
    }
    assert_true(good_n > 1000);
    tl_arena_free(&a);
}

static void
test_tree_example(void **state)
{
    static const char text[] = "\xef\xbb\xbf{\n  \"name\": \"\\u4e2d\\ud800\",\n  \"n\": -12, \"x\": 1.5,\n  \"big\": 9223372036854775808,\n\n  \"list\": [true, null]\n}";
    struct tl_arena *a = tl_arena_new(1 << 16);
    struct tl_jv *v;
    struct tl_json_fault fault;
    struct tl_err err;
    (void)state;
    assert_int_equal(tl_json_tree(a, TL_STR(text), 0, &v, &fault, &err), 0);
    assert_true(tl_str_is(tl_jv_text(v, "name"), "\xe4\xb8\xad\xef\xbf\xbd"));
    assert_int_equal(tl_jv_int(v, "n", 0), -12);
    assert_true(tl_jv_number(v, "x", 0) == 1.5 && tl_jv_int(v, "x", 7) == 7);
    assert_true(!tl_jv_get(v, "big")->is_int && tl_jv_number(v, "big", 0) == 9223372036854775808.0);
    assert_int_equal(tl_jv_get(v, "list")->line, 6);
    assert_int_equal(tl_jv_get(v, "list")->children_n, 2);
    assert_true(tl_jv_bool(v, "n", true) && tl_jv_get(v, "list")->child->boolean);
    assert_true(tl_jv_get(v, "list")->raw.p > text && tl_str_is(tl_jv_get(v, "list")->raw, "[true, null]"));
    assert_true(tl_str_is(tl_jv_get(v, "name")->raw, "\"\\u4e2d\\ud800\""));
    assert_null(tl_jv_get(v, "none"));
    assert_null(tl_jv_text(v, "n").p);

    assert_int_equal(tl_json_tree(a, TL_STR("{\n\"a\": 1,\n\"b\": nul\n}"), 0, &v, &fault, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "line 3"));
    assert_int_equal(tl_json_tree(a, TL_STR("{\n\"a\": {\"b\":1,\n\"b\":2}}"), 0, &v, &fault, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "line 3"));
    assert_non_null(strstr(err.text, "a.b"));
    assert_int_equal(tl_json_tree(a, TL_STR("[[[1]]]"), 2, &v, &fault, &err), TL_EINVAL);
    assert_int_equal(fault.reason, TL_REASON_TOO_DEEP);
    assert_int_equal(fault.offset, 2);
    assert_int_equal(tl_json_tree(a, TL_STR("[[[1]]]"), 3, &v, &fault, &err), 0);
    assert_int_equal(tl_json_tree(a, TL_STR("1,2"), 0, &v, &fault, &err), TL_EINVAL);
    assert_int_equal(fault.offset, 1);
    assert_int_equal(tl_json_tree(a, TL_STR("1],[2"), 0, &v, &fault, &err), TL_EINVAL);
    assert_int_equal(tl_json_tree(a, TL_STR(""), 0, &v, &fault, &err), TL_EINVAL);
    assert_int_equal(tl_json_tree(a, TL_STR(" \"x\" "), 0, &v, &fault, &err), 0);
    assert_true(tl_str_is(v->text, "x"));
    tl_arena_free(&a);
}

static void
test_tree_without_memory(void **state)
{
    static char large[40000];           /* too large for the parser that a thread keeps */
    (void)state;
    memset(large, ' ', sizeof large);
    memcpy(large, seeds[4], strlen(seeds[4]));
    for (uint64_t k = 1; k < 20; k++)
        for (int small = 0; small < 2; small++) {
            struct tl_arena *a = tl_arena_new(1 << 20);
            struct tl_jv *v;
            tl_alloc_fail_at(k, true);
            int rc = tl_json_tree(a, small ? tl_str_of(seeds[4]) : (struct tl_str){ large, sizeof large }, 0, &v, NULL, NULL);
            tl_alloc_fail_at(0, false);
            assert_true(rc == (k > 4 ? 0 : TL_ENOMEM) || k < 8);
            tl_arena_free(&a);
        }
}

/* ---- values ---- */

static void
test_numbers(void **state)
{
    static const struct {
        const char *text;
        bool is_int;
        int64_t integer;
    } row[] = {
        { "0", true, 0 }, { "-0", true, 0 }, { "7", true, 7 }, { "-7", true, -7 }, { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN }, { "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
        { "99999999999999999999", false, 0 }, { "1.0", false, 0 }, { "1e3", false, 0 }, { "18446744073709551616", false, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t v = 0;
        assert_int_equal(tl_json_integer(row[i].text, strlen(row[i].text), &v), row[i].is_int);
        if (row[i].is_int)
            assert_true(v == row[i].integer);
        assert_true(tl_json_number(row[i].text, strlen(row[i].text)) == strtod(row[i].text, NULL));
    }
    assert_true(tl_json_number("1e400,", 5) > 1e308);
    assert_true(tl_json_number("-1e400,", 6) < -1e308);
    assert_true(tl_json_number("1e-400,", 6) == 0);
}

static void
test_printed_numbers_read_back(void **state)
{
    static const struct {
        double v;
        const char *text;
    } row[] = {
        { 0, "0" }, { 100000, "100000" }, { -3, "-3" }, { 0.1, "0.1" }, { 1e21, "1e+21" }, { 47363.16, "47363.16" }, { 1e15, "1e+15" }, { 999999999999999.0, "999999999999999" },
        { 1.0 / 0.0, "null" }, { 0.0 / 0.0, "null" },
    };
    uint64_t random = 3;
    struct tl_buf b = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        tl_buf_reset(&b);
        struct tl_jw w = tl_jw_to(&b);
        tl_jw_num(&w, NULL, row[i].v);
        assert_int_equal(b.len, strlen(row[i].text));
        assert_memory_equal(b.data, row[i].text, b.len);
    }
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = oracle_random(&random);
        double v;
        memcpy(&v, &bits, 8);
        tl_buf_reset(&b);
        struct tl_jw w = tl_jw_to(&b);
        tl_jw_num(&w, NULL, v);
        tl_buf_put_u8(&b, 0);
        if (v - v == 0)
            assert_true(strtod((char *)b.data, NULL) == v);
    }
    tl_buf_free(&b);
}

/* A long answer is one line: looking for its lines must not cost more the longer it is. */
static void
test_tree_of_one_long_line(void **state)
{
    enum { N = 200000 };
    struct tl_buf b = { 0 };
    struct tl_jv *root = NULL;
    struct tl_arena *a = tl_arena_new(256u << 20);
    struct timespec from, to;
    (void)state;
    tl_buf_put_str(&b, "[\n");
    for (int i = 0; i < N; i++) tl_buf_put_str(&b, "{\"a\":1,\"b\":\"text\"},");
    tl_buf_put_str(&b, "\n3]");
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    assert_int_equal(tl_json_tree(a, (struct tl_str){ (char *)b.data, b.len }, 0, &root, NULL, NULL), 0);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    assert_int_equal(root->children_n, N + 1);
    const struct tl_jv *last = root->child;
    while (last->next) last = last->next;
    assert_int_equal(root->child->line, 2);
    assert_int_equal(last->line, 3);
    assert_true(to.tv_sec - from.tv_sec < 4);      /* it takes a tenth of a second; minutes when each value looks from the line's start */
    tl_arena_free(&a);
    tl_buf_free(&b);
}

static void
test_writing(void **state)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    (void)state;
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "a", TL_STR("q\"\\\n\t\x01\xc3\xa9\xff"));
    tl_jw_str(&w, "none", (struct tl_str){ NULL, 0 });
    tl_jw_array(&w, "list");
    tl_jw_int(&w, NULL, INT64_MIN);
    tl_jw_uint(&w, NULL, UINT64_MAX);
    tl_jw_open(&w, NULL);
    tl_jw_close(&w);
    tl_jw_array(&w, NULL);
    tl_jw_end(&w);
    tl_jw_end(&w);
    tl_jw_name(&w, TL_STR("k:"));
    tl_jw_open(&w, NULL);
    tl_jw_bool(&w, "x", true);
    tl_jw_close(&w);
    tl_jw_raw(&w, "raw", TL_STR("[1]"));
    tl_jw_cstr(&w, "z", "");
    tl_jw_close(&w);
    tl_buf_put_u8(&b, 0);
    assert_string_equal((char *)b.data, "{\"a\":\"q\\\"\\\\\\n\\u0009\\u0001\xc3\xa9\xef\xbf\xbd\",\"none\":null,\"list\":[-9223372036854775808,18446744073709551615,{},[]],"
                                        "\"k:\":{\"x\":true},\"raw\":[1],\"z\":\"\"}");
    tl_buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables), cmocka_unit_test(test_damaged), cmocka_unit_test(test_many_members), cmocka_unit_test(test_very_deep),
        cmocka_unit_test(test_elements), cmocka_unit_test(test_tree_round_trip), cmocka_unit_test(test_tree_example), cmocka_unit_test(test_tree_without_memory),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_printed_numbers_read_back), cmocka_unit_test(test_tree_of_one_long_line), cmocka_unit_test(test_writing),
    };
    make_place();
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
