/* visit_files.h - what QA's pages ask of a visit beside answers: its photos, proved against the record, and a new link for the shopper. */
#ifndef VISIT_FILES_H
#define VISIT_FILES_H

#include "fold.h"
#include "tl_http.h"
#include "tl_json.h"

#define VISIT_EVIDENCE_PATH "/evidence"         /* ?visit=ID&name=NAME: the file, when it is what the record says; 404, or 500 when it was changed */
#define VISIT_LINK_PATH "/api/visit-link"       /* POST {"id","hours"} of one of the viewer's own pages -> {url, svg, expires, here_only} */

/* visit_evidence_answer - answers rq. On a worker: reads a file. */
void visit_evidence_answer(struct look *k, struct tl_http_req *rq);
/* visit_link_answer - answers rq. On a worker: waits for the aggregator's commit. here: where phones reach the viewer; here_only: this machine alone. */
void visit_link_answer(struct look *k, struct tl_http_req *rq, const char *here, bool here_only);
void visit_link_openapi(struct tl_jw *w);

#endif
