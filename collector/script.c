/* script.c - see script.h. */
#include "script.h"

#include "answer.h"
#include "receive.h"

#define NAME_MAX_BYTES 100

static bool
spelled(const char *s)
{
    size_t n = strlen(s);
    return s[0] == '/' && n > 1 && n <= NAME_MAX_BYTES && s[n - 1] != '/' && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == n;
}

static bool
is_taken(const char *s)
{
    static const char *const others[] = { "/healthz", "/metrics", "/touchline.js", "/touchline-mini.js", "/sourceConfig", "/flags", "/decide" };
    static const char *const folders[] = { "/v1/", "/debug/", "/array/" };
    bool taken = receive_source(tl_str_of(s)) != NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        taken = taken || !strcmp(s, others[i]);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        taken = taken || !strncmp(s, folders[i], strlen(folders[i]));
    return taken;
}

static int
check(const char *key, const char *value, struct tl_err *err)
{
    if (!*value) return 0;
    if (!spelled(value))
        return tl_fail(err, TL_ECONFIG, "%s = %s: an address here begins with /, does not end with it, and has up to %d letters, digits and - _ . /", key, value, NAME_MAX_BYTES);
    return is_taken(value) ? tl_fail(err, TL_ECONFIG, "%s = %s: the collector has something else at this address", key, value) : 0;
}

int
script_check(const struct tl_conf *conf, struct tl_err *err)
{
    int rc = check("collector.script", conf->collector_script, err);
    if (rc == 0) rc = check("collector.path", conf->collector_path, err);
    if (rc == 0 && *conf->collector_path && !strcmp(conf->collector_path, conf->collector_script))
        rc = tl_fail(err, TL_ECONFIG, "collector.script and collector.path are both %s", conf->collector_path);
    return rc;
}

struct tl_str
script_events_path(const struct tl_conf *conf, struct tl_str path)
{
    return *conf->collector_path && tl_str_is(path, conf->collector_path) ? TL_STR("/v1/events") : path;
}

bool
script_answer(const struct tl_conf *conf, struct tl_http_req *rq, struct tl_str path)
{
    struct tl_str method = tl_http_method(rq);
    if (path.n < 2 || (!tl_str_is(method, "GET") && !tl_str_is(method, "HEAD"))) return false;
    struct tl_str name = *conf->collector_script && tl_str_is(path, conf->collector_script) ? TL_STR("touchline.js") : (struct tl_str){ path.p + 1, path.n - 1 };
    for (const struct tl_embed *f = tl_embed_sdk; f->name; f++) {
        if (!tl_str_is(name, f->name)) continue;
        answer_file(rq, f, "text/javascript; charset=utf-8");
        return true;
    }
    return false;
}
