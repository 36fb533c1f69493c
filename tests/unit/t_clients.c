/* t_clients.c - Snowplow, PostHog, CloudEvents, Sensors Analytics and the pixel as native events: one line of expectation for each body, written by hand
 * from each protocol's own pages. */
#include "source_kit.h"

#define D(x) { (x), sizeof(x) - 1 }

struct row {
    const char *call, *body, *want;
};

static void
check(source_read read, const struct source_input *extra, const struct row *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *got = source_seen(read, extra, row[i].call, row[i].body, NULL, NULL);
        if (strcmp(got, row[i].want) != 0) fail_msg("row %zu %s\n got  %s\n want %s", i, row[i].body, got, row[i].want);
        tl_free(got);
    }
}
#define CHECK(read, extra, rows) check(read, extra, rows, sizeof rows / sizeof *rows)

#define SP(data) "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\",\"data\":[" data "]}"
static void
t_snowplow(void **s)
{
    static const struct row rows[] = {
        { NULL, SP("{\"e\":\"pv\",\"eid\":\"E1\",\"p\":\"web\",\"dtm\":\"1772323201000\",\"stm\":\"1772323203000\",\"url\":\"https://x.cn/menu?a=1\",\"page\":\"Menu\",\"duid\":\"d1\",\"sid\":\"s1\",\"uid\":\"u1\"}"),
          "view @Menu user=u1 anonymous=d1 id=E1 time=2026-03-01T00:00:01.000Z+0 sent=2026-03-01T00:00:03.000Z session=s1 channel=web" },
        { NULL, SP("{\"e\":\"pp\",\"eid\":\"E1\",\"url\":\"https://x.cn/menu?a=1\",\"tnuid\":\"t\",\"nuid\":\"n\"}"), "view @/menu anonymous=t id=E1" },
        { NULL, SP("{\"e\":\"se\",\"eid\":\"E2\",\"se_ca\":\"shop\",\"se_ac\":\"add\",\"uid\":\"u\",\"p\":\"mob\"}"),
          "shop.add user=u id=E2 channel=app props={\"e\":\"se\",\"eid\":\"E2\",\"se_ca\":\"shop\",\"se_ac\":\"add\",\"uid\":\"u\",\"p\":\"mob\"}" },
        { NULL, SP("{\"e\":\"ue\",\"eid\":\"E3\",\"uid\":\"u\",\"ue_pr\":\"{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0\\\",\\\"data\\\":"
                   "{\\\"schema\\\":\\\"iglu:com.acme/order_placed/jsonschema/1-0-0\\\",\\\"data\\\":{\\\"n\\\":1}}}\"}"),
          "order_placed user=u id=E3 props={\"n\":1}" },
        { NULL, SP("{\"e\":\"ue\",\"uid\":\"u\",\"ue_px\":\"eyJkYXRhIjp7InNjaGVtYSI6ImlnbHU6YS9iX2MvanNvbnNjaGVtYS8xLTAtMCIsImRhdGEiOnt9fX0\"}"), "b_c user=u props={}" },
        { NULL, SP("{\"e\":\"tr\",\"eid\":\"E4\",\"uid\":\"u\",\"tr_id\":\"o9\"},{\"e\":\"zz\",\"eid\":\"E5\"},{\"eid\":\"E6\"},{\"e\":\"se\",\"eid\":\"E7\"}"),
          "transaction user=u id=E4 order=o9 props={\"e\":\"tr\",\"eid\":\"E4\",\"uid\":\"u\",\"tr_id\":\"o9\"}\n!field_range e E5\n!type_missing e E6\n!type_missing se_ac E7" },
        { NULL, SP("{\"e\":\"ue\",\"eid\":\"E8\",\"uid\":\"u\",\"ue_pr\":\"no json\"}"), "!type_missing ue_pr E8" },
        { NULL, SP(""), "" },
        { NULL, "{\"data\":{}}", "rc -1" },
        { NULL, "nonsense", "rc -1" },
    };
    struct source_pair query[] = { { D("e"), D("pv") }, { D("eid"), D("Q1") }, { D("page"), D("点单") }, { D("duid"), D("d") } };
    const struct source_input get = { .param = query, .param_n = 4 };
    static const struct row by_get[] = { { NULL, "", "view @点单 anonymous=d id=Q1" } };
    (void)s;
    CHECK(snowplow_read, NULL, rows);
    CHECK(snowplow_read, &get, by_get);
}

