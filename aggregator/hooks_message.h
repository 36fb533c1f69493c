/* hooks_message.h - a message as each receiver wants it, and what goes with it when it is sent. Pure. Shapes and signatures: schemas/alerts.md 4.
 *
 *   wecom     企业微信 group robot    {"msgtype":"markdown","markdown":{"content"}}; the key stands in the address; good: errcode 0
 *   dingtalk  钉钉 custom robot       {"msgtype":"markdown","markdown":{"title","text"}}; &timestamp=MS&sign=urlencode(base64(HMAC(secret, "MS\nsecret"))); good: errcode 0
 *   feishu    飞书 custom bot         {"timestamp":"S","sign":base64(HMAC("S\nsecret", "")),"msg_type":"post","content":{...}}; good: code 0 (older: StatusCode 0)
 *   json      anybody                 the alert itself; X-Touchline-Id, -Timestamp, -Signature: sha256=hex(HMAC(secret, "S.body")); good: 2xx */
#ifndef HOOKS_MESSAGE_H
#define HOOKS_MESSAGE_H

#include "hooks_conf.h"

#define MESSAGE_ID_BYTES 64
#define MESSAGE_HEADERS_MAX 5
#define MESSAGE_LINES_MAX 12

/* What a digest tells. */
struct digest {
    uint32_t raised[TL_ALERT_KINDS];         /* in the 24 hours before */
    uint32_t open, acknowledged;             /* now */
    int64_t oldest_open_ms;                  /* raised; TL_TIME_NONE */
};

/* message_alert - body for h of the latest of `count` alerts of one rule and place; link: of the alert's page, or absent. Nothing in it hangs on the time of sending. */
void message_alert(struct tl_buf *out, const struct hook *h, const struct tl_alert *a, uint32_t count, const char *id, struct tl_str link);
void message_digest(struct tl_buf *out, const struct hook *h, const struct digest *d, const char *day, int64_t now_ms, const char *id, struct tl_str link);

/* The request of a body at a moment: address and headers are made in bytes, text of which lives as long as they do. */
struct request {
    struct tl_buf url, body, headers;
    const char *header[MESSAGE_HEADERS_MAX + 1];    /* NULL-ended */
};
void message_request(struct request *r, const struct hook *h, struct tl_str body, const char *id, int64_t now_ms);   /* r zeroed, or one to be used again */
void message_request_free(struct request *r);
/* message_taken - did the receiver take it? why: 80 bytes, for the log, without anything secret */
bool message_taken(const struct hook *h, int status, struct tl_str reply, char why[80]);

#endif
