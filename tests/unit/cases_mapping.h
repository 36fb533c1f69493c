/* cases_mapping.h - mappings that both the reader and the published schema take, and such that they refuse. */
#ifndef CASES_MAPPING_H
#define CASES_MAPPING_H

#include <stdbool.h>

#define F "\"fields\":{\"type\":\"t\",\"time\":\"at\"}"
#define I "\"ids\":{\"member\":\"no\"}"

static const char *const mapping_accept[] = {
    ("{" F "," I "}"),
    ("{\"about\":\"x\",\"format\":\"csv\",\"encoding\":\"GB18030\",\"delimiter\":\";\",\"quotes\":false,\"skip_lines\":3,\"decimal\":\",\"," F "," I "}"),
    ("{\"columns\":[\"t\",\"at\",\"no\"],\"time_format\":\"%d.%m.%Y\",\"timezone\":\"Europe/Berlin\",\"text\":[\"zip\"],\"optional\":[\"no\"]," F "," I "}"),
    ("{\"set\":{\"type\":\"call\",\"channel\":\"phone\"},\"fields\":{\"time\":\"at\",\"journey\":\"case\"}}"),
    ("{\"events\":[{" F "," I "},{" F "," I ",\"when\":{\"column\":\"x\",\"in\":[\"a\",\"\"]},\"key\":[\"no\",\"at\"]}]}"),
    ("{\"only\":[{\"column\":\"x\",\"not_in\":[\"a\"]},{\"column\":\"y\",\"filled\":true}]," F "," I "}"),
    ("{\"fields\":{\"touchpoint\":\"t\",\"time\":{\"columns\":[\"day\",\"clock\"],\"join\":\" \",\"format\":\"%Y\",\"timezone\":\"UTC\",\"or\":\"at\"}}," I "}"),
    ("{\"fields\":{\"type\":\"t\",\"time\":{\"column\":\"at\",\"after\":{\"column\":\"ring\",\"unit\":\"s\"}},\"wait_ms\":{\"from\":\"at\",\"to\":{\"column\":\"answer\",\"or\":\"end\"}},"
     "\"handle_ms\":{\"columns\":[\"talk\",\"hold\"],\"add\":true,\"unit\":\"clock\",\"minus\":\"x\"}}," I "}"),
    ("{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"outcome\":{\"column\":\"o\",\"dictionary\":{\"A\":\"ok\"},\"default\":\"fail\",\"filled\":\"A\",\"or\":{\"const\":\"ok\"}},\"scores.nps\":\"nps\"}," I "}"),
    ("{" F ",\"ids\":{\"member\":\"no\",\"card_2\":{\"column\":\"card\",\"prefix\":\"c-\",\"unless\":\"no\"}},\"value\":{\"amount\":\"total\",\"currency\":{\"const\":\"CNY\"}}}"),
    ("{" F "," I ",\"promise\":{\"what\":{\"const\":\"call\"},\"due\":\"due\"},\"props\":[]}"),
    ("{" F "," I ",\"promise\":{\"what\":\"w\",\"kept\":{\"column\":\"k\",\"dictionary\":{\"y\":\"true\",\"n\":\"false\"}}},\"props\":{\"a\":\"b\"}}"),
    ("{\"group\":{\"by\":[\"no\"],\"rows\":{\"in\":{\"column\":\"e\",\"in\":[\"ENTER\"]}},\"end\":{\"column\":\"e\",\"in\":[\"END\"]},\"apart\":5},"
     "\"fields\":{\"type\":{\"column\":\"t\",\"row\":\"last\"},\"time\":{\"column\":\"at\",\"row\":\"in\"}}," I ",\"value\":{\"amount\":{\"column\":\"x\",\"row\":\"sum\"},\"currency\":\"cur\"},"
     "\"lines\":{\"name\":\"items\",\"props\":{\"sku\":\"sku\"}}}"),
};

