/* tl_catalogue_hash.c - the hash of what a catalogue says, however its files are written. */
#include "tl_catalogue.h"
#include "tl_hash.h"

static void
put_title(struct tl_buf *b, const struct tl_title *t)
{
    tl_buf_put_text(b, t->zh);
    tl_buf_put_text(b, t->en);
}

static void
put_texts(struct tl_buf *b, const struct tl_str *s, uint32_t n)
{
    tl_buf_put_varint(b, n);
    for (uint32_t i = 0; i < n; i++)
        tl_buf_put_text(b, s[i]);
}

static void
put_touchpoint(struct tl_buf *b, const struct tl_touchpoint *t)
{
    tl_buf_put_text(b, t->id);
    put_title(b, &t->title);
    tl_buf_put_u8(b, (uint8_t)((unsigned)t->role | (unsigned)t->role_given << 2 | (unsigned)t->backstage << 3 | (unsigned)t->key << 4 | (unsigned)t->moment << 5));
    tl_buf_put_text(b, t->channel);
    put_texts(b, t->stage, TL_MODELS_MAX);
    tl_buf_put_text(b, t->owner);
    put_title(b, &t->goal);
    put_title(b, &t->theme);
    put_title(b, &t->standard.script);
    put_title(b, &t->standard.visual);
    put_title(b, &t->standard.response);
}

static void
put_number(struct tl_buf *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    tl_buf_put_le64(b, bits);
}

static void
put_range(struct tl_buf *b, const struct tl_match *m)
{
    tl_buf_put_u8(b, m->range);
    if (m->range) {
        put_number(b, m->min);
        put_number(b, m->max);
    }
}

static void
put_rule(struct tl_buf *b, const struct tl_rule *rule)
{
    tl_buf_put_varint(b, rule->touchpoint);
    tl_buf_put_varint(b, rule->match_n);
    for (uint32_t i = 0; i < rule->match_n; i++) {
        tl_buf_put_text(b, rule->match[i].field);
        tl_buf_put_text(b, rule->match[i].value);
        tl_buf_put_u8(b, rule->match[i].prefix);
        put_range(b, &rule->match[i]);
    }
}

static void
put_pick(struct tl_buf *b, const struct tl_pick *p)
{
    tl_buf_put_text(b, p->name);
    put_rule(b, &(struct tl_rule){ .match = p->match, .match_n = p->match_n });
}

static void
put_standard(struct tl_buf *b, const struct tl_standard *s)
{
    const uint64_t numbers[] = { (uint64_t)s->kind, (uint64_t)s->class_of, (uint64_t)s->key, s->start, s->end, s->cancel, s->by, s->fail, (uint64_t)s->limit_ms, s->most, s->critical, s->experience };

    tl_buf_put_text(b, s->id);
    tl_buf_put_text(b, s->on);
    tl_buf_put_text(b, s->owner);
    put_title(b, &s->title);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        tl_buf_put_varint(b, numbers[i]);
    put_number(b, s->allowed);
    put_number(b, s->warn);
    put_texts(b, s->tier, s->tier_n);
    put_texts(b, s->except_tier, s->except_tier_n);
    put_texts(b, s->channel, s->channel_n);
    tl_buf_put_varint(b, s->confirm);
    tl_buf_put_varint(b, s->word);
    tl_buf_put_u8(b, s->moves);
    tl_buf_put_zigzag(b, s->lowest_milli);
    tl_buf_put_text(b, s->what);
    tl_buf_put_text(b, s->score);
    tl_buf_put_text(b, s->restated);
    tl_buf_put_text(b, s->ends_from);
    tl_buf_put_varint(b, s->priority_n);
    for (uint32_t i = 0; i < s->priority_n; i++)
        tl_buf_put_varint(b, s->priority[i]);
}

static void
put_alert(struct tl_buf *b, const struct tl_alert_rule *a)
{
    tl_buf_put_text(b, a->id);
    tl_buf_put_text(b, a->on);
    tl_buf_put_text(b, a->owner);
    put_title(b, &a->title);
    tl_buf_put_u8(b, (uint8_t)a->kind);
    tl_buf_put_u8(b, a->severity);
    tl_buf_put_varint(b, a->at);
    put_texts(b, a->tier, a->tier_n);
    put_texts(b, a->except_tier, a->except_tier_n);
    put_texts(b, a->channel, a->channel_n);
}

static void
put_outcome(struct tl_buf *b, const struct tl_outcome_def *o)
{
    tl_buf_put_text(b, o->id);
    put_title(b, &o->title);
    tl_buf_put_varint(b, o->when);
    tl_buf_put_u8(b, (uint8_t)(o->customer | o->absent << 1 | o->bad << 2));
    tl_buf_put_text(b, o->against);
    tl_buf_put_text(b, o->after);
    tl_buf_put_varint(b, (uint64_t)o->within_ms);
    tl_buf_put_varint(b, (uint64_t)o->horizon_ms);
    tl_buf_put_text(b, o->ends_from);
}

