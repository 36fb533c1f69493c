/* tl_catalogue.h - what CX people own: touchpoints, stage models, journey types, read from DATA/catalogue/ (all *.json files, by name order).
 *
 * {"touchpoints":[{"id","title":{"zh","en"},"role":"step|signal|silent","channel","stage":{"A":"use"},"backstage":true,"key":true,"moment":true,
 *                  "goal":{},"owner":"department","theme":{},"standard":{"script":{},"visual":{},"response":{}},
 *                  "match":{"type":"order.placed" or "order.*","origin","channel","place","props.PATH":value} or a list of such}],
 *  "stage_models":[{"id":"A","title":{},"stages":[{"id","title":{},"goal":{}}]}],
 *  "journey_types":[{"id":"order","title":{},"key":"order|case|journey","gap_d":3,"start":["TYPE or touchpoint"],"good":["..."],"bad":["..."],
 *                    "required":["touchpoint", in the order wanted],"damage":"outcome","moments":"outcome","strata":["tier"],"blueprint":"id"}],
 *  "clocks":[{"id","title","start":PICK,"end":PICK,"cancel":PICK,"key":"order|case|journey","limit_s":480,"allowed":0.05,"class":"basic|expected|beyond",
 *             "tiers":["gold"],"except_tiers":[],"channels":[],"on":"touchpoint","owner":"department","experience":true,"warn":0.8,"ends_from":"till-{place}","priority":[PICK]}],
 *  "checks":[{"id","title","kind":"failed|required|repeat|transfers|context|score","at":PICK, ...as a clock but for limit_s and warn, "critical":true,
 *             failed: "fail":PICK | required: "need":PICK,"by":PICK,"confirm":PICK | repeat: "again":PICK,"within_s":604800 | transfers: "most":1 |
 *             context: "fail":PICK,"restated":"props.PATH" | score: "score":"csat5","lowest":2}],
 *  "outcomes":[{"id","title","when":PICK,"of":"journey|customer","against":"outcome","after":"touchpoint","within_s":259200,"absent":true,"bad":true,"horizon_d":14,"ends_from":"till"}],
 *  "tiers":[{"id":"gold","title":{},"rank":1,"vip":true}], "segments":[{"id","title","when":{"tier","channel","place","origin","props.PATH"} or a list of such}],
 *  "dayparts":[{"id":"lunch","title":{},"from":"11:30","to":"13:30"}],
 *  "promises":[{"id","title","what":"pickup" (its id; "*": any),"made":PICK,"kept":PICK,"word":PICK,"cancel":PICK,"grace_s":0,"moves":false,"notice":true,
 *               "word_allowed":0.02, ...as a check}],
 *  "blueprints":[{"id","title","journey":"order","legs":[{"id","title"}],"steps":[{"touchpoint","need":"required|optional","one_of":"GROUP","leg","channels":[],
 *                 "max_wait_s":60,"stage":{"A":"use"},"action":{},"standard":"clock, check or promise"}]}],
 *  "alerts":[{"id","title","kind":"score|complaint|event","at":PICK,"tiers":[],"except_tiers":[],"channels":[],"on":"touchpoint","owner":"department","severity":2}],
 *  "scenarios":[{"id","title","persona":{},"goal":{},"channel","blueprint":"id","visits_per_place":3,"apart_d":14,"slots":[{"id","title","from":"11:30","to":"13:30"}],
 *                "stamps":[{"id":"order","title","touchpoint"}],"clocks":[{"id","title","from":"order","to":"receive","limit_s":480 or "standard":"clock"}],
 *                "steps":[{"touchpoint","action":{},"items":[{"id","title","kind":"objective|subjective","weight":20,"critical":true,"na":true,"evidence":true,"standard":"id"}]}]}],
 *  "roles":{"identity.link":"silent"}, "promote":["props.PATH"]}
 * PICK: an event type or touchpoint, or conditions that must all hold ({"type":"service.request","props.context":"no"}, {"scores.csat5":{"max":2}}), or a list
 * of such of which one must. A title (goal, theme, script ...) may be one text for both languages. "suggestion":true marks an entry of a draft. Unknown members are an
 * error. schemas/catalogue.md says it member by member.
 * Matching: all conditions must hold, most conditions win, ties by file order. No match: the event's touchpoint field, else its type, is its own touchpoint. A catalogue may be empty: the first map works on any log. */
