/* render_shared.c - identities that are everybody's. */
#include "answer_shared.h"
#include "render_in.h"

void
render_shared(struct tl_buf *out, const struct shared_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "count", a->count);
    tl_jw_int(w, "homes_max", TL_SHARED_HOMES_MAX);
    tl_jw_int(w, "others_max", TL_SHARED_OTHERS_MAX);
    tl_jw_array(w, "shared");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct identity_link *x = &a->item[i].at;
        tl_jw_open(w, NULL);
        tl_jw_str(w, "kind", x->a.kind);
        render_hash(w, "hash", x->a.hash);
        tl_jw_uint(w, "position", x->position);
        render_ms(w, "at", x->at_ms);
        tl_jw_str(w, "type", x->type);
        tl_jw_str(w, "origin", x->origin);
        tl_jw_str(w, "channel", x->channel);
        tl_jw_str(w, "place", x->place);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}
