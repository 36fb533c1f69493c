/* log.h - the log as intake sees it: intake's port over tl_eventlog. */
#ifndef LOG_H
#define LOG_H

#include "intake.h"
#include "tl_eventlog.h"

struct intake_log log_port(struct tl_eventlog *l);      /* borrows l */

#endif
