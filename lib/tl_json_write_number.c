/* tl_json_write_number.c - numbers with a fraction, written: the shortest text that reads back. Apart from tl_json_write.c: the only part that needs C++. */
#include "tl_json_index.h"
#include "tl_json_walk.h"

#include <math.h>

void
tl_jw_num(struct tl_jw *w, const char *name, double v)
{
    char text[40];
    if (!isfinite(v)) {
        tl_jw_null(w, name);
    } else if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v) {     /* 100000, not 1e+05 */
        tl_jw_int(w, name, (int64_t)v);
    } else {
        tl_jw_raw(w, name, (struct tl_str){ text, tl_json_print(v, text) });
    }
}
