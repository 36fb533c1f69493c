/* tl_alert_text.c - an alert in words: the same sentence on the page, in a terminal and in a message, in Chinese and English. */
#include <inttypes.h>
#include <stdio.h>

#include "tl_alerts.h"
#include "tl_time.h"

static const char *const kind_words[TL_ALERT_KINDS] = { "near", "passed", "moment", "score", "complaint", "event", "silent" };
static const char *const state_words[TL_ALERT_STATES] = { "open", "acknowledged", "resolved" };

const char *
tl_alert_kind_word(unsigned kind)
{
    return kind < TL_ALERT_KINDS ? kind_words[kind] : "event";
}

const char *
tl_alert_state_word(unsigned state)
{
    return state < TL_ALERT_STATES ? state_words[state] : "open";
}

int
tl_alert_word_of(struct tl_str word, const char *(*words)(unsigned), unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (tl_str_is(word, words(i)))
            return (int)i;
    return -1;
}

void
tl_alert_duration(int64_t ms, bool zh, char out[48])
{
    int64_t s = (ms < 0 ? 0 : ms) / 1000, d = s / 86400;
    int n = d > 0 ? snprintf(out, 48, "%" PRId64 "%s", d, zh ? " 天 " : " d ") : 0;

    if (s >= 3600)
        snprintf(out + n, 48 - (size_t)n, "%d:%02d:%02d", (int)(s % 86400 / 3600), (int)(s % 3600 / 60), (int)(s % 60));
    else
        snprintf(out, 48, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static struct tl_str
either(struct tl_str first, struct tl_str second, struct tl_str third)
{
    return first.n > 0 ? first : second.n > 0 ? second : third;
}

/* Put into out what fits whole characters. */
static void
settle(const struct tl_buf *b, char *out, size_t cap)
{
    size_t n = b->failed ? 0 : b->len < cap ? b->len : cap - 1;

    while (n > 0 && n < b->len && (b->data[n] & 0xC0) == 0x80)
        n--;
    if (n > 0)
        memcpy(out, b->data, n);
    out[n] = 0;
}

static void
put_where(struct tl_buf *b, const struct tl_alert *a, bool zh)
{
    struct tl_str t = zh ? either(a->touchpoint_zh, a->touchpoint_en, a->touchpoint) : either(a->touchpoint_en, a->touchpoint_zh, a->touchpoint);

    if (t.n == 0 && a->place.n == 0)
        return;
    tl_buf_put_str(b, zh ? "(" : " (");
    tl_buf_put(b, t.p, t.n);
    if (t.n > 0 && a->place.n > 0)
        tl_buf_put_str(b, " · ");
    tl_buf_put(b, a->place.p, a->place.n);
    tl_buf_put_str(b, zh ? ")" : ")");
}

static void
put_what(struct tl_buf *b, const struct tl_alert *a, bool zh)
{
    char waited[48], limit[48];

    switch (a->kind) {
    case TL_ALERT_NEAR:
        tl_alert_duration(a->at_ms - a->started_ms, zh, waited);
        tl_alert_duration(a->due_ms - a->started_ms, zh, limit);
        tl_buf_printf(b, zh ? ":时限 %2$s 已过 %1$s" : ": %1$s of %2$s have passed", waited, limit);
        break;
    case TL_ALERT_PASSED:
        tl_alert_duration(a->due_ms - a->started_ms, zh, limit);
        tl_buf_printf(b, zh ? ":已超过 %s 的时限" : ": over the limit of %s", limit);
        break;
    case TL_ALERT_MOMENT:
        tl_buf_put_str(b, zh ? ":真相时刻的负面体验" : ": a bad experience at a moment of truth");
        break;
    default:
        break;
    }
    if (a->what.n > 0)
        tl_buf_printf(b, zh ? ",%.*s" : ", %.*s", (int)a->what.n, a->what.p);
}

void
tl_alert_text(const struct tl_alert *a, bool zh, char *out, size_t cap)
{
    struct tl_buf b = {0};
    struct tl_str title = zh ? either(a->title_zh, a->title_en, a->rule) : either(a->title_en, a->title_zh, a->rule);

    tl_buf_put(&b, title.p, title.n);
    put_what(&b, a, zh);
    put_where(&b, a, zh);
    settle(&b, out, cap);
    tl_buf_free(&b);
}
