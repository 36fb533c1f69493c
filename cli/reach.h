/* reach.h - `moments --reach`: which touchpoints the ways to the goal pass. Reach, not cause: JSON only. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "tl_err.h"
#include "tl_json.h"
#include "tl_mem.h"

/* Both write {"paths","steps","conversions","p_conv","removal_effect":{touchpoint: share of conversions that would go if nobody could pass it}}. */
/* reach_file - a table of paths: columns path (touchpoints with > between them), total_conversions, total_null. TL_EINVAL: names line and column. */
int reach_file(const char *path, struct tl_buf *out, struct tl_err *err);
/* reach_map - of what /api/map answered: journeys that reached the goal against those that ended otherwise; of open ones, only the moves made */
int reach_map(const struct tl_jv *root, struct tl_buf *out, struct tl_err *err);

#endif
