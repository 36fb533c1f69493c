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
    tl_buf_put_u8(b, (uint8_t)((unsigned)t->role | (unsigned)t->role_given << 2 | (unsigned)t->backstage << 3 | (unsigned)t->key << 4));
    tl_buf_put_text(b, t->channel);
    put_texts(b, t->stage, TL_MODELS_MAX);
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
    }
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
    tl_hash128(no_key, b.data, b.len, h);
    tl_hex(h, sizeof h, c->hash);
    int rc = b.failed ? TL_ENOMEM : 0;
    tl_buf_free(&b);
    return rc;
}
