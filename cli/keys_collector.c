/* keys_collector.c - keys of collectors on the bus: pairs made here, the public half listed, the pair written for the collector. */
#include "keys.h"

#include <fcntl.h>
#include <unistd.h>
#include "tl_bus.h"
#include "tl_hash.h"
#include "tl_keys.h"
#include "tl_run.h"

#define IDENTITY_OFFSET 16               /* schemas/wire.md section 5: the collector's id in the spool's identity file */

static char *
registry(const struct keys_job *j, char path[PATH_MAX])
{
    return tl_run_path(path, j->data, "keys/collectors.json");
}

/* the collector of this folder */
static bool
own_collector(const struct keys_job *j, uint8_t id[TL_KEYS_COLLECTOR_BYTES])
{
    char path[PATH_MAX];
    int fd = open(tl_run_path(path, j->data, "spool/identity"), O_RDONLY | O_CLOEXEC);
    bool got = fd >= 0 && pread(fd, id, TL_KEYS_COLLECTOR_BYTES, IDENTITY_OFFSET) == TL_KEYS_COLLECTOR_BYTES;
    if (fd >= 0)
        close(fd);
    return got;
}

static int
which_collector(const struct keys_job *j, uint8_t id[TL_KEYS_COLLECTOR_BYTES], struct tl_err *err)
{
    if (j->collector != NULL && strlen(j->collector) == 2 * TL_KEYS_COLLECTOR_BYTES && tl_unhex(j->collector, TL_KEYS_COLLECTOR_BYTES, id) == 0)
        return 0;
    if (j->collector != NULL)
        return tl_fail(err, TL_EINVAL, "--collector takes the %d hex digits that a collector says when it starts (collector=...)", 2 * TL_KEYS_COLLECTOR_BYTES);
    if (own_collector(j, id))
        return 0;
    return tl_fail(err, TL_ENOTFOUND, "%s has no spool yet: start its collector once, or name another machine's with --collector ID (it says collector=ID when it starts)",
                   j->data);
}

/* The pair goes to --out, else into this folder when it is its own collector's, else to stdout. */
static int
hand_over(const struct keys_job *j, const uint8_t id[TL_KEYS_COLLECTOR_BYTES], const struct tl_curve_file *pair, struct tl_err *err)
{
    char path[PATH_MAX];
    uint8_t own[TL_KEYS_COLLECTOR_BYTES];
    bool here = own_collector(j, own) && memcmp(own, id, sizeof own) == 0;
    snprintf(path, sizeof path, "%s", j->out != NULL ? j->out : "/dev/stdout");
    if (j->out == NULL && here)
        tl_run_path(path, j->data, "keys/collector.key");
    if (j->out != NULL || here) {
        fprintf(stderr, "The pair is in %s%s.\n", path, here && j->out == NULL ? ", where the collector of this folder looks for it" : "; it belongs into keys/collector.key of the collector's folder");
        return tl_curve_file_save(path, pair, true, err);
    }
    char pub[65], sec[65], server[65];
    tl_hex(pair->public_key, 32, pub);
    tl_hex(pair->secret_key, 32, sec);
    tl_hex(pair->server_key, 32, server);
    printf("public %s\nsecret %s\nserver %s\n", pub, sec, server);
    fprintf(stderr, "This is shown once; it belongs into keys/collector.key (0600) of the collector's folder.\n");
    return 0;
}

/* a new pair; listed before it is handed over, so that whoever has it is let in */
static int
new_pair(const struct keys_job *j, struct tl_peer_keys *keys, const uint8_t id[TL_KEYS_COLLECTOR_BYTES], struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_curve_file server, pair;
    struct tl_peer_key key = { .enabled = true, .not_after_ms = j->not_after_ms };
    int rc = tl_curve_server(j->data, &server, err);
    if (rc == 0 && tl_bus_keypair(pair.public_key, pair.secret_key) != 0)
        rc = tl_fail(err, TL_EIO, "this libzmq knows no CURVE");
    if (rc != 0)
        return rc;
    memcpy(pair.server_key, server.public_key, sizeof pair.server_key);
    memcpy(key.public_key, pair.public_key, sizeof key.public_key);
    memcpy(key.collector, id, sizeof key.collector);
    snprintf(key.name, sizeof key.name, "%s", j->name);
    rc = tl_peer_keys_add(keys, &key, err);
    if (rc == 0)
        rc = tl_peer_keys_save(registry(j, path), keys, err);
    return rc == 0 ? hand_over(j, id, &pair, err) : rc;
}

