/* suggest_files.c - the draft as files of a catalogue, an entry a line, each marked "suggestion": true: people go through them line by line. */
#include <stdio.h>

#include "suggest.h"

#define MATCH_CLOCKS_MAX 12          /* clocks whose picks are conditions: the catalogue has room for 24 of those */
#define ID_BYTES 120

/* ---- what names say ---- */

static char
low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
letter(char c)
{
    return low(c) >= 'a' && low(c) <= 'z';
}

/* does a word of the name equal one of the list? Words end where letters do, and before a capital that follows a small letter. */
static bool
has_word(struct tl_str name, const char *const *words)
{
    for (size_t i = 0; i < name.n;) {
        size_t from = i;
        while (i < name.n && letter(name.p[i]) && !(i > from && name.p[i] < 'a' && name.p[i - 1] >= 'a')) i++;
        for (const char *const *w = words; i > from && *w; w++) {
            size_t k = 0;
            while (k < i - from && (*w)[k] == low(name.p[from + k])) k++;
            if (k == i - from && (*w)[k] == 0) return true;
        }
        i += i == from;
    }
    return false;
}

/* words that are not written apart */
static bool
has_part(struct tl_str name, const char *const *parts)
{
    for (; *parts; parts++)
        for (size_t i = 0, n = strlen(*parts); i + n <= name.n; i++)
            if (memcmp(name.p + i, *parts, n) == 0) return true;
    return false;
}

enum suggest_end
suggest_end_of(const struct suggest_name *n, struct tl_str name)
{
    static const char *const bad[] = { "cancelled", "canceled", "cancel", "declined", "rejected", "failed", "failure", "abandoned", "refused", "churned", "churn", "expired", "denied", "lost", NULL };
    static const char *const good[] = { "fulfilled", "completed", "paid", "approved", "activated", "delivered", "resolved", "closed", "succeeded", "success", "purchase", "purchased", "converted",
                                        "registered", "signed", "accepted", "won", NULL };
    static const char *const bad_parts[] = { "取消", "拒绝", "失败", "流失", "放弃", NULL }, *const good_parts[] = { "完成", "成功", "已付", "批准", "签收", NULL };
    bool late = n->journeys && (n->place >= .75 || 5 * n->last >= n->journeys);
    if (n->role != TL_ROLE_STEP || !late) return SUGGEST_END_NONE;
    if (has_word(name, bad) || has_part(name, bad_parts)) return SUGGEST_END_BAD;
    if (has_word(name, good) || has_part(name, good_parts)) return SUGGEST_END_GOOD;
    return 2 * n->last >= n->journeys ? SUGGEST_END_UNKNOWN : SUGGEST_END_NONE;
}

const char *
suggest_stage(const char *model, double place)
{
    static const char *const fifth[] = { "awareness", "evaluation", "purchase", "use", "loyalty" }, *const third[] = { "before", "during", "after" };
    int i = (int)(place * (model[0] == 'A' ? 5 : 3));
    if (model[0] == 'A') return fifth[i < 4 ? i : 4];
    return third[i < 2 ? i : 2];
}

/* ---- entries, a line each ---- */

struct text { struct tl_buf b; bool any; };

static struct tl_jw
entry(struct text *t)
{
    tl_buf_put_str(&t->b, t->any ? ",\n    " : "\n    ");
    t->any = true;
    struct tl_jw w = tl_jw_to(&t->b);
    tl_jw_open(&w, NULL);
    return w;
}

static void
entry_end(struct tl_jw *w)
{
    tl_jw_bool(w, "suggestion", true);
    tl_jw_close(w);
}

static void
section(struct text *t, const char *name, bool first)
{
    tl_buf_printf(&t->b, "%s\n  \"%s\": [", first ? "{" : "],", name);
    t->any = false;
}

static int
file_add(struct suggest_answer *out, struct tl_arena *a, const char *name, struct text *t)
{
    tl_buf_put_str(&t->b, t->any ? "\n  ]\n}\n" : "]\n}\n");
    char *copy = t->b.failed ? NULL : tl_arena_dup(a, t->b.data, t->b.len);
    if (copy) out->files.file[out->files.n++] = (struct tl_catalogue_file){ tl_str_of(name), { copy, t->b.len } };
    tl_buf_free(&t->b);
    return copy ? 0 : TL_ENOMEM;
}

/* ---- touchpoints ---- */

static bool
usable(struct tl_str name)
{
    return name.n > 0 && name.n <= ID_BYTES;
}

static bool
starred(struct tl_str name)
{
    return name.n && name.p[name.n - 1] == '*';
}

static void
touchpoint(struct text *t, const struct suggest_name *n, const struct suggest_word *word)
{
    static const char *const role[] = { "step", "signal", "silent" };
    struct tl_jw w = entry(t);
    tl_jw_str(&w, "id", word->name);
    tl_jw_open(&w, "title");
    tl_jw_str(&w, "zh", word->name);
    tl_jw_str(&w, "en", word->name);
    tl_jw_close(&w);
    tl_jw_cstr(&w, "role", role[n->role]);
    if (word->channel.p) tl_jw_str(&w, "channel", word->channel);
    if (n->role == TL_ROLE_STEP && n->place >= 0) {
        tl_jw_open(&w, "stage");
        tl_jw_cstr(&w, "A", suggest_stage("A", n->place));
        tl_jw_cstr(&w, "E", suggest_stage("E", n->place));
        tl_jw_close(&w);
    }
    if (!starred(word->name)) {                 /* as a condition it would mean any continuation; as an id it means itself */
        tl_jw_open(&w, "match");
        tl_jw_str(&w, "type", word->name);
        tl_jw_close(&w);
    }
    entry_end(&w);
}

