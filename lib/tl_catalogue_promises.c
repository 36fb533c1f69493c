/* tl_catalogue_promises.c - the section promises of a catalogue: each is a standard for what was promised, and one for the word that is owed when it is late. */
#include <stdio.h>

#include "tl_catalogue_in.h"

#define PROMISE CAT_STANDARD " ends_from what made kept word cancel grace_s moves notice word_allowed"

int
cat_ends_from(struct reader *r, const struct tl_jv *o, struct tl_str *out)
{
    static const struct tl_str place = { "{place}", 7 };
    uint32_t places = 0;
    int rc = cat_text(r, o, "ends_from", false, out);

    for (size_t i = 0; rc == 0 && i < out->n; i++) {
        bool here = out->n - i >= place.n && memcmp(out->p + i, place.p, place.n) == 0;
        places += here;
        if ((out->p[i] == '{' && !here) || places > 1)
            return cat_wrong(r, tl_jv_get(o, "ends_from"), "\"ends_from\" is an origin; {place} in it, once, stands for the place");
    }
    return rc;
}

static void
picks_or(struct reader *r, const struct tl_jv *o, const char *member, const char *otherwise, uint64_t *mask)
{
    struct tl_jv name = { .type = TL_JTEXT, .text = tl_str_of(otherwise), .name = tl_str_of(member) }, with = { .type = TL_JOBJECT, .child = &name, .children_n = 1 };
    cat_picks(r, tl_jv_get(o, member) != NULL ? o : &with, member, true, mask);
}

static struct tl_str
join(struct reader *r, const char *before, struct tl_str text, const char *after)
{
    size_t n = strlen(before) + text.n + strlen(after);
    char *p = cat_room(r, n + 1, 1);

    if (p == NULL)
        return (struct tl_str){0};
    snprintf(p, n + 1, "%s%.*s%s", before, (int)text.n, text.p, after);
    return (struct tl_str){ p, n };
}

/* The standard beside a promise: when it is late, the customer had word before it was due. */
static void
add_word(struct reader *r, const struct tl_jv *o, const struct tl_standard *promise)
{
    struct tl_standard *s = &r->c->standard[r->c->standard_n];
    struct tl_str zh = promise->title.zh.p != NULL ? promise->title.zh : promise->id, en = promise->title.en.p != NULL ? promise->title.en : promise->id;

    if (r->c->standard_n == TL_STANDARDS_MAX) {
        cat_wrong(r, o, "more than %d clocks, checks and promises; a promise counts twice unless \"notice\" is false", TL_STANDARDS_MAX);
        return;
    }
    *s = *promise;
    s->kind = TL_STANDARD_WORD;
    s->moves = false;
    s->id = join(r, "", promise->id, "_word");
    s->title = (struct tl_title){ join(r, "逾期前有消息:", zh, ""), join(r, "Word before it was overdue: ", en, "") };
    if (tl_catalogue_standard(r->c, s->id) >= 0)
        cat_wrong(r, o, "clock, check or promise \"%.*s\" is described twice: a promise makes one of that name", (int)s->id.n, s->id.p);
    cat_allowed(r, o, "word_allowed", 0.02, &s->allowed);
    r->c->standard_n++;
}

static void
standards_of(struct reader *r, const struct tl_jv *o, const struct tl_promise_def *p)
{
    struct tl_standard *s = cat_standard(r, o, PROMISE, p->allowed);

    if (s == NULL)
        return;
    s->kind = TL_STANDARD_PROMISE;
    s->what = tl_str_is(p->what, "*") ? (struct tl_str){0} : p->what;
    s->limit_ms = p->grace_ms;
    s->warn = 0.8;
    picks_or(r, o, "made", "promise.made", &s->start);
    picks_or(r, o, "kept", "promise.kept", &s->end);
    picks_or(r, o, "word", "promise.updated", &s->word);
    cat_picks(r, o, "cancel", false, &s->cancel);
    cat_bool(r, o, "moves", &s->moves);
    if (p->notice)
        add_word(r, o, s);
}

int
cat_promise(struct reader *r, const struct tl_jv *o)
{
    struct tl_promise_def *p = &r->c->promise[r->c->promise_n];
    double grace_s = 0;

    if (r->c->promise_n == TL_PROMISES_MAX)
        return cat_wrong(r, o, "more than %d promises", TL_PROMISES_MAX);
    if (o->type != TL_JOBJECT)
        return cat_members(r, o, PROMISE);
    cat_text(r, o, "id", true, &p->id);
    cat_title(r, o, "title", &p->title);
    if (tl_jv_get(o, "what") == NULL)
        p->what = p->id;
    cat_text(r, o, "what", false, &p->what);
    for (uint32_t i = 0; p->id.p != NULL && i < r->c->promise_n; i++)
        if (tl_str_eq(r->c->promise[i].what, p->what))
            cat_wrong(r, o, "two promises say \"what\" is \"%.*s\"; events tell promises apart by it", (int)p->what.n, p->what.p);
    cat_allowed(r, o, "allowed", 0.02, &p->allowed);
    cat_number(r, o, "grace_s", "seconds after it was due", 0, 86400.0 * 365, &grace_s);
    p->grace_ms = (int64_t)(grace_s * 1000 + 0.5);
    cat_class(r, o, &p->class_of);
    cat_text(r, o, "on", false, &p->on);
    cat_text(r, o, "owner", false, &p->owner);
    p->notice = true;
    cat_bool(r, o, "notice", &p->notice);
    r->c->promise_n++;
    if (p->id.p != NULL)
        standards_of(r, o, p);
    return 0;
}

int
tl_catalogue_promise(const struct tl_catalogue *c, struct tl_str what)
{
    for (uint32_t i = 0; i < c->promise_n; i++)
        if (tl_str_eq(c->promise[i].what, what))
            return (int)i;
    return -1;
}
