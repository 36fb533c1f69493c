/* tl_keys.c - write keys, and what all files in DATA/keys share; see tl_keys.h. */
#include "tl_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_conf.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_port.h"

#define FILE_BYTES_MAX (4u << 20)
#define ARENA_BYTES (64u << 20)
#define SECRET_BYTES 24

/* ---- files ---- */
bool
tl_keys_name(struct tl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return s.n > 0 && s.n <= TL_KEYS_NAME_MAX;
}

int
tl_keys_dir(const char *data, struct tl_err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/keys", data);
    if ((mkdir(data, 0700) == 0 || errno == EEXIST) && (mkdir(path, 0700) == 0 || errno == EEXIST))
        return 0;
    return tl_fail(err, TL_EIO, "cannot make folder %s: %s", path, strerror(errno));
}

uint64_t
tl_keys_stamp(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    uint64_t mark = tl_mix64((uint64_t)st.st_ino) + (uint64_t)st.st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)st.st_mtim.tv_nsec;
    return tl_mix64(mark + (uint64_t)st.st_size) | 1;
}

static bool
sync_folder_of(const char *path)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
    return tl_io_posix()->sync_dir(tl_io_posix(), slash ? dir : ".") >= 0;
}

int
tl_keys_write(const char *path, struct tl_str text, struct tl_err *err)
{
    char temp[PATH_MAX];
    if (snprintf(temp, sizeof temp, "%s.new.%d", path, (int)getpid()) >= (int)sizeof temp)
        return tl_fail(err, TL_EINVAL, "path too long: %s", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (ok && rename(temp, path) == 0 && sync_folder_of(path))
        return 0;
    int e = errno;
    unlink(temp);
    return tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(e));
}

int
tl_keys_read(const char *path, struct tl_buf *b, struct tl_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot read %s: %s", path, strerror(errno));
    bool fits = fstat(fd, &st) == 0 && st.st_size <= (off_t)FILE_BYTES_MAX;
    size_t n = fits ? (size_t)st.st_size : 0;
    bool ok = fits && tl_buf_reserve(b, n + 1) && read(fd, b->data + b->len, n) == (ssize_t)n;
    close(fd);
    if (!ok)
        return tl_fail(err, fits && b->failed ? TL_ENOMEM : TL_EIO, "cannot read %s whole", path);
    b->len += n;
    b->data[b->len] = 0;
    return 0;
}

int
tl_keys_list(const char *path, const char *name, struct tl_buf *b, struct tl_arena **a, const struct tl_jv **list, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    int rc = tl_keys_read(path, b, err);
    if (rc != 0)
        return rc;
    *a = tl_arena_new(ARENA_BYTES);
    rc = *a ? tl_json_tree(*a, (struct tl_str){ (char *)b->data, b->len }, 0, &root, NULL, NULL) : TL_ENOMEM;
    if (rc == TL_ENOMEM)
        return tl_fail(err, TL_ENOMEM, "out of memory for %s", path);
    *list = rc == 0 ? tl_jv_get(root, name) : NULL;
    return *list ? 0 : tl_fail(err, TL_ECONFIG, "%s is no file of %s; `touchline keys` writes it", path, name);
}

/* ---- write keys ---- */
struct tl_write_key *
tl_write_keys_get(const struct tl_write_keys *keys, struct tl_str id)
{
    for (size_t i = 0; i < keys->n; i++)
        if (tl_str_is(id, keys->key[i].id))
            return &keys->key[i];
    return NULL;
}

struct tl_write_key *
tl_write_keys_add(struct tl_write_keys *keys, struct tl_str id)
{
    struct tl_write_key *grown = keys->n < TL_KEYS_MAX ? tl_realloc(keys->key, (keys->n + 1) * sizeof *grown) : NULL;
    if (!grown)
        return NULL;
    keys->key = grown;
    struct tl_write_key *key = &grown[keys->n++];
    *key = (struct tl_write_key){ .stream = "live" };
    snprintf(key->id, sizeof key->id, "%.*s", (int)id.n, id.p);
    return key;
}

