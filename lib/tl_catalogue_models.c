/* tl_catalogue_models.c - the stage models A to E that are built in (schemas/catalogue/models.json): there without being described, as soon as a touchpoint
 * names a stage of one. A catalogue that describes a model of the same id has its own. */
#include "tl_catalogue_in.h"
#include "tl_embed.h"

static bool
named(const struct reader *r, const char *model)
{
    for (uint32_t i = 0; i < r->file_n; i++) {
        const struct tl_jv *v = tl_jv_get(r->file[i].root, "touchpoints");
        for (const struct tl_jv *t = v != NULL ? v->child : NULL; t != NULL; t = t->next)
            if (tl_jv_get(tl_jv_get(t, "stage"), model) != NULL)
                return true;
    }
    return false;
}

void
cat_built_in(struct reader *r)
{
    static const struct file file = { .name = "models.json" };
    struct tl_jv *root = NULL;
    struct tl_str text = { (const char *)tl_embed_models[0].data, tl_embed_models[0].len };

    if (tl_json_tree(r->c->arena, text, 0, &root, NULL, NULL) != 0) {
        r->no_memory = true;
        return;
    }
    r->now = &file;
    const struct tl_jv *models = tl_jv_get(root, "stage_models");
    for (const struct tl_jv *m = models != NULL ? models->child : NULL; m != NULL; m = m->next) {
        struct tl_str id = tl_jv_text(m, "id");
        if (tl_catalogue_model(r->c, id) < 0 && r->c->model_n < TL_MODELS_MAX && named(r, id.p))
            cat_model(r, m);
    }
}
