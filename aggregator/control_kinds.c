/* control_kinds.c - which control records there are and what their bodies must look like: see control.h. A new kind is a row of `kinds` and its rows of
 * members; one that is kept (tl_note.h) is named by its key member and can be withdrawn. */
#include <stdio.h>

#include "control.h"
#include "control_catalogue.h"
#include "tl_identity.h"
#include "tl_json.h"
#include "tl_note.h"
#include "tl_time.h"
#include "tl_visit.h"

#define ARENA_BYTES (256u * 1024)
#define ARENA_CATALOGUE_BYTES (8 * TL_CATALOGUE_BODY_MAX)
#define NORMAL_BYTES 256
#define MEMBERS_MAX 18
#define TEXT_BYTES 1000
#define NAME_BYTES 120

enum form { TEXT, INTEGER, NUMBER, FLAG, IDENTITY, DAY, TIME, WORD, PART, FILES /* control_catalogue_check */ };

struct member {
    const char *name;
    enum form form;
    bool required;
    size_t max;                     /* bytes of a text; most of a number, to either side of 0 */
    size_t list_max;                /* > 0: a list of so many at most */
    const char *words;              /* of a WORD: "open, fixed" */
    const struct member *part;      /* of a PART: MEMBERS_MAX of them */
};

/* what a visit's record grows by: tl_visit.h */
static const struct member stamp_members[MEMBERS_MAX] = { { "what", TEXT, true, .max = NAME_BYTES }, { "touchpoint", TEXT, .max = NAME_BYTES }, { "time", TIME, .required = true } };
static const struct member answer_members[MEMBERS_MAX] = { { "item", TEXT, true, .max = NAME_BYTES }, { "value", WORD, true, .words = "yes, no, na" }, { "time", .form = TIME },
                                                           { "note", TEXT, .max = TL_VISIT_NOTE_MAX } };
static const struct member evidence_members[MEMBERS_MAX] = { { "name", TEXT, true, .max = NAME_BYTES }, { "hash", TEXT, true, .max = 64 }, { "bytes", INTEGER, .required = true },
                                                             { "type", TEXT, .max = NAME_BYTES }, { "item", TEXT, .max = NAME_BYTES } };
static const struct member link_members[MEMBERS_MAX] = { { "hash", TEXT, true, .max = 64 }, { "expires", TIME, .required = true } };

static const struct kind {
    const char *name;
    struct member member[MEMBERS_MAX];
} kinds[] = {
    { "link", { { "a", IDENTITY, .required = true }, { "b", IDENTITY, .required = true }, { "reason", TEXT, .max = TEXT_BYTES } } },
    { "unlink", { { "a", IDENTITY, .required = true }, { "b", IDENTITY, .required = true }, { "reason", TEXT, .max = TEXT_BYTES } } },
    { "note", { { "id", IDENTITY, .required = true }, { "text", TEXT, true, .max = 4096 }, { "position", .form = INTEGER } } },
    { "undo", { { "origin", TEXT, true, .max = 120 } } },
    { "gap", { { "collector", TEXT, .max = CONTROL_COLLECTOR_MAX } } },
    { "catalogue", { { "files", FILES, .required = true }, { "hash", TEXT, .max = 32 }, { "reason", TEXT, .max = TEXT_BYTES } } },
    { "visit", { { "id", TEXT, true, .max = NAME_BYTES }, { "identities", IDENTITY, .list_max = TL_VISIT_IDENTITIES_MAX }, { "orders", TEXT, .max = 100, .list_max = TL_VISIT_ORDERS_MAX },
                 { "from", TIME, .required = true }, { "to", TIME, .required = true }, { "place", TEXT, .max = NAME_BYTES }, { "scenario", TEXT, .max = NAME_BYTES },
                 { "slot", TEXT, .max = NAME_BYTES }, { "note", TEXT, .max = TEXT_BYTES }, { "state", WORD, .words = "planned, started, finished" },
                 { "stamps", PART, .list_max = TL_VISIT_STAMPS_MAX, .part = stamp_members }, { "answers", PART, .list_max = TL_VISIT_ANSWERS_MAX, .part = answer_members },
                 { "evidence", PART, .list_max = TL_VISIT_EVIDENCE_MAX, .part = evidence_members }, { "link", PART, .part = link_members }, { "merge", .form = FLAG } } },
    { "improvement", { { "id", TEXT, true, .max = NAME_BYTES }, { "title", TEXT, .max = 200 }, { "cell", TEXT, true, .max = TL_NOTE_ID_MAX },
                       { "cause", TEXT, .max = TEXT_BYTES }, { "action", TEXT, true, .max = TEXT_BYTES }, { "owner", TEXT, .max = NAME_BYTES },
                       { "start", DAY, .required = true }, { "places", TEXT, .max = NAME_BYTES, .list_max = 500 }, { "comparison", TEXT, .max = NAME_BYTES, .list_max = 500 },
                       { "expected_points", NUMBER, .max = 100 }, { "found_from", .form = DAY }, { "found_to", .form = DAY }, { "closed", .form = DAY } } },
    { "break", { { "cell", TEXT, true, .max = TL_NOTE_ID_MAX }, { "status", WORD, true, .words = "open, assigned, fixed, verified" },
                 { "owner", TEXT, .max = NAME_BYTES }, { "fixed_on", .form = DAY }, { "note", TEXT, .max = TEXT_BYTES } } },
    { "alert", { { "id", TEXT, true, .max = TL_NOTE_ID_MAX }, { "status", WORD, true, .words = "open, acknowledged, done" }, { "owner", TEXT, .max = NAME_BYTES },
                 { "note", TEXT, .max = TEXT_BYTES } } },
    { "opportunity", { { "id", TEXT, true, .max = NAME_BYTES }, { "text", TEXT, true, .max = TEXT_BYTES }, { "touchpoint", TEXT, .max = NAME_BYTES },
                       { "stage", TEXT, .max = NAME_BYTES }, { "journey", TEXT, .max = NAME_BYTES }, { "owner", TEXT, .max = NAME_BYTES },
                       { "status", WORD, .words = "open, assigned, done, dropped" } } },
};
#define KINDS_N (sizeof kinds / sizeof kinds[0])

