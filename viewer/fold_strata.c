/* fold_strata.c - the groups of likes by name, and numbers cut at their quintiles.
 *
 * An attribute is a number when every value that the eligible journeys have reads as one and there are more than five of them: then it is cut at the
 * values of rank ceil(n/5), ceil(2n/5) ... of those journeys; a value at a cut goes up. */
#include <stdio.h>
#include <stdlib.h>

#include "fold_findings.h"

struct value { uint32_t word; double number; };

static int
by_word(const void *x, const void *y)
{
    const struct value *a = x, *b = y;
    return (a->word > b->word) - (a->word < b->word);
}

static int
by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static bool
is_number(struct tl_str s, double *out)
{
    char text[48] = "", *end = NULL;
    if (s.n == 0 || s.n >= sizeof text || !memchr("-+.0123456789", s.p[0], 13)) return false;
    memcpy(text, s.p, s.n);
    *out = strtod(text, &end);
    return *end == '\0' && *out - *out == 0;
}

/* may_be_numbers - the first few different values, looked at before all are sorted */
static bool
may_be_numbers(struct tl_store_txn *t, const struct moment_rows *rows, uint32_t slot)
{
    uint32_t seen[FINDINGS_CUTS + 2], n = 0;
    for (size_t i = 0; i < rows->n && n < FINDINGS_CUTS + 2; i++) {
        uint32_t word = rows->row[i].stratum[slot], k = 0;
        double number = 0;
        while (k < n && seen[k] != word) k++;
        if (!word || k < n) continue;
        struct tl_str s = tl_store_word(t, word);
        if (!s.p || !is_number(s, &number)) return false;
        seen[n++] = word;
    }
    return n == FINDINGS_CUTS + 2;
}

/* values_of - the words that the rows have in the slot, each once */
static size_t
values_of(const struct moment_rows *rows, uint32_t slot, struct value *v)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].stratum[slot]) v[n++].word = rows->row[i].stratum[slot];
    if (n) qsort(v, n, sizeof *v, by_word);
    for (size_t i = 0; i < n; i++)
        if (!kept || v[kept - 1].word != v[i].word) v[kept++] = v[i];
    return kept;
}

static bool
all_numbers(struct tl_store_txn *t, struct value *v, size_t n)
{
    bool are = n > FINDINGS_CUTS + 1;
    for (size_t i = 0; are && i < n; i++) {
        struct tl_str w = tl_store_word(t, v[i].word);
        are = w.p && is_number(w, &v[i].number);
    }
    return are;
}

static double
number_of(const struct value *v, size_t n, uint32_t word)
{
    const struct value key = { word, 0 };
    const struct value *found = bsearch(&key, v, n, sizeof key, by_word);
    return found ? found->number : 0;
}

/* cut_slot - words of the rows become 1 .. 5 by the quintile of their number; 0 stays: not known */
static int
cut_slot(struct moment_rows *rows, uint32_t slot, const struct value *v, size_t n, double cut[FINDINGS_CUTS])
{
    double *x = tl_alloc((rows->n + 1) * sizeof *x);
    size_t known = 0;
    if (!x) return TL_ENOMEM;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].stratum[slot]) x[known++] = number_of(v, n, rows->row[i].stratum[slot]);
    qsort(x, known, sizeof *x, by_size);
    for (size_t c = 0; c < FINDINGS_CUTS; c++) cut[c] = x[((c + 1) * known + FINDINGS_CUTS) / (FINDINGS_CUTS + 1) - 1];
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t *at = &rows->row[i].stratum[slot], bin = 1;
        double number = *at ? number_of(v, n, *at) : 0;
        for (size_t c = 0; *at && c < FINDINGS_CUTS; c++) bin += number >= cut[c];
        if (*at) *at = bin;
    }
    tl_free(x);
    return 0;
}

int
findings_cut(struct look *k, const struct findings *f, struct moment_rows *rows, struct findings_cuts *out, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct value *v = tl_alloc((rows->n + 1) * sizeof *v);
    memset(out, 0, sizeof *out);
    int rc = v ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &t, err);
    for (uint32_t s = 0; rc == 0 && t && s < f->strata_n; s++) {
        if (f->past.kind[s] != PAST_ATTR || !may_be_numbers(t, rows, s)) continue;
        size_t n = values_of(rows, s, v);
        out->is[s] = all_numbers(t, v, n);
        if (out->is[s] && cut_slot(rows, s, v, n, out->at[s])) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    if (t) tl_store_end(&t);
    tl_free(v);
    return rc;
}

static struct tl_str
between(struct look *k, const double cut[FINDINGS_CUTS], uint32_t bin)
{
    char text[80];
    int n = bin <= 1 ? snprintf(text, sizeof text, "< %.10g", cut[0])
        : bin > FINDINGS_CUTS ? snprintf(text, sizeof text, ">= %.10g", cut[FINDINGS_CUTS - 1]) : snprintf(text, sizeof text, "%.10g .. < %.10g", cut[bin - 2], cut[bin - 1]);
    char *copy = tl_arena_dup(k->arena, text, (size_t)n);
    return copy ? (struct tl_str){ copy, (size_t)n } : TL_STR("");
}

struct tl_str
findings_stratum(struct look *k, struct tl_store_txn *t, const struct findings *f, const struct findings_cuts *c, uint32_t slot, uint32_t value)
{
    static const char *const prior[] = { "0", "1", "2+" }, *const tenure[] = { "< 30 d", "< 180 d", ">= 180 d" };
    if (value == 0) return TL_STR("");
    switch (f->past.kind[slot]) {
    case PAST_PRIOR_BAD:
        return tl_str_of(prior[value - 1]);
    case PAST_TENURE:
        return tl_str_of(tenure[value - 1]);
    case PAST_DAYPART:
        return k->catalogue->daypart[value - 1].id;
    case PAST_ATTR:
        break;
    }
    return c->is[slot] ? between(k, c->at[slot], value) : fold_word(k, t, value);
}
