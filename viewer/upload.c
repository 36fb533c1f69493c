/* upload.c - see upload.h. */
#include "upload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct upload {
    pthread_mutex_t lock;
    char folder[PATH_MAX - UPLOAD_NAME_MAX - 2];
    struct upload_look look;
    int64_t touched_ms;
    bool used;
};

static void
clear(const char *folder)
{
    char path[PATH_MAX + 256];
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        unlink(path);
    }
    if (d) closedir(d);
}

int
upload_new(struct upload **out, const char *folder, struct tl_err *err)
{
    struct upload *u = *out = tl_alloc(sizeof *u);
    if (!u) return tl_fail(err, TL_ENOMEM, "out of memory");
    pthread_mutex_init(&u->lock, NULL);
    if ((size_t)snprintf(u->folder, sizeof u->folder, "%s", folder) >= sizeof u->folder) return tl_fail(err, TL_EIO, "the path %s is too long", folder);
    clear(u->folder);
    return mkdir(u->folder, 0700) == 0 || errno == EEXIST ? 0 : tl_fail(err, TL_EIO, "cannot make %s: %s", u->folder, strerror(errno));
}

static char *
path_of(const struct upload *u, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", u->folder, u->look.name);
    return path;
}

/* ---- a piece ---- */

static bool
plain_id(struct tl_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'z'))) return false;
    return id.n >= 8 && id.n < sizeof ((struct upload_look *)0)->id;
}

/* its last part, which names the import run; nothing in it may lead out of the folder */
static int
read_name(struct tl_str name, char out[UPLOAD_NAME_MAX + 1], struct tl_err *err)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
            name = (struct tl_str){ name.p + i, name.n - i };
            break;
        }
    if (name.n < 1 || name.n > UPLOAD_NAME_MAX) return tl_fail(err, TL_EINVAL, "a file's name has 1 to %d bytes", UPLOAD_NAME_MAX);
    for (size_t i = 0; i < name.n; i++) out[i] = (unsigned char)name.p[i] < ' ' || name.p[i] == 127 ? '_' : name.p[i];
    out[name.n] = '\0';
    if (out[0] == '.') out[0] = '_';
    return 0;
}

static int
begin(struct upload *u, const struct upload_piece *p, int64_t now_ms, struct tl_err *err)
{
    char name[UPLOAD_NAME_MAX + 1], path[PATH_MAX];
    bool unfinished = u->look.id[0] && u->look.have < u->look.bytes;
    int rc = read_name(p->name, name, err);
    if (rc) return rc;
    if (!plain_id(p->id)) return tl_fail(err, TL_EINVAL, "id: 8 to %zu small letters and digits", sizeof u->look.id - 1);
    if (p->whole < 1) return tl_fail(err, TL_EINVAL, "%s is empty", name);
    if (p->whole > UPLOAD_FILE_MAX) return tl_fail(err, TL_ETOOBIG, "%s is larger than %lld MB: use `touchline import` from a terminal", name, (long long)(UPLOAD_FILE_MAX / 1000000));
    if (unfinished && now_ms - u->touched_ms < UPLOAD_IDLE_MS) return tl_fail(err, TL_EBUSY, "%s is being handed over by another page: try again in a minute", u->look.name);
    clear(u->folder);
    u->used = false;
    u->look = (struct upload_look){ .bytes = 0 };
    struct statvfs disk;
    int64_t room = statvfs(u->folder, &disk) == 0 ? (int64_t)(disk.f_bavail * disk.f_frsize) : -1;
    if (room >= 0 && room < p->whole + UPLOAD_SPARE_BYTES)
        return tl_fail(err, TL_ENOSPC, "%s has %lld MB, and the disk has room for %lld MB", name, (long long)(p->whole >> 20), (long long)((room - UPLOAD_SPARE_BYTES) >> 20));
    memcpy(u->look.id, p->id.p, p->id.n);
    u->look.id[p->id.n] = '\0';
    memcpy(u->look.name, name, sizeof name);
    u->look.bytes = p->whole;
    int fd = open(path_of(u, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

static int
append(struct upload *u, struct tl_str bytes, struct tl_err *err)
{
    char path[PATH_MAX];
    int fd = open(path_of(u, path), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    size_t done = 0;
    ssize_t n = 0;
    while (fd >= 0 && done < bytes.n && (n = pwrite(fd, bytes.p + done, bytes.n - done, u->look.have + (off_t)done)) > 0) done += (size_t)n;
    int why = errno;
    if (fd >= 0) close(fd);
    if (done == bytes.n) {
        u->look.have += (int64_t)done;
        return 0;
    }
    return tl_fail(err, why == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot write %s: %s", path, strerror(why));
}

int
upload_take(struct upload *u, const struct upload_piece *p, int64_t now_ms, struct upload_look *look, struct tl_err *err)
{
    int rc = 0;
    pthread_mutex_lock(&u->lock);
    if (!tl_str_is(p->id, u->look.id) || !u->look.id[0]) rc = p->at == 0 ? begin(u, p, now_ms, err) : tl_fail(err, TL_ENOTFOUND, "this file is not here any more: hand it over again from its beginning");
    u->touched_ms = rc ? u->touched_ms : now_ms;
    if (rc == 0 && p->at == u->look.have && (int64_t)p->bytes.n <= u->look.bytes - u->look.have) rc = append(u, p->bytes, err);
    *look = u->look;
    pthread_mutex_unlock(&u->lock);
    return rc;
}

/* ---- the file ---- */

void
upload_see(struct upload *u, struct upload_look *look)
{
    pthread_mutex_lock(&u->lock);
    *look = u->look;
    pthread_mutex_unlock(&u->lock);
}

int
upload_path(struct upload *u, struct tl_str id, char path[PATH_MAX], struct tl_err *err)
{
    pthread_mutex_lock(&u->lock);
    bool here = u->look.id[0] && tl_str_is(id, u->look.id) && u->look.have == u->look.bytes;
    if (here) path_of(u, path);
    u->used |= here;
    pthread_mutex_unlock(&u->lock);
    return here ? 0 : tl_fail(err, TL_ENOTFOUND, "the file is not here whole: hand it over again");
}

void
upload_drop(struct upload *u)
{
    pthread_mutex_lock(&u->lock);
    clear(u->folder);
    u->used = false;
    u->look = (struct upload_look){ .bytes = 0 };
    pthread_mutex_unlock(&u->lock);
}

void
upload_drop_used(struct upload *u)
{
    pthread_mutex_lock(&u->lock);
    bool used = u->used;
    pthread_mutex_unlock(&u->lock);
    if (used) upload_drop(u);
}

void
upload_free(struct upload **up)
{
    if (!*up) return;
    clear((*up)->folder);
    pthread_mutex_destroy(&(*up)->lock);
    tl_free(*up);
    *up = NULL;
}
