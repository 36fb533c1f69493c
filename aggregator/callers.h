/* callers.h - whose connection is it? Keys of collectors, from DATA/keys/collectors.json, read again when it changes.
 *
 * A connection is taken when its key is listed, enabled and not over (asked by the bus, on its thread). A message is taken when the collector in its
 * head is the one of the connection's key, and that key is still good: so revoking, and the end of an old key's time, end what is connected already. */
#ifndef CALLERS_H
#define CALLERS_H

#include "tl_bus.h"

struct callers;
/* callers_open - reads the registry and the aggregator's own pair (made when absent), and puts them into bus, which borrows them. TL_ECONFIG, TL_EIO. */
int callers_open(struct callers **out, const char *data, struct tl_bus_cfg *bus, struct tl_err *err);
/* callers_admit - false: to be dropped; a HELLO was answered with REJECT 2 */
bool callers_admit(struct callers *c, struct tl_bus *bus, const struct tl_bus_msg *m);
void callers_close(struct callers **cp);                /* after the bus */

#endif
