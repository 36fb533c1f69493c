/* tl_keys.h - who may send: write keys of HTTP senders and keys of collectors, as DATA/keys holds them.
 *
 *   write-keys.json   {"keys":[{"id","stream","origins","rate","revoked","secrets":[{"blake2b","not_after"}]}]}
 *   collectors.json   {"collectors":[{"name","collector","public","enabled","not_after"}]}
 *   bus.key           the aggregator's own pair;  collector.key: a collector's, with the aggregator's public half. Text, a `name hex` a line.
 *
 * Files are 0600 and replaced by renaming; readers take a file again when its stamp has changed. A write key on the wire is tlw_<id>_<secret>: the id
 * becomes the events' origin, of the secret only the BLAKE2b-256 is kept. */
#ifndef TL_KEYS_H
#define TL_KEYS_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_time.h"

struct tl_jv;
#define TL_KEYS_NAME_MAX 40             /* letters, digits, - and . ; no underscore, which ends an id on the wire */
#define TL_KEYS_ORIGINS_MAX 8
#define TL_KEYS_ORIGIN_BYTES 128
#define TL_KEYS_LIVE_MAX 2              /* secrets of one write key, pairs of one collector: the old one and the new one */
#define TL_KEYS_MAX 4096
#define TL_KEYS_WIRE_BYTES 100          /* "tlw_", id, "_", secret, NUL */
#define TL_KEYS_CURVE_BYTES 32
#define TL_KEYS_COLLECTOR_BYTES 16

/* tl_keys_name - is it one? */
bool tl_keys_name(struct tl_str s);
/* tl_keys_dir - make DATA/keys (0700) when absent. 0, TL_EIO. */
int tl_keys_dir(const char *data, struct tl_err *err);
/* tl_keys_stamp - a number that changes when the file does; 0: there is none */
uint64_t tl_keys_stamp(const char *path);
/* tl_keys_write - text into path, 0600, synced, replaced as a whole */
int tl_keys_write(const char *path, struct tl_str text, struct tl_err *err);
/* tl_keys_read - the file and a NUL into b. 0, TL_ENOTFOUND, TL_EIO, TL_ENOMEM. */
int tl_keys_read(const char *path, struct tl_buf *b, struct tl_err *err);
/* tl_keys_list - the member `name` of the file's JSON, a list: read into b and a (made; both the caller's to free, whatever comes back).
 * As tl_keys_read, or TL_ECONFIG: it is no such file. */
int tl_keys_list(const char *path, const char *name, struct tl_buf *b, struct tl_arena **a, const struct tl_jv **list, struct tl_err *err);

/* ---- write keys ---- */
struct tl_write_secret {
    uint8_t hash[32];                   /* BLAKE2b-256 of the secret's text */
    int64_t not_after_ms;               /* TL_TIME_NONE: for ever */
};
struct tl_write_key {
    char id[TL_KEYS_NAME_MAX + 1];
    char stream[16];                    /* the one it may send; "live" */
    char origin[TL_KEYS_ORIGINS_MAX][TL_KEYS_ORIGIN_BYTES];   /* of browsers: "https://shop.example" */
    int origins_n;                      /* 0: sent from anywhere */
    int64_t rate;                       /* events a second; 0: as the settings say */
    bool revoked;                       /* stays listed, so that no door opens again when the last one goes */
    struct tl_write_secret secret[TL_KEYS_LIVE_MAX];
    int secrets_n;
};
struct tl_write_keys {
    struct tl_write_key *key;           /* owned */
    size_t n;
};
/* tl_write_keys_bind - may a collector of this folder listen at addr? On loopback always; beyond it once a write key is listed. TL_ECONFIG says so. */
int tl_write_keys_bind(const char *data, const char *addr, struct tl_err *err);
int tl_write_keys_load(const char *path, struct tl_write_keys *out, struct tl_err *err);   /* absent: none. TL_ECONFIG, TL_EIO, TL_ENOMEM. */
int tl_write_keys_save(const char *path, const struct tl_write_keys *keys, struct tl_err *err);
void tl_write_keys_free(struct tl_write_keys *keys);
struct tl_write_key *tl_write_keys_get(const struct tl_write_keys *keys, struct tl_str id);    /* NULL: none */
/* tl_write_keys_add - a new place at the end, zeroed but for id and stream; NULL: full or out of memory */
struct tl_write_key *tl_write_keys_add(struct tl_write_keys *keys, struct tl_str id);
/* tl_write_key_secret - a new secret; the older ones end at old_until_ms (or sooner), the oldest goes when there is no room. wire: told once, never kept. */
void tl_write_key_secret(struct tl_write_key *key, int64_t not_after_ms, int64_t old_until_ms, char wire[TL_KEYS_WIRE_BYTES]);
/* tl_write_key_split - the id and the secret of tlw_<id>_<secret>; false when it has another form */
bool tl_write_key_split(struct tl_str wire, struct tl_str *id, struct tl_str *secret);
/* tl_write_keys_check - the key that opens, or NULL: unknown, revoked, over, or the secret is wrong */
const struct tl_write_key *tl_write_keys_check(const struct tl_write_keys *keys, struct tl_str wire, int64_t now_ms);

/* ---- collectors ---- */
struct tl_peer_key {
    char name[TL_KEYS_NAME_MAX + 1];
    uint8_t collector[TL_KEYS_COLLECTOR_BYTES];     /* of its spool: what it says in HELLO */
    uint8_t public_key[TL_KEYS_CURVE_BYTES];
    bool enabled;
    int64_t not_after_ms;
};
struct tl_peer_keys {
    struct tl_peer_key *key;            /* owned */
    size_t n;
};
int tl_peer_keys_load(const char *path, struct tl_peer_keys *out, struct tl_err *err);
int tl_peer_keys_save(const char *path, const struct tl_peer_keys *keys, struct tl_err *err);
void tl_peer_keys_free(struct tl_peer_keys *keys);
int tl_peer_keys_add(struct tl_peer_keys *keys, const struct tl_peer_key *key, struct tl_err *err);
bool tl_peer_key_live(const struct tl_peer_key *key, int64_t now_ms);

/* ---- CURVE pairs ---- */
struct tl_curve_file {
    uint8_t public_key[TL_KEYS_CURVE_BYTES], secret_key[TL_KEYS_CURVE_BYTES];
    uint8_t server_key[TL_KEYS_CURVE_BYTES];        /* the aggregator's public half, in a collector's file */
};
int tl_curve_file_load(const char *path, struct tl_curve_file *f, bool with_server, struct tl_err *err);   /* TL_ENOTFOUND, TL_ECONFIG, TL_EIO */
int tl_curve_file_save(const char *path, const struct tl_curve_file *f, bool with_server, struct tl_err *err);

/* tl_curve_server - the aggregator's pair in DATA/keys/bus.key, made when absent */
int tl_curve_server(const char *data, struct tl_curve_file *f, struct tl_err *err);

#endif
