/* weave_work.h - scratch of weave_flush.c, kept from customer to customer. */
#ifndef WEAVE_WORK_H
#define WEAVE_WORK_H

struct weave_work;
struct weave_work *weave_work_new(void);
void weave_work_free(struct weave_work **wp);

#endif
