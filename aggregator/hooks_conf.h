/* hooks_conf.h - DATA/webhooks.json: who is told of alerts besides those who look (schemas/alerts.md 4). */
#ifndef HOOKS_CONF_H
#define HOOKS_CONF_H

#include <stdint.h>

#include "tl_alerts.h"
#include "tl_err.h"
#include "tl_mem.h"

#define HOOKS_MAX 32
#define HOOK_DEPARTMENTS_MAX 32

enum hook_template { HOOK_WECOM, HOOK_DINGTALK, HOOK_FEISHU, HOOK_JSON };
enum hook_words { HOOK_ZH, HOOK_EN, HOOK_BOTH };
struct hook {
    struct tl_str id, url, secret;           /* secret absent: unsigned */
    enum hook_template template;
    enum hook_words words;
    struct tl_str department[HOOK_DEPARTMENTS_MAX]; uint32_t department_n;      /* none: all */
    unsigned kinds;                          /* bit per enum tl_alert_kind */
    uint8_t least_severity;
    bool qa;                                 /* alerts of visits, and no others */
    bool digest;
};
struct hooks_conf {
    struct hook hook[HOOKS_MAX];
    uint32_t hook_n;
    struct tl_str pages;                     /* address of the pages as people reach them; absent: the viewer's own */
    struct tl_arena *arena;                  /* owner of the texts */
};
/* hooks_conf_read - returns owned. No file is 0 and no hooks. TL_ECONFIG: the text names what is wrong and what is allowed, and no secret. */
int hooks_conf_read(const char *path, struct hooks_conf **out, struct tl_err *err);
void hooks_conf_free(struct hooks_conf **cp);
/* hook_wants - is this alert for that hook? */
bool hook_wants(const struct hook *h, const struct tl_alert *a);

#endif