static void
t_posthog(void **s)
{
    static const struct row rows[] = {
        { "batch", "{\"api_key\":\"k\",\"sent_at\":\"2026-03-01T00:00:03Z\",\"batch\":[{\"event\":\"order placed\",\"distinct_id\":\"u1\",\"properties\":{\"n\":1,\"$lib\":\"posthog-node\"},"
                   "\"timestamp\":\"2026-03-01T00:00:01Z\",\"uuid\":\"U1\"}]}",
          "order placed user=u1 id=U1 time=2026-03-01T00:00:01.000Z+0 sent=2026-03-01T00:00:03.000Z props={\"n\":1,\"$lib\":\"posthog-node\"}" },
        { NULL, "{\"event\":\"$pageview\",\"uuid\":\"U2\",\"properties\":{\"token\":\"k\",\"distinct_id\":\"a1\",\"$device_id\":\"a1\",\"$pathname\":\"/menu\",\"$session_id\":\"s\",\"$lib\":\"web\"}}",
          "view @/menu anonymous=a1 id=U2 session=s channel=web props={\"token\":\"k\",\"distinct_id\":\"a1\",\"$device_id\":\"a1\",\"$pathname\":\"/menu\",\"$session_id\":\"s\",\"$lib\":\"web\"}" },
        { NULL, "[{\"event\":\"$identify\",\"properties\":{\"distinct_id\":\"u1\",\"$anon_distinct_id\":\"a1\",\"$device_id\":\"a1\"}}]",
          "identity.link user=u1 anonymous=a1 props={\"distinct_id\":\"u1\",\"$anon_distinct_id\":\"a1\",\"$device_id\":\"a1\"}" },
        { NULL, "{\"event\":\"$create_alias\",\"distinct_id\":\"u1\",\"properties\":{\"alias\":\"u2\"}}", "identity.link user=u1 user=u2 props={\"alias\":\"u2\"}" },
        { NULL, "{\"event\":\"$groupidentify\",\"distinct_id\":\"u1\"}", "group user=u1" },
        { NULL, "{\"event\":\"$screen\",\"distinct_id\":\"u1\",\"properties\":{\"$screen_name\":\"Cart\",\"$lib\":\"posthog-ios\",\"$is_identified\":false}}",
          "view @Cart anonymous=u1 channel=app props={\"$screen_name\":\"Cart\",\"$lib\":\"posthog-ios\",\"$is_identified\":false}" },
        { NULL, "data=eyJldmVudCI6ImEiLCJkaXN0aW5jdF9pZCI6InUifQ%3D%3D", "a user=u" },
        { NULL, "[{\"event\":\"a\",\"distinct_id\":\"u\"},7,{\"event\":{},\"uuid\":\"x\"}]", "a user=u\n!bad_json  \n!field_type event x" },
        { NULL, "data=***", "rc -1" },
        { NULL, "", "rc -1" },
    };
    char origin[128];
    (void)s;
    CHECK(posthog_read, NULL, rows);
    for (int i = 0; i < 2; i++) {               /* the key: of the batch, of the first event */
        tl_free(source_seen(posthog_read, NULL, i ? NULL : "batch", i ? rows[1].body : rows[0].body, NULL, origin));
        assert_string_equal(origin, "k");
    }
}

static void
t_cloudevents(void **s)
{
    static const struct row rows[] = {
        { NULL, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/till/7\",\"type\":\"order.placed\",\"time\":\"2026-03-01T00:00:01Z\",\"subject\":\"member:4711\",\"data\":{\"channel\":\"store\",\"order\":\"o1\"}}",
          "order.placed member=4711 id=/till/7#1 time=2026-03-01T00:00:01.000Z+0 order=o1 channel=store props={\"channel\":\"store\",\"order\":\"o1\"}" },
        { NULL, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"u9\",\"data\":{\"id\":{\"odd\":1},\"ids\":7}}",
          "t user=u9 id=s#1 props={\"id\":{\"odd\":1},\"ids\":7}" },
        { NULL, "[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"u\",\"channel\":\"kiosk\"},{\"specversion\":\"0.3\",\"id\":\"2\"},{\"specversion\":\"1.0\",\"id\":\"3\"}]",
          "t user=u id=s#1 channel=kiosk\n!field_range specversion 2\n!field_range source 3" },
        { NULL, "[]", "" },
        { NULL, "{\"specversion\"", "rc -1" },
    };
    struct source_pair headers[] = { { D("ce-specversion"), D("1.0") }, { D("Ce-Id"), D("b%201") }, { D("ce-source"), D("/pos") }, { D("ce-type"), D("order.placed") }, { D("ce-subject"), D("phone:138%E5%8F%B7") } };
    const struct source_input binary = { .header = headers, .header_n = 5, .content_type = D("application/json") };
    static const struct row in_headers[] = {
        { NULL, "{\"place\":\"S01\"}", "order.placed phone=138号 id=/pos#b 1 props={\"place\":\"S01\"}" },
        { NULL, "", "order.placed phone=138号 id=/pos#b 1" },
        { NULL, "plain text", "order.placed phone=138号 id=/pos#b 1" },
    };
    const struct source_input structured = { .content_type = D("application/cloudevents+json; charset=utf-8") };
    (void)s;
    CHECK(cloudevents_read, NULL, rows);
    CHECK(cloudevents_read, &binary, in_headers);
    CHECK(native_read, &structured, rows);      /* the same at /v1/events */
    char crowd[1024] = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"u\",\"data\":{\"ids\":{";
    for (int i = 0; i < TL_EVENT_IDS_MAX; i++) snprintf(crowd + strlen(crowd), sizeof crowd - strlen(crowd), "%s\"k%d\":\"v\"", i ? "," : "", i);
    strcat(crowd, "}}}");                       /* no room is left for the subject */
    char *full = source_seen(cloudevents_read, NULL, NULL, crowd, NULL, NULL);
    assert_string_equal(full, "!field_range subject 1");
    tl_free(full);
    char *long_source = source_seen(cloudevents_read, NULL, NULL,
        "{\"specversion\":\"1.0\",\"type\":\"t\",\"id\":\"1\",\"source\":\"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", NULL, NULL);
    assert_int_equal(strlen(strstr(long_source, "id=") + 3), 64);
    tl_free(long_source);
}

