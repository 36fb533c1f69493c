/* render_suggest.c - a draft of a catalogue, with the measurements behind it, as JSON. */
#include "render_in.h"
#include "suggest.h"

static const char *const role_word[] = { "step", "signal", "silent" };
static const char *const key_word[] = { "gap", "journey", "order", "case" };

static void
name(struct tl_jw *w, const struct suggest_name *n, const struct suggest_word *word)
{
    static const char *const end[] = { NULL, "good", "bad", "unknown" };
    tl_jw_open(w, NULL);
    tl_jw_str(w, "name", word->name);
    tl_jw_uint(w, "events", n->n);
    tl_jw_cstr(w, "role", role_word[n->role]);
    tl_jw_cstr(w, "role_by", n->by_shape ? "shape" : "vocabulary");
    tl_jw_str(w, "channel", word->channel);
    if (n->place >= 0) {
        tl_jw_num(w, "place", n->place);
        tl_jw_open(w, "stage");
        tl_jw_cstr(w, "A", suggest_stage("A", n->place));
        tl_jw_cstr(w, "E", suggest_stage("E", n->place));
        tl_jw_close(w);
    } else {
        tl_jw_null(w, "place");
        tl_jw_null(w, "stage");
    }
    tl_jw_uint(w, "journeys", n->journeys);
    tl_jw_uint(w, "first", n->first);
    tl_jw_uint(w, "last", n->last);
    if (end[word->end]) tl_jw_cstr(w, "ends", end[word->end]);
    else tl_jw_null(w, "ends");
    tl_jw_open(w, "example");
    render_hash(w, "customer", word->customer);
    tl_jw_uint(w, "position", n->position);
    tl_jw_close(w);
    tl_jw_close(w);
}

static void
gap(struct tl_jw *w, const struct suggest_draft *d)
{
    const struct { int64_t ms; uint64_t n; } row[] = { { d->gap_ms / 2, d->at_half }, { d->gap_ms, d->at_gap }, { 2 * d->gap_ms, d->at_double } };
    tl_jw_open(w, "gap");
    tl_jw_int(w, "ms", d->gap_ms);
    tl_jw_bool(w, "valley", d->valley);
    tl_jw_array(w, "sensitivity");
    for (int i = 0; i < 3; i++) {
        tl_jw_open(w, NULL);
        tl_jw_int(w, "ms", row[i].ms);
        tl_jw_uint(w, "journeys", row[i].n);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "choices");
    for (int i = 0; i < SUGGEST_CHOICES; i++) {
        tl_jw_open(w, NULL);
        tl_jw_int(w, "ms", suggest_choice_ms[i]);
        tl_jw_uint(w, "journeys", d->at_choice[i]);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

static void
one_clock(struct tl_jw *w, const struct suggest_clock *c, const struct suggest_answer *a)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "start", a->word[c->start].name);
    tl_jw_str(w, "end", a->word[c->end].name);
    tl_jw_cstr(w, "key", key_word[c->key]);
    tl_jw_uint(w, "n", c->starts);
    tl_jw_uint(w, "ended", c->ended);
    tl_jw_int(w, "p50_ms", c->p50_ms);
    tl_jw_int(w, "limit_ms", c->limit_ms);
    tl_jw_num(w, "over", c->over);
    tl_jw_close(w);
}

void
render_suggest(struct tl_buf *out, const struct suggest_answer *a)
{
    const struct suggest_draft *d = a->draft;
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_title(w, "mark", (struct tl_title){ TL_STR("建议值"), TL_STR("suggestion") });
    tl_jw_str(w, "journey", a->journey);
    tl_jw_cstr(w, "key", key_word[d->key]);
    tl_jw_uint(w, "events", d->events);
    tl_jw_uint(w, "customers", d->customers);
    tl_jw_uint(w, "journeys", d->journeys);
    tl_jw_bool(w, "cut", a->cut);
    tl_jw_uint(w, "names_left_out", d->names_left_out);
    tl_jw_uint(w, "events_left_out", d->events_left_out);
    gap(w, d);
    tl_jw_array(w, "touchpoints");
    for (uint32_t i = 0; i < d->name_n; i++) name(w, &d->name[i], &a->word[i]);
    tl_jw_end(w);
    tl_jw_array(w, "clocks");
    for (uint32_t i = 0; i < d->clock_n; i++) one_clock(w, &d->clock[i], a);
    tl_jw_end(w);
    tl_catalogue_files_json(w, &a->files);
    tl_jw_close(w);
}
