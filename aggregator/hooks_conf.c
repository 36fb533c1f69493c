/* hooks_conf.c - see hooks_conf.h. Addresses carry tokens and secrets sign: the file must be its owner's alone, and neither is ever named in a message. */
#include "hooks_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_journey.h"
#include "tl_json.h"

#define FILE_BYTES_MAX (256u * 1024)
#define ARENA_BYTES (4u << 20)
#define URL_BYTES_MAX 1000
#define MEMBERS "id url template secret departments kinds severity audience language digest"

void
hooks_conf_free(struct hooks_conf **cp)
{
    if (cp == NULL || *cp == NULL)
        return;
    tl_arena_free(&(*cp)->arena);
    tl_free(*cp);
    *cp = NULL;
}

/* ---- the file ---- */

/* 0 with out->len == 0 where there is none */
static int
read_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : tl_fail(err, TL_ECONFIG, "cannot read %s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX)
        rc = tl_fail(err, TL_ECONFIG, "%s is no file of at most %u bytes", path, FILE_BYTES_MAX);
    else if ((st.st_mode & 077) != 0)
        rc = tl_fail(err, TL_ECONFIG, "%s holds secrets and others may read it: chmod 600", path);
    else if (!tl_buf_reserve(out, (size_t)st.st_size + TL_JSON_PADDING))
        rc = tl_fail(err, TL_ENOMEM, "out of memory reading %s", path);
    for (ssize_t n = 1; rc == 0 && n > 0 && out->len < (size_t)st.st_size;) {
        n = read(fd, out->data + out->len, (size_t)st.st_size - out->len);
        out->len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return rc;
}

/* ---- members ---- */

struct reading { struct hooks_conf *c; const char *path; struct tl_err *err; };

static int __attribute__((format(printf, 3, 4)))
wrong(struct reading *r, const struct tl_jv *v, const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return tl_fail(r->err, TL_ECONFIG, "%s, line %u: %s", r->path, v != NULL ? v->line : 1, text);
}

static int
word(struct reading *r, const struct tl_jv *o, const char *name, const char *const *words, int otherwise, int *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    char list[120] = "";
    size_t n = 0;

    *out = otherwise;
    if (v == NULL)
        return 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (v->type == TL_JTEXT && tl_str_is(v->text, words[i])) {
            *out = i;
            return 0;
        }
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", words[i]);
    }
    return wrong(r, v, "\"%s\" is one of %s", name, list);
}

static int
only(struct reading *r, const struct tl_jv *o, const char *members)
{
    if (o->type != TL_JOBJECT)
        return wrong(r, o, "an object is wanted, with %s", members);
    for (const struct tl_jv *m = o->child; m != NULL; m = m->next) {
        char name[44];
        snprintf(name, sizeof name, "%.*s", (int)(m->name.n < 40 ? m->name.n : 40), m->name.p);
        const char *at = strstr(members, name);
        size_t n = strlen(name);
        if (n == 0 || at == NULL || (at != members && at[-1] != ' ') || (at[n] != ' ' && at[n] != '\0'))
            return wrong(r, m, "unknown member \"%s\"; allowed: %s", name, members);
    }
    return 0;
}

/* https anywhere, http on this machine alone: what is said must not be read on the way, and nobody else's address is ever asked. */
static bool
may_ask(struct tl_str url)
{
    static const char *const good[] = { "https://", "http://127.0.0.1:", "http://127.0.0.1/", "http://localhost:", "http://localhost/", "http://[::1]:", "http://[::1]/" };

    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= ' ' || url.p[i] == '@' || (unsigned char)url.p[i] >= 127)
            return false;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (url.n > strlen(good[i]) && memcmp(url.p, good[i], strlen(good[i])) == 0)
            return true;
    return false;
}

static int
departments(struct reading *r, const struct tl_jv *o, struct hook *h)
{
    const struct tl_jv *v = tl_jv_get(o, "departments");

    if (v != NULL && (v->type != TL_JARRAY || v->children_n > HOOK_DEPARTMENTS_MAX))
        return wrong(r, v, "\"departments\" is a list of at most %d owners, as the catalogue writes them", HOOK_DEPARTMENTS_MAX);
    for (const struct tl_jv *e = v != NULL ? v->child : NULL; e != NULL; e = e->next) {
        if (e->type != TL_JTEXT || e->text.n == 0)
            return wrong(r, e, "a department is a text");
        h->department[h->department_n++] = e->text;
    }
    return 0;
}

static int
kinds(struct reading *r, const struct tl_jv *o, struct hook *h)
{
    const struct tl_jv *v = tl_jv_get(o, "kinds");

    h->kinds = v == NULL ? ~0u : 0;
    if (v != NULL && v->type != TL_JARRAY)
        return wrong(r, v, "\"kinds\" is a list of near, passed, moment, score, complaint, event, silent");
    for (const struct tl_jv *e = v != NULL ? v->child : NULL; e != NULL; e = e->next) {
        int k = e->type == TL_JTEXT ? tl_alert_word_of(e->text, tl_alert_kind_word, TL_ALERT_KINDS) : -1;
        if (k < 0)
            return wrong(r, e, "a kind is one of near, passed, moment, score, complaint, event, silent");
        h->kinds |= 1u << k;
    }
    return 0;
}

static bool
is_name(struct tl_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-' || s.p[i] == '_'))
            return false;
    return s.n > 0 && s.n <= 40;
}

