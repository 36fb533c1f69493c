/* recording.c - see recording.h: from a viewer, and what both ways share. */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>

#include "tl_event.h"
#include "tl_fetch.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_time.h"

#define ANSWER_ARENA_BYTES ((size_t)512 << 20)
#define DEPTH_MAX 16                     /* an event's own 8, inside an answer */

/* ---- both ways ---- */

static bool
in_run(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '@';
}

int
recording_run(const char *run, struct tl_err *err)
{
    size_t n = strlen(run);
    bool good = n > 0 && n <= RECORDING_RUN_MAX;
    for (size_t i = 0; i < n && good; i++)
        good = in_run(run[i]);
    return good ? 0 : tl_fail(err, TL_EINVAL, "a run is called by 1 to %d letters, digits and - _ . @", RECORDING_RUN_MAX);
}

void
recording_call(struct recording *r, const char *head, const char *tail)
{
    uint8_t hash[32];
    char hex[17] = "";
    size_t n = 0, most = RECORDING_RUN_MAX - (tail != NULL ? 9 : 0);
    bool changed = strlen(head) > most;
    for (; head[n] != '\0' && n < most; n++) {
        changed |= !in_run(head[n]);
        r->run[n] = in_run(head[n]) ? head[n] : '-';
    }
    r->run[n] = '\0';
    if (tail == NULL && !changed)
        return;
    tl_hash256(tail != NULL ? tail : head, strlen(tail != NULL ? tail : head), hash);
    tl_hex(hash, 4, hex);
    n = n < RECORDING_RUN_MAX - 9 ? n : RECORDING_RUN_MAX - 9;
    snprintf(r->run + n, sizeof r->run - n, "-%s", hex);
}

