/* fuzz_backup.c - a backup after any change by somebody without its key: its files, their names, its manifest. It is restored exactly when nothing of it was changed,
 * what is restored is then the same files, and what is refused leaves no folder behind. A manifest of any text under the right MAC is read without harm.
 *
 * An input is changes: a byte what, a byte which file, two bytes where, a byte of length and as many bytes. */
#include <ftw.h>
#include <limits.h>

#include "../../cli/backup.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(x) must_at(x, __LINE__)

static void
must_at(bool ok, int line)
{
    if (ok) return;
    fprintf(stderr, "fuzz_backup.c:%d does not hold\n", line);
    abort();
}

#define FILES 5
static const char *const files[FILES] = { "catalogue/shop.json", "keys/identity.key", "log/data.mdb", "webhooks.json", MANIFEST_NAME };
static struct tl_buf was[FILES];
static char root[64], from[96], to[96], key_path[96];
static uint8_t key[TL_KEY_BYTES];

/* ---- one backup, made by the program itself ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void
clear(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void leave(void) { clear(root); }

static void
save(const char *dir, const char *name, const void *p, size_t n)
{
    char path[PATH_MAX], *slash;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (slash = strchr(path + strlen(dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "we");
    if (f) {
        must(n == 0 || fwrite(p, 1, n, f) == n);
        fclose(f);
    }
}

static bool
load(const char *dir, const char *name, struct tl_buf *out)
{
    char path[PATH_MAX], chunk[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;
    tl_buf_reset(out);
    for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        tl_buf_put(out, chunk, n);
    if (f)
        fclose(f);
    return f != NULL;
}

static void
make_log(const char *dir)
{
    struct tl_eventlog *l;
    struct tl_err err;
    uint64_t position;
    must(tl_eventlog_open(&l, dir, false, &err) == 0 && tl_eventlog_begin(l, &err) == 0);
    for (int i = 0; i < 3; i++)
        must(tl_eventlog_append_control(l, "note", "tester", 1, TL_STR("{\"id\":{\"kind\":\"member\",\"value\":\"m1\"},\"text\":\"x\"}"), &position, &err) == 0);
    must(tl_eventlog_commit(l, &err) == 0);
    tl_eventlog_close(&l);
}

static void
set_up(void)
{
    char data[96], path[128];
    struct tl_err err;
    snprintf(root, sizeof root, "%s/touchline-backup-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(tl_hash_init() == 0 && mkdtemp(root) && freopen("/dev/null", "w", stdout));
    atexit(leave);
    snprintf(data, sizeof data, "%s/data", root);
    snprintf(from, sizeof from, "%s/from", root);
    snprintf(to, sizeof to, "%s/to", root);
    snprintf(path, sizeof path, "%s/log", data);
    snprintf(key_path, sizeof key_path, "%s/keys/backup.key", data);
    mkdir(data, 0700);
    make_log(path);
    save(data, "catalogue/shop.json", "{}", 2);
    save(data, "keys/identity.key", "0123456789abcdef0123456789abcdef", 32);
    save(data, "webhooks.json", "{\"webhooks\":[]}", 15);
    snprintf(path, sizeof path, "%s/alerts", data);
    must(backup(data, from, &err) == 0 && tl_key_load(key_path, 0, key, &err) == 0);
    for (int i = 0; i < FILES; i++)
        must(load(from, files[i], &was[i]) && was[i].len > 0);
}

static void
renew(void)
{
    clear(from);
    clear(to);
    mkdir(from, 0700);
    for (int i = 0; i < FILES; i++)
        save(from, files[i], was[i].data, was[i].len);
}

/* ---- changes ---- */

enum { FLIP, CUT, APPEND, ADD, REMOVE, RENAME, MANIFEST, SIGN, FOLDER, LINK, CHANGES };

