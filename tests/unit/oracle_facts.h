/* oracle_facts.h - chances, breaks, scores and outcomes of a journey made the slow way, from the words of schemas/journeys.md 7, for the standards that
 * t_stitch.c writes into its catalogue (o_standard below says the same in C). Included by oracle_stitch.h. */
#ifndef ORACLE_FACTS_H
#define ORACLE_FACTS_H

enum o_kind { O_CLOCK, O_FAILED, O_REQUIRED, O_REPEAT, O_TRANSFERS, O_CONTEXT, O_SCORE, O_PROMISE, O_WORD };
enum o_part { O_START, O_END, O_CANCEL, O_BY, O_FAIL };
static const struct { const char *id; enum o_kind kind; const char *key; int64_t limit_ms; const char *on; int severity; } o_standard[] = {
    { "wait", O_CLOCK, "order", 86400000, "make", 1 }, { "talk", O_CLOCK, "case", 3600000, NULL, 1 },   { "stay", O_CLOCK, "journey", 600000, NULL, 1 },
    { "noted", O_REQUIRED, "order", 0, NULL, 2 },      { "called", O_FAILED, "journey", 0, NULL, 3 },   { "asked", O_FAILED, "journey", 0, NULL, 1 },
    { "again", O_REPEAT, "order", 604800000, NULL, 1 }, { "passes", O_TRANSFERS, "journey", 0, NULL, 1 },
    { "carried", O_CONTEXT, "case", 0, NULL, 1 },      { "grim", O_SCORE, "order", 0, NULL, 1 },       { "pick", O_PROMISE, "order", 60000, NULL, 1 },
    { "pick_word", O_WORD, "order", 60000, NULL, 1 },   { "any", O_PROMISE, "journey", 0, NULL, 1 },
};
enum { O_STANDARDS = sizeof o_standard / sizeof *o_standard };

static inline bool
o_type(const struct o_event *e, const char *type)
{
    return strcmp(e->type, type) == 0;
}

static inline const char *
o_channel(const struct o_event *e)
{
    return e->channel[0] != 0 ? e->channel : !strcmp(o_touchpoint(e), "make") ? "store" : "";
}

static inline bool
o_bad_end(const struct o_event *e)
{
    return !strcmp(e->outcome, "fail") || !strcmp(e->outcome, "timeout") || !strcmp(e->outcome, "abandoned");
}

static inline bool
o_of_it(const struct o_event *e, const char *what)
{
    return e->what[0] == 0 || !strcmp(e->what, what);
}

static inline bool
o_is(int standard, enum o_part part, const struct o_event *e)
{
    const char *id = o_standard[standard].id;
    if (!strcmp(id, "wait")) return part == O_START ? o_type(e, "view") : part == O_END ? o_type(e, "made") : part == O_CANCEL && o_type(e, "door.out");
    if (!strcmp(id, "talk")) return part == O_START ? o_type(e, "call") || (o_type(e, "app.page") && !strcmp(e->channel, "app")) : part == O_END && o_type(e, "order.fulfilled");
    if (!strcmp(id, "stay")) return part == O_START ? o_type(e, "door.in") : part == O_END && (o_type(e, "door.out") || !strcmp(o_touchpoint(e), "menu"));
    if (!strcmp(id, "noted")) return part == O_START ? o_type(e, "view") : part == O_END ? o_type(e, "order.note") : part == O_BY && o_type(e, "order.fulfilled");
    if (!strcmp(id, "called")) return part == O_START ? o_type(e, "call") : part == O_FAIL && o_bad_end(e);
    if (!strcmp(id, "asked")) return part == O_START ? o_type(e, "view") && e->outcome[0] != 0 : part == O_FAIL && !strcmp(e->outcome, "escalated");
    if (!strcmp(id, "again")) return part == O_START ? o_type(e, "complaint") : part == O_END && o_type(e, "view");
    if (!strcmp(id, "grim")) return part == O_START && e->score > 0;
    return part == O_START && !strcmp(e->outcome, "transferred");
}

