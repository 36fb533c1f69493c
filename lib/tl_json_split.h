/* tl_json_split.h - a body into parts: elements or lines, each walked. Inside lib/ only. */
#ifndef TL_JSON_SPLIT_H
#define TL_JSON_SPLIT_H

#include "tl_json_walk.h"

#define TL_JSON_PART_NODES_MAX 16400        /* more values than 32 KB can hold */

struct tl_json_part {
    struct tl_str slice;                    /* without white space around it */
    size_t offset;                          /* of slice in the body */
    enum tl_json_end end;
    const struct tl_jnode *node;            /* those before the fault, when there is one; void after the call */
    uint32_t node_n;
    struct tl_json_fault fault;             /* its offset too is in the body */
};
typedef int (*tl_json_part_each)(void *arg, size_t index, const struct tl_json_part *part);

/* All three: after tl_json_load(body). */
/* tl_json_one - the body as one value: 0, part filled; TL_EINVAL when more than white space follows a value; TL_ENOMEM. */
int tl_json_one(struct tl_json *j, struct tl_json_part *part);
/* tl_json_array_check - the body, whose first token is [, is JSON to its last byte; *n elements. 0, TL_EINVAL with fault filled. */
int tl_json_array_check(struct tl_json *j, size_t *n, struct tl_json_fault *fault);
/* tl_json_array_each - after the check was good. What each returns, or TL_ENOMEM. */
int tl_json_array_each(struct tl_json *j, tl_json_part_each each, void *arg);

/* tl_json_next_line - cut the first line off *rest, white space around it too; it may be empty. false: none left. */
bool tl_json_next_line(struct tl_str *rest, struct tl_str *line);
/* tl_json_lines_each - load body or, when that fails, its lines; each line is one value or at fault, empty lines are skipped. As above. */
int tl_json_lines_each(struct tl_json *j, struct tl_str body, tl_json_part_each each, void *arg);

#endif
