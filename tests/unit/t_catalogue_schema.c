/* t_catalogue_schema.c - the published schema of catalogues says what the reader says: over one table of cases, over what is shipped, and member by member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cases_catalogue.h"
#include "kit_schema.h"
#include "tl_catalogue_files.h"
#include "tl_hash.h"

#define SCHEMA "schemas/catalogue/catalogue.schema.json"

static struct tl_arena *arena;

static struct tl_jv *
tree(struct tl_str text)
{
    struct tl_jv *root = NULL;
    struct tl_err err = {0};

    if (tl_json_tree(arena, text, 32, &root, NULL, &err) != 0)
        fail_msg("%.*s: %s", (int)text.n, text.p, err.text);
    return root;
}

/* how many mistakes the reader finds in a text as one file, and the first that says `part` */
static uint32_t
read_as_file(const char *text, const char *part, char first[600])
{
    struct tl_catalogue_files files = { .file = { { TL_STR("x.json"), tl_str_of(text) } }, .n = 1 };
    struct tl_catalogue *c = NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct tl_err err = {0};

    assert_int_equal(tl_catalogue_check_files(&files, &c, &notes, &err), 0);
    uint32_t wrong = notes->wrong_n, i = 0;
    while (i < notes->note_n && (notes->note[i].doubt || strstr(notes->note[i].text, part) == NULL))
        i++;
    snprintf(first, 600, "%s", i < notes->note_n ? notes->note[i].text : "");
    tl_catalogue_notes_free(&notes);
    tl_catalogue_free(&c);
    return wrong;
}

static void
both_take(void **state)
{
    char first[600];

    (void)state;
    for (size_t i = 0; i < sizeof catalogue_accept / sizeof *catalogue_accept; i++) {
        if (read_as_file(catalogue_accept[i], "", first) != 0)
            fail_msg("refused: %s: %s", catalogue_accept[i], first);
        if (!schema_takes(schema_root, tree(tl_str_of(catalogue_accept[i]))))
            fail_msg("the schema refuses: %s", catalogue_accept[i]);
    }
}

static void
both_refuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof catalogue_refuse / sizeof *catalogue_refuse; i++)
        if (schema_takes(schema_root, tree(tl_str_of(catalogue_refuse[i].text))) != catalogue_refuse[i].beyond)
            fail_msg("the schema %s: %s (%s)", catalogue_refuse[i].beyond ? "refuses, and needs no leave to" : "takes", catalogue_refuse[i].text, catalogue_refuse[i].told);
}

static void
shipped_files_are_taken(void **state)
{
    static const char *const paths[] = { "schemas/catalogue/models.json", "schemas/catalogue/tea", "schemas/catalogue/line", "schemas/catalogue/five-stages", "schemas/catalogue/loan" };
    struct tl_err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct tl_catalogue_files files = {0};
        assert_int_equal(tl_catalogue_files_read(paths[i], arena, &files, &err), 0);
        assert_true(files.n > 0);
        for (uint32_t f = 0; f < files.n; f++)
            if (!schema_takes(schema_root, tree(files.file[f].text)))
                fail_msg("%s/%.*s is refused by the schema", paths[i], (int)files.file[f].name.n, files.file[f].name.p);
    }
}

static char manual[65536];

/* is a word in the manual, as code, in a heading, or in one of its braces? */
static bool
section_or_code(const char *word)
{
    size_t n = strlen(word);

    for (const char *at = strstr(manual, word); at != NULL; at = strstr(at + n, word))
        if (at > manual && strchr("`{ ,\"", at[-1]) != NULL && strchr("`}, :(\"\n", at[n]) != NULL)
            return true;
    return false;
}