/* One customer's events of one stream in order, and a journey of them. */
struct o_told {
    const struct o_event **all;
    int n;
    const struct o_event **run;
    const int *step;            /* by place in run */
    int run_n;
};
struct o_chance { int standard; const struct o_event *start, *hit; int64_t due_ms, ended_ms, cancelled_ms; const char *place, *verdict, *expected_word, *actual_word; int64_t expected, actual; };
struct o_break { const char *kind, *expected_word, *actual_word; int standard, step, severity, rank; const struct o_event *at; const char *touchpoint, *place, *channel; int64_t expected, actual; };

static inline int
o_index(const struct o_event *const *list, int n, const struct o_event *e)
{
    for (int i = 0; i < n; i++) if (list[i] == e) return i;
    return -1;
}

static inline const char *
o_tier(const struct o_told *x, const struct o_event *e)
{
    for (int i = o_index(x->all, x->n, e); i >= 0; i--) if (x->all[i]->tier[0] != 0) return x->all[i]->tier;
    return "";
}

static inline bool
o_starts(const struct o_told *x, int standard, const struct o_event *e)
{
    const char *id = o_standard[standard].id, *tier = o_tier(x, e);
    if (!o_is(standard, O_START, e)) return false;
    if (!strcmp(id, "talk")) return !strcmp(tier, "gold");
    return strcmp(id, "stay") != 0 || (strcmp(tier, "silver") != 0 && (!strcmp(o_channel(e), "web") || !strcmp(o_channel(e), "app")));
}

static inline int
o_step_of(const struct o_told *x, const struct o_event *e)
{
    int at = o_index(x->run, x->run_n, e), latest = -1;
    if (e->role == O_STEP) return x->step[at];
    for (int i = at - 1; i >= 0; i--) {
        const struct o_event *s = x->run[i];
        if (s->role != O_STEP) continue;
        if (latest < 0) latest = x->step[i];
        if ((e->order[0] != 0 && !strcmp(s->order, e->order)) || (e->kase[0] != 0 && !strcmp(s->kase, e->kase)) || !strcmp(o_touchpoint(s), o_touchpoint(e))) return x->step[i];
    }
    return latest;
}

/* What ends it: the earliest moment at or after the start that holds an end, a cancel or a by, in that order of rank; never the start, nor what ended the one before. */
static inline const struct o_event *
o_closer(int standard, const struct o_event *const *list, int n, const struct o_event *start, const struct o_event *used, enum o_part *part)
{
    const struct o_event *best = NULL;
    for (int i = 0; i < n; i++)
        for (int p = O_END; p <= O_BY; p++) {
            const struct o_event *e = list[i];
            if (e == start || e == used || e->at_ms < start->at_ms || !o_is(standard, (enum o_part)p, e)) continue;
            if (best == NULL || e->at_ms < best->at_ms || (e->at_ms == best->at_ms && p < (int)*part)) { best = e; *part = (enum o_part)p; }
        }
    return best;
}

