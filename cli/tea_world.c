/* tea_world.c - see tea_world.h. Chances are written where they are drawn: a reader checks one line against one sentence. */
#include "tea_world.h"

#include <stddef.h>

#define S03 2
#define S05 4
#define S07 6
#define S08 7
#define NEW_COUNTER_DAY 28      /* S03 gets its new layout */
#define NEW_APP_DAY 35          /* app 3.2 with the coupon: payment fails more often */

uint64_t
tea_mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

uint64_t
tea_fnv(const char *label)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *label; label++)
        h = (h ^ (uint8_t)*label) * UINT64_C(0x100000001b3);
    return h;
}

double
tea_draw(uint64_t seed, const char *label, uint64_t a, uint64_t b)
{
    return (double)(tea_mix(tea_mix(tea_mix(seed + tea_fnv(label)) + a) + b) >> 11) * 0x1p-53;
}

/* the first index whose cumulative weight exceeds u */
static int
pick(double u, const double *weight, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += weight[i];
        if (u < sum)
            return i;
    }
    return n - 1;
}

struct customer {
    enum tea_tier tier;
    int store;
    enum tea_daypart daypart;
    double loyal;               /* chance that an order keeps the daypart */
};

static struct customer
customer_of(uint64_t seed, uint32_t c)
{
    static const double tiers[] = { .08, .22, .70 }, at_busy[] = { .70, .25, .03 };
    static const double homes[] = { .20, .20, .20, .20, .185, .015 }, dayparts[] = { .22, .16, .34, .28 };
    static const int busy[] = { S03, S07 }, others[] = { 0, 1, 3, 4, 5, S08 };
    struct customer who = { .tier = (enum tea_tier)pick(tea_draw(seed, "tier", c, 0), tiers, 3) };
    if (tea_draw(seed, "busyhome", c, 0) < at_busy[who.tier]) {
        who.store = busy[(int)(tea_draw(seed, "home", c, 0) * 2)];
        who.daypart = TEA_LUNCH;
        who.loyal = .9;
    } else {
        who.store = others[pick(tea_draw(seed, "home", c, 0), homes, 6)];
        who.daypart = (enum tea_daypart)pick(tea_draw(seed, "part", c, 0), dayparts, 4);
        who.loyal = .8;
    }
    return who;
}

static double
late_chance(const struct tea_order *o)
{
    bool lunch = o->daypart == TEA_LUNCH;
    if (o->store == S03 && lunch && o->day >= NEW_COUNTER_DAY)
        return .18;
    if ((o->store == S03 || o->store == S07) && lunch)
        return .46;
    return o->store == S08 && lunch ? .20 : .03;
}

static void
draw_service(uint64_t seed, struct tea_order *o)
{
    uint32_t c = o->customer, k = o->number;
    o->late = tea_draw(seed, "late", c, k) < late_chance(o);
    o->wait_s = o->late ? 481 + (int)(tea_draw(seed, "wait", c, k) * 420) : 150 + (int)(tea_draw(seed, "wait", c, k) * 331);
    o->note = tea_draw(seed, "note", c, k) < .15;
    o->note_rechecked = o->note && o->store == S05;
    o->note_missed = o->note && tea_draw(seed, "notemiss", c, k) < (o->note_rechecked ? .02 : .12);
    o->no_notice = tea_draw(seed, "notice", c, k) < .08;
    o->chat = tea_draw(seed, "chat", c, k) < .12;
    o->chat_slow = o->chat && tea_draw(seed, "slow", c, k) < (o->daypart == TEA_EVENING ? .36 : .04);
    o->call = o->chat && tea_draw(seed, "call", c, k) < .30;
    o->asked_again = o->call && tea_draw(seed, "lost", c, k) < .40;
    o->coupon = tea_draw(seed, "coupon", c, k) < .40;
}

static void
draw_feeling(uint64_t seed, struct tea_order *o)
{
    static const double unhappy[] = { .04, .05, .06 }, stays_away[] = { .08, .25, .52 };
    uint32_t c = o->customer, k = o->number;
    /* summed left to right, one term at a time: the sum is compared with a draw, so its last bit counts */
    double p = unhappy[o->tier] + .18 * o->late + .40 * o->note_missed + .15 * o->asked_again;
    o->unhappy = tea_draw(seed, "unhappy", c, k) < p;
    o->complaint = o->unhappy && tea_draw(seed, "complain", c, k) < .5;
    o->good_remedy = o->complaint && tea_draw(seed, "goodrec", c, k) < .5;
    p = stays_away[o->tier] + .09 * o->late;
    if (o->complaint)
        p += o->good_remedy ? -.12 : .12;
    p = p < .01 ? .01 : p > .95 ? .95 : p;
    o->not_back = tea_draw(seed, "notback", c, k) < p;
}