static const struct { const char *text, *told; bool beyond; } mapping_refuse[] = {
    { "[]", "one JSON object", false },
    { "{", "x.json", false },
    { "{" F "}", "who", false },
    { "{\"ids\":{\"member\":\"no\"},\"fields\":{\"type\":\"t\"}}", "when", false },
    { "{\"ids\":{\"member\":\"no\"},\"fields\":{\"time\":\"at\"}}", "what happened", false },
    { "{" F "," I ",\"feilds\":{}}", "\"feilds\" is not allowed", false },
    { "{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"colour\":\"c\"}," I "}", "\"colour\" is not a field", false },
    { "{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"origin\":\"c\"}," I "}", "\"origin\" is not a field", false },
    { "{\"fields\":{\"type\":5,\"time\":\"at\"}," I "}", "must name a column", false },
    { "{\"fields\":{\"type\":\"\",\"time\":\"at\"}," I "}", "must name a column", false },
    { "{\"fields\":[]," I "}", "must be an object", false },
    { "{" F "," I ",\"set\":{\"channel\":\"pigeon\"}}", "app web store", false },
    { "{" F "," I ",\"set\":{\"place\":\"\"}}", "must be a text", false },
    { "{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"outcome\":{\"const\":\"fine\"}}," I "}", "ok fail", true },
    { "{\"fields\":{\"type\":\"t\",\"time\":{\"column\":\"at\",\"unit\":\"s\"}}," I "}", "wait_ms and handle_ms", false },
    { "{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"wait_ms\":{\"from\":\"at\"}}," I "}", "from and to", false },
    { "{\"fields\":{\"type\":\"t\",\"time\":\"at\",\"wait_ms\":{\"column\":\"w\",\"unit\":\"hours\"}}," I "}", "ms s min clock", false },
    { "{\"fields\":{\"type\":{\"column\":\"t\",\"const\":\"x\"},\"time\":\"at\"}," I "}", "must have one of", false },
    { "{\"fields\":{\"type\":{},\"time\":\"at\"}," I "}", "must have one of", false },
    { "{\"fields\":{\"type\":{\"column\":\"t\",\"colour\":\"x\"},\"time\":\"at\"}," I "}", "a value has", false },
    { "{\"fields\":{\"type\":{\"column\":\"t\",\"dictionary\":{\"a\":1}},\"time\":\"at\"}," I "}", "must become a text", false },
    { "{\"fields\":{\"type\":{\"column\":\"t\",\"row\":\"last\"},\"time\":\"at\"}," I "}", "needs \"group\"", true },
    { "{\"fields\":{\"type\":{\"column\":\"t\",\"or\":{\"column\":\"t\",\"or\":{\"column\":\"t\",\"or\":{\"column\":\"t\",\"or\":{\"column\":\"t\",\"or\":\"x\"}}}}},\"time\":\"at\"}," I "}", "too deep", true },
    { "{" F ",\"ids\":{\"Card No\":\"no\"}}", "kind of identity", false },
    { "{" F ",\"ids\":{}}", "who", false },
    { "{" F "," I ",\"value\":{\"amount\":\"x\"}}", "currency", false },
    { "{" F "," I ",\"promise\":{\"what\":\"x\"}}", "due", false },
    { "{" F "," I ",\"promise\":{\"what\":\"x\",\"due\":\"a\",\"kept\":\"b\"}}", "due", false },
    { "{" F "," I ",\"props\":5}", "must be a list", false },
    { "{" F "," I ",\"props\":[5]}", "must be a list of columns", false },
    { "{" F "," I ",\"lines\":{\"name\":\"x\",\"props\":[\"a\"]}}", "needs \"group\"", true },
    { "{" F "," I ",\"key\":[]}", "list of columns", false },
    { "{" F "," I ",\"when\":{\"column\":\"x\"}}", "one of", false },
    { "{" F "," I ",\"when\":{\"column\":\"x\",\"in\":[]}}", "list of texts", false },
    { "{" F "," I ",\"when\":{\"column\":\"x\",\"in\":[\"a\"],\"filled\":true}}", "one of", false },
    { "{" F "," I ",\"when\":[]}", "1 to 16", false },
    { "{" F "," I ",\"delimiter\":\"ab\"}", "one character", false },
    { "{" F "," I ",\"decimal\":\";\"}", "\".\" or \",\"", false },
    { "{" F "," I ",\"quotes\":\"no\"}", "true or false", false },
    { "{" F "," I ",\"skip_lines\":-1}", "0 to 1000", false },
    { "{" F "," I ",\"format\":\"xml\"}", "csv ndjson xes", false },
    { "{" F "," I ",\"encoding\":\"KLINGON\"}", "iconv", true },
    { "{" F "," I ",\"timezone\":\"Mars/Olympus\"}", "Mars/Olympus", true },
    { "{" F "," I ",\"time_format\":\"iso\"}", "strptime", false },
    { "{" F "," I ",\"columns\":[]}", "list of names", false },
    { "{" F "," I ",\"group\":{}}", "\"by\" is required", false },
    { "{" F "," I ",\"group\":{\"by\":[\"no\"],\"apart\":0}}", "1..100000", false },
    { "{" F "," I ",\"group\":{\"by\":[\"no\"],\"rows\":{\"first\":{\"column\":\"x\",\"filled\":true}}}}", "is taken", false },
    { "{\"events\":[]}", "1 to 32", false },
    { "{\"events\":[5]}", "objects", false },
    { "{\"events\":[{" F "," I "}]," I "}", "put it into each", false },
};
#undef F
#undef I

#endif
