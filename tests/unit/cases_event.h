/* cases_event.h - events to take and events to refuse, for the reader and for the published schema alike. */
#ifndef CASES_EVENT_H
#define CASES_EVENT_H

#include "tl_err.h"

#include <stdbool.h>

static const char *const must_accept[] = {
    "{}",
    "{\"type\":null,\"ids\":null,\"scores\":{},\"promise\":{},\"props\":null}",
    "{\"time\":0}",
    "{\"time\":-62167219200000}",
    "{\"time\":\"9999-12-31T23:59:59.999Z\"}",
    "{\"time\":\"\",\"channel\":\"\",\"id\":\"\"}",
    "{\"seq\":9223372036854775807,\"wait_ms\":0}",
    "{\"channel\":\"mail\",\"stream\":\"test\",\"mode\":\"nonpersonal\",\"outcome\":\"escalated\",\"direction\":\"in\"}",
    "{\"ids\":{\"loyalty card\":\"x\",\"\\u4e2d\":\"y\"}}",
    "{\"scores\":{\"nps\":0,\"csat5\":5,\"csat7\":7.0,\"ces7\":1,\"emotion\":-2,\"servqual.empathy\":7,\"own\":1e9}}",
    "{\"value\":{\"amount_minor\":0,\"currency\":\"EUR\"}}",
    "{\"props\":{\"Type\":1,\"type\":[],\"deep\":[[[[[1]]]]]}}",
    "{\"promise\":{\"what\":\"x\",\"kept\":true,\"more\":1}}",
    "{\"TYPE\":5,\"typ\":5,\"types\":5,\"received\":5,\"initiates\":5}",
    "{\"type\":\"lone \\ud800 surrogate\"}",
};

static const struct {
    const char *text;
    enum tl_reason reason;
    const char *field, *at;     /* at: what stands at the offset */
    bool schema_is_blind;       /* what no JSON Schema can say */
} must_reject[] = {
    { "", TL_REASON_BAD_JSON, "", "", true },
    { "5", TL_REASON_BAD_JSON, "", "", true },
    { "[]", TL_REASON_BAD_JSON, "", "[", true },
    { "{\"a\":nul}", TL_REASON_BAD_JSON, "", "}", true },
    { "{\"a\":1.2.3}", TL_REASON_BAD_JSON, "", ".3", true },
    { "{\"a\":1}{\"b\":1}", TL_REASON_BAD_JSON, "", "{\"b\"", true },
    { "{\"a\":[1,{\"b\":2}", TL_REASON_BAD_JSON, "", "", true },
    { "{\"a\":\"\xff\"}", TL_REASON_BAD_UTF8, "", "\xff", true },
    { "{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", TL_REASON_DUPLICATE_MEMBER, "b.c", "\"c\":2", true },
    { "{\"type\":\"a\",\"typ\\u0065\":\"b\"}", TL_REASON_DUPLICATE_MEMBER, "type", "\"typ\\", true },
    { "{\"props\":{\"a\":[[[[[[[1]]]]]]]}}", TL_REASON_TOO_DEEP, "props.a", "[1]", true },
    { "{\"agent\":\"a\\u0000b\"}", TL_REASON_FIELD_RANGE, "agent", "\"a\\u", true },
    { "{\"type\":5}", TL_REASON_FIELD_TYPE, "type", "5", false },
    { "{\"type\":{}}", TL_REASON_FIELD_TYPE, "type", "{}", false },
    { "{\"id\":true}", TL_REASON_FIELD_TYPE, "id", "true", false },
    { "{\"channel\":\"fax\"}", TL_REASON_FIELD_RANGE, "channel", "fax", false },
    { "{\"channel\":\"ap\"}", TL_REASON_FIELD_RANGE, "channel", "ap", false },
    { "{\"channel\":\"app web\"}", TL_REASON_FIELD_RANGE, "channel", "app web", false },
    { "{\"stream\":\"mystery\"}", TL_REASON_FIELD_RANGE, "stream", "mystery", false },
    { "{\"time\":\"yesterday\"}", TL_REASON_FIELD_RANGE, "time", "\"yest", true },
    { "{\"time\":1.5}", TL_REASON_FIELD_TYPE, "time", "1.5", false },
    { "{\"time\":true}", TL_REASON_FIELD_TYPE, "time", "true", false },
    { "{\"time\":99999999999999999999}", TL_REASON_FIELD_RANGE, "time", "999", false },
    { "{\"time\":253402300800000}", TL_REASON_FIELD_RANGE, "time", "2534", false },
    { "{\"received_at\":1}", TL_REASON_FIELD_RANGE, "received_at", "1", false },
    { "{\"origin\":\"x\"}", TL_REASON_FIELD_RANGE, "origin", "\"x", false },
    { "{\"seq\":-1}", TL_REASON_FIELD_RANGE, "seq", "-1", false },
    { "{\"seq\":9223372036854775808}", TL_REASON_FIELD_RANGE, "seq", "922", false },
    { "{\"seq\":\"1\"}", TL_REASON_FIELD_TYPE, "seq", "\"1", false },
    { "{\"wait_ms\":1e3}", TL_REASON_FIELD_TYPE, "wait_ms", "1e3", false },
    { "{\"ids\":\"x\"}", TL_REASON_FIELD_TYPE, "ids", "\"x", false },
    { "{\"ids\":{\"email\":5}}", TL_REASON_FIELD_TYPE, "ids.email", "5", false },
    { "{\"ids\":{\"\":\"x\"}}", TL_REASON_FIELD_RANGE, "ids.", "x", false },
    { "{\"scores\":{\"nps\":11}}", TL_REASON_FIELD_RANGE, "scores.nps", NULL, false },
    { "{\"scores\":{\"nps\":\"9\"}}", TL_REASON_FIELD_TYPE, "scores.nps", "\"9", false },
    { "{\"scores\":{\"servqual.x\":0}}", TL_REASON_FIELD_RANGE, "scores.servqual.x", NULL, false },
    { "{\"scores\":{\"own\":1e400}}", TL_REASON_FIELD_RANGE, "scores.own", NULL, false },
    { "{\"promise\":{\"due\":\"soon\"}}", TL_REASON_FIELD_RANGE, "promise.due", "\"soon", true },
    { "{\"promise\":{\"kept\":1}}", TL_REASON_FIELD_TYPE, "promise.kept", "1", false },
    { "{\"promise\":[]}", TL_REASON_FIELD_TYPE, "promise", "[", false },
    { "{\"value\":{\"amount_minor\":1}}", TL_REASON_FIELD_RANGE, "value.currency", "{\"am", false },
    { "{\"value\":{\"amount_minor\":1.5,\"currency\":\"CNY\"}}", TL_REASON_FIELD_TYPE, "value.amount_minor", "1.5", false },
    { "{\"value\":{\"amount_minor\":1,\"currency\":\"yuan\"}}", TL_REASON_FIELD_RANGE, "value.currency", "\"yuan", false },
    { "{\"value\":{\"amount_minor\":1,\"currency\":\"cny\"}}", TL_REASON_FIELD_RANGE, "value.currency", NULL, false },
    { "{\"value\":12}", TL_REASON_FIELD_TYPE, "value", "12", false },
    { "{\"props\":[]}", TL_REASON_FIELD_TYPE, "props", "[]", false },
    { "{\"consent\":true}", TL_REASON_FIELD_TYPE, "consent", "true", false },
};

#endif