int
recording_add(struct recording *r, struct tl_str id, struct tl_str json, int64_t at_ms, uint32_t person, struct tl_err *err)
{
    if (r->event_n % 256 == 0) {
        struct recorded *more = tl_realloc(r->event, (r->event_n + 256) * sizeof *more);
        if (more == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory for %s", r->name);
        r->event = more;
    }
    struct recorded *e = &r->event[r->event_n];
    *e = (struct recorded){ .id = tl_strdup(id), .json = tl_strdup(json), .at_ms = at_ms, .person = person };
    r->person_n = person >= r->person_n ? person + 1 : r->person_n;
    r->event_n++;
    return e->id != NULL && e->json != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory for %s", r->name);
}

void
recording_free(struct recording *r)
{
    for (uint32_t i = 0; i < r->event_n; i++) {
        tl_free(r->event[i].id);
        tl_free(r->event[i].json);
    }
    tl_free(r->event);
    tl_free(r->part);
    tl_free(r->name);
    *r = (struct recording){0};
}

/* ---- from a viewer ---- */

static int
ask(struct session *s, const struct tl_buf *path, struct tl_arena *a, struct tl_buf *body, struct tl_jv **root, struct tl_err *err)
{
    if (a == NULL || path->failed)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = session_get(s, SESSION_VIEWER, (const char *)path->data, body, err);
    return rc != 0 ? rc : tl_json_tree(a, (struct tl_str){ (const char *)body->data, body->len }, DEPTH_MAX, root, NULL, err);
}

static int
take_parts(struct recording *r, const struct tl_jv *list, struct tl_err *err)
{
    r->part = tl_alloc((list != NULL ? list->children_n + 1 : 1) * sizeof *r->part);
    if (r->part == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next) {
        struct recorded_part *p = &r->part[r->part_n++];
        struct tl_str customer = tl_jv_text(j, "customer"), person = tl_jv_text(j, "person"), type = tl_jv_text(j, "type");
        snprintf(p->customer, sizeof p->customer, "%.*s", (int)customer.n, customer.p);
        snprintf(p->person, sizeof p->person, "%.*s", (int)person.n, person.p);
        snprintf(p->type, sizeof p->type, "%.*s", (int)type.n, type.p);
        p->start_ms = tl_jv_int(j, "start", 0);
    }
    return 0;
}

/* c12 -> 12 */
static uint32_t
person_of(const struct tl_jv *event)
{
    struct tl_str name = tl_jv_text(tl_jv_get(event, "ids"), "user");
    return name.n > 1 ? (uint32_t)strtoul(name.p + 1, NULL, 10) : 0;
}

static int
take_answer(struct recording *r, const struct tl_jv *root, struct tl_err *err)
{
    const struct tl_jv *events = tl_jv_get(root, "events");
    int rc = take_parts(r, tl_jv_get(root, "journeys"), err);
    struct tl_str format = tl_jv_text(root, "format");
    snprintf(r->format, sizeof r->format, "%.*s", (int)format.n, format.p != NULL ? format.p : "");
    r->left_out = (uint32_t)tl_jv_int(root, "left_out", 0);
    for (const struct tl_jv *e = events != NULL ? events->child : NULL; rc == 0 && e != NULL; e = e->next) {
        const struct tl_jv *event = tl_jv_get(e, "event");
        if (event != NULL)
            rc = recording_add(r, tl_jv_text(e, "id"), event->raw, tl_jv_int(e, "time", 0), person_of(event), err);
    }
    if (rc == 0 && r->event_n == 0)
        rc = tl_fail(err, TL_ENOTFOUND, "nothing was recorded of %.100s yet", r->name);
    return rc;
}

/* KIND:VALUE is asked for; a hash stands as it is */
static int
customer_of(struct session *s, const char *who, size_t n, char hash[33], struct tl_err *err)
{
    struct tl_buf path = {0}, body = {0};
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_jv *root = NULL;
    hash[0] = '\0';
    if (memchr(who, ':', n) == NULL) {
        snprintf(hash, 33, "%.*s", (int)n, who);
        tl_arena_free(&a);
        return 0;
    }
    tl_buf_put_str(&path, "/api/customers?id=");
    tl_fetch_escape(&path, (struct tl_str){ who, n });
    tl_buf_put_u8(&path, 0);
    int rc = ask(s, &path, a, &body, &root, err);
    const struct tl_jv *list = rc == 0 ? tl_jv_get(root, "customers") : NULL;
    struct tl_str found = list != NULL && list->child != NULL ? tl_jv_text(list->child, "customer") : (struct tl_str){0};
    if (rc == 0 && found.n != 32)
        rc = tl_fail(err, TL_ENOTFOUND, "no customer has the identity %.*s", (int)(n < 100 ? n : 100), who);
    if (rc == 0)
        snprintf(hash, 33, "%.32s", found.p);
    tl_arena_free(&a);
    tl_buf_free(&path);
    tl_buf_free(&body);
    return rc;
}

static bool
is_hash(const char *p, size_t n)
{
    return n == 32 && strspn(p, "0123456789abcdef") >= 32;
}

static int
journey_path(struct session *s, const char *what, struct tl_buf *path, struct tl_err *err)
{
    char hash[33];
    size_t n = strcspn(what, "/");
    const char *type = what[n] != '\0' ? what + n + 1 : "", *start = strchr(type, '/');
    int rc = customer_of(s, what, n, hash, err);
    if (rc != 0)
        return rc;
    tl_buf_printf(path, "/api/recorded?customer=%s&journey=", hash);
    tl_fetch_escape(path, *type != '\0' ? (struct tl_str){ type, start != NULL ? (size_t)(start - type) : strlen(type) } : TL_STR("all"));
    if (start != NULL && start[1] != '\0') {
        tl_buf_put_str(path, "&began=");
        tl_fetch_escape(path, tl_str_of(start + 1));
    }
    return 0;
}

int
recording_fetch(struct session *s, const char *what, struct recording *out, struct tl_err *err)
{
    struct tl_buf path = {0}, body = {0};
    struct tl_arena *a = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    size_t n = strcspn(what, "/");
    int rc = 0;
    *out = (struct recording){ .kind = is_hash(what, n) || memchr(what, ':', n) != NULL ? RECORDING_JOURNEY : RECORDING_VISIT, .name = tl_strdup(tl_str_of(what)) };
    if (out->name == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    else if (out->kind == RECORDING_JOURNEY)
        rc = journey_path(s, what, &path, err);
    else {
        tl_buf_put_str(&path, "/api/recorded?visit=");
        tl_fetch_escape(&path, tl_str_of(what));
    }
    tl_buf_put_u8(&path, 0);
    if (rc == 0)
        rc = ask(s, &path, a, &body, &root, err);
    if (rc == 0)
        rc = take_answer(out, root, err);
    if (rc == 0 && out->kind == RECORDING_VISIT)
        recording_call(out, what, NULL);
    else if (rc == 0) {
        char tail[160];
        snprintf(tail, sizeof tail, "%s %s %lld", out->part[0].customer, out->part[0].type, (long long)out->part[0].start_ms);
        recording_call(out, out->part[0].type, tail);
    }
    tl_arena_free(&a);
    tl_buf_free(&path);
    tl_buf_free(&body);
    if (rc != 0)
        recording_free(out);
    return rc;
}