static inline int
o_pairs(const struct o_told *x, int standard, const struct o_event *const *list, int n, struct o_chance *out)
{
    const enum o_kind kind = o_standard[standard].kind;
    const struct o_event *used = NULL;
    int64_t from = INT64_MIN;
    int made = 0;
    for (bool strict = false;;) {
        const struct o_event *start = NULL, *closer = NULL;
        enum o_part part = O_END;
        for (int i = 0; start == NULL && i < n; i++)
            if (o_starts(x, standard, list[i]) && (list[i]->at_ms > from || (!strict && list[i]->at_ms == from))) start = list[i];
        if (start == NULL) return made;
        closer = o_closer(standard, list, n, start, used, &part);
        bool over = o_standard[standard].kind == O_REPEAT && (closer == NULL || closer->at_ms > start->at_ms + o_standard[standard].limit_ms);
        if (over) closer = NULL;        /* whoever comes later does not come again: the next `at` after the time begins anew */
        struct o_chance c = { .standard = standard, .start = start, .due_ms = kind == O_CLOCK || kind == O_REPEAT ? start->at_ms + o_standard[standard].limit_ms : TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .place = start->place };
        if (closer != NULL) {
            if (part == O_END) c.ended_ms = closer->at_ms;
            if (part == O_CANCEL) c.cancelled_ms = closer->at_ms;
            if (part == O_BY) {
                c.hit = closer;
                c.due_ms = closer->at_ms;
                c.expected = 2;         /* the only required check has a second confirmation: a call */
                for (int i = 0; i < n; i++)
                    if (list[i] != start && list[i] != closer && o_type(list[i], "call") && list[i]->at_ms >= start->at_ms && list[i]->at_ms <= closer->at_ms) c.actual = 1;
            }
            if (c.place[0] == 0) c.place = closer->place;
            if (o_standard[standard].kind == O_REQUIRED) c.verdict = part == O_BY ? "hit" : "kept";
        }
        out[made++] = c;
        if (closer == NULL && !over) return made;
        if (over) {
            strict = true;
            from = start->at_ms + o_standard[standard].limit_ms;
            used = NULL;
            continue;
        }
        strict = closer->at_ms == start->at_ms;
        from = closer->at_ms;
        used = closer;
    }
}

/* Every contact that is of another channel, or agent, than the one before it. */
static inline int
o_switches(int standard, const struct o_event *const *list, int n, struct o_chance *out)
{
    int made = 0;
    for (int i = 0; i < n; i++) {
        int before = i - 1;
        bool contact = list[i]->role == O_STEP && o_channel(list[i])[0] != 0 && strcmp(o_touchpoint(list[i]), "make") != 0;
        while (before >= 0 && !(list[before]->role == O_STEP && o_channel(list[before])[0] != 0 && strcmp(o_touchpoint(list[before]), "make") != 0)) before--;
        if (!contact || before < 0) continue;
        const struct o_event *a = list[before], *b = list[i];
        if (!strcmp(o_channel(a), o_channel(b)) && (a->agent[0] == 0 || b->agent[0] == 0 || !strcmp(a->agent, b->agent))) continue;
        struct o_chance c = { .standard = standard, .start = b, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .place = b->place };
        if (!strcmp(b->context, "no")) { c.verdict = "hit"; c.hit = b; c.expected_word = o_channel(a); c.actual_word = o_channel(b); }
        out[made++] = c;
    }
    return made;
}

/* A promise runs from where it was made to the first later event that keeps, breaks or cancels it; what is made of the same `what` meanwhile is none. */
static inline int
o_promised(const struct o_told *x, int standard, const struct o_event *const *list, int n, struct o_chance *out)
{
    const bool any = !strcmp(o_standard[standard].id, "any");
    int made = 0, over[600];
    (void)x;
    for (int i = 0; i < n; i++) {
        const struct o_event *m = list[i];
        bool running = false;
        int end = i + 1;
        over[i] = -1;
        if (!o_type(m, "promise.made") || !m->has_due || (!any && strcmp(m->what, "w1") != 0)) continue;
        for (int k = 0; k < i; k++) running |= over[k] >= i && !strcmp(list[k]->what, m->what);
        if (running) continue;
        while (end < n && !(o_of_it(list[end], m->what) && (o_type(list[end], "promise.kept") || (!any && o_type(list[end], "complaint"))))) end++;
        over[i] = end;
        struct o_chance c = { .standard = standard, .start = m, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .place = m->place };
        int64_t due_ms = m->due_ms;
        for (int k = i + 1; k < end; k++) {
            if (!o_type(list[k], "promise.updated") || !o_of_it(list[k], m->what) || list[k]->at_ms > due_ms) continue;
            if (o_standard[standard].kind == O_WORD) c.verdict = "kept";
            if (any && list[k]->has_due) due_ms = list[k]->due_ms;
        }
        c.due_ms = due_ms + o_standard[standard].limit_ms;
        if (end < n && o_type(list[end], "complaint")) c.cancelled_ms = list[end]->at_ms;
        else if (end < n && list[end]->kept != 0) c.ended_ms = list[end]->at_ms;
        if (end < n && c.place[0] == 0) c.place = list[end]->place;
        out[made++] = c;
    }
    return made;
}

