/* keys_write.c - write keys: made, listed, given a second secret, revoked. The collector takes the file again within half a second. */
#include "keys.h"

#include "tl_keys.h"
#include "tl_run.h"

#define STREAMS " live pilot test replay "

static char *
path_of(const struct keys_job *j, char path[PATH_MAX])
{
    return tl_run_path(path, j->data, "keys/write-keys.json");
}

char *
keys_until(int64_t not_after_ms, int64_t now_ms, char out[32])
{
    if (not_after_ms == TL_TIME_NONE)
        snprintf(out, 32, "for ever");
    else if (not_after_ms < now_ms)
        snprintf(out, 32, "over");
    else
        tl_time_format(not_after_ms, out);
    return out;
}

static int
find(const struct keys_job *j, struct tl_write_keys *keys, struct tl_write_key **key, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = tl_write_keys_load(path_of(j, path), keys, err);
    if (rc != 0)
        return rc;
    *key = tl_write_keys_get(keys, tl_str_of(j->name));
    return *key != NULL ? 0 : tl_fail(err, TL_ENOTFOUND, "there is no write key \"%s\"; `touchline keys list write-key` shows those there are", j->name);
}

static int
save(const struct keys_job *j, struct tl_write_keys *keys, struct tl_err *err)
{
    char path[PATH_MAX];
    return tl_write_keys_save(path_of(j, path), keys, err);
}

static int
set_scope(const struct keys_job *j, struct tl_write_key *key, struct tl_err *err)
{
    char word[24];
    snprintf(word, sizeof word, " %.20s ", j->stream != NULL ? j->stream : "live");
    if (strstr(STREAMS, word) == NULL)
        return tl_fail(err, TL_EINVAL, "--stream is one of live, pilot, test, replay");
    snprintf(key->stream, sizeof key->stream, "%s", j->stream != NULL ? j->stream : "live");
    if (j->origins.n > TL_KEYS_ORIGINS_MAX)
        return tl_fail(err, TL_EINVAL, "--origin may be given %d times at most", TL_KEYS_ORIGINS_MAX);
    for (int i = 0; i < j->origins.n; i++) {
        size_t n = strlen(j->origins.v[i]);
        if (n >= TL_KEYS_ORIGIN_BYTES || strncmp(j->origins.v[i], "http", 4) != 0 || j->origins.v[i][n - 1] == '/')
            return tl_fail(err, TL_EINVAL, "--origin is what a browser says of a page: https://shop.example, without a slash at its end");
        snprintf(key->origin[key->origins_n++], TL_KEYS_ORIGIN_BYTES, "%s", j->origins.v[i]);
    }
    key->rate = j->rate;
    return j->rate >= 0 ? 0 : tl_fail(err, TL_EINVAL, "--rate is events a second, 0 for as many as the settings allow");
}

int
keys_write_add(const struct keys_job *j, struct tl_err *err)
{
    char path[PATH_MAX], wire[TL_KEYS_WIRE_BYTES];
    struct tl_write_keys keys;
    int rc = tl_write_keys_load(path_of(j, path), &keys, err);
    if (rc == 0 && tl_write_keys_get(&keys, tl_str_of(j->name)) != NULL)
        rc = tl_fail(err, TL_EEXIST, "there is a write key \"%s\" already; give it a new secret with `touchline keys rotate write-key %s`", j->name, j->name);
    bool first = keys.n == 0;
    struct tl_write_key *key = rc == 0 ? tl_write_keys_add(&keys, tl_str_of(j->name)) : NULL;
    if (rc == 0 && key == NULL)
        rc = tl_fail(err, TL_ENOSPC, "there is no room for another write key");
    if (rc == 0)
        rc = set_scope(j, key, err);
    if (rc == 0) {
        tl_write_key_secret(key, j->not_after_ms, j->now_ms, wire);
        rc = save(j, &keys, err);
    }
    if (rc == 0) {
        printf("%s\n", wire);
        fprintf(stderr, "This is shown once: only its hash is kept. Events sent with it have the origin \"%s\".\n", j->name);
        if (first)
            fprintf(stderr, "It is the first key: from now on the collector takes listed keys only.\n");
    }
    tl_write_keys_free(&keys);
    return rc;
}

int
keys_write_rotate(const struct keys_job *j, struct tl_err *err)
{
    char wire[TL_KEYS_WIRE_BYTES], time[32];
    struct tl_write_keys keys;
    struct tl_write_key *key = NULL;
    int rc = find(j, &keys, &key, err);
    if (rc == 0 && key->revoked)
        rc = tl_fail(err, TL_EINVAL, "the write key \"%s\" is revoked; add one under another name", j->name);
    if (rc == 0) {
        tl_write_key_secret(key, j->not_after_ms, j->now_ms + j->grace_s * 1000, wire);
        rc = save(j, &keys, err);
    }
    if (rc == 0) {
        printf("%s\n", wire);
        fprintf(stderr, "This is shown once. The secret before it ends at %s.\n", tl_time_format(j->now_ms + j->grace_s * 1000, time));
    }
    tl_write_keys_free(&keys);
    return rc;
}

int
keys_write_revoke(const struct keys_job *j, struct tl_err *err)
{
    struct tl_write_keys keys;
    struct tl_write_key *key = NULL;
    int rc = find(j, &keys, &key, err);
    if (rc == 0) {
        key->revoked = true;
        key->secrets_n = 0;
        rc = save(j, &keys, err);
    }
    tl_write_keys_free(&keys);
    return rc;
}

static void
put_row(struct cli_table *t, const struct keys_job *j, const struct tl_write_key *key)
{
    char until[32] = "", origins[200] = "";
    for (int i = 0; i < key->origins_n; i++)
        snprintf(origins + strlen(origins), sizeof origins - strlen(origins), "%s%s", i > 0 ? " " : "", key->origin[i]);
    if (key->secrets_n > 0)
        keys_until(key->secret[key->secrets_n - 1].not_after_ms, j->now_ms, until);
    cli_table_cell(t, "%s", key->id);
    cli_table_cell(t, "%s", key->stream);
    cli_table_cell(t, "%s", key->origins_n > 0 ? origins : "any");
    cli_table_cell(t, key->rate > 0 ? "%lld/s" : "as set", (long long)key->rate);
    cli_table_cell(t, "%d", key->secrets_n);
    cli_table_cell(t, "%s", key->revoked ? "revoked" : until);
}

int
keys_write_list(const struct keys_job *j, struct tl_err *err)
{
    static const char *const head[] = { "write key", "stream", "pages", "events", "secrets", "until" };
    char path[PATH_MAX];
    struct tl_write_keys keys;
    int rc = tl_write_keys_load(path_of(j, path), &keys, err);
    if (rc != 0)
        return rc;
    struct cli_table *t = keys.n > 0 ? cli_table_new(6) : NULL;
    for (size_t i = 0; i < 6 && t != NULL; i++)
        cli_table_cell(t, "%s", head[i]);
    for (size_t i = 0; i < keys.n; i++)
        put_row(t, j, &keys.key[i]);
    if (t != NULL)
        cli_table_print(t, stdout);
    else
        printf("There is no write key: the collector takes any, and its text is the events' origin.\n");
    cli_table_free(&t);
    tl_write_keys_free(&keys);
    return 0;
}
