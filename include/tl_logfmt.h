/* tl_logfmt.h - the program's own log lines: stderr, logfmt, event= first. No raw identities, addresses or payloads. */
#ifndef TL_LOGFMT_H
#define TL_LOGFMT_H

enum tl_level { TL_DEBUG, TL_INFO, TL_WARN, TL_ERROR };
void tl_log_program(const char *name);       /* the program= value; set once at start */
void tl_log_level(enum tl_level least);      /* default TL_INFO */
/* tl_log - one line: event=NAME level=... program=... then fmt, which is `key=value key="quoted value"`; control bytes are escaped.
 * The same event is written at most 10 times in 10 s; what was left out is counted in a later line. Thread-safe. */
void tl_log(enum tl_level level, const char *event, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