static const struct member identity_members[MEMBERS_MAX] = { { "kind", TEXT, true, .max = 40 }, { "value", TEXT, true, .max = 200 } };
static const struct member withdrawn_member = { "withdrawn", .form = FLAG };

/* ---- one value ---- */

static int
check_text(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    if (v->type != TL_JTEXT)
        return tl_fail(err, TL_EINVAL, "%s must be text", path);
    if (v->text.n == 0 || v->text.n > m->max)
        return tl_fail(err, TL_EINVAL, "%s must have 1 to %zu bytes, it has %zu", path, m->max, v->text.n);
    return 0;
}

static int check_members(const struct tl_jv *object, const struct member *members, bool kept, const char *path, struct tl_err *err);

static int
check_identity(const struct tl_jv *v, const char *path, struct tl_err *err)
{
    char normal[NORMAL_BYTES];
    int rc = check_members(v, identity_members, false, path, err);
    if (rc == 0 && tl_identity_normal(tl_jv_text(v, "kind"), tl_jv_text(v, "value"), normal, sizeof normal) == 0)
        return tl_fail(err, TL_EINVAL, "%s.value is junk: it stands for nobody", path);
    return rc;
}

static int
check_word(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    for (const char *at = m->words; v->type == TL_JTEXT && v->text.n > 0; at += 2) {
        size_t n = strcspn(at, ",");
        if (n == v->text.n && memcmp(at, v->text.p, n) == 0)
            return 0;
        at += n;
        if (*at == '\0')
            break;
    }
    return tl_fail(err, TL_EINVAL, "%s must be one of: %s", path, m->words);
}

static int
check_time(const struct tl_jv *v, int64_t *ms)
{
    *ms = v->integer;
    return v->is_int ? 0 : v->type == TL_JTEXT ? tl_time_parse(v->text, ms, NULL) : TL_EINVAL;
}

static int
check_one(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    int64_t ms = 0;
    int32_t day = 0;
    double most = (double)m->max;

    switch (m->form) {
    case TEXT:
        return check_text(v, m, path, err);
    case INTEGER:
        return v->is_int && v->integer >= 0 ? 0 : tl_fail(err, TL_EINVAL, "%s must be an integer, 0 or more", path);
    case NUMBER:
        return v->type == TL_JNUMBER && v->number >= -most && v->number <= most ? 0 : tl_fail(err, TL_EINVAL, "%s must be a number from -%zu to %zu", path, m->max, m->max);
    case FLAG:
        return v->type == TL_JBOOL ? 0 : tl_fail(err, TL_EINVAL, "%s must be true or false", path);
    case IDENTITY:
        return check_identity(v, path, err);
    case DAY:
        return v->type == TL_JTEXT && tl_day_parse(v->text, &day) == 0 ? 0 : tl_fail(err, TL_EINVAL, "%s must be a day like \"2026-03-01\"", path);
    case TIME:
        return check_time(v, &ms) == 0 ? 0 : tl_fail(err, TL_EINVAL, "%s must be a time like \"2026-03-01T12:10:00+08:00\", or Unix ms", path);
    case WORD:
        return check_word(v, m, path, err);
    case PART:
        return check_members(v, m->part, false, path, err);
    case FILES:
        return 0;
    }
    return 0;
}

