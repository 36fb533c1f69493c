/* access.c - see access.h. */
#include "access.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#include "tl_keys.h"
#include "tl_logfmt.h"
#include "tl_run.h"

#define REPLAY_ORIGIN "replay"          /* of `touchline replay`: a key of stream replay that need not be listed where anyone is taken, and for the operator nowhere */

struct access {
    char data[PATH_MAX], path[PATH_MAX];
    pthread_rwlock_t lock;
    struct tl_write_keys keys;
    uint64_t stamp, token_stamp;
    char token[65];                     /* "": none yet */
};

static void
refresh_token(struct access *a)
{
    char path[PATH_MAX], token[65] = "";
    uint64_t stamp = tl_keys_stamp(tl_run_path(path, a->data, "run/token"));
    if (stamp == a->token_stamp || tl_run_token(a->data, 0, token, NULL) != 0) return;
    pthread_rwlock_wrlock(&a->lock);
    memcpy(a->token, token, sizeof a->token);
    a->token_stamp = stamp;
    pthread_rwlock_unlock(&a->lock);
}

static int
take_keys(struct access *a, uint64_t stamp, struct tl_err *err)
{
    struct tl_write_keys fresh;
    int rc = tl_write_keys_load(a->path, &fresh, err);
    if (rc != 0) return rc;
    if (fresh.n == 0 && a->keys.n > 0) return tl_fail(err, TL_ECONFIG, "%s lists no key any more", a->path);      /* or anyone would be taken */
    pthread_rwlock_wrlock(&a->lock);
    struct tl_write_keys old = a->keys;
    a->keys = fresh;
    a->stamp = stamp;
    pthread_rwlock_unlock(&a->lock);
    tl_write_keys_free(&old);
    return 0;
}

int
access_open(struct access **out, const char *data, struct tl_err *err)
{
    struct access *a = tl_alloc(sizeof *a);
    if (!a) return tl_fail(err, TL_ENOMEM, "out of memory for write keys");
    snprintf(a->data, sizeof a->data, "%s", data);
    tl_run_path(a->path, data, "keys/write-keys.json");
    pthread_rwlock_init(&a->lock, NULL);
    uint64_t stamp = tl_keys_stamp(a->path);
    int rc = stamp ? take_keys(a, stamp, err) : 0;
    if (rc != 0) {
        access_close(&a);
        return rc;
    }
    refresh_token(a);
    *out = a;
    return 0;
}

void
access_close(struct access **ap)
{
    if (!*ap) return;
    tl_write_keys_free(&(*ap)->keys);
    pthread_rwlock_destroy(&(*ap)->lock);
    tl_free(*ap);
    *ap = NULL;
}

void
access_refresh(struct access *a)
{
    struct tl_err err;
    uint64_t stamp = tl_keys_stamp(a->path);
    refresh_token(a);
    if (stamp == a->stamp) return;
    int rc = stamp ? take_keys(a, stamp, &err) : 0;
    if (stamp == 0) tl_log(TL_WARN, "write_keys_gone", "path=\"%s\" text=\"what was listed holds until the next start\"", a->path);
    else if (rc != 0) tl_log(TL_ERROR, "write_keys_unreadable", "error=\"%s\" text=\"what was listed before holds\"", err.text);
    else tl_log(TL_INFO, "write_keys", "keys=%zu", a->keys.n);
    if (rc != TL_ENOMEM && rc != TL_EIO) a->stamp = stamp;      /* said once a change; where the file is not at fault it is read again, or a revoked key would hold on */
}

/* ---- asking ---- */
static bool
is_operator(const struct access *a, struct tl_str token)
{
    unsigned differ = 0;
    size_t n = strlen(a->token);
    if (n == 0 || token.n != n) return false;
    for (size_t i = 0; i < n; i++)
        differ |= (unsigned)(a->token[i] ^ token.p[i]);
    return differ == 0;
}

static int
check_browser(const struct tl_write_key *key, struct tl_str browser, struct tl_err *err)
{
    for (int i = 0; i < key->origins_n; i++)
        if (tl_str_is(browser, key->origin[i])) return 0;
    if (key->origins_n == 0) return 0;
    return tl_fail(err, TL_EDENIED, "the write key %s is for pages of %s%s only", key->id, key->origin[0], key->origins_n > 1 ? " and other listed ones" : "");
}

static void
set_origin(struct access_grant *g, struct tl_str origin)
{
    snprintf(g->origin, sizeof g->origin, "%.*s", (int)(origin.n < ACCESS_ORIGIN_MAX ? origin.n : ACCESS_ORIGIN_MAX), origin.p ? origin.p : "");
}

static int
check_listed(const struct access *a, const struct access_asked *asked, int64_t now_ms, struct access_grant *g, struct tl_err *err)
{
    const struct tl_write_key *key = tl_write_keys_check(&a->keys, asked->key, now_ms);
    if (!key) return tl_fail(err, TL_EAUTH, "the write key is not known, was revoked, or is over; `touchline keys list write-key` shows those there are");
    int rc = check_browser(key, asked->browser, err);
    if (rc != 0) return rc;
    set_origin(g, tl_str_of(key->id));
    snprintf(g->stream, sizeof g->stream, "%s", key->stream);
    g->rate = key->rate;
    return 0;
}

int
access_check(struct access *a, const struct access_asked *asked, int64_t now_ms, struct access_grant *grant, struct tl_err *err)
{
    struct tl_str id, secret;
    int rc = 0;
    *grant = (struct access_grant){ 0 };
    pthread_rwlock_rdlock(&a->lock);
    grant->operator = is_operator(a, asked->token);
    if (a->keys.n > 0 && !grant->operator)
        rc = check_listed(a, asked, now_ms, grant, err);
    else {                              /* a secret never gets into the log, even where nobody asks for one */
        set_origin(grant, tl_write_key_split(asked->key, &id, &secret) ? id : asked->key);
        const struct tl_write_key *same = tl_write_keys_get(&a->keys, tl_str_of(grant->origin));
        if (same) snprintf(grant->stream, sizeof grant->stream, "%s", same->stream);    /* what comes again goes where it went */
        else if (!strcmp(grant->origin, REPLAY_ORIGIN)) snprintf(grant->stream, sizeof grant->stream, "replay");
    }
    pthread_rwlock_unlock(&a->lock);
    return rc;
}