static inline int
o_chances_of(const struct o_told *x, int standard, const struct o_event *const *list, int n, struct o_chance *out)
{
    enum o_kind kind = o_standard[standard].kind;
    int made = 0, transfers = 0;
    if (kind == O_CONTEXT) return o_switches(standard, list, n, out);
    if (kind == O_PROMISE || kind == O_WORD) return o_promised(x, standard, list, n, out);
    if (kind != O_FAILED && kind != O_TRANSFERS && kind != O_SCORE) return o_pairs(x, standard, list, n, out);
    for (int i = 0; i < n; i++) {
        if (!o_starts(x, standard, list[i])) continue;
        struct o_chance c = { .standard = standard, .start = list[i], .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .place = list[i]->place,
                              .expected = kind == O_SCORE ? 2000 : kind == O_TRANSFERS, .actual = kind == O_SCORE ? list[i]->score * 1000 : 1 };
        if (kind == O_FAILED && o_is(standard, O_FAIL, list[i])) { c.verdict = "hit"; c.hit = list[i]; }
        if (kind == O_SCORE && list[i]->score <= 2) { c.verdict = "hit"; c.hit = list[i]; }
        if (kind != O_TRANSFERS || transfers == 0) out[made++] = c;
        if (kind == O_TRANSFERS && ++transfers == 2) { out[0].verdict = "hit"; out[0].hit = list[i]; out[0].ended_ms = list[i]->at_ms; }
        if (kind == O_TRANSFERS) out[0].actual = transfers;
    }
    return made;
}

static inline int
o_chances(const struct o_told *x, struct o_chance *out)
{
    static struct o_chance some[600];
    int made = 0;
    for (int s = 0; s < O_STANDARDS; s++) {
        bool order = !strcmp(o_standard[s].key, "order"), journey = !strcmp(o_standard[s].key, "journey");
        const char *const *keys = order ? (const char *const[]){ "o1", "o2", NULL } : journey ? (const char *const[]){ "*", NULL } : (const char *const[]){ "c1", "c2", NULL };
        for (; *keys != NULL; keys++) {
            const struct o_event *list[600];
            int n = 0;
            if (journey)
                for (int i = 0; i < x->run_n; i++) list[n++] = x->run[i];
            for (int i = 0; !journey && i < x->n; i++)
                if (x->all[i]->role != O_SILENT && !strcmp(order ? x->all[i]->order : x->all[i]->kase, *keys)) list[n++] = x->all[i];
            int m = o_chances_of(x, s, list, n, some);
            for (int i = 0; i < m; i++)
                if (o_index(x->run, x->run_n, some[i].start) >= 0) out[made++] = some[i];
        }
    }
    for (int a = 0; a < made; a++)
        for (int b = 0; b + 1 < made; b++) {
            int p = o_index(x->all, x->n, out[b].start), q = o_index(x->all, x->n, out[b + 1].start);
            if (p > q || (p == q && out[b].standard > out[b + 1].standard)) { struct o_chance t = out[b]; out[b] = out[b + 1]; out[b + 1] = t; }
        }
    return made;
}

/* wanted: touchpoints in order; a second of a row is an alternative to the first */
struct o_plan { const char *type; struct { const char *one, *other; int rank; } wanted[3]; const char *planned[8]; };
static const struct o_plan o_plans[] = {
    { "order", { { "menu", NULL, 0 }, { "make", NULL, 1 }, { "order.fulfilled", NULL, 2 } }, { NULL } },
    { "visit", { { "door.in", NULL, 0 }, { "menu", "make", 1 }, { "door.out", NULL, 3 } }, { "door.in", "menu", "make", "view", "door.out", NULL } },
};

