/* fold_variant.c - see fold_variant.h. */
#include "fold_variant.h"

#include "tl_hash.h"

void
fold_variant_id(struct tl_store_txn *t, const struct variants *v, const struct variant *one, char out[VARIANT_ID_HEX + 1])
{
    struct tl_buf names = { NULL, 0, 0, false };
    struct tl_cur c = variants_words(v, one);
    uint8_t h[32] = { 0 };
    for (uint32_t i = 0; i < one->steps_n; i++) tl_buf_put_text(&names, tl_store_word(t, (uint32_t)tl_cur_varint(&c)));
    if (!names.failed) tl_hash256(names.data, names.len, h);
    tl_buf_free(&names);
    tl_hex(h, VARIANT_ID_HEX / 2, out);
}

static int
take(struct look *k, const struct variants *v, const struct variant *one)
{
    struct tl_cur c = variants_words(v, one);
    uint32_t *way = tl_arena_alloc(k->arena, (one->steps_n + 1) * sizeof *way);
    if (!way) return TL_ENOMEM;
    for (uint32_t i = 0; i < one->steps_n; i++) way[i] = (uint32_t)tl_cur_varint(&c);
    k->sieve.way = way;
    k->sieve.way_n = one->steps_n;
    return 0;
}

int
fold_variant(struct look *k, struct tl_err *err)
{
    static const uint32_t nowhere = 0;
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    int rc = k->store ? fold_run(k, &analysis_variants, NULL, &sum, err) : 0;
    if (rc == 0 && sum) rc = tl_store_begin(k->store, &t, err);
    const struct variants *v = sum ? sum->part : NULL;
    for (uint32_t i = 0; rc == 0 && t && i < v->variant_n && !k->sieve.way; i++) {
        char id[VARIANT_ID_HEX + 1];
        fold_variant_id(t, v, &v->variant[i], id);
        if (tl_str_is(k->ask->variant, id) && take(k, v, &v->variant[i])) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    if (rc == 0 && !k->sieve.way) k->sieve.way = &nowhere;
    return rc;
}
