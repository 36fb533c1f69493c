/* settings.h - what clients of other makers ask for before they send, and what they send that is no event. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "tl_http.h"

/* settings_answer - true when the path is one of them: it has been answered */
bool settings_answer(struct tl_http_req *rq, struct tl_str path);

#endif
