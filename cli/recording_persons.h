/* recording_persons.h - who is whom in a file: identities that an event names together are one person's, and so are those that hang together through others. */
#ifndef CLI_RECORDING_PERSONS_H
#define CLI_RECORDING_PERSONS_H

#include "tl_event.h"

struct persons;
struct persons *persons_new(void);                       /* returns owned; NULL: out of memory */
void persons_free(struct persons **pp);
/* persons_of - a number for the event's person: of one of its identities. TL_EINVAL: it has none; TL_ENOMEM. */
int persons_of(struct persons *p, const struct tl_event *ev);
uint32_t persons_n(const struct persons *p);             /* numbers given are below this */
/* persons_group - the same for two numbers exactly when they are of one person, once all events were told; below persons_n */
uint32_t persons_group(const struct persons *p, uint32_t number);

#endif