static void
t_sensors(void **s)
{
    static const struct row rows[] = {
        /* {"type":"track","event":"OrderPlaced","distinct_id":"a1","time":1772323201000,"_track_id":4711,"properties":{"n":1},"lib":{"$lib":"js"}} */
        { NULL, "data=eyJ0eXBlIjoidHJhY2siLCJldmVudCI6Ik9yZGVyUGxhY2VkIiwiZGlzdGluY3RfaWQiOiJhMSIsInRpbWUiOjE3NzIzMjMyMDEwMDAsIl90cmFja19pZCI6NDcxMSwicHJvcGVydGllcyI6eyJuIjoxfSwibGliIjp7IiRsaWIiOiJqcyJ9fQ%3D%3D&ext=crc%3D1",
          "OrderPlaced anonymous=a1 id=1772323201000-4711 time=2026-03-01T00:00:01.000Z+0 channel=web props={\"n\":1}" },
        { NULL, "[{\"type\":\"track_signup\",\"event\":\"$SignUp\",\"distinct_id\":\"u1\",\"original_id\":\"a1\"},{\"type\":\"profile_set\",\"distinct_id\":\"u1\",\"properties\":{\"$is_login_id\":true}}]",
          "identity.link anonymous=a1 anonymous=u1 user=u1\nidentify user=u1 props={\"$is_login_id\":true}" },
        { NULL, "{\"type\":\"track\",\"event\":\"$MPViewScreen\",\"distinct_id\":\"x\",\"identities\":{\"$identity_mp_openid\":\"o1\",\"$identity_mp_unionid\":\"n1\",\"$identity_login_id\":\"u1\"},\"properties\":{\"$url_path\":\"pages/menu\"},\"lib\":{\"$lib\":\"MiniProgram\"}}",
          "view @pages/menu user=u1 openid=o1 unionid=n1 channel=app props={\"$url_path\":\"pages/menu\"}" },
        { NULL, "{\"type\":\"item_set\",\"item_id\":\"i\",\"distinct_id\":\"x\"}", "item_set" },
        { NULL, "{\"type\":\"bogus\",\"_track_id\":5}", "!field_range type 5" },
        { NULL, "{\"type\":\"track\",\"event\":\"e\",\"distinct_id\":\"x\",\"_track_id\":\"01234567890123456789012345678901234567890123456789012345678901234567890\"}",
          "!field_range _track_id 01234567890123456789012345678901234567890123456789012345678901234567890" },
        { NULL, "data=%%%", "rc -1" },
        { NULL, "other=1", "rc -1" },
    };
    (void)s;
    CHECK(sensors_read, NULL, rows);
}

static void
t_pixel(void **s)
{
    struct source_pair query[] = { { D("key"), D("mail") }, { D("type"), D("mail.opened") }, { D("member"), D("4711") }, { D("ids.crm"), D("c\"1") }, { D("channel"), D("mail") }, { D("props.n"), D("春") } };
    const struct source_input opened = { .param = query, .param_n = 6 }, none = { 0 };
    struct source_pair wrong[] = { { D("type"), D("survey.response") }, { D("user"), D("u") }, { D("scores.nps"), D("ten") } };
    const struct source_input bad = { .param = wrong, .param_n = 3 };
    static const struct row rows[] = { { NULL, "", "mail.opened member=4711 crm=c\"1 channel=mail props={\"n\":\"春\"}" } };
    static const struct row refused[] = { { NULL, "", "!field_type scores.nps " } }, empty[] = { { NULL, "", "rc -1" } };
    (void)s;
    CHECK(pixel_read, &opened, rows);
    CHECK(pixel_read, &bad, refused);
    CHECK(pixel_read, &none, empty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_snowplow), cmocka_unit_test(t_posthog), cmocka_unit_test(t_cloudevents), cmocka_unit_test(t_sensors), cmocka_unit_test(t_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
