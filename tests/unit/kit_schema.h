/* kit_schema.h - as much of JSON Schema (draft 2020-12) as our published schemas use, so that they are tested against the cases of the validators. */
#ifndef KIT_SCHEMA_H
#define KIT_SCHEMA_H

#include <regex.h>
#include <stdio.h>

#include "tl_json.h"

static const struct tl_jv *schema_root;      /* "$ref":"#/$defs/NAME" is looked up here */
static bool schema_takes(const struct tl_jv *schema, const struct tl_jv *v);

static inline bool
schema_is_whole(const struct tl_jv *v)
{
    return v->type == TL_JNUMBER && !memchr(v->raw.p, '.', v->raw.n) && !memchr(v->raw.p, 'e', v->raw.n) && !memchr(v->raw.p, 'E', v->raw.n);
}

static inline bool
schema_is_type(struct tl_str name, const struct tl_jv *v)
{
    static const char *const names[] = { "null", "boolean", "number", "string", "array", "object" };
    return tl_str_is(name, names[v->type]) || (tl_str_is(name, "integer") && schema_is_whole(v));
}

static inline bool
schema_type(const struct tl_jv *type, const struct tl_jv *v)
{
    if (!type || type->type == TL_JTEXT)
        return !type || schema_is_type(type->text, v);
    for (const struct tl_jv *t = type->child; t; t = t->next)
        if (schema_is_type(t->text, v))
            return true;
    return false;
}

static inline bool
schema_enum(const struct tl_jv *list, const struct tl_jv *v)
{
    for (const struct tl_jv *e = list ? list->child : NULL; e; e = e->next)
        if (e->type == v->type && tl_str_eq(e->text, v->text))
            return true;
    return !list;
}

static inline bool
schema_number(const struct tl_jv *s, const struct tl_jv *v)
{
    if (v->type != TL_JNUMBER)
        return true;
    if (schema_is_whole(v) && !v->is_int)       /* beyond 64 bits: beyond any limit that is set */
        return !tl_jv_get(s, "maximum");
    return v->number >= tl_jv_number(s, "minimum", -1e300) && v->number <= tl_jv_number(s, "maximum", 1e300) && v->number > tl_jv_number(s, "exclusiveMinimum", -1e301)
           && v->number < tl_jv_number(s, "exclusiveMaximum", 1e301);
}

static inline bool
schema_matches(struct tl_str pattern, struct tl_str text)
{
    char p[128], t[512];
    regex_t re;
    snprintf(p, sizeof p, "%.*s", (int)pattern.n, pattern.p);
    snprintf(t, sizeof t, "%.*s", (int)text.n, text.p);
    if (regcomp(&re, p, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool ok = regexec(&re, t, 0, NULL, 0) == 0;
    regfree(&re);
    return ok;
}

static inline bool
schema_text(const struct tl_jv *s, struct tl_str text)
{
    int64_t n = 0;
    const struct tl_jv *pattern = tl_jv_get(s, "pattern");
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return n >= tl_jv_int(s, "minLength", 0) && n <= tl_jv_int(s, "maxLength", INT64_MAX) && (!pattern || schema_matches(pattern->text, text));
}

static inline bool
schema_member(const struct tl_jv *s, const struct tl_jv *m)
{
    const struct tl_jv *names = tl_jv_get(s, "propertyNames"), *more = tl_jv_get(s, "additionalProperties"), *set = tl_jv_get(s, "properties");
    bool known = false;
    if (names && !schema_text(names, m->name))
        return false;
    for (const struct tl_jv *p = set ? set->child : NULL; p; p = p->next)
        if (tl_str_eq(p->name, m->name)) {
            known = true;
            if (!schema_takes(p, m))
                return false;
        }
    set = tl_jv_get(s, "patternProperties");
    for (const struct tl_jv *p = set ? set->child : NULL; p; p = p->next)
        if (schema_matches(p->name, m->name)) {
            known = true;
            if (!schema_takes(p, m))
                return false;
        }
    return known || !more || schema_takes(more, m);
}

static inline bool
schema_object(const struct tl_jv *s, const struct tl_jv *v)
{
    char name[64];
    if (v->type != TL_JOBJECT)
        return true;
    if (v->children_n > tl_jv_int(s, "maxProperties", UINT32_MAX) || v->children_n < tl_jv_int(s, "minProperties", 0))
        return false;
    const struct tl_jv *need = tl_jv_get(s, "required");
    for (const struct tl_jv *r = need ? need->child : NULL; r; r = r->next) {
        snprintf(name, sizeof name, "%.*s", (int)r->text.n, r->text.p);
        if (!tl_jv_get(v, name))
            return false;
    }
    for (const struct tl_jv *m = v->child; m; m = m->next)
        if (!schema_member(s, m))
            return false;
    return true;
}

static inline bool
schema_array(const struct tl_jv *s, const struct tl_jv *v)
{
    const struct tl_jv *items = tl_jv_get(s, "items");
    if (v->type != TL_JARRAY)
        return true;
    if (v->children_n > tl_jv_int(s, "maxItems", UINT32_MAX) || v->children_n < tl_jv_int(s, "minItems", 0))
        return false;
    for (const struct tl_jv *e = items ? v->child : NULL; e; e = e->next)
        if (!schema_takes(items, e))
            return false;
    return true;
}

static inline bool
schema_ref(const struct tl_jv *ref, const struct tl_jv *v)
{
    char name[64];
    if (!ref)
        return true;
    snprintf(name, sizeof name, "%.*s", (int)ref->text.n, ref->text.p);
    const struct tl_jv *to = strncmp(name, "#/$defs/", 8) == 0 ? tl_jv_get(tl_jv_get(schema_root, "$defs"), name + 8) : NULL;
    return to && schema_takes(to, v);
}

static bool
schema_takes(const struct tl_jv *schema, const struct tl_jv *v)
{
    if (schema->type == TL_JBOOL)
        return schema->boolean;
    const struct tl_jv *any = tl_jv_get(schema, "anyOf");
    bool one = !any;
    for (const struct tl_jv *a = any ? any->child : NULL; a; a = a->next)
        one = one || schema_takes(a, v);
    return one && schema_type(tl_jv_get(schema, "type"), v) && schema_enum(tl_jv_get(schema, "enum"), v) && schema_number(schema, v)
           && (v->type != TL_JTEXT || schema_text(schema, v->text)) && schema_object(schema, v) && schema_array(schema, v)
           && schema_ref(tl_jv_get(schema, "$ref"), v);
}

#endif