static int
check_value(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    char at[120];
    int rc = 0;

    if (m->list_max == 0)
        return check_one(v, m, path, err);
    if (v->type != TL_JARRAY || v->children_n > m->list_max)
        return tl_fail(err, TL_EINVAL, "%s must be a list of at most %zu", path, m->list_max);
    uint32_t i = 0;
    for (const struct tl_jv *c = v->child; rc == 0 && c != NULL; c = c->next, i++) {
        snprintf(at, sizeof at, "%s[%u]", path, i);
        rc = check_one(c, m, at, err);
    }
    return rc;
}

/* ---- an object ---- */

static const struct member *
find_member(const struct member *members, bool kept, struct tl_str name)
{
    for (int i = 0; i < MEMBERS_MAX && members[i].name; i++)
        if (tl_str_is(name, members[i].name))
            return &members[i];
    return kept && tl_str_is(name, withdrawn_member.name) ? &withdrawn_member : NULL;
}

static void
list_members(const struct member *members, bool kept, char *out, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < MEMBERS_MAX && members[i].name && at < n; i++)
        at += (size_t)snprintf(out + at, n - at, "%s%s", i ? ", " : "", members[i].name);
    if (kept && at < n)
        snprintf(out + at, n - at, ", %s", withdrawn_member.name);
}

static int
check_members(const struct tl_jv *object, const struct member *members, bool kept, const char *path, struct tl_err *err)
{
    char at[96], known[260];
    list_members(members, kept, known, sizeof known);
    if (object->type != TL_JOBJECT)
        return tl_fail(err, TL_EINVAL, "%s must be an object with the members %s", path, known);
    for (const struct tl_jv *v = object->child; v; v = v->next) {
        const struct member *m = find_member(members, kept, v->name);
        snprintf(at, sizeof at, "%s.%.*s", path, (int)(v->name.n < 40 ? v->name.n : 40), v->name.p);
        if (!m)
            return tl_fail(err, TL_EINVAL, "%s is not known here; allowed: %s", at, known);
        int rc = check_value(v, m, at, err);
        if (rc < 0)
            return rc;
    }
    bool part = kept && (tl_jv_bool(object, withdrawn_member.name, false) || tl_jv_bool(object, "merge", false));
    for (int i = 0; i < MEMBERS_MAX && members[i].name && !(part && i > 0); i++)
        if (members[i].required && !tl_jv_get(object, members[i].name))
            return tl_fail(err, TL_EINVAL, "%s.%s is missing", path, members[i].name);
    return 0;
}

/* ---- what single members cannot see ---- */

/* A link of one identity to itself would be taken, and change nothing. */
static int
whole_tie(const struct tl_jv *root, struct tl_err *err)
{
    char text[2][NORMAL_BYTES];
    const struct tl_jv *side[2] = { tl_jv_get(root, "a"), tl_jv_get(root, "b") };
    struct tl_str normal[2];
    if (!tl_str_eq(tl_jv_text(side[0], "kind"), tl_jv_text(side[1], "kind")))
        return 0;
    for (int i = 0; i < 2; i++)
        normal[i] = (struct tl_str){ text[i], tl_identity_normal(tl_jv_text(side[i], "kind"), tl_jv_text(side[i], "value"), text[i], sizeof text[i]) };
    return tl_str_eq(normal[0], normal[1]) ? tl_fail(err, TL_EINVAL, "a and b are the same identity") : 0;
}

static int
whole_visit(const struct tl_jv *root, struct tl_err *err)
{
    const struct tl_jv *who = tl_jv_get(root, "identities"), *orders = tl_jv_get(root, "orders"), *first = tl_jv_get(root, "from"), *last = tl_jv_get(root, "to");
    bool merge = tl_jv_bool(root, "merge", false);
    int64_t from = 0, to = 0;
    if (!merge && !tl_jv_get(root, "state") && (!who || who->children_n == 0) && (!orders || orders->children_n == 0))
        return tl_fail(err, TL_EINVAL, "visit needs identities or orders: by what else are its events told?");
    if (!first || !last)
        return 0;
    check_time(first, &from);
    check_time(last, &to);
    if (to < from)
        return tl_fail(err, TL_EINVAL, "visit.to is before visit.from");
    return to - from > TL_VISIT_MS_MAX ? tl_fail(err, TL_EINVAL, "a visit lasts %d days at most: register one for each", (int)(TL_VISIT_MS_MAX / TL_DAY_MS)) : 0;
}