#ifndef TL_CATALOGUE_H
#define TL_CATALOGUE_H

#include "tl_err.h"
#include "tl_event.h"
#include "tl_mem.h"

#define TL_GAP_DEFAULT_MS (INT64_C(30) * 86400000)
#define TL_MODELS_MAX 8
#define TL_TYPES_MAX 32          /* journey types, `all` included */
#define TL_RULES_MAX 4000        /* by which events find their touchpoint */
#define TL_TOUCHPOINTS_MAX 5000
#define TL_STAGES_MAX 64         /* of one model */
#define TL_CONDITIONS_MAX 32     /* of one rule, pick or segment */

enum tl_role { TL_ROLE_STEP, TL_ROLE_SIGNAL, TL_ROLE_SILENT };
struct tl_title { struct tl_str zh, en; };

struct tl_match {                /* one condition */
    struct tl_str field;         /* "type" "origin" "channel" "place" "props.a.b"; in picks also "touchpoint" "tier" "outcome" "lifecycle" "actor" "scores.kind" */
    struct tl_str value;
    bool prefix;                 /* value* */
    bool range;                  /* min <= number <= max instead of value */
    double min, max;
};
/* How a touchpoint should be experienced, in words: what is said, what is seen, how soon. What is measured are clocks and checks. */
struct tl_experience { struct tl_title script, visual, response; };
struct tl_touchpoint {
    struct tl_str id, owner;     /* owner: the department that answers for it */
    struct tl_title title, goal, theme;   /* goal: what the customer wants there; theme: the tone of the experience */
    struct tl_experience standard;
    enum tl_role role;
    bool role_given;             /* else the event type's own role holds */
    struct tl_str channel;
    bool backstage, key;
    bool moment;                 /* declared a moment of truth */
    struct tl_str stage[TL_MODELS_MAX];   /* stage id by index of the stage model; absent when none */
};
struct tl_rule {                 /* an event whose conditions all hold is of this touchpoint */
    uint32_t touchpoint;
    struct tl_match *match;
    uint32_t match_n;
};
struct tl_stage { struct tl_str id; struct tl_title title, goal; };
struct tl_stage_model { struct tl_str id; struct tl_title title; struct tl_stage *stage; uint32_t stage_n; };
enum tl_key { TL_KEY_NONE, TL_KEY_JOURNEY, TL_KEY_ORDER, TL_KEY_CASE };
/* What standards and outcomes are made of: an event picked by type or touchpoint (name), or by conditions. A set of picks is a mask, bit by index. */
#define TL_PICKS_MAX 64
#define TL_PICKS_BY_MATCH_MAX 24 /* those with conditions have the lowest bits: they are found out when an event is kept, and stored with it */
struct tl_pick {
    struct tl_str name;          /* absent: by conditions */
    struct tl_str type;          /* the exact event type its conditions ask for, or absent */
    struct tl_match *match; uint32_t match_n;
};
#define TL_REQUIRED_MAX 64