static struct tl_peer_key *
named(const struct keys_job *j, const struct tl_peer_keys *keys)
{
    for (size_t i = keys->n; i-- > 0;)
        if (strcmp(keys->key[i].name, j->name) == 0)
            return &keys->key[i];
    return NULL;
}

int
keys_collector_add(const struct keys_job *j, struct tl_err *err)
{
    char path[PATH_MAX];
    uint8_t id[TL_KEYS_COLLECTOR_BYTES];
    struct tl_peer_keys keys;
    int rc = tl_peer_keys_load(registry(j, path), &keys, err);
    if (rc == 0 && named(j, &keys) != NULL)
        rc = tl_fail(err, TL_EEXIST, "there is a collector \"%s\" already; give it a new pair with `touchline keys rotate collector %s`", j->name, j->name);
    if (rc == 0)
        rc = which_collector(j, id, err);
    if (rc == 0)
        rc = new_pair(j, &keys, id, err);
    tl_peer_keys_free(&keys);
    return rc;
}

static int
find(const struct keys_job *j, struct tl_peer_keys *keys, struct tl_peer_key **key, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = tl_peer_keys_load(registry(j, path), keys, err);
    *key = rc == 0 ? named(j, keys) : NULL;
    return rc != 0 || *key != NULL ? rc : tl_fail(err, TL_ENOTFOUND, "there is no collector \"%s\"; `touchline keys list collector` shows those there are", j->name);
}

/* the newest pair of the name goes on for the grace, older ones end */
int
keys_collector_rotate(const struct keys_job *j, struct tl_err *err)
{
    uint8_t id[TL_KEYS_COLLECTOR_BYTES];
    struct tl_peer_keys keys;
    struct tl_peer_key *newest = NULL;
    int64_t until_ms = j->now_ms + j->grace_s * 1000;
    int rc = find(j, &keys, &newest, err);
    if (rc == 0 && !newest->enabled)
        rc = tl_fail(err, TL_EINVAL, "the collector \"%s\" is revoked; add it under another name", j->name);
    if (rc == 0) {
        size_t kept = 0, at = (size_t)(newest - keys.key);
        memcpy(id, newest->collector, sizeof id);
        if (newest->not_after_ms == TL_TIME_NONE || newest->not_after_ms > until_ms)
            newest->not_after_ms = until_ms;
        for (size_t i = 0; i < keys.n; i++)
            if (i == at || strcmp(keys.key[i].name, j->name) != 0)
                keys.key[kept++] = keys.key[i];
        keys.n = kept;
        rc = new_pair(j, &keys, id, err);
    }
    tl_peer_keys_free(&keys);
    return rc;
}

int
keys_collector_revoke(const struct keys_job *j, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_peer_keys keys;
    struct tl_peer_key *any = NULL;
    int rc = find(j, &keys, &any, err);
    for (size_t i = 0; i < keys.n && rc == 0; i++)
        if (strcmp(keys.key[i].name, j->name) == 0)
            keys.key[i].enabled = false;
    if (rc == 0)
        rc = tl_peer_keys_save(registry(j, path), &keys, err);
    tl_peer_keys_free(&keys);
    return rc;
}

int
keys_collector_list(const struct keys_job *j, struct tl_err *err)
{
    static const char *const head[] = { "collector", "id", "public key", "until" };
    char path[PATH_MAX], id[40], pub[65], until[32];
    struct tl_peer_keys keys;
    int rc = tl_peer_keys_load(registry(j, path), &keys, err);
    if (rc != 0)
        return rc;
    struct cli_table *t = keys.n > 0 ? cli_table_new(4) : NULL;
    for (size_t i = 0; i < 4 && t != NULL; i++)
        cli_table_cell(t, "%s", head[i]);
    for (size_t i = 0; i < keys.n; i++) {
        const struct tl_peer_key *k = &keys.key[i];
        tl_hex(k->collector, sizeof k->collector, id);
        tl_hex(k->public_key, sizeof k->public_key, pub);
        cli_table_cell(t, "%s", k->name);
        cli_table_cell(t, "%s", id);
        cli_table_cell(t, "%s", pub);
        cli_table_cell(t, "%s", k->enabled ? keys_until(k->not_after_ms, j->now_ms, until) : "revoked");
    }
    if (t != NULL)
        cli_table_print(t, stdout);
    else
        printf("There is no key of a collector.\n");
    cli_table_free(&t);
    tl_peer_keys_free(&keys);
    return 0;
}
