/* version.h - one version of the catalogue: parsed, with the text it came from. Which one holds is in the log: the latest `catalogue` record that can be read;
 * while the log has none, the files of DATA/catalogue. Every store keeps the version it was made with. */
#ifndef VERSION_H
#define VERSION_H

#include "tl_catalogue.h"
#include "tl_eventlog.h"
#include "tl_store_write.h"

struct version {
    struct tl_catalogue *catalogue;
    struct tl_buf body, actor;       /* of the record; body is {"files":[...]} for one of a folder */
    uint64_t at;                     /* position of the record, 0: of a folder */
    int64_t time_ms;                 /* TL_TIME_NONE when at is 0 */
};
/* Each fills v, which is zero or freed. TL_ECONFIG: err names file, line and member. */
int version_of_folder(struct version *v, const char *dir, struct tl_err *err);
int version_of_store(struct version *v, struct tl_store_w *store, struct tl_err *err);       /* TL_ENOTFOUND: an older program made it; outside a transaction */
int version_of_record(struct version *v, const struct tl_logged *rec, struct tl_err *err);
int version_at(struct version *v, struct tl_eventlog *log, uint64_t position, struct tl_err *err);
/* version_last - reads the whole log for it. TL_ENOTFOUND: no record that can be read. */
int version_last(struct version *v, struct tl_eventlog *log, struct tl_err *err);
/* version_since - does the log hold such a record at or behind `from`? Looks at most positions (then: true). */
bool version_since(struct tl_eventlog *log, uint64_t from, uint64_t most);
struct tl_store_catalogue version_kept(const struct version *v);     /* as a store keeps it; views into v */
void version_free(struct version *v);

#endif