static void
put_model(struct tl_buf *b, const struct tl_stage_model *m)
{
    tl_buf_put_text(b, m->id);
    put_title(b, &m->title);
    tl_buf_put_varint(b, m->stage_n);
    for (uint32_t i = 0; i < m->stage_n; i++) {
        tl_buf_put_text(b, m->stage[i].id);
        put_title(b, &m->stage[i].title);
        put_title(b, &m->stage[i].goal);
    }
}

static void
put_type(struct tl_buf *b, const struct tl_journey_type *t)
{
    tl_buf_put_text(b, t->id);
    put_title(b, &t->title);
    tl_buf_put_u8(b, (uint8_t)t->key);
    tl_buf_put_zigzag(b, t->gap_ms);
    put_texts(b, t->start, t->start_n);
    put_texts(b, t->good, t->good_n);
    put_texts(b, t->bad, t->bad_n);
    put_texts(b, t->required, t->required_n);
    put_texts(b, t->strata, t->strata_n);
    tl_buf_put_text(b, t->damage);
    tl_buf_put_text(b, t->moments);
    tl_buf_put_text(b, t->blueprint);
}

static void
put_groups(struct tl_buf *b, const struct tl_catalogue *c)
{
    for (uint32_t i = 0; i < c->tier_n; i++) {
        tl_buf_put_text(b, c->tier[i].id);
        put_title(b, &c->tier[i].title);
        tl_buf_put_varint(b, (uint64_t)c->tier[i].rank << 1 | c->tier[i].vip);
    }
    for (uint32_t i = 0; i < c->segment_n; i++) {
        tl_buf_put_text(b, c->segment[i].id);
        put_title(b, &c->segment[i].title);
        tl_buf_put_varint(b, c->segment[i].when_n);
        for (uint32_t w = 0; w < c->segment[i].when_n; w++)
            put_rule(b, &(struct tl_rule){ .match = c->segment[i].when[w].match, .match_n = c->segment[i].when[w].match_n });
    }
    for (uint32_t i = 0; i < c->daypart_n; i++) {
        tl_buf_put_text(b, c->daypart[i].id);
        put_title(b, &c->daypart[i].title);
        tl_buf_put_zigzag(b, c->daypart[i].from_min);
        tl_buf_put_zigzag(b, c->daypart[i].to_min);
    }
}

static void
put_promise(struct tl_buf *b, const struct tl_promise_def *p)
{
    tl_buf_put_text(b, p->id);
    tl_buf_put_text(b, p->what);
    tl_buf_put_text(b, p->on);
    tl_buf_put_text(b, p->owner);
    put_title(b, &p->title);
    tl_buf_put_varint(b, (uint64_t)p->class_of << 1 | p->notice);
    put_number(b, p->allowed);
    tl_buf_put_zigzag(b, p->grace_ms);
}

static void
put_step(struct tl_buf *b, const struct tl_blueprint_step *s)
{
    tl_buf_put_text(b, s->touchpoint);
    tl_buf_put_u8(b, s->required);
    tl_buf_put_text(b, s->group);
    tl_buf_put_text(b, s->leg);
    put_texts(b, s->channel, s->channel_n);
    tl_buf_put_zigzag(b, s->max_wait_ms);
    put_texts(b, s->stage, TL_MODELS_MAX);
    put_title(b, &s->action);
    tl_buf_put_text(b, s->standard);
}

static void
put_blueprint(struct tl_buf *b, const struct tl_blueprint *p)
{
    tl_buf_put_text(b, p->id);
    put_title(b, &p->title);
    tl_buf_put_varint(b, (uint64_t)p->type);
    tl_buf_put_varint(b, p->leg_n);
    for (uint32_t i = 0; i < p->leg_n; i++) {
        tl_buf_put_text(b, p->leg[i].id);
        put_title(b, &p->leg[i].title);
    }
    tl_buf_put_varint(b, p->step_n);
    for (uint32_t i = 0; i < p->step_n; i++)
        put_step(b, &p->step[i]);
}

static void
put_scenario_parts(struct tl_buf *b, const struct tl_scenario *s)
{
    tl_buf_put_varint(b, s->slot_n);
    for (uint32_t i = 0; i < s->slot_n; i++) {
        tl_buf_put_text(b, s->slot[i].id);
        put_title(b, &s->slot[i].title);
        tl_buf_put_zigzag(b, s->slot[i].from_min);
        tl_buf_put_zigzag(b, s->slot[i].to_min);
    }
    tl_buf_put_varint(b, s->stamp_n);
    for (uint32_t i = 0; i < s->stamp_n; i++) {
        tl_buf_put_text(b, s->stamp[i].id);
        put_title(b, &s->stamp[i].title);
        tl_buf_put_text(b, s->stamp[i].touchpoint);
    }
    tl_buf_put_varint(b, s->clock_n);
    for (uint32_t i = 0; i < s->clock_n; i++) {
        tl_buf_put_text(b, s->clock[i].id);
        put_title(b, &s->clock[i].title);
        tl_buf_put_text(b, s->clock[i].from);
        tl_buf_put_text(b, s->clock[i].to);
        tl_buf_put_zigzag(b, s->clock[i].limit_ms);
        tl_buf_put_text(b, s->clock[i].standard);
    }
}