enum tl_standard_kind {
    TL_STANDARD_CLOCK, TL_STANDARD_FAILED, TL_STANDARD_REQUIRED, TL_STANDARD_REPEAT, TL_STANDARD_TRANSFERS,
    TL_STANDARD_CONTEXT,         /* the customer went on with another channel or agent: what was known came along */
    TL_STANDARD_SCORE,           /* a score was given: above `lowest` */
    TL_STANDARD_PROMISE,         /* what was promised happened by the time promised */
    TL_STANDARD_WORD             /* ... or, when it did not, the customer had word before that time. Made with each promise, id ID_word */
};
enum tl_class { TL_CLASS_BASIC, TL_CLASS_EXPECTED, TL_CLASS_BEYOND };
#define TL_STANDARDS_MAX 64
#define TL_PRIORITIES_MAX 8
struct tl_standard {             /* a clock, a check or a promise: how a chance is judged stands in tl_facts.h */
    struct tl_str id, on, owner; /* on: touchpoint id; absent: that of the event hit */
    struct tl_title title;
    enum tl_standard_kind kind;
    enum tl_class class_of;      /* beyond: met is a delight, not met is no break and enters no family of tests */
    enum tl_key key;             /* what start and end share; TL_KEY_JOURNEY: the journey */
    uint64_t start, end, cancel, by, fail;        /* masks of picks; start is `at` of a check, end its `need` or `again` */
    uint64_t confirm;            /* required: the second confirmation, told with the break */
    uint64_t word;               /* promise, word: what tells the customer how things stand */
    int64_t limit_ms;            /* also within_s of a repeat, grace_s of a promise */
    uint32_t most;               /* transfers: so many are allowed */
    struct tl_str what;          /* promise, word: only promises of this; absent: any */
    bool moves;                  /* promise: an update before it was due moves the due */
    struct tl_str score;         /* score: its kind */
    int32_t lowest_milli;        /* score: a break at or below, thousandths */
    struct tl_str restated;      /* context: a promoted property that must not be told twice in one case; absent: none */
    struct tl_str ends_from;     /* origin that must send what ends it, "{place}" standing for the place; absent: silence is judged without asking */
    double allowed, warn;        /* 0 < allowed < 1 */
    bool critical;
    bool experience;             /* part of the experience that moments judge at its touchpoint; default true */
    struct tl_str *tier, *except_tier, *channel;  /* of the start event; none given: any */
    uint32_t tier_n, except_tier_n, channel_n;
    uint64_t priority[TL_PRIORITIES_MAX]; uint32_t priority_n;    /* of a clock: masks of picks; whose start the first one picks is worked first */
};
/* Events that somebody should hear of at once, whatever else becomes of them. */
#define TL_ALERT_RULES_MAX 32
enum tl_alert_rule_kind { TL_ALERT_RULE_SCORE, TL_ALERT_RULE_COMPLAINT, TL_ALERT_RULE_EVENT };
struct tl_alert_rule {
    struct tl_str id, on, owner;         /* on: touchpoint id; absent: that of the event. owner: the department that is told */
    struct tl_title title;
    enum tl_alert_rule_kind kind;
    uint64_t at;                         /* mask of picks */
    uint8_t severity;                    /* 1..3, default 2 */
    struct tl_str *tier, *except_tier, *channel;  /* none given: any; the tier is what the customer told last */
    uint32_t tier_n, except_tier_n, channel_n;
};
#define TL_OUTCOMES_MAX 16
struct tl_outcome_def {
    struct tl_str id;
    struct tl_title title;
    uint64_t when;               /* mask of picks */
    bool customer;               /* any event of the customer counts (the profile lists it), else only those of the journey (its row does) */
    bool absent;                 /* it is met when no such event came */
    bool bad;                    /* default true */
    struct tl_str ends_from;     /* absent outcomes: origin that sends `when` (tl_standard); a journey whose window it has not told whole is left out */
    struct tl_str against;       /* outcome id: an event of it decides the journey the other way; journeys that met neither are not decided. Absent: none */
    struct tl_str after;         /* touchpoint whose last visit's end opens the window; absent: the touchpoint that is asked about */
    int64_t within_ms;           /* the window (after, after + within]; default the horizon */
    int64_t horizon_ms;          /* only journeys with that end <= as_of - horizon count; default within_ms when given, else 14 days */
};
struct tl_journey_type {
    struct tl_str id;            /* "all" is index 0, always */
    struct tl_title title;
    enum tl_key key;             /* besides the field `journey`, which always threads; how journeys are cut: schemas/journeys.md */
    int64_t gap_ms;
    struct tl_str *start, *good, *bad;    /* event types or touchpoint ids */
    uint32_t start_n, good_n, bad_n;
    struct tl_str *required;     /* touchpoints a journey closed good must have visited, in this order */
    struct tl_str *strata;       /* attributes, prior_bad, tenure, daypart: what comparisons are made within; none: tier and those three */
    uint32_t required_n, strata_n;
    struct tl_str damage, moments;        /* outcome ids: what breaks are held against, what moments are; absent: none */
    struct tl_str blueprint;     /* id of the blueprint that its journeys are held against; absent: none */
};
/* Tiers, segments and dayparts: how customers, journeys and hours are told apart. */
#define TL_TIERS_MAX 16
struct tl_tier { struct tl_str id; struct tl_title title; uint32_t rank; bool vip; };      /* rank 1 is the highest; no two alike */
#define TL_SEGMENTS_MAX 32
struct tl_conditions { struct tl_match *match; uint32_t match_n; };
struct tl_segment {              /* journeys whose attributes at the start meet one of these, each as a whole */
    struct tl_str id;
    struct tl_title title;
    struct tl_conditions *when;  /* fields: tier channel place origin, and promoted props.PATH */
    uint32_t when_n;
};
#define TL_DAYPARTS_MAX 12
#define TL_DAY_MIN 1440
struct tl_daypart { struct tl_str id; struct tl_title title; int32_t from_min, to_min; };  /* [from, to) in minutes of the day in the store's time zone; to < from: over midnight */