/* An unknown member is answered with those that are allowed: the schema must know each, and no other. */
static void
members_are_the_same(void **state)
{
    static const struct { const char *text, *def; } rows[] = {
        { "{\"zzz\":1}", NULL },
        { "{\"stage_models\":[{\"zzz\":1}]}", "model" },
        { "{\"touchpoints\":[{\"zzz\":1}]}", "touchpoint" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"standard\":{\"zzz\":1}}]}", "experience" },
        { "{\"journey_types\":[{\"zzz\":1}]}", "type" },
        { "{\"clocks\":[{\"zzz\":1}]}", "clock" },
        { "{\"outcomes\":[{\"zzz\":1}]}", "outcome" },
        { "{\"tiers\":[{\"zzz\":1}]}", "tier" },
        { "{\"segments\":[{\"zzz\":1}]}", "segment" },
        { "{\"dayparts\":[{\"zzz\":1}]}", "daypart" },
        { "{\"promises\":[{\"id\":\"p\",\"zzz\":1}]}", "promise" },
        { "{\"alerts\":[{\"zzz\":1}]}", "alert" },
        { "{\"blueprints\":[{\"zzz\":1}]}", "blueprint" },
        { "{\"blueprints\":[{\"id\":\"b\",\"steps\":[{\"zzz\":1}]}]}", "step" },
        { "{\"scenarios\":[{\"zzz\":1}]}", "scenario" },
        { "{\"scenarios\":[{\"id\":\"s\",\"steps\":[{\"zzz\":1}]}]}", "task" },
        { "{\"scenarios\":[{\"id\":\"s\",\"steps\":[{\"touchpoint\":\"a\",\"items\":[{\"zzz\":1}]}]}]}", "item" },
        { "{\"scenarios\":[{\"id\":\"s\",\"steps\":[{\"touchpoint\":\"a\"}],\"slots\":[{\"zzz\":1}]}]}", "slot" },
        { "{\"scenarios\":[{\"id\":\"s\",\"steps\":[{\"touchpoint\":\"a\"}],\"stamps\":[{\"zzz\":1}]}]}", "stamp" },
        { "{\"scenarios\":[{\"id\":\"s\",\"steps\":[{\"touchpoint\":\"a\"}],\"clocks\":[{\"zzz\":1}]}]}", "stampclock" },
    };
    char first[600], name[80];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tl_jv *def = rows[i].def != NULL ? tl_jv_get(tl_jv_get(schema_root, "$defs"), rows[i].def) : schema_root;
        const struct tl_jv *known = tl_jv_get(def, "properties");
        uint32_t n = 0;
        read_as_file(rows[i].text, "unknown member", first);
        char *at = strstr(first, "allowed: ");
        if (at == NULL || known == NULL)
            fail_msg("%s: %s", rows[i].text, first);
        else
            for (char *save = NULL, *word = strtok_r(at + 9, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save), n++) {
                snprintf(name, sizeof name, "%s", word);
                bool told = section_or_code(word);
                if (!told)
                    fail_msg("schemas/catalogue.md does not say what \"%s\" is, which the reader takes in %s", word, rows[i].text);
                if (tl_jv_get(known, name) == NULL)
                    fail_msg("the reader takes \"%s\" in %s; " SCHEMA " and schemas/catalogue.md do not have it", word, rows[i].text);
            }
        if (known != NULL && n != known->children_n)
            fail_msg("%s: the schema has %u members, the reader %u (%s)", rows[i].text, known->children_n, n, first);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_take),
        cmocka_unit_test(both_refuse),
        cmocka_unit_test(shipped_files_are_taken),
        cmocka_unit_test(members_are_the_same),
    };
    struct tl_catalogue_files files = {0};
    struct tl_err err = {0};

    arena = tl_arena_new(64u << 20);
    if (tl_hash_init() != 0 || arena == NULL || tl_catalogue_files_read(SCHEMA, arena, &files, &err) != 0 || files.n != 1)
        return 1;
    schema_root = tree(files.file[0].text);
    FILE *f = fopen("schemas/catalogue.md", "rb");
    if (f == NULL)
        return 1;
    manual[fread(manual, 1, sizeof manual - 1, f)] = 0;
    fclose(f);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    tl_arena_free(&arena);
    return rc;
}
