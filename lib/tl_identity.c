/* tl_identity.c - see tl_identity.h. */
#include "tl_identity.h"

static bool
blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static struct tl_str
trim(struct tl_str s)
{
    while (s.n > 0 && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t
tl_identity_normal(struct tl_str kind, struct tl_str value, char *out, size_t cap)
{
    return tl_identity_normal_in(NULL, kind, value, out, cap);
}

size_t
tl_identity_normal_in(const struct tl_region *region, struct tl_str kind, struct tl_str value, char *out, size_t cap)
{
    struct tl_str v = trim(value);

    if (v.n == 0 || v.n > cap || tl_event_junk_id(v))
        return 0;
    if (tl_str_is(kind, "phone"))
        return tl_phone_normal(region, v, out, cap);
    memcpy(out, v.p, v.n);
    if (tl_str_is(kind, "email"))
        for (size_t i = 0; i < v.n; i++)
            if (out[i] >= 'A' && out[i] <= 'Z')
                out[i] = (char)(out[i] - 'A' + 'a');
    return v.n;
}

int
tl_identity_rank(struct tl_str kind)
{
    static const struct { struct tl_str kind; int rank; } ranks[] = {
        { { "member", 6 }, 0 }, { { "user", 4 }, 1 }, { { "phone", 5 }, 2 }, { { "email", 5 }, 3 }, { { "anonymous", 9 }, 5 }, { { "device", 6 }, 6 },
    };

    if (kind.n > 5 && !memcmp(kind.p + kind.n - 5, "_hash", 5))        /* as a field policy has left it */
        kind.n -= 5;
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        if (kind.n == ranks[i].kind.n && memcmp(kind.p, ranks[i].kind.p, kind.n) == 0)
            return ranks[i].rank;
    return 4;
}

void
tl_identity_hash(const uint8_t key[TL_KEY_BYTES], struct tl_str kind, struct tl_str normal, uint8_t hash[16])
{
    char buf[1024];
    uint8_t other[TL_KEY_BYTES] = {0};
    size_t kn = kind.n < 128 ? kind.n : 128, vn = normal.n < 800 ? normal.n : 800;

    memcpy(buf, kind.p, kn);
    buf[kn] = 0;
    memcpy(buf + kn + 1, normal.p, vn);
    memcpy(other, key + 16, 16);
    uint64_t a = tl_hash64(key, buf, kn + 1 + vn), b = tl_hash64(other, buf, kn + 1 + vn);
    memcpy(hash, &a, 8);
    memcpy(hash + 8, &b, 8);
}

static int
stronger(const struct tl_identity *a, const struct tl_identity *b)
{
    if (a->rank != b->rank)
        return a->rank - b->rank;
    int d = tl_str_cmp(a->kind, b->kind);
    return d != 0 ? d : tl_str_cmp(a->normal, b->normal);
}

uint32_t
tl_identity_list(const struct tl_event *ev, const struct tl_region *region, struct tl_identity list[TL_EVENT_IDS_MAX], char *hold)
{
    uint32_t n = 0;

    for (uint32_t i = 0; (ev->has & TL_HAS(ids)) && i < ev->ids_n; i++) {
        struct tl_identity id = { ev->ids_[i].kind, { hold, 0 }, tl_identity_rank(ev->ids_[i].kind) };
        uint32_t at = 0;
        id.normal.n = tl_identity_normal_in(region, id.kind, ev->ids_[i].value, hold, TL_IDENTITY_BYTES_MAX);
        if (id.normal.n == 0)
            continue;
        hold += id.normal.n;
        while (at < n && stronger(&list[at], &id) < 0)
            at++;
        if (at < n && stronger(&list[at], &id) == 0)
            continue;
        memmove(&list[at + 1], &list[at], (n - at) * sizeof *list);
        list[at] = id;
        n++;
    }
    return n;
}