static int
touchpoints(struct suggest_answer *out, struct tl_arena *a)
{
    struct text t = { .any = false };
    section(&t, "touchpoints", true);
    for (uint32_t i = 0; i < out->draft->name_n; i++)
        if (usable(out->word[i].name)) touchpoint(&t, &out->draft->name[i], &out->word[i]);
    return file_add(out, a, "touchpoints.json", &t);
}

/* ---- journeys ---- */

static void
ends(struct tl_jw *w, const struct suggest_answer *out, const char *name, enum suggest_end end)
{
    bool any = false;
    for (uint32_t i = 0; i < out->draft->name_n; i++) {
        if (out->word[i].end != end || !usable(out->word[i].name)) continue;
        if (!any) tl_jw_array(w, name);
        any = true;
        tl_jw_str(w, NULL, out->word[i].name);
    }
    if (any) tl_jw_end(w);
}

static void
journey(struct text *t, const struct suggest_answer *out, struct tl_str id, bool all)
{
    static const char *const key[] = { NULL, "journey", "order", "case" };
    const struct suggest_draft *d = out->draft;
    struct tl_jw w = entry(t);
    tl_jw_str(&w, "id", id);
    if (!all) tl_jw_str(&w, "title", id);
    if (!all && key[d->key]) tl_jw_cstr(&w, "key", key[d->key]);
    double days = (double)((d->gap_ms + 30000) / 60000) / 1440;         /* whole minutes */
    tl_jw_num(&w, "gap_d", days < 3650 ? days : 3650);
    if (!all) {
        ends(&w, out, "good", SUGGEST_END_GOOD);
        ends(&w, out, "bad", SUGGEST_END_BAD);
    }
    entry_end(&w);
}

static int
journeys(struct suggest_answer *out, struct tl_arena *a)
{
    struct text t = { .any = false };
    section(&t, "journey_types", true);
    journey(&t, out, TL_STR("all"), true);
    if (out->draft->name_n && usable(out->journey)) journey(&t, out, out->journey, false);
    return file_add(out, a, "journeys.json", &t);
}

/* ---- clocks ---- */

static void
pick(struct tl_jw *w, const char *name, const struct suggest_name *n, struct tl_str word)
{
    if (!n->complete_only || starred(word)) {
        tl_jw_str(w, name, word);
        return;
    }
    tl_jw_open(w, name);
    tl_jw_str(w, "type", word);
    tl_jw_cstr(w, "lifecycle", "complete");
    tl_jw_close(w);
}

static void
clock_id(char out[ID_BYTES + 1], struct tl_str a, struct tl_str b, uint32_t number)
{
    if (a.n + b.n + 3 <= ID_BYTES) snprintf(out, ID_BYTES + 1, "%.*s > %.*s", (int)a.n, a.p, (int)b.n, b.p);
    else snprintf(out, ID_BYTES + 1, "clock_%u", number);
}

static void
one_clock(struct text *t, const struct suggest_answer *out, uint32_t i)
{
    static const char *const key[] = { "journey", "journey", "order", "case" };
    const struct suggest_clock *c = &out->draft->clock[i];
    struct tl_str a = out->word[c->start].name, b = out->word[c->end].name;
    char id[ID_BYTES + 1], title[2 * ID_BYTES + 40];
    double allowed = (double)(int)(100 * c->over + .999999) / 100;
    struct tl_jw w = entry(t);
    clock_id(id, a, b, i + 1);
    tl_jw_cstr(&w, "id", id);
    tl_jw_open(&w, "title");
    snprintf(title, sizeof title, "%.*s 到 %.*s 的等待(建议值)", (int)a.n, a.p, (int)b.n, b.p);
    tl_jw_cstr(&w, "zh", title);
    snprintf(title, sizeof title, "Wait from %.*s to %.*s (suggestion)", (int)a.n, a.p, (int)b.n, b.p);
    tl_jw_cstr(&w, "en", title);
    tl_jw_close(&w);
    pick(&w, "start", &out->draft->name[c->start], a);
    pick(&w, "end", &out->draft->name[c->end], b);
    tl_jw_cstr(&w, "key", key[c->key]);
    tl_jw_num(&w, "limit_s", (double)c->limit_ms / 1000);
    tl_jw_num(&w, "allowed", allowed < .01 ? .01 : allowed > .99 ? .99 : allowed);
    tl_jw_str(&w, "on", b);
    entry_end(&w);
}

static int
standards(struct suggest_answer *out, struct tl_arena *a)
{
    struct text t = { .any = false };
    uint32_t by_match = 0;
    section(&t, "clocks", true);
    for (uint32_t i = 0; i < out->draft->clock_n; i++) {
        const struct suggest_clock *c = &out->draft->clock[i];
        bool match = out->draft->name[c->start].complete_only || out->draft->name[c->end].complete_only;
        if (!usable(out->word[c->start].name) || !usable(out->word[c->end].name) || (match && by_match == MATCH_CLOCKS_MAX)) continue;
        by_match += match;
        one_clock(&t, out, i);
    }
    return file_add(out, a, "standards.json", &t);
}

int
suggest_files(struct suggest_answer *out, struct tl_arena *a, struct tl_err *err)
{
    int rc = touchpoints(out, a);
    if (rc == 0) rc = journeys(out, a);
    if (rc == 0) rc = standards(out, a);
    return rc ? tl_fail(err, rc, "out of memory") : 0;
}
