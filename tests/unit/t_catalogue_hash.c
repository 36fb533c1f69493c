/* t_catalogue_hash.c - the version of a catalogue is the hash of all that it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tl_catalogue_files.h"
#include "tl_hash.h"

static void
hash_of(const char *text, char out[33])
{
    struct tl_catalogue_files files = { .file = { { TL_STR("x.json"), tl_str_of(text) } }, .n = 1 };
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};

    if (tl_catalogue_parse(&files, &c, &err) != 0)
        fail_msg("%s", err.text);
    snprintf(out, 33, "%s", c->hash);
    tl_catalogue_free(&c);
}

/* A version is told by its hash: no member may be changed without another one. Each row: a part of the catalogue below, and what takes its place. */
static void
every_member_is_in_the_hash(void **state)
{
    static const char whole[] =
        "{\"promote\":[\"props.n\"],\"roles\":{\"r\":\"silent\"},"
        "\"stage_models\":[{\"id\":\"M\",\"title\":\"Mt\",\"stages\":[{\"id\":\"s1\",\"title\":\"S1\",\"goal\":\"G1\"},{\"id\":\"s2\"}]}],"
        "\"touchpoints\":[{\"id\":\"a\",\"title\":{\"zh\":\"甲\",\"en\":\"A\"},\"role\":\"step\",\"channel\":\"app\",\"stage\":{\"M\":\"s1\"},\"backstage\":true,\"key\":true,\"moment\":true,\"goal\":\"Ag\",\"owner\":\"Ao\",\"theme\":\"Ath\","
        "\"standard\":{\"script\":\"Sc\",\"visual\":\"Vi\",\"response\":\"Re\"},\"match\":{\"type\":\"ta*\",\"props.n\":{\"min\":1,\"max\":5}}},{\"id\":\"b\"},{\"id\":\"c\"}],"
        "\"journey_types\":[{\"id\":\"o\",\"title\":\"Ot\",\"key\":\"order\",\"gap_d\":3,\"start\":[\"x1\"],\"good\":[\"x2\"],\"bad\":[\"x3\"],\"required\":[\"a\"],\"damage\":\"out\",\"moments\":\"out\",\"strata\":[\"tier\"],\"blueprint\":\"bp\"}],"
        "\"clocks\":[{\"id\":\"cl\",\"title\":\"Ct\",\"start\":\"p1\",\"end\":\"p2\",\"cancel\":\"p3\",\"key\":\"case\",\"limit_s\":60,\"allowed\":0.11,\"class\":\"basic\",\"tiers\":[\"gold\"],\"channels\":[\"sms\"],\"on\":\"b\",\"owner\":\"Co\","
        "\"critical\":true,\"experience\":false,\"warn\":0.7,\"ends_from\":\"till\",\"priority\":[\"p4\"]}],"
        "\"checks\":[{\"id\":\"fa\",\"kind\":\"failed\",\"at\":\"p5\",\"fail\":\"p6\",\"except_tiers\":[\"gold\"]},{\"id\":\"re\",\"kind\":\"required\",\"at\":\"p7\",\"need\":\"p8\",\"by\":\"p9\",\"confirm\":\"p10\"},"
        "{\"id\":\"rp\",\"kind\":\"repeat\",\"at\":\"p11\",\"again\":\"p12\",\"within_s\":77},{\"id\":\"tr\",\"kind\":\"transfers\",\"most\":2},{\"id\":\"cx\",\"kind\":\"context\",\"restated\":\"props.n\"},"
        "{\"id\":\"sc\",\"kind\":\"score\",\"score\":\"nps\",\"lowest\":4}],"
        "\"outcomes\":[{\"id\":\"out\",\"title\":\"Out\",\"when\":\"p13\",\"of\":\"journey\",\"after\":\"c\",\"within_s\":88,\"absent\":true,\"bad\":false,\"horizon_d\":9,\"ends_from\":\"pos\",\"against\":\"ot2\"},{\"id\":\"ot2\",\"when\":\"p14\"},{\"id\":\"ot3\",\"when\":\"p14\"}],"
        "\"tiers\":[{\"id\":\"gold\",\"title\":\"Gt\",\"rank\":1,\"vip\":true},{\"id\":\"iron\",\"rank\":7}],\"segments\":[{\"id\":\"sg\",\"title\":\"Sgt\",\"when\":[{\"tier\":\"gold\"},{\"place\":\"P1\"}]}],"
        "\"dayparts\":[{\"id\":\"d\",\"title\":\"Dt\",\"from\":\"10:00\",\"to\":\"11:00\"}],"
        "\"promises\":[{\"id\":\"pr\",\"title\":\"Prt\",\"what\":\"wh\",\"made\":\"p15\",\"kept\":\"p16\",\"word\":\"p17\",\"cancel\":\"p18\",\"grace_s\":99,\"moves\":true,\"notice\":true,\"word_allowed\":0.12,\"allowed\":0.13}],"
        "\"blueprints\":[{\"id\":\"bp\",\"title\":\"Bt\",\"journey\":\"o\",\"legs\":[{\"id\":\"l1\",\"title\":\"L1\"},{\"id\":\"l2\"}],\"steps\":[{\"touchpoint\":\"a\",\"need\":\"required\",\"leg\":\"l1\",\"channels\":[\"iot\"],\"max_wait_s\":66,"
        "\"stage\":{\"M\":\"s2\"},\"action\":\"Act\",\"standard\":\"cl\"},{\"touchpoint\":\"b\",\"one_of\":\"g\"},{\"touchpoint\":\"c\",\"one_of\":\"g\"}]}],"
        "\"alerts\":[{\"id\":\"al\",\"title\":\"Alt\",\"kind\":\"complaint\",\"at\":\"p19\",\"tiers\":[\"iron\"],\"channels\":[\"kiosk\"],\"on\":\"c\",\"owner\":\"Alo\",\"severity\":3}],"
        "\"scenarios\":[{\"id\":\"vs\",\"title\":\"Vt\",\"persona\":\"Vp\",\"goal\":\"Vg\",\"channel\":\"email\",\"blueprint\":\"bp\",\"visits_per_place\":3,\"apart_d\":5,\"slots\":[{\"id\":\"vl\",\"title\":\"Vlt\",\"from\":\"15:00\",\"to\":\"16:00\"}],"
        "\"stamps\":[{\"id\":\"vi\",\"title\":\"Vit\",\"touchpoint\":\"a\"},{\"id\":\"vo\"},{\"id\":\"vz\"}],\"clocks\":[{\"id\":\"vc\",\"title\":\"Vct\",\"from\":\"vi\",\"to\":\"vo\",\"limit_s\":44}],"
        "\"steps\":[{\"touchpoint\":\"b\",\"action\":\"Vact\",\"items\":[{\"id\":\"vq\",\"title\":\"Vqt\",\"kind\":\"subjective\",\"weight\":20,\"critical\":false,\"na\":true,\"evidence\":true,\"standard\":\"fa\"}]}]}]}";
    static const struct { const char *part, *instead; } rows[] = {
        { "\"promote\":[\"props.n\"]", "\"promote\":[\"props.n\",\"props.m\"]" }, { "\"r\":\"silent\"", "\"r\":\"signal\"" }, { "\"Mt\"", "\"x\"" }, { "\"S1\"", "\"x\"" }, { "\"G1\"", "\"x\"" },
        { "\"甲\"", "\"乙\"" }, { "\"en\":\"A\"", "\"en\":\"x\"" }, { "\"role\":\"step\",", "" }, { "\"channel\":\"app\"", "\"channel\":\"web\"" }, { "\"M\":\"s1\"", "\"M\":\"s2\"" },
        { "\"backstage\":true", "\"backstage\":false" }, { "\"key\":true", "\"key\":false" }, { "\"moment\":true", "\"moment\":false" }, { "\"Ag\"", "\"x\"" }, { "\"Ao\"", "\"x\"" }, { "\"Ath\"", "\"x\"" },
        { "\"Sc\"", "\"x\"" }, { "\"Vi\"", "\"x\"" }, { "\"Re\"", "\"x\"" }, { "\"ta*\"", "\"ta\"" }, { "\"min\":1,", "\"min\":2," }, { "\"max\":5", "\"max\":6" },
        { "\"Ot\"", "\"x\"" }, { "\"key\":\"order\"", "\"key\":\"case\"" }, { "\"gap_d\":3", "\"gap_d\":4" }, { "\"x1\"", "\"y\"" }, { "\"x2\"", "\"y\"" }, { "\"x3\"", "\"y\"" }, { "\"required\":[\"a\"]", "\"required\":[\"b\"]" },
        { "\"damage\":\"out\"", "\"damage\":\"ot2\"" }, { "\"moments\":\"out\"", "\"moments\":\"ot2\"" }, { "\"strata\":[\"tier\"]", "\"strata\":[\"place\"]" }, { ",\"blueprint\":\"bp\"", "" },
        { "\"Ct\"", "\"x\"" }, { "\"p1\"", "\"q\"" }, { "\"p2\"", "\"q\"" }, { "\"p3\"", "\"q\"" }, { "\"key\":\"case\"", "\"key\":\"order\"" }, { "\"limit_s\":60", "\"limit_s\":61" }, { "0.11", "0.21" },
        { "\"class\":\"basic\"", "\"class\":\"beyond\"" }, { "\"tiers\":[\"gold\"]", "\"tiers\":[\"iron\"]" }, { "\"sms\"", "\"mail\"" }, { "\"on\":\"b\"", "\"on\":\"c\"" }, { "\"Co\"", "\"x\"" },
        { "\"critical\":true", "\"critical\":false" }, { "\"experience\":false", "\"experience\":true" }, { "0.7", "0.6" }, { "\"till\"", "\"x\"" }, { "\"p4\"", "\"q\"" }, { "\"p5\"", "\"q\"" }, { "\"p6\"", "\"q\"" },
        { "\"except_tiers\":[\"gold\"]", "\"except_tiers\":[\"iron\"]" }, { "\"p7\"", "\"q\"" }, { "\"p8\"", "\"q\"" }, { "\"p9\"", "\"q\"" }, { "\"p10\"", "\"q\"" }, { "\"p11\"", "\"q\"" }, { "\"p12\"", "\"q\"" },
        { "\"within_s\":77", "\"within_s\":78" }, { "\"most\":2", "\"most\":3" }, { ",\"restated\":\"props.n\"", "" }, { "\"nps\"", "\"csat5\"" }, { "\"lowest\":4", "\"lowest\":5" },
        { "\"Out\"", "\"x\"" }, { "\"p13\"", "\"q\"" }, { "\"after\":\"c\"", "\"after\":\"b\"" }, { "\"within_s\":88", "\"within_s\":89" },
        { "\"bad\":false", "\"bad\":true" }, { "\"horizon_d\":9", "\"horizon_d\":8" }, { "\"pos\"", "\"x\"" }, { "\"against\":\"ot2\"", "\"against\":\"ot3\"" },
        { "\"Gt\"", "\"x\"" }, { "\"rank\":1,", "\"rank\":2," }, { "\"vip\":true", "\"vip\":false" }, { "\"Sgt\"", "\"x\"" }, { "\"P1\"", "\"P2\"" }, { "{\"tier\":\"gold\"},", "" }, { "\"Dt\"", "\"x\"" },
        { "\"10:00\"", "\"09:00\"" }, { "\"11:00\"", "\"12:00\"" }, { "\"Prt\"", "\"x\"" }, { "\"wh\"", "\"x\"" }, { "\"p15\"", "\"q\"" }, { "\"p16\"", "\"q\"" }, { "\"p17\"", "\"q\"" }, { "\"p18\"", "\"q\"" },
        { "\"grace_s\":99", "\"grace_s\":98" }, { "\"moves\":true", "\"moves\":false" }, { "\"notice\":true", "\"notice\":false" }, { "0.12", "0.22" }, { "0.13", "0.23" },
        { "\"Bt\"", "\"x\"" }, { "\"L1\"", "\"x\"" }, { "\"need\":\"required\"", "\"need\":\"optional\"" }, { "\"leg\":\"l1\"", "\"leg\":\"l2\"" }, { "\"iot\"", "\"app\"" }, { "\"max_wait_s\":66", "\"max_wait_s\":67" },
        { "\"M\":\"s2\"", "\"M\":\"s1\"" }, { "\"Act\"", "\"x\"" }, { "\"standard\":\"cl\"", "\"standard\":\"fa\"" }, { "\"one_of\":\"g\"},{\"touchpoint\":\"c\",\"one_of\":\"g\"", "\"one_of\":\"h\"},{\"touchpoint\":\"c\",\"one_of\":\"h\"" },
        { "\"Alt\"", "\"x\"" }, { "\"kind\":\"complaint\"", "\"kind\":\"event\"" }, { "\"p19\"", "\"q\"" }, { "\"tiers\":[\"iron\"]", "\"tiers\":[\"gold\"]" }, { "\"kiosk\"", "\"app\"" },
        { "\"on\":\"c\",\"owner\":\"Alo\"", "\"on\":\"b\",\"owner\":\"Alo\"" }, { "\"Alo\"", "\"x\"" }, { "\"severity\":3", "\"severity\":1" },
        { "\"vs\"", "\"x\"" }, { "\"Vt\"", "\"x\"" }, { "\"Vp\"", "\"x\"" }, { "\"Vg\"", "\"x\"" }, { "\"email\"", "\"web\"" }, { "\"channel\":\"email\",\"blueprint\":\"bp\"", "\"channel\":\"email\"" },
        { "\"visits_per_place\":3", "\"visits_per_place\":4" }, { "\"apart_d\":5", "\"apart_d\":6" }, { "\"vl\"", "\"x\"" }, { "\"Vlt\"", "\"x\"" }, { "\"15:00\"", "\"15:01\"" }, { "\"16:00\"", "\"16:01\"" },
        { "\"vz\"", "\"x\"" }, { "\"Vit\"", "\"x\"" }, { "\"title\":\"Vit\",\"touchpoint\":\"a\"", "\"title\":\"Vit\"" }, { "\"vc\"", "\"x\"" }, { "\"Vct\"", "\"x\"" }, { "\"to\":\"vo\"", "\"to\":\"vz\"" },
        { "\"from\":\"vi\"", "\"from\":\"vz\"" }, { "\"limit_s\":44", "\"limit_s\":45" }, { "\"limit_s\":44", "\"standard\":\"cl\"" }, { "\"touchpoint\":\"b\",\"action\":\"Vact\"", "\"touchpoint\":\"c\",\"action\":\"Vact\"" },
        { "\"Vact\"", "\"x\"" }, { "\"vq\"", "\"x\"" }, { "\"Vqt\"", "\"x\"" }, { "\"subjective\"", "\"objective\"" }, { "\"weight\":20", "\"weight\":21" }, { "\"critical\":false,\"na\"", "\"critical\":true,\"na\"" },
        { "\"na\":true", "\"na\":false" }, { "\"evidence\":true", "\"evidence\":false" }, { "\"standard\":\"fa\"", "\"standard\":\"re\"" },
    };
    char want[33], got[33];
    static char text[8192];

    (void)state;
    hash_of(whole, want);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = strstr(whole, rows[i].part);
        if (at == NULL)
            fail_msg("not in the catalogue: %s", rows[i].part);
        else
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, rows[i].instead, at + strlen(rows[i].part));
        hash_of(text, got);
        if (strcmp(got, want) == 0)
            fail_msg("%s instead of %s, and the same version", rows[i].instead, rows[i].part);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_member_is_in_the_hash) };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
