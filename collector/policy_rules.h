/* policy_rules.h - the rules as read: shared by policy_read.c, which reads them, and policy.c, which asks them. */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy.h"
#include "tl_hash.h"

enum policy_act { POLICY_KEEP, POLICY_HASH, POLICY_DROP };

struct policy_rule {
    struct tl_str type;                 /* without its star */
    bool prefix;
    struct tl_str field;
    enum policy_act act;
};
struct policy {
    struct tl_arena *arena;
    struct policy_rule rule[POLICY_RULES_MAX];      /* most exact type first, in it most exact field */
    size_t rules_n;
    uint8_t key[TL_KEY_BYTES];
};
/* The text fields that a rule may name, ended by a NULL name; where they stand in an event. */
struct policy_text { const char *name; uint64_t bit; size_t at; };
extern const struct policy_text policy_texts[];
/* The fields that a rule may drop alone, ended by a NULL name. */
struct policy_whole { const char *name; uint64_t bit; };
extern const struct policy_whole policy_wholes[];

#endif
