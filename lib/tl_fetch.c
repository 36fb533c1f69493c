/* tl_fetch.c - see tl_fetch.h. */
#include "tl_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define REPLY_BYTES_MAX (1024u * 1024u * 1024u)

#define STALL_S 120                 /* a stream that brings nothing for so long has failed */

struct tl_fetch {
    CURL *curl;
    int timeout_ms;
    size_t reply_max;
    char why[CURL_ERROR_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
prepare(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct sink { const struct tl_fetch *f; struct tl_buf *out; };

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
    struct sink *s = arg;
    if (s->out->len + size * n > s->f->reply_max)
        return 0;
    tl_buf_put(s->out, p, size * n);
    return s->out->failed ? 0 : size * n;
}

struct tl_fetch *
tl_fetch_new(int timeout_ms)
{
    pthread_once(&once, prepare);
    struct tl_fetch *f = tl_alloc(sizeof *f);
    if (f && !(f->curl = curl_easy_init())) {
        tl_free(f);
        return NULL;
    }
    if (!f)
        return NULL;
    f->timeout_ms = timeout_ms;
    f->reply_max = REPLY_BYTES_MAX;
    curl_easy_setopt(f->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(f->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(f->curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, f->why);
    return f;
}

void
tl_fetch_reply_max(struct tl_fetch *f, size_t bytes)
{
    f->reply_max = bytes;
}

void
tl_fetch_free(struct tl_fetch **fp)
{
    if (!*fp)
        return;
    curl_easy_cleanup((*fp)->curl);
    tl_free(*fp);
    *fp = NULL;
}

/* "Expect:" empty: curl else waits for 100-continue before bodies over 1 MB */
static struct curl_slist *
header_list(const char *const *headers)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (; headers && *headers; headers++)
        list = curl_slist_append(list, *headers);
    return list;
}

static int
perform(struct tl_fetch *f, const char *method, const char *url, const char *const *headers, struct tl_str body, int *status, int *retry_after_s, void *out,
        struct tl_err *err)
{
    long code = 0;
    curl_off_t retry = 0;
    struct curl_slist *list = header_list(headers);
    f->why[0] = '\0';
    curl_easy_setopt(f->curl, CURLOPT_URL, url);
    curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(f->curl, CURLOPT_POSTFIELDS, body.p);
    curl_easy_setopt(f->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    if (!body.p)
        curl_easy_setopt(f->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(f->curl, CURLOPT_CUSTOMREQUEST, method);
    CURLcode rc = curl_easy_perform(f->curl);
    curl_slist_free_all(list);
    if (rc == CURLE_OUT_OF_MEMORY)
        return tl_fail(err, TL_ENOMEM, "out of memory for %s %.120s", method, url);
    if (rc != CURLE_OK)
        return tl_fail(err, TL_ENET, "%s %.120s: %s", method, url, f->why[0] ? f->why : curl_easy_strerror(rc));
    curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(f->curl, CURLINFO_RETRY_AFTER, &retry);
    *status = (int)code;
    if (retry_after_s)
        *retry_after_s = retry > 0 ? (int)retry : -1;
    return 0;
}

int
tl_fetch_do(struct tl_fetch *f, const char *method, const char *url, const char *const *headers, struct tl_str body,
            int *status, int *retry_after_s, struct tl_buf *out, struct tl_err *err)
{
    struct sink s = { f, out };
    int rc = perform(f, method, url, headers, body, status, retry_after_s, &s, err);
    return rc != 0 && out->failed ? tl_fail(err, TL_ENOMEM, "out of memory for what %.120s answers", url) : rc;
}

/* ---- streams ---- */

struct stream {
    struct tl_fetch *f;
    int fd, failed;             /* errno of a write */
    uint64_t *written;
    struct tl_buf *out;
};

static int
write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? errno : EIO;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static size_t
take_stream(char *p, size_t size, size_t n, void *arg)
{
    struct stream *s = arg;
    long code = 0;
    curl_easy_getinfo(s->f->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code / 100 != 2)
        return take(p, size, n, &(struct sink){ s->f, s->out });
    s->failed = write_all(s->fd, p, size * n);
    *s->written += size * n;
    return s->failed ? 0 : size * n;
}

int
tl_fetch_to_fd(struct tl_fetch *f, const char *url, int fd, int *status, uint64_t *written, struct tl_buf *out, struct tl_err *err)
{
    struct stream s = { .f = f, .fd = fd, .written = written, .out = out };
    *written = 0;
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take_stream);
    curl_easy_setopt(f->curl, CURLOPT_TIMEOUT_MS, 0L);
    curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
    int rc = perform(f, "GET", url, NULL, (struct tl_str){ NULL, 0 }, status, NULL, &s, err);
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(f->curl, CURLOPT_TIMEOUT_MS, (long)f->timeout_ms);
    curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_TIME, 0L);
    return s.failed ? tl_fail(err, TL_EIO, "cannot write what %.120s sends: %s", url, strerror(s.failed)) : rc;
}

void
tl_fetch_escape(struct tl_buf *b, struct tl_str s)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c && strchr(safe, c))
            tl_buf_put_u8(b, c);
        else
            tl_buf_printf(b, "%%%02X", c);
    }
}