/* What was promised and by when it is due come with the event (promise.made); this says how a kept one is told from a broken one. Judged by the standards made of it. */
#define TL_PROMISES_MAX 32
struct tl_promise_def {
    struct tl_str id, what, on, owner;    /* what: the promise's own word, as events tell it; on: touchpoint it is held against, absent: that of the promise */
    struct tl_title title;
    enum tl_class class_of;
    double allowed;              /* 0 < allowed < 1, default .02 */
    int64_t grace_ms;            /* kept so long after it was due is kept still */
    bool notice;                 /* default: who cannot keep it must say so before it is due, silence is a break of its own (standard ID_word) */
};

/* The planned journey: steps in order. */
#define TL_BLUEPRINTS_MAX 16
#define TL_BLUEPRINT_STEPS_MAX 64
struct tl_blueprint_step {
    struct tl_str touchpoint;    /* of this catalogue; no touchpoint twice */
    bool required;               /* default; of a group: one of its steps is wanted, or none of them when all are optional */
    struct tl_str group;         /* "one_of": steps of one group are alternatives; absent: stands alone */
    struct tl_str leg;           /* id of a leg, or absent */
    struct tl_str *channel; uint32_t channel_n;   /* where it may take place; none given: anywhere */
    int64_t max_wait_ms;         /* at most so long after the step before it that was reached; 0: not said */
    struct tl_str stage[TL_MODELS_MAX];   /* where it differs from the touchpoint's */
    struct tl_title action;      /* what is done */
    struct tl_str standard;      /* id of the clock, check or promise that judges it, or absent */
};
struct tl_leg { struct tl_str id; struct tl_title title; };
struct tl_blueprint {
    struct tl_str id;
    struct tl_title title;
    int type;                    /* index of the journey type whose journeys it plans */
    struct tl_leg *leg; uint32_t leg_n;
    struct tl_blueprint_step *step; uint32_t step_n;
};

/* What a mystery shopper is sent to do, and what is asked of them: schemas/catalogue.md, `scenarios`. A visit (tl_visit.h) names one. */
#define TL_SCENARIOS_MAX 32
#define TL_SCENARIO_ITEMS_MAX 128   /* of one scenario */
#define TL_SCENARIO_SLOTS_MAX 24
#define TL_SCENARIO_STAMPS_MAX 16
#define TL_SCENARIO_CLOCKS_MAX 16
struct tl_scenario_item {        /* one question, answered yes (as it should be), no, or not applicable */
    struct tl_str id;            /* no two alike in one scenario */
    struct tl_title title;
    uint32_t step;               /* index of the step it is asked at */
    double weight;               /* above 0, at most 1000; default 1 */
    bool subjective;             /* an opinion; else a fact */
    bool critical;               /* a no fails the visit */
    bool na;                     /* may be answered "not applicable": its weight then goes to the others */
    bool evidence;               /* a photo is wanted */
    struct tl_str standard;      /* clock, check or promise that answers it from the visit's events where the shopper did not; absent: none */
};
struct tl_scenario_step {
    struct tl_str touchpoint;    /* of this catalogue; of the blueprint when the scenario names one; no touchpoint twice */
    struct tl_title action;      /* what the shopper does there */
    uint32_t item_first, item_n; /* in tl_scenario.item */
};
struct tl_scenario_slot { struct tl_str id; struct tl_title title; int32_t from_min, to_min; };   /* [from, to) in minutes of the day in the store's time zone; to < from: over midnight */
struct tl_scenario_stamp { struct tl_str id, touchpoint; struct tl_title title; };                /* a button that stamps the time; touchpoint: what it stands for, or absent */
struct tl_scenario_clock {       /* from one stamp to another */
    struct tl_str id, from, to;  /* ids of stamps */
    struct tl_title title;
    int64_t limit_ms;            /* exactly then is in time; that of the standard when it names one */
    struct tl_str standard;      /* clock of the catalogue that measures the same from events, or absent */
};
struct tl_scenario {
    struct tl_str id, channel, blueprint;       /* channel, blueprint: or absent */
    struct tl_title title, persona, goal;       /* persona: who the shopper plays */
    struct tl_scenario_step *step; uint32_t step_n;         /* in the order planned; those of the blueprint when it gives none */
    struct tl_scenario_item *item; uint32_t item_n;         /* in the order of the steps */
    struct tl_scenario_slot *slot; uint32_t slot_n;
    struct tl_scenario_stamp *stamp; uint32_t stamp_n;      /* enter, order, receive, leave unless it says others */
    struct tl_scenario_clock *clock; uint32_t clock_n;
    uint32_t visits_per_place;   /* default 1 */
    int64_t apart_ms;            /* least time between two visits of one place; default 0 */
};