static inline int
o_required(const struct o_told *x, const struct o_event *closed, const struct o_plan *plan, struct o_break *out)
{
    const struct o_event *before = NULL;
    int made = 0;
    for (int k = 0; k < 3; k++) {
        const char *one = plan->wanted[k].one, *other = plan->wanted[k].other;
        const struct o_event *first = NULL;
        for (int i = 0; first == NULL && i < x->run_n; i++)
            if (x->run[i]->role == O_STEP && (!strcmp(o_touchpoint(x->run[i]), one) || (other != NULL && !strcmp(o_touchpoint(x->run[i]), other)))) first = x->run[i];
        if (first == NULL)
            out[made++] = (struct o_break){ "missing", NULL, NULL, -1, o_step_of(x, closed), 3, 2000 + plan->wanted[k].rank, closed, one, closed->place, o_channel(closed), 1, 0 };
        else if (before != NULL && first->at_ms < before->at_ms)
            out[made++] = (struct o_break){ "order", o_touchpoint(before), NULL, -1, o_step_of(x, first), !strcmp(one, "menu") ? 3 : 1, 2000 + plan->wanted[k].rank, first,
                                            one, first->place, o_channel(first), 0, 0 };
        before = first != NULL ? first : before;
    }
    return made;
}

/* what was met and not planned, each touchpoint once */
static inline int
o_unplanned(const struct o_told *x, const struct o_plan *plan, struct o_break *out)
{
    int made = 0;
    for (int i = 0; plan->planned[0] != NULL && i < x->run_n; i++) {
        const struct o_event *e = x->run[i];
        bool known = e->role != O_STEP;
        for (int p = 0; plan->planned[p] != NULL; p++) known |= !strcmp(plan->planned[p], o_touchpoint(e));
        for (int p = 0; p < made; p++) known |= !strcmp(out[p].touchpoint, o_touchpoint(e));
        if (!known) out[made++] = (struct o_break){ "adhoc", NULL, NULL, -1, x->step[i], 1, 3000, e, o_touchpoint(e), e->place, o_channel(e), 0, 1 };
    }
    return made;
}

static inline int
o_breaks(const struct o_told *x, const struct o_chance *chance, int chances, const struct o_event *closed, const char *type, struct o_break *out)
{
    static const char *const kinds[] = { "", "failed", "required", "", "transfers", "context", "score" };
    int made = 0;
    for (size_t p = 0; p < sizeof o_plans / sizeof *o_plans; p++) {
        if (strcmp(o_plans[p].type, type) != 0) continue;
        made += o_unplanned(x, &o_plans[p], out);
        if (closed != NULL) made += o_required(x, closed, &o_plans[p], out + made);
    }
    for (int i = 0; i < chances; i++) {
        const struct o_chance *c = &chance[i];
        enum o_kind kind = o_standard[c->standard].kind;
        if (c->hit == NULL) continue;
        out[made++] = (struct o_break){ kinds[kind], c->expected_word, c->actual_word, c->standard, o_step_of(x, c->start), !strcmp(o_touchpoint(c->start), "menu") ? 3 : o_standard[c->standard].severity,
                                        1000 + c->standard, c->hit, o_touchpoint(c->start), c->place, o_channel(c->start), c->expected, c->actual };
    }
    for (int i = 0; i < x->run_n; i++) {
        const struct o_event *e = x->run[i];
        if (e->role == O_STEP && o_bad_end(e) && !o_type(e, "call") && !o_type(e, "view"))
            out[made++] = (struct o_break){ "failure", NULL, NULL, -1, x->step[i], !strcmp(o_touchpoint(e), "menu") ? 3 : 1, 0, e, o_touchpoint(e), e->place, o_channel(e), 0, 1 };
    }
    for (int a = 0; a < made; a++)
        for (int b = 0; b + 1 < made; b++) {
            int p = o_index(x->all, x->n, out[b].at), q = o_index(x->all, x->n, out[b + 1].at);
            if (p > q || (p == q && out[b].rank > out[b + 1].rank)) { struct o_break t = out[b]; out[b] = out[b + 1]; out[b + 1] = t; }
        }
    return made;
}

