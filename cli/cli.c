/* cli.c - options, messages, progress. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include "tl_port.h"

/* ---- messages ---- */
int
cli_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    cli_progress_end();
    fprintf(stderr, "touchline %s: ", command);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\nSee: touchline help %s\n", command);
    return CLI_USAGE;
}

int
cli_fail(const char *command, const struct tl_err *err)
{
    cli_progress_end();
    fprintf(stderr, "touchline %s: %s\n", command, err->text[0] != '\0' ? err->text : tl_err_name(err->code));
    return CLI_FAILED;
}

/* ---- options ---- */
static const struct cli_option *
option_of(const struct cli_option *options, const char *arg, size_t n)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == n && memcmp(options->name, arg, n) == 0)
            return options;
    return NULL;
}

static int
set_option(const char *command, const struct cli_option *o, const char *value)
{
    char *end = NULL;
    switch (o->form) {
    case CLI_FLAG:
        *(bool *)o->out = true;
        return 0;
    case CLI_TEXT:
        *(const char **)o->out = value;
        return 0;
    case CLI_INT:
        *(int64_t *)o->out = strtoll(value, &end, 10);
        return *value != '\0' && *end == '\0' ? 0 : cli_usage(command, "%s takes a number, not \"%s\"", o->name, value);
    case CLI_MANY:
        break;
    }
    struct cli_many *many = o->out;
    if (many->n == CLI_MANY_MAX)
        return cli_usage(command, "%s may be given %d times at most", o->name, CLI_MANY_MAX);
    many->v[many->n++] = value;
    return 0;
}

int
cli_parse(int argc, char **argv, const struct cli_option *options, int *n)
{
    bool only_names = false;
    *n = 0;
    for (int i = 1; i < argc; i++) {
        char *a = argv[i];
        if (only_names || a[0] != '-' || a[1] == '\0') {
            argv[++*n] = a;
            continue;
        }
        if (strcmp(a, "--") == 0) {
            only_names = true;
            continue;
        }
        size_t len = strcspn(a, "=");
        const struct cli_option *o = option_of(options, a, len);
        if (o == NULL)
            return cli_usage(argv[0], "there is no option %.*s", (int)len, a);
        const char *value = a[len] == '=' ? a + len + 1 : NULL;
        if (o->form == CLI_FLAG && value != NULL)
            return cli_usage(argv[0], "%s takes no value", o->name);
        if (o->form != CLI_FLAG && value == NULL && (value = i + 1 < argc ? argv[++i] : NULL) == NULL)
            return cli_usage(argv[0], "%s takes a value", o->name);
        int rc = set_option(argv[0], o, value);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- language, progress ---- */
bool
cli_zh(void)
{
    static const char *const names[] = { "TOUCHLINE_LANG", "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *v = getenv(names[i]);
        if (v != NULL && v[0] != '\0')
            return strncmp(v, "zh", 2) == 0;
    }
    return false;
}

static int64_t shown_us;
static bool is_shown;

void
cli_progress(const char *fmt, ...)
{
    int64_t now = tl_clock_real()->mono_us(tl_clock_real());
    va_list ap;
    if (now - shown_us < 100000 || !isatty(STDERR_FILENO))
        return;
    shown_us = now;
    is_shown = true;
    fputs("\r\033[K", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fflush(stderr);
}

void
cli_progress_end(void)
{
    if (is_shown)
        fputs("\r\033[K", stderr);
    is_shown = false;
    shown_us = 0;
}