static int
whole_improvement(const struct tl_jv *root, struct tl_err *err)
{
    const struct tl_jv *acted = tl_jv_get(root, "places"), *rest = tl_jv_get(root, "comparison");
    int32_t from = 0, to = 0;
    if (!tl_jv_get(root, "found_from") != !tl_jv_get(root, "found_to"))
        return tl_fail(err, TL_EINVAL, "improvement.found_from and found_to go together: the period whose numbers raised the finding");
    tl_day_parse(tl_jv_text(root, "found_from"), &from);
    tl_day_parse(tl_jv_text(root, "found_to"), &to);
    if (to < from)
        return tl_fail(err, TL_EINVAL, "improvement.found_to is before improvement.found_from");
    if (rest && rest->children_n > 0 && (!acted || acted->children_n == 0))
        return tl_fail(err, TL_EINVAL, "improvement.comparison needs improvement.places: with all places acted on there is none left to compare with");
    for (const struct tl_jv *a = acted ? acted->child : NULL; a; a = a->next)
        for (const struct tl_jv *r = rest ? rest->child : NULL; r; r = r->next)
            if (tl_str_eq(a->text, r->text))
                return tl_fail(err, TL_EINVAL, "%.*s is among improvement.places and among improvement.comparison", (int)(a->text.n < 60 ? a->text.n : 60), a->text.p);
    return 0;
}

static const struct { const char *kind; int (*check)(const struct tl_jv *root, struct tl_err *err); } wholes[] = {
    { "link", whole_tie }, { "unlink", whole_tie }, { "visit", whole_visit }, { "improvement", whole_improvement },
    { "catalogue", control_catalogue_check },
};

static int
check_whole(const struct kind *k, const struct tl_jv *root, struct tl_err *err)
{
    int rc = 0;
    if (tl_note_key(tl_str_of(k->name)) && tl_jv_bool(root, withdrawn_member.name, false))
        return 0;
    for (size_t i = 0; rc == 0 && i < sizeof wholes / sizeof wholes[0]; i++)
        if (strcmp(wholes[i].kind, k->name) == 0)
            rc = wholes[i].check(root, err);
    return rc;
}

/* ---- kinds ---- */

static const struct kind *
find_kind(struct tl_str name)
{
    for (size_t i = 0; i < KINDS_N; i++)
        if (tl_str_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static int
unknown_kind(struct tl_err *err)
{
    char known[160] = "";
    size_t at = 0;
    for (size_t i = 0; i < KINDS_N && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", kinds[i].name);
    return tl_fail(err, TL_ENOTFOUND, "there is no such control record; known: %s", known);
}

int
control_check(struct tl_str kind, struct tl_str body, const char **word, struct tl_err *err)
{
    const struct kind *k = find_kind(kind);
    if (!k)
        return unknown_kind(err);
    bool catalogue = strcmp(k->name, "catalogue") == 0;
    size_t most = catalogue ? CONTROL_CATALOGUE_MAX : CONTROL_BODY_MAX;
    if (body.n > most)
        return tl_fail(err, TL_ETOOBIG, "a control record %s has at most %zu bytes, this one %zu", k->name, most, body.n);
    struct tl_arena *a = tl_arena_new(catalogue ? ARENA_CATALOGUE_BYTES : ARENA_BYTES);
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    if (!a)
        return tl_fail(err, TL_ENOMEM, "out of memory reading a control record");
    int rc = tl_json_tree(a, body, 0, &root, &fault, err);
    if (rc == 0)
        rc = check_members(root, k->member, tl_note_key(kind) != NULL, k->name, err);
    if (rc == 0)
        rc = check_whole(k, root, err);
    tl_arena_free(&a);
    *word = k->name;
    return rc;
}

int
control_collector(struct tl_str body, char hex[CONTROL_COLLECTOR_MAX + 1], struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_jv *root = NULL;
    int rc = a ? tl_json_tree(a, body, 0, &root, NULL, err) : tl_fail(err, TL_ENOMEM, "out of memory reading a control record");
    struct tl_str s = rc == 0 ? tl_jv_text(root, "collector") : (struct tl_str){ 0 };
    snprintf(hex, CONTROL_COLLECTOR_MAX + 1, "%.*s", (int)s.n, s.n ? s.p : "");
    tl_arena_free(&a);
    return rc;
}