void
tl_write_keys_free(struct tl_write_keys *keys)
{
    tl_free(keys->key);
    *keys = (struct tl_write_keys){ 0 };
}

static void
hash_secret(struct tl_str secret, uint8_t hash[32])
{
    tl_hash256(secret.p, secret.n, hash);
}

void
tl_write_key_secret(struct tl_write_key *key, int64_t not_after_ms, int64_t old_until_ms, char wire[TL_KEYS_WIRE_BYTES])
{
    uint8_t random[SECRET_BYTES];
    char text[2 * SECRET_BYTES + 1];
    if (key->secrets_n == TL_KEYS_LIVE_MAX)
        memmove(&key->secret[0], &key->secret[1], (size_t)--key->secrets_n * sizeof key->secret[0]);
    for (int i = 0; i < key->secrets_n; i++)
        if (key->secret[i].not_after_ms == TL_TIME_NONE || key->secret[i].not_after_ms > old_until_ms)
            key->secret[i].not_after_ms = old_until_ms;
    tl_rand_real()->fill(tl_rand_real(), random, sizeof random);
    tl_hex(random, sizeof random, text);
    hash_secret(tl_str_of(text), key->secret[key->secrets_n].hash);
    key->secret[key->secrets_n++].not_after_ms = not_after_ms;
    snprintf(wire, TL_KEYS_WIRE_BYTES, "tlw_%s_%s", key->id, text);
}

bool
tl_write_key_split(struct tl_str wire, struct tl_str *id, struct tl_str *secret)
{
    if (wire.n < 5 || memcmp(wire.p, "tlw_", 4) != 0)
        return false;
    const char *at = wire.p + 4, *end = wire.p + wire.n, *mark = memchr(at, '_', (size_t)(end - at));
    if (!mark)
        return false;
    *id = (struct tl_str){ at, (size_t)(mark - at) };
    *secret = (struct tl_str){ mark + 1, (size_t)(end - mark - 1) };
    return tl_keys_name(*id) && secret->n > 0;
}

static bool
same_hash(const uint8_t a[32], const uint8_t b[32])
{
    unsigned differ = 0;
    for (int i = 0; i < 32; i++)
        differ |= (unsigned)(a[i] ^ b[i]);
    return differ == 0;
}

const struct tl_write_key *
tl_write_keys_check(const struct tl_write_keys *keys, struct tl_str wire, int64_t now_ms)
{
    struct tl_str id, secret;
    uint8_t hash[32];
    if (!tl_write_key_split(wire, &id, &secret))
        return NULL;
    const struct tl_write_key *key = tl_write_keys_get(keys, id);
    if (!key || key->revoked)
        return NULL;
    hash_secret(secret, hash);
    for (int i = 0; i < key->secrets_n; i++)
        if (same_hash(hash, key->secret[i].hash) && (key->secret[i].not_after_ms == TL_TIME_NONE || now_ms <= key->secret[i].not_after_ms))
            return key;
    return NULL;
}

/* ---- the file of write keys ---- */
static bool
copy_text(char *out, size_t cap, struct tl_str s)
{
    if (s.n >= cap)
        return false;
    if (s.n > 0)
        memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}

static bool
read_secret(const struct tl_jv *v, struct tl_write_secret *out)
{
    struct tl_str hash = tl_jv_text(v, "blake2b"), until = tl_jv_text(v, "not_after");
    out->not_after_ms = TL_TIME_NONE;
    return hash.n == 64 && tl_unhex(hash.p, 32, out->hash) == 0 && (!until.p || tl_time_parse(until, &out->not_after_ms, NULL) == 0);
}