static inline void
o_put_chance(struct tl_jw *w, const struct o_told *x, const struct o_chance *c)
{
    int step = o_step_of(x, c->start);
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "standard", o_standard[c->standard].id);
    if (step >= 0) tl_jw_int(w, "step", step);
    if (c->verdict != NULL) tl_jw_cstr(w, "verdict", c->verdict);
    tl_jw_int(w, "start", c->start->at_ms);
    if (c->due_ms != TL_TIME_NONE) tl_jw_int(w, "due", c->due_ms);
    if (c->ended_ms != TL_TIME_NONE) tl_jw_int(w, "ended", c->ended_ms);
    if (c->cancelled_ms != TL_TIME_NONE) tl_jw_int(w, "cancelled", c->cancelled_ms);
    if (c->place[0] != 0) tl_jw_cstr(w, "place", c->place);
    if (o_channel(c->start)[0] != 0) tl_jw_cstr(w, "channel", o_channel(c->start));
    if (o_tier(x, c->start)[0] != 0) tl_jw_cstr(w, "tier", o_tier(x, c->start));
    tl_jw_close(w);
}

static inline void
o_put_break(struct tl_jw *w, const struct o_break *b)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "kind", b->kind);
    if (b->standard >= 0) tl_jw_cstr(w, "standard", o_standard[b->standard].id);
    if (b->step >= 0) tl_jw_int(w, "step", b->step);
    tl_jw_cstr(w, "touchpoint", b->touchpoint);
    tl_jw_int(w, "at", b->at->at_ms);
    if (b->place[0] != 0) tl_jw_cstr(w, "place", b->place);
    if (b->channel[0] != 0) tl_jw_cstr(w, "channel", b->channel);
    if (b->expected_word != NULL) {
        tl_jw_cstr(w, "expected", b->expected_word);
        if (b->actual_word != NULL) tl_jw_cstr(w, "actual", b->actual_word);
    } else {
        tl_jw_int(w, "expected", b->expected);
        tl_jw_int(w, "actual", b->actual);
    }
    tl_jw_int(w, "severity", b->severity);
    tl_jw_uint(w, "evidence", o_id_hash(b->at));
    tl_jw_close(w);
}

/* closed: what decided the outcome, when that was good and the type has required steps; else NULL */
static inline void
o_facts(struct tl_jw *w, const struct o_told *x, const struct o_event *closed, const char *type)
{
    static struct o_chance chance[5000];
    static struct o_break brk[5000];
    int chances = o_chances(x, chance), breaks = o_breaks(x, chance, chances, closed, type, brk), scored = 0, low = 0;
    if (chances > 0) tl_jw_array(w, "chances");
    for (int i = 0; i < chances; i++) o_put_chance(w, x, &chance[i]);
    if (chances > 0) tl_jw_end(w);
    if (breaks > 0) tl_jw_array(w, "breaks");
    for (int i = 0; i < breaks; i++) o_put_break(w, &brk[i]);
    if (breaks > 0) tl_jw_end(w);
    for (int pass = 0; pass < 2; pass++) {
        int *any = pass == 0 ? &scored : &low;
        for (int i = 0; i < x->run_n; i++) {
            const struct o_event *e = x->run[i];
            if (e->score == 0 || (pass == 1 && e->score > 2)) continue;
            if ((*any)++ == 0) tl_jw_array(w, pass == 0 ? "scores" : "outcomes");
            tl_jw_open(w, NULL);
            tl_jw_cstr(w, pass == 0 ? "score" : "outcome", pass == 0 ? "csat5" : "low");
            if (pass == 0) tl_jw_int(w, "milli", e->score * 1000);
            if (o_step_of(x, e) >= 0) tl_jw_int(w, "step", o_step_of(x, e));
            tl_jw_int(w, "at", e->at_ms);
            tl_jw_close(w);
        }
        if (*any > 0) tl_jw_end(w);
    }
}

#endif