struct tl_role_of { struct tl_str type; enum tl_role role; };
struct tl_catalogue_index;       /* hash tables behind the look-ups below */
struct tl_catalogue {
    struct tl_touchpoint *touchpoint; uint32_t touchpoint_n;
    struct tl_rule *rule; uint32_t rule_n;       /* in file order */
    struct tl_stage_model model[TL_MODELS_MAX]; uint32_t model_n;
    struct tl_journey_type type[TL_TYPES_MAX]; uint32_t type_n;
    struct tl_role_of *role; uint32_t role_n;
    struct tl_str *promote; uint32_t promote_n;   /* at most TL_PROMOTE_MAX */
    struct tl_pick pick[TL_PICKS_MAX];            /* by conditions from 0, by name from TL_PICKS_BY_MATCH_MAX */
    uint32_t pick_match_n, pick_name_n;
    struct tl_standard standard[TL_STANDARDS_MAX]; uint32_t standard_n;       /* clocks, checks, promises, in file order */
    struct tl_outcome_def outcome[TL_OUTCOMES_MAX]; uint32_t outcome_n;
    struct tl_tier tier[TL_TIERS_MAX]; uint32_t tier_n;
    struct tl_segment segment[TL_SEGMENTS_MAX]; uint32_t segment_n;
    struct tl_daypart daypart[TL_DAYPARTS_MAX]; uint32_t daypart_n;           /* in file order; none overlap */
    struct tl_promise_def promise[TL_PROMISES_MAX]; uint32_t promise_n;
    struct tl_blueprint blueprint[TL_BLUEPRINTS_MAX]; uint32_t blueprint_n;
    struct tl_alert_rule alert[TL_ALERT_RULES_MAX]; uint32_t alert_n;
    struct tl_scenario scenario[TL_SCENARIOS_MAX]; uint32_t scenario_n;
    char hash[33];               /* hex BLAKE2b-128 of the parsed content */
    struct tl_catalogue_index *index;
    struct tl_arena *arena;      /* owner of everything above */
};
#define TL_PROMOTE_MAX 8
/* tl_catalogue_load - dir may be absent (an empty catalogue with `all`). returns owned. TL_ECONFIG: err names file, line, member, allowed values. */
int tl_catalogue_load(const char *dir, struct tl_catalogue **out, struct tl_err *err);
void tl_catalogue_free(struct tl_catalogue **cp);
/* Everything there is to say of a catalogue: mistakes, for which it is refused, and what is legal but doubtful; by file and line. */
#define TL_CATALOGUE_NOTES_MAX 500
struct tl_catalogue_note { const char *file; uint32_t line, at; bool doubt; const char *text; };     /* at: its number among all, as read */
struct tl_catalogue_notes { struct tl_catalogue_note *note; uint32_t note_n, wrong_n, doubt_n, left_out_n; struct tl_arena *arena; };
/* tl_catalogue_check - read path (a folder, or one file) and note everything. 0 with *notes (returns owned), also when there are mistakes: then *out is NULL. out may be NULL. */
int tl_catalogue_check(const char *path, struct tl_catalogue **out, struct tl_catalogue_notes **notes, struct tl_err *err);
void tl_catalogue_notes_free(struct tl_catalogue_notes **np);

/* The props of one event, parsed when first asked for. Zero but for the arena, which must outlive it; parsing takes memory there. */
struct tl_props {
    struct tl_arena *arena;
    const struct tl_jv *root;
    bool tried;
};
/* tl_props_get - the scalar at "props.a.b" as text (numbers and booleans as written), or absent. */
struct tl_str tl_props_get(struct tl_props *p, const struct tl_event *ev, struct tl_str path);