static struct tea_order
order_of(uint64_t seed, const struct customer *who, uint32_t c, uint32_t k, int day)
{
    static const double elsewhen[] = { .25, .15, .30, .30 };
    static const int from_min[] = { 8 * 60, 11 * 60 + 30, 14 * 60, 17 * 60 + 30 }, to_min[] = { 11 * 60, 13 * 60 + 30, 17 * 60 + 30, 21 * 60 };
    struct tea_order o = { .customer = c, .number = k, .tier = who->tier, .store = who->store, .daypart = who->daypart, .day = day };
    if (!(tea_draw(seed, "dpkeep", c, k) < who->loyal))
        o.daypart = (enum tea_daypart)pick(tea_draw(seed, "dpother", c, k), elsewhen, 4);
    double minute = from_min[o.daypart] + tea_draw(seed, "minute", c, k) * (to_min[o.daypart] - from_min[o.daypart]);
    o.placed_ms = (int64_t)day * 86400000 + (int64_t)(minute * 60000);
    draw_service(seed, &o);
    draw_feeling(seed, &o);
    return o;
}

/* days until the next order; 0: never */
static int
next_gap(uint64_t seed, const struct tea_order *o)
{
    static const int lo[] = { 1, 2, 4 }, hi[] = { 5, 9, 13 };
    double u = tea_draw(seed, "gap", o->customer, o->number);
    if (!o->not_back)
        return lo[o->tier] + (int)(u * (hi[o->tier] - lo[o->tier] + 1));
    return tea_draw(seed, "never", o->customer, o->number) < .5 ? 0 : 15 + (int)(u * 14);
}

int
tea_orders(uint64_t seed, uint32_t customers, int days, int (*each)(void *arg, const struct tea_order *o), void *arg)
{
    for (uint32_t c = 0; c < customers; c++) {
        struct customer who = customer_of(seed, c);
        double first = tea_draw(seed, "first", c, 0);
        int day = tea_draw(seed, "old", c, 0) < .42 ? (int)(first * 7) : 7 + (int)(first * 49);
        for (uint32_t k = 0; day < days; k++) {
            struct tea_order o = order_of(seed, &who, c, k, day);
            int rc = each(arg, &o), gap = next_gap(seed, &o);
            if (rc != 0)
                return rc;
            if (gap == 0)
                break;
            day += gap;
        }
    }
    return 0;
}

int
tea_visitors(uint64_t seed, int days, int (*each)(void *arg, const struct tea_visitor *v), void *arg)
{
    for (uint32_t i = 0; i < (uint32_t)days * TEA_VISITORS_A_DAY; i++) {
        struct tea_visitor v = { .number = i, .day = (int)(i / TEA_VISITORS_A_DAY) };
        v.pays = tea_draw(seed, "vpay", i, 0) < (v.day < NEW_APP_DAY ? .075 : .23);
        int rc = each(arg, &v);
        if (rc != 0)
            return rc;
    }
    return 0;
}

struct tea_order
tea_live_order(uint64_t seed, uint32_t n, int64_t placed_ms)
{
    static const double tiers[] = { .08, .22, .70 };
    int minute = (int)(placed_ms % 86400000 / 60000);
    struct tea_order o = { .customer = TEA_LIVE_CUSTOMER + n, .tier = (enum tea_tier)pick(tea_draw(seed, "tier", TEA_LIVE_CUSTOMER + n, 0), tiers, 3),
                           .store = (int)(tea_draw(seed, "home", TEA_LIVE_CUSTOMER + n, 0) * TEA_STORES), .day = (int)(placed_ms / 86400000), .placed_ms = placed_ms };
    o.daypart = minute < 660 ? TEA_MORNING : minute < 810 ? TEA_LUNCH : minute < 1050 ? TEA_AFTERNOON : TEA_EVENING;
    draw_service(seed, &o);
    draw_feeling(seed, &o);
    return o;
}
