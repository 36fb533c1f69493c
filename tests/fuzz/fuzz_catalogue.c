/* fuzz_catalogue.c - any bytes as a catalogue: read or refused, with words; what is read answers every look-up, and reading it again gives the same version.
 * The first byte says whether the rest is one file or two (cut at the first NUL). */
#include <stdio.h>
#include <stdlib.h>

#include "tl_catalogue_files.h"
#include "tl_hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(x) ((x) ? (void)0 : abort())

static struct tl_str
none(void *arg, struct tl_str field)
{
    (void)arg;
    return field;
}

static void
look_up(const struct tl_catalogue *c, struct tl_arena *a)
{
    struct tl_event ev = { .has = TL_HAS(type) | TL_HAS(channel) | TL_HAS(place) | TL_HAS(props) };
    struct tl_props props = { .arena = a };

    ev.type_ = TL_STR("order.placed");
    ev.channel_ = TL_STR("app");
    ev.place_ = TL_STR("S01");
    ev.props_ = TL_STR("{\"n\":3,\"a\":{\"b\":\"x\"}}");
    const struct tl_touchpoint *tp = tl_catalogue_match(c, &ev, &props);
    (void)tl_catalogue_role(c, &ev, tp);
    (void)tl_catalogue_picks(c, &ev, tp, &props);
    for (uint32_t i = 0; i < c->touchpoint_n; i++)
        must(tl_catalogue_touchpoint(c, c->touchpoint[i].id) == &c->touchpoint[i]);
    for (uint32_t i = 0; i < c->segment_n; i++)
        (void)tl_segment_holds(&c->segment[i], none, NULL);
    for (int32_t m = 0; m < TL_DAY_MIN; m++)
        must(tl_catalogue_daypart(c, m) < (int)c->daypart_n);
    for (uint32_t i = 0; i < c->blueprint_n; i++) {
        must(c->blueprint[i].step_n >= 1 && c->blueprint[i].step_n <= TL_BLUEPRINT_STEPS_MAX && c->blueprint[i].type >= 0 && (uint32_t)c->blueprint[i].type < c->type_n);
        for (uint32_t s = 0; s < c->blueprint[i].step_n; s++)
            must(tl_catalogue_touchpoint(c, c->blueprint[i].step[s].touchpoint) != NULL);
    }
    for (uint32_t i = 0; i < c->standard_n; i++)
        must(c->standard[i].allowed > 0 && c->standard[i].allowed < 1);
}

static void
again(const struct tl_catalogue_files *f, const struct tl_catalogue *c)
{
    struct tl_catalogue *twin = NULL;
    struct tl_err err = {0};

    must(tl_catalogue_parse(f, &twin, &err) == 0 && strcmp(twin->hash, c->hash) == 0);
    tl_catalogue_free(&twin);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tl_arena *arena;
    struct tl_catalogue_files f = { .file = { { .name = TL_STR("a.json") }, { .name = TL_STR("b.json") } }, .n = 1 };
    struct tl_catalogue *c = NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct tl_err err = {0};

    if (arena == NULL && (tl_hash_init() != 0 || (arena = tl_arena_new(4u << 20)) == NULL))
        abort();
    if (size == 0)
        return 0;
    const uint8_t *cut = data[0] & 1 ? memchr(data + 1, 0, size - 1) : NULL;
    size_t first = cut != NULL ? (size_t)(cut - data - 1) : size - 1;
    f.file[0].text = (struct tl_str){ (const char *)data + 1, first };
    if (cut != NULL) {
        f.file[1].text = (struct tl_str){ (const char *)cut + 1, size - 2 - first };
        f.n = 2;
    }
    if (tl_catalogue_check_files(&f, &c, &notes, &err) == 0) {
        must((c == NULL) == (notes->wrong_n > 0));
        for (uint32_t i = 0; i < notes->note_n; i++)
            must(notes->note[i].line >= 1 && notes->note[i].text[0] != 0 && notes->note[i].file[0] != 0);
        if (c != NULL) {
            look_up(c, arena);
            again(&f, c);
        }
    } else {
        must(c == NULL);
    }
    tl_catalogue_notes_free(&notes);
    tl_catalogue_free(&c);
    tl_arena_reset(arena);
    return 0;
}
