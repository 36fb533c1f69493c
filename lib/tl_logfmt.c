/* tl_logfmt.c - see tl_logfmt.h. One write(2) a line, so that lines of several threads and programs do not mix. */
#include "tl_logfmt.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tl_port.h"
#include "tl_time.h"

#define REPEAT_MAX 10
#define REPEAT_WINDOW_US INT64_C(10000000)
#define REPEAT_EVENTS 64
#define LINE_BYTES 1024

static const char *program = "touchline";
static enum tl_level least = TL_INFO;
static const char *const level_name[] = { "debug", "info", "warn", "error" };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct repeat {
    char event[40];
    int64_t since_us;
    unsigned n, left_out;
} repeats[REPEAT_EVENTS];

void
tl_log_program(const char *name)
{
    program = name;
}

void
tl_log_level(enum tl_level l)
{
    least = l;
}

static struct repeat *
repeat_of(const char *event)
{
    struct repeat *oldest = &repeats[0];
    for (int i = 0; i < REPEAT_EVENTS; i++) {
        if (strncmp(repeats[i].event, event, sizeof repeats[i].event - 1) == 0)
            return &repeats[i];
        if (repeats[i].since_us < oldest->since_us)
            oldest = &repeats[i];
    }
    *oldest = (struct repeat){ .since_us = 0 };
    snprintf(oldest->event, sizeof oldest->event, "%s", event);
    return oldest;
}

/* false: say nothing. *left_out: lines that were not written since the last one that was */
static bool
may_say(const char *event, unsigned *left_out)
{
    int64_t now_us = tl_clock_real()->mono_us(tl_clock_real());
    pthread_mutex_lock(&lock);
    struct repeat *r = repeat_of(event);
    if (r->since_us == 0 || now_us - r->since_us > REPEAT_WINDOW_US) {
        r->since_us = now_us;
        r->n = 0;
    }
    bool ok = ++r->n <= REPEAT_MAX;
    *left_out = ok ? r->left_out : 0;
    r->left_out = ok ? 0 : r->left_out + 1;
    pthread_mutex_unlock(&lock);
    return ok;
}

void
tl_log(enum tl_level level, const char *event, const char *fmt, ...)
{
    char line[LINE_BYTES], when[32];
    unsigned left_out = 0;
    if (level < least || !may_say(event, &left_out))
        return;
    int n = snprintf(line, sizeof line, "event=%s level=%s program=%s time=%s ", event, level_name[level], program,
                     tl_time_format(tl_clock_real()->wall_ms(tl_clock_real()), when));
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 32, fmt, ap);
    va_end(ap);
    n = m < 0 ? n : (int)strlen(line);
    for (int i = 0; i < n; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    if (left_out)
        n += snprintf(line + n, sizeof line - (size_t)n - 1, " left_out_n=%u", left_out);
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}
