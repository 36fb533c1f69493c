/* hooks_run.h - the thread that tells receivers of alerts (hooks.h), with the real clock and network. Never joined: the process ends by _exit. */
#ifndef HOOKS_RUN_H
#define HOOKS_RUN_H

#include "hooks.h"

struct hooks_run;
/* hooks_run_start - data: the folder, for webhooks.json and the viewer's address; all is copied, store is borrowed for ever */
int hooks_run_start(struct hooks_run **out, struct tl_alerts *store, const char *data, const struct hooks_cfg *cfg, struct tl_err *err);
/* hooks_run_trouble - what is wrong with the settings or the store, "" when nothing; any thread */
void hooks_run_trouble(struct hooks_run *r, char text[TL_ERR_TEXT_BYTES]);

#endif
