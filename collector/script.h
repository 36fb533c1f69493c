/* script.h - the JavaScript SDKs that this program carries, under their own addresses and the names that the settings give: lists that blockers go by name
 * addresses, and whose page it is decides what they are called. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "tl_conf.h"
#include "tl_http.h"

/* script_check - collector.script and collector.path. 0, or TL_ECONFIG: not an address of letters, digits and - _ . /, or one that is taken. */
int script_check(const struct tl_conf *conf, struct tl_err *err);
/* script_events_path - the address that path stands for: that of the events when it is collector.path, else path itself */
struct tl_str script_events_path(const struct tl_conf *conf, struct tl_str path);
/* script_answer - is path /touchline.js, /touchline-mini.js or collector.script, and this a GET? Then it is answered. */
bool script_answer(const struct tl_conf *conf, struct tl_http_req *rq, struct tl_str path);

#endif