static int
read_hook(struct reading *r, const struct tl_jv *o)
{
    static const char *const templates[] = { "wecom", "dingtalk", "feishu", "json", NULL }, *const languages[] = { "zh", "en", "both", NULL },
                            *const audiences[] = { "departments", "qa", NULL };
    struct hook *h = &r->c->hook[r->c->hook_n];
    const struct tl_jv *severity = tl_jv_get(o, "severity"), *digest = tl_jv_get(o, "digest");
    int template = 0, words = 0, audience = 0, rc = only(r, o, MEMBERS);

    if (rc == 0 && r->c->hook_n == HOOKS_MAX)
        return wrong(r, o, "more than %d webhooks", HOOKS_MAX);
    h->id = tl_jv_text(o, "id");
    h->url = tl_jv_text(o, "url");
    h->secret = tl_jv_text(o, "secret");
    if (rc == 0 && !is_name(h->id))
        return wrong(r, o, "\"id\" is missing, or not 1 to 40 letters, digits, - and _");
    for (uint32_t i = 0; rc == 0 && i < r->c->hook_n; i++)
        if (tl_str_eq(r->c->hook[i].id, h->id))
            return wrong(r, o, "webhook \"%.*s\" is described twice", (int)h->id.n, h->id.p);
    if (rc == 0 && (!may_ask(h->url) || h->url.n > URL_BYTES_MAX))
        return wrong(r, o, "\"url\" of \"%.*s\" is missing, or neither https:// nor http:// on this machine", (int)h->id.n, h->id.p);
    if (rc == 0 && tl_jv_get(o, "template") == NULL)
        return wrong(r, o, "\"template\" of \"%.*s\" is missing: wecom, dingtalk, feishu or json", (int)h->id.n, h->id.p);
    if (rc == 0)
        rc = word(r, o, "template", templates, HOOK_JSON, &template);
    if (rc == 0)
        rc = word(r, o, "language", languages, HOOK_ZH, &words);
    if (rc == 0)
        rc = word(r, o, "audience", audiences, 0, &audience);
    if (rc == 0)
        rc = departments(r, o, h);
    if (rc == 0)
        rc = kinds(r, o, h);
    h->template = (enum hook_template)template;
    h->words = (enum hook_words)words;
    h->qa = audience == 1;
    h->least_severity = 1;
    if (rc == 0 && severity != NULL && !(severity->is_int && severity->integer >= 1 && severity->integer <= 3))
        return wrong(r, severity, "\"severity\" is the least that is told: 1, 2 or 3");
    if (severity != NULL)
        h->least_severity = (uint8_t)severity->integer;
    if (rc == 0 && digest != NULL && digest->type != TL_JBOOL)
        return wrong(r, digest, "\"digest\" is true or false");
    h->digest = digest != NULL && digest->boolean;
    if (rc == 0 && h->secret.p != NULL && h->template == HOOK_WECOM)
        return wrong(r, o, "a robot of wecom has no secret: its key stands in the url");
    r->c->hook_n += rc == 0;
    return rc;
}

static int
read_all(struct reading *r, const struct tl_jv *root)
{
    const struct tl_jv *list = tl_jv_get(root, "webhooks"), *pages = tl_jv_get(root, "pages");
    int rc = only(r, root, "webhooks pages");

    if (rc == 0 && (list == NULL || list->type != TL_JARRAY))
        return wrong(r, root, "\"webhooks\" is missing, or no list");
    if (rc == 0 && pages != NULL && (pages->type != TL_JTEXT || pages->text.n > 300 || (strncmp(pages->text.p, "http://", 7) != 0 && strncmp(pages->text.p, "https://", 8) != 0)))
        return wrong(r, pages, "\"pages\" is the address of the pages as people reach them, http:// or https://");
    r->c->pages = pages != NULL ? pages->text : (struct tl_str){0};
    for (const struct tl_jv *e = rc == 0 ? list->child : NULL; rc == 0 && e != NULL; e = e->next)
        rc = read_hook(r, e);
    return rc;
}

int
hooks_conf_read(const char *path, struct hooks_conf **out, struct tl_err *err)
{
    struct hooks_conf *c = tl_alloc(sizeof *c);
    struct tl_buf text = {0};
    struct tl_jv *root = NULL;
    int rc = c != NULL && (c->arena = tl_arena_new(ARENA_BYTES)) != NULL ? read_file(path, &text, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    struct reading r = { c, path, err };
    struct tl_json_fault fault = {0};

    *out = NULL;
    if (rc == 0 && text.len > 0) {
        char *p = tl_arena_dup(c->arena, text.data, text.len);
        if (p == NULL)
            rc = tl_fail(err, TL_ENOMEM, "out of memory");
        else if (tl_json_tree(c->arena, (struct tl_str){ p, text.len }, 0, &root, &fault, NULL) != 0)
            rc = tl_fail(err, TL_ECONFIG, "%s: not valid JSON at byte %zu", path, fault.offset);
        else
            rc = read_all(&r, root);
    }
    tl_buf_free(&text);
    if (rc != 0)
        hooks_conf_free(&c);
    *out = c;
    return rc;
}

bool
hook_wants(const struct hook *h, const struct tl_alert *a)
{
    bool mine = h->department_n == 0;

    for (uint32_t i = 0; i < h->department_n; i++)
        mine = mine || tl_str_eq(h->department[i], a->department);
    return mine && (h->kinds >> a->kind & 1) != 0 && a->severity >= h->least_severity && h->qa == (a->stream == TL_STREAM_MYSTERY);
}