/* a path that stays below the backup's folder; false: none */
static bool
path_of(char out[PATH_MAX], const uint8_t *p, size_t n)
{
    int len = snprintf(out, PATH_MAX, "%s/%.*s", from, (int)n, (const char *)p);
    return n > 0 && p[0] != '/' && len < PATH_MAX && !strstr(out, "..") && !memchr(p, 0, n);
}

static void
change_bytes(int what, int which, size_t at, const uint8_t *p, size_t n)
{
    struct tl_buf b = {0};
    if (load(from, files[which], &b) && (what != FLIP || (n > 0 && b.len > 0))) {
        if (what == FLIP)
            b.data[at % b.len] ^= p[0];
        if (what == CUT)
            b.len = at < b.len ? at : b.len;
        if (what == APPEND)
            tl_buf_put(&b, p, n);
        save(from, files[which], b.data, b.len);
    }
    tl_buf_free(&b);
}

static void
change_names(int what, int which, const uint8_t *p, size_t n)
{
    char path[PATH_MAX], old[PATH_MAX];
    snprintf(old, sizeof old, "%s/%s", from, files[which]);
    if (what == REMOVE)
        remove(old);
    else if (!path_of(path, p, n))
        return;
    else if (what == ADD)
        save(from, path + strlen(from) + 1, p, n);
    else if (what == RENAME)
        rename(old, path);
    else if (what == FOLDER)
        mkdir(path, 0700);
    else if (symlink(files[which], path) != 0)
        return;
}

static void
sign(const uint8_t *p, size_t n)
{
    struct tl_buf b = {0};
    uint8_t mac[16];
    char hex[33];
    tl_buf_put(&b, p, n);
    tl_hash128(key, b.data ? (const void *)b.data : "", b.len, mac);
    tl_hex(mac, sizeof mac, hex);
    tl_buf_printf(&b, "mac %s\n", hex);
    save(from, MANIFEST_NAME, b.data, b.len);
    tl_buf_free(&b);
}

/* change_all - true: the manifest was signed by who has the key, and LMDB is no judge of files that somebody made */
static bool
change_all(const uint8_t *p, size_t n)
{
    bool signed_anew = false;
    while (n >= 5) {
        int what = p[0] % CHANGES, which = p[1] % FILES;
        size_t at = (size_t)p[2] << 8 | p[3], len = p[4] < n - 5 ? p[4] : n - 5;
        if (what == SIGN)
            sign(p + 5, len);
        else if (what == MANIFEST)
            save(from, MANIFEST_NAME, p + 5, len);
        else if (what <= APPEND)
            change_bytes(what, which, at, p + 5, len);
        else
            change_names(what, which, p + 5, len);
        signed_anew = signed_anew || what == SIGN;
        p += 5 + len;
        n -= 5 + len;
    }
    return signed_anew;
}

/* ---- what must come of it ---- */

static int regular_n;

static int
count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path, (void)type, (void)ftw;
    regular_n += S_ISREG(st->st_mode);
    return 0;
}

static bool
same_files(const char *dir, int n)
{
    struct tl_buf b = {0};
    bool same = true;
    for (int i = 0; i < n; i++)
        same = same && load(dir, files[i], &b) && b.len == was[i].len && memcmp(b.data, was[i].data, b.len) == 0;
    tl_buf_free(&b);
    regular_n = 0;
    nftw(dir, count_one, 16, FTW_PHYS);
    return same && regular_n == n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_err err = {0};
    uint64_t bytes;
    if (!root[0])
        set_up();
    if (size > 4096)
        return 0;
    renew();
    if (change_all(data, size)) {
        must(manifest_check(from, key, &bytes, &err) == 0 || err.text[0]);
        return 0;
    }
    bool same = same_files(from, FILES);
    int rc = restore(from, to, key_path, &err);
    must(rc == 0 ? same : (!same || rc == TL_ERANGE) && err.text[0]);      /* ERANGE: endless folders, without a file in them */
    must(rc == 0 ? same_files(to, FILES - 1) : access(to, F_OK) != 0);
    return 0;
}