/* tl_match_holds - does one condition hold of a value as text? Of an absent one, none does. */
bool tl_match_holds(const struct tl_match *m, struct tl_str v);

/* tl_catalogue_match - the touchpoint of an event: the entry its own touchpoint field names, else the best matching rule; or NULL (then its own
 * touchpoint or type is its touchpoint). props may be NULL when the catalogue has no condition on them. */
const struct tl_touchpoint *tl_catalogue_match(const struct tl_catalogue *c, const struct tl_event *ev, struct tl_props *props);
const struct tl_touchpoint *tl_catalogue_touchpoint(const struct tl_catalogue *c, struct tl_str id);
/* tl_catalogue_role - catalogue's `roles`, else the touchpoint's, else what the event vocabulary says, else step. tp may be NULL. */
enum tl_role tl_catalogue_role(const struct tl_catalogue *c, const struct tl_event *ev, const struct tl_touchpoint *tp);
int tl_catalogue_type(const struct tl_catalogue *c, struct tl_str id);     /* index, or -1 */
int tl_catalogue_model(const struct tl_catalogue *c, struct tl_str id);    /* index, or -1 */
int tl_catalogue_standard(const struct tl_catalogue *c, struct tl_str id); /* index, or -1 */
int tl_catalogue_outcome(const struct tl_catalogue *c, struct tl_str id);  /* index, or -1 */
int tl_catalogue_tier(const struct tl_catalogue *c, struct tl_str id);     /* index, or -1 */
int tl_catalogue_segment(const struct tl_catalogue *c, struct tl_str id);  /* index, or -1 */
int tl_catalogue_blueprint(const struct tl_catalogue *c, struct tl_str id);   /* index, or -1 */
int tl_catalogue_scenario(const struct tl_catalogue *c, struct tl_str id);    /* index, or -1 */
int tl_scenario_item(const struct tl_scenario *s, struct tl_str id);          /* index, or -1 */
int tl_scenario_stamp(const struct tl_scenario *s, struct tl_str id);         /* index, or -1 */
/* tl_catalogue_plan_of - the blueprint that a type names, or NULL */
const struct tl_blueprint *tl_catalogue_plan_of(const struct tl_catalogue *c, const struct tl_journey_type *t);
/* tl_catalogue_wanted - what a journey closed good must have visited, in this order: the type's `required`, else the required steps of its blueprint. Alternatives
 * (one_of) share `same`, the place of the first of them. Returns how many. */
struct tl_wanted { struct tl_str touchpoint; uint8_t same; };
uint32_t tl_catalogue_wanted(const struct tl_catalogue *c, const struct tl_journey_type *t, struct tl_wanted out[TL_REQUIRED_MAX]);
int tl_catalogue_promise(const struct tl_catalogue *c, struct tl_str what);   /* the promise that events call `what`: index, or -1 */
/* tl_catalogue_daypart - the one a minute of the day (0..1439) lies in: index, or -1 */
int tl_catalogue_daypart(const struct tl_catalogue *c, int32_t minute);
/* tl_segment_holds - get(arg, field) says a journey's attribute at its start ("tier", "props.x"), absent when it has none */
typedef struct tl_str (*tl_segment_get)(void *arg, struct tl_str field);
bool tl_segment_holds(const struct tl_segment *s, tl_segment_get get, void *arg);
/* tl_catalogue_picks - the bits of the picks with conditions that hold of an event; tp as tl_catalogue_match found it. Those by name: compare type and touchpoint. */
uint32_t tl_catalogue_picks(const struct tl_catalogue *c, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_props *props);
/* tl_catalogue_index_make - fills index from the tables; tl_catalogue_load calls it. 0 or TL_ENOMEM. */
int tl_catalogue_index_make(struct tl_catalogue *c);
/* tl_catalogue_hash - fills hash; tl_catalogue_load calls it. 0 or TL_ENOMEM. */
int tl_catalogue_hash(struct tl_catalogue *c);
/* tl_catalogue_rule_hash - hex BLAKE2b-128 of what one standard demands: its title, owner and order of work change nothing, nor does what else the catalogue says */
void tl_catalogue_rule_hash(const struct tl_catalogue *c, const struct tl_standard *s, char out[33]);

#endif