static void
put_scenario(struct tl_buf *b, const struct tl_scenario *s)
{
    const struct tl_str text[] = { s->id, s->channel, s->blueprint };
    const struct tl_title *title[] = { &s->title, &s->persona, &s->goal };

    put_texts(b, text, 3);
    for (size_t i = 0; i < 3; i++)
        put_title(b, title[i]);
    tl_buf_put_varint(b, s->visits_per_place);
    tl_buf_put_zigzag(b, s->apart_ms);
    tl_buf_put_varint(b, s->step_n);
    for (uint32_t i = 0; i < s->step_n; i++) {
        tl_buf_put_text(b, s->step[i].touchpoint);
        put_title(b, &s->step[i].action);
    }
    tl_buf_put_varint(b, s->item_n);
    for (uint32_t i = 0; i < s->item_n; i++) {
        const struct tl_scenario_item *t = &s->item[i];
        tl_buf_put_text(b, t->id);
        put_title(b, &t->title);
        tl_buf_put_varint(b, (uint64_t)t->step << 4 | (uint64_t)t->subjective << 3 | (uint64_t)t->critical << 2 | (uint64_t)t->na << 1 | t->evidence);
        put_number(b, t->weight);
        tl_buf_put_text(b, t->standard);
    }
    put_scenario_parts(b, s);
}

int
tl_catalogue_hash(struct tl_catalogue *c)
{
    static const uint8_t no_key[TL_KEY_BYTES];
    struct tl_buf b = {0};
    uint8_t h[16];

    for (uint32_t i = 0; i < c->touchpoint_n; i++)
        put_touchpoint(&b, &c->touchpoint[i]);
    for (uint32_t i = 0; i < c->rule_n; i++)
        put_rule(&b, &c->rule[i]);
    for (uint32_t i = 0; i < c->model_n; i++)
        put_model(&b, &c->model[i]);
    for (uint32_t i = 0; i < c->type_n; i++)
        put_type(&b, &c->type[i]);
    for (uint32_t i = 0; i < c->role_n; i++) {
        tl_buf_put_text(&b, c->role[i].type);
        tl_buf_put_u8(&b, (uint8_t)c->role[i].role);
    }
    put_texts(&b, c->promote, c->promote_n);
    for (uint32_t i = 0; i < TL_PICKS_MAX; i++)
        put_pick(&b, &c->pick[i]);
    for (uint32_t i = 0; i < c->standard_n; i++)
        put_standard(&b, &c->standard[i]);
    for (uint32_t i = 0; i < c->outcome_n; i++)
        put_outcome(&b, &c->outcome[i]);
    put_groups(&b, c);
    for (uint32_t i = 0; i < c->promise_n; i++)
        put_promise(&b, &c->promise[i]);
    for (uint32_t i = 0; i < c->blueprint_n; i++)
        put_blueprint(&b, &c->blueprint[i]);
    for (uint32_t i = 0; i < c->alert_n; i++)
        put_alert(&b, &c->alert[i]);
    for (uint32_t i = 0; i < c->scenario_n; i++)
        put_scenario(&b, &c->scenario[i]);
    tl_hash128(no_key, b.data, b.len, h);
    tl_hex(h, sizeof h, c->hash);
    int rc = b.failed ? TL_ENOMEM : 0;
    tl_buf_free(&b);
    return rc;
}

/* A mask by what it picks, not by where the picks stand in the tables. */
static void
put_picked(struct tl_buf *b, const struct tl_catalogue *c, uint64_t mask)
{
    tl_buf_put_u8(b, (uint8_t)__builtin_popcountll(mask));
    for (; mask != 0; mask &= mask - 1)
        put_pick(b, &c->pick[__builtin_ctzll(mask)]);
}

void
tl_catalogue_rule_hash(const struct tl_catalogue *c, const struct tl_standard *s, char out[33])
{
    static const uint8_t no_key[TL_KEY_BYTES];
    const uint64_t masks[] = { s->start, s->end, s->cancel, s->by, s->fail, s->confirm, s->word };
    struct tl_standard said = *s;
    struct tl_buf b = {0};
    uint8_t h[16];

    said.start = said.end = said.cancel = said.by = said.fail = said.confirm = said.word = 0;
    said.title = (struct tl_title){0};
    said.owner = (struct tl_str){0};
    said.priority_n = 0;
    put_standard(&b, &said);
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        put_picked(&b, c, masks[i]);
    tl_hash128(no_key, b.data, b.len, h);
    tl_hex(h, sizeof h, out);
    tl_buf_free(&b);
}