/* 0, TL_ENOMEM, TL_ECONFIG */
static int
read_key(const struct tl_jv *v, struct tl_write_keys *keys)
{
    struct tl_str id = tl_jv_text(v, "id"), stream = tl_jv_text(v, "stream");
    const struct tl_jv *origins = tl_jv_get(v, "origins"), *secrets = tl_jv_get(v, "secrets");
    if (!tl_keys_name(id) || tl_write_keys_get(keys, id))
        return TL_ECONFIG;
    struct tl_write_key *key = tl_write_keys_add(keys, id);
    if (!key)
        return keys->n < TL_KEYS_MAX ? TL_ENOMEM : TL_ECONFIG;
    bool good = (!stream.p || copy_text(key->stream, sizeof key->stream, stream));
    for (const struct tl_jv *o = good && origins ? origins->child : NULL; o && good; o = o->next)
        good = key->origins_n < TL_KEYS_ORIGINS_MAX && o->type == TL_JTEXT && copy_text(key->origin[key->origins_n++], TL_KEYS_ORIGIN_BYTES, o->text);
    for (const struct tl_jv *s = good && secrets ? secrets->child : NULL; s && good; s = s->next)
        good = key->secrets_n < TL_KEYS_LIVE_MAX && read_secret(s, &key->secret[key->secrets_n++]);
    if (good) {
        key->rate = tl_jv_int(v, "rate", 0);
        key->revoked = tl_jv_bool(v, "revoked", false);
    }
    return good && key->rate >= 0 ? 0 : TL_ECONFIG;
}

int
tl_write_keys_load(const char *path, struct tl_write_keys *out, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_arena *a = NULL;
    const struct tl_jv *list = NULL;
    *out = (struct tl_write_keys){ 0 };
    int rc = tl_keys_list(path, "keys", &b, &a, &list, err);
    for (const struct tl_jv *v = list ? list->child : NULL; v && rc == 0; v = v->next)
        if ((rc = read_key(v, out)) != 0)
            tl_fail(err, rc, "%s line %u: %s", path, v->line, rc == TL_ENOMEM ? "out of memory" : "this is no write key");
    if (rc != 0)
        tl_write_keys_free(out);
    tl_arena_free(&a);
    tl_buf_free(&b);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

static void
put_until(struct tl_jw *w, int64_t not_after_ms)
{
    char text[32];
    if (not_after_ms != TL_TIME_NONE)
        tl_jw_cstr(w, "not_after", tl_time_format(not_after_ms, text));
}

static void
put_key(struct tl_jw *w, const struct tl_write_key *key)
{
    char hex[65];
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "id", key->id);
    tl_jw_cstr(w, "stream", key->stream);
    tl_jw_array(w, "origins");
    for (int i = 0; i < key->origins_n; i++)
        tl_jw_cstr(w, NULL, key->origin[i]);
    tl_jw_end(w);
    tl_jw_int(w, "rate", key->rate);
    tl_jw_bool(w, "revoked", key->revoked);
    tl_jw_array(w, "secrets");
    for (int i = 0; i < key->secrets_n; i++) {
        tl_hex(key->secret[i].hash, 32, hex);
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "blake2b", hex);
        put_until(w, key->secret[i].not_after_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

int
tl_write_keys_save(const char *path, const struct tl_write_keys *keys, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_array(&w, "keys");
    for (size_t i = 0; i < keys->n; i++) {
        tl_buf_put_u8(&b, '\n');
        put_key(&w, &keys->key[i]);
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
    tl_buf_put_u8(&b, '\n');
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory for %s", path) : tl_keys_write(path, (struct tl_str){ (char *)b.data, b.len }, err);
    tl_buf_free(&b);
    return rc;
}

int
tl_write_keys_bind(const char *data, const char *addr, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_write_keys keys = { 0 };
    if (tl_conf_loopback("collector.bind", addr, NULL) == 0)
        return 0;
    int rc = snprintf(path, sizeof path, "%s/keys/write-keys.json", data) < (int)sizeof path ? tl_write_keys_load(path, &keys, err) : tl_fail(err, TL_EINVAL, "path too long: %s", data);
    size_t n = keys.n;
    tl_write_keys_free(&keys);
    return rc != 0 || n > 0 ? rc : tl_fail(err, TL_ECONFIG, "collector.bind = %s is not a loopback address: other machines may send once a write key is listed "
                                           "(`touchline keys add write-key NAME --data %s`)", addr, data);
}
