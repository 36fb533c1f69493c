/* routes.c - the table of addresses. One that is given a parameter it does not take says so. */
#include "routes_in.h"
#include "week.h"

#include <stdio.h>

#include "tl_hash.h"

#define SET (B(JOURNEY) | B(FROM) | B(TO) | B(FILTER) | B(LIFECYCLE) | B(STREAM) | B(MODEL) | B(AS_OF) | B(BREAK) | B(HIT) | B(VARIANT))
#define SET_FINDINGS (B(JOURNEY) | B(FILTER) | B(STREAM) | B(AS_OF))       /* facts are told of whole journeys: no lifecycle, no stage model */

const struct route routes[] = {
    { "/api/about", ANSWER_ABOUT, "what this store holds: journey types, stage models, time zone, position reached", 0, 0, 0,
      "{version, store, timezone, collector, catalogue: {hash, position, activated, next}, journeys: [{id, title, gap_ms}], models: [{id, title, stages: [{id, title, goal}]}], channels, channel_classes: [{id, title, channels}], as_of, position, lag_ms, days, other_store}; catalogue: the version these answers are made by; next: another one was activated, its journeys are being made" },
    { "/api/map", ANSWER_MAP, "the journey map", SET | B(NODES) | B(EDGES), 0, 0,
      "{journey, from, to, filter, lifecycle, as_of, timezone, journeys, steps, customers, nodes: [{touchpoint, title, stage, channel, unassigned, steps, journeys, starts, "
      "ends: {good, bad, lapsed, open}, other_in, other_out}], edges: [{from, to, steps, journeys, wait_ms: {mean, p50, p90, p95}}], other: {nodes, edges, steps}, unassigned: {nodes, steps}}; "
      "other.steps is how often the moves not listed were made; unassigned: touchpoints that the catalogue does not have, of all" },
    { "/api/journeys", ANSWER_JOURNEYS, "the journeys behind a number of the map", SET | B(NODE) | B(EDGE) | B(END) | B(START) | B(LIMIT) | B(CURSOR), 50, 1000,
      "{count, steps, wait_ms: {mean, p50, p90, p95} or null, histogram: [{lo_ms, hi_ms, n}], journeys: [{customer, type, start, last, outcome, steps, cut, wait_ms}], next}; "
      "waits are those before the node, or on the move; cut: steps beyond 10,000, not kept" },
    { "/api/variants", ANSWER_VARIANTS, "exact sequences of touchpoints, commonest first", SET | B(LIMIT), 20, 1000, "{journeys, variants, top: [{id, touchpoints, journeys, share}]}; id: for variant=" },
    { "/api/funnel", ANSWER_FUNNEL, "how many journeys came to each of a list of touchpoints, in order; intervals are Wilson's, 95 %", SET | B(STEPS), 0, 0,
      "{journeys, steps: [{touchpoint, journeys, conversion, lo, hi, wait_ms: {mean, p50, p90, p95}}]}; conversion is from the step before, wait_ms from its last "
      "visit; both null at the first" },
    { "/api/rework", ANSWER_REWORK, "touchpoints that journeys came back to, most first; intervals are Wilson's, 95 %", SET, 0, 0,
      "{journeys, touchpoints: [{touchpoint, title, n, hits, rate, lo, hi, repeat, redo}]}; n: journeys with a step there, hits: with another; redo: the second over another channel "
      "than the first, repeat: over the same" },
    { "/api/metrics", ANSWER_METRICS, "what customers say and whether standards were kept: NPS, satisfaction, effort, times, first contact", SET | B(BY), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, previous_from, previous_to, by, journeys, customers, steps, events, metrics: [{id, standard, name, definition, unit, scale, better, n_min, owner, target, "
      "limit_ms, benchmarks: [{value, name}], total, cells: [...]}], left_out}; total and each of cells: {touchpoint or group, title, owner, n, customers, numerator, denominator, promoters, detractors, de, "
      "value, lo, hi, flat, enough, previous: {n, value}, change: {value, lo, hi}, trend, verdict: {id, zh, en, more}, values: [{value, n}], response, times: {ended, open, mean_ms, p50, p90: {ms, over, lo_ms, hi_ms}}}; "
      "unit is points (-100 to 100), share (0 to 1) or scale; flat: all customers alike, so there is no interval; only metrics with answers are listed; events is of the whole store; default period: the last four whole weeks before as_of; scores go by the "
      "attributes of the journey's start and the channel of the step, standards by those of the chance" },
    { "/api/customers", ANSWER_CUSTOMERS, "customers, or the one with an identity", B(ID) | B(AFTER) | B(LIMIT), 50, 1000,
      "{customers: [{customer, events, first, last, identities, journeys}], next}" },
    { "/api/customers/{customer}", ANSWER_CUSTOMER, "one customer: identities, journeys, events newest first", B(RAW) | B(AS_OF) | B(LIMIT) | B(CURSOR), 500, 10000,
      "{customer, refused, as_of, live, profile: {of, cut, tier, tier_title, vip, segments: [{id, title}], consent: [{purpose, granted, at}], value: [{currency, amount_minor, orders}], contacts: {channels: [{channel, n, by_customer}], by_customer, by_company, by_unknown, inbound, outbound, face, indirect, nonpersonal}}, outcomes: [{id, title, bad, absent, at}], outcomes_cut, threads: [{kind: case or order, id, state: open, waiting_customer, waiting_company or closed, first, last, events, channels}], threads_cut, actions: [{kind: task or promise, ref, what, owner, thread, made, due, done, state: open, overdue, done, late or broken, position}], actions_cut, identities: [{kind, hash, events, first, shared}], links: [{a: {kind, hash}, b, manual, told, position, at, type, origin, channel, place}], links_cut, history: [{what: link or unlink, holds, a, b, other, position, at, actor, reason}], history_cut, journeys: [{type, start, last, outcome, steps: [{touchpoint, title, channel, "
      "start, end, lifecycle, wait_ms}], cut, breaks: [{id, rule, type, name, touchpoint, title, stage, channel, place, owner, step, at, broken, unit, expected, actual, open, confirmed, severity, first, worst, "
      "evidence: [{id, position, type, time}]}], breaks_cut, unknown, waits: [{id, name, touchpoint, title, channel, start, due, ended, is: running, kept, late, over, cancelled or unknown}], waits_cut}], events: [{position, time, received_at, type, touchpoint, title, channel, origin, stream, told: {case, order, place, agent, actor, outcome, initiator, direction, tier, text, side, mode, wait_ms, handle_ms, value, promise, scores}}], next}, or with raw= {position, raw}; cut: steps "
      "beyond 10,000, not kept; breaks: as of now, the earliest evidence first, 200 at most; rule: hash of what the standard says; unit: ms, time (Unix ms), count, score or word; unknown: as in /api/breaks; refused: some of their events were not taken, /api/quarantine lists them; links: what proves each first, of those 200; history: what people said of their identities, the latest first, 200 at most; holds: the latest word on the pair; other: the customer who has b now; with cursor= journeys is empty and profile null; as_of: null while it is now (live); profile, threads and actions: from the newest 1,000 events, cut says how many are older; told: what the event says of these, absent what it does not, null beyond the newest 1,000; side: customer or company, who began it; mode: face, indirect or nonpersonal, as told or by the channel; outcomes: absent: what it waits for came, it was averted" },
    { "/api/channels", ANSWER_CHANNELS, "recognition, channel by channel: contacts of customers who are known by more than a browser or a device", B(FROM) | B(TO) | B(STREAM) | B(AS_OF), 0, 0,
      "{as_of, from, to, channels: [{channel, n, customers, at_once: {k, rate, lo, hi, de}, by_now}], other}; n: contacts, steps and signals in these days; at_once: the event itself named somebody; by_now: the customer it belongs to is named today, by whatever linked them; intervals are Wilson's, 95 %, with the design effect of customers who come again; other: contacts of channels beyond 64" },
    { "/api/shared", ANSWER_SHARED, "identities that are everybody's: told with more people than one person can be, so that they link nobody", 0, 0, 0,
      "{count, homes_max, others_max, shared: [{kind, hash, position, at, type, origin, channel, place}]}; 200 at most are listed, all counted; position, at, type ...: of the event that was one too many" },
    { "/api/quarantine", ANSWER_QUARANTINE, "what was received and could not be taken, newest first", B(RAW) | B(LIMIT) | B(CURSOR), 50, 1000,
      "{count, items: [{number, received_at, origin, reason, field, offset, bytes, head}], next}, or with raw= {number, received_at, origin, reason, field, offset, bytes, head, whole}: one item of the door with all of its bytes that were kept (64 KB); whole: that is all of them" },
    { "/api/breaks", ANSWER_BREAKS, "break points: standards not kept, and where journeys stopped, that are more often than allowed or than before", SET_FINDINGS | B(FROM) | B(TO) | B(BY), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, previous_from, previous_to, journeys, tests, unknown, left_out, outcome, unhappy: [...], unfinished: [...], rest: [...]}, each of {id, name, cell, type, touchpoint, "
      "title, place, daypart, owner, n, hits, cancelled, unknown, rate, lo, hi, de, row_lo, row_hi, shrunk, allowed, previous: {n, hits, rate}, change, trend, "
      "rise: {since, alarm, level, bar}, over, excess, damage, damage_lo, damage_hi, damage_crude, "
      "damage_de, damage_n, damage_tables, loss, q, verdict: {id, zh, en, more}, severity, journeys, status: open, assigned, fixed or verified, since, work: {status, owner, note, actor, since, changed, fixed_on, customers, fell, "
      "tags, trouble, weeks, before, after, effect, relative, text, verdict} or null}; work: as entered, and for what is fixed whether the rate fell (/api/improvements); journeys is the address that lists those hit, &hit=no "
      "the others; cell is its name, for break=; rise: the day since which it is above its usual share, and the day that was sure; shrunk, with by=: drawn towards all places; default period: the last four whole weeks before as_of; row_lo, row_hi: as if no customer came "
      "twice; excess and loss are lower bounds, in journeys; tests is how many hypotheses q answers for; unknown: silence decides, and the source that would have told (ends_from) is silent too; left_out: touchpoints that the blueprint does not have (ad_hoc), beyond 64; rest: not found to be a break point" },
    { "/api/confirmed", ANSWER_CONFIRMED, "break points of customers beside what mystery visits found in the same cells and period: counted apart, never added", B(JOURNEY) | B(FILTER) | B(AS_OF) | B(FROM) | B(TO) | B(BY), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, visits, strays, counts: {both, customers, visits, untested}, cells: [{cell, id, name, type, touchpoint, title, place, daypart, owner, mark: {id, zh, en}, customers: {n, hits, rate, lo, hi, "
      "found, journeys}, visits: {n, hits, rate, lo, hi, hit}}]}; cell as in /api/breaks; mark both: found among customers, and 2 visits hit it, or a third of 3 and more; customers: visits had the chance and did not hit it so often; "
      "untested: none had; visits: not found among customers; visits.hit: ids; a visit counts once in a cell; strays: mystery journeys that are no registered visit's" },
    { "/api/backtrack", ANSWER_BACKTRACK, "from bad outcomes back: which break came first, which was the worst; with customer= in that customer's journeys", SET_FINDINGS | B(FROM) | B(TO) | B(OUTCOME) | B(CUSTOMER) | B(BEGAN), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, outcome, outcome_title, outcomes: [{id, title}], journeys, waiting, bad, none: {n, share, lo, hi}, breaks: [{cell, id, name, type, touchpoint, title, owner, first, worst, de, share, lo, hi, examples: [{customer, start, at}]}]}, "
      "or with customer= {customer, as_of, walks: [{type, start, last, outcome, outcome_title, at, before, breaks, breaks_cut, unknown, back: [{step, touchpoint, title, channel, start, end}]}], left_out}; outcome: one of the catalogue, or how journeys ended: "
      "bad, lapsed; default: what the journey type holds breaks against; journeys: those that are decided, waiting: not yet; first: bad ones whose first break before the outcome it was, share of all bad ones; none: without a break before it; "
      "breaks of a walk as in /api/customers, first and worst among those before the outcome; back: steps before it, the latest first" },
    { "/api/suggest", ANSWER_SUGGEST, "a draft of a catalogue from the live events seen: every value is a suggestion", B(JOURNEY), 0, 0,
      "{mark: {zh, en}, journey, key, events, customers, journeys, cut, names_left_out, events_left_out, gap: {ms, valley, sensitivity: [{ms, journeys}], choices: [{ms, journeys}]}, touchpoints: [{name, events, role, "
      "role_by, channel, place, stage: {A, E}, journeys, first, last, ends, example: {customer, position}}], clocks: [{start, end, key, n, ended, p50_ms, limit_ms, over}], files: [{name, "
      "text}]}; key: gap, or the field that threads journeys; place: mean place of the first visit, 0 first, 1 last; ends: good, bad or unknown when journeys may end there; limit_ms: 90th "
      "percentile of the waits that ended; over: share of the starts beyond it or without an end; files: a catalogue that says it; cut: only the first 5,000,000 events were read" },
    { "/api/setup", ANSWER_SETUP, "how a setting-up stands: what was received, the file handed over, the command that runs or ran last", 0, 0, 0,
      "{events, customers, position, log, limits: {file_bytes, piece_bytes, catalogue_bytes, events_read, names, clocks}, file: {id, name, bytes, have} or null, chore: {what: import, undo or diff, about, state: runs, done, failed or "
      "stopped, began, took_ms, answer, said} or null, making: {phase, done, total, trouble} or null, models: [{id, title, stages: [{id, title}]}]}; answer: what the command printed as JSON, said: the end of its "
      "messages; making: journeys that are being made by another catalogue; models: those built in; log: its id, null when there is none yet" },
    { "/api/catalogue", ANSWER_CATALOGUE, "the files of the catalogue that holds", 0, 0, 0, "{hash, activated, files: [{name, text}]}" },
    { "/api/diff", ANSWER_DIFF, "what another catalogue changes: the breaks of DATA/before and of this store, judged at one as_of; 404 where there is nothing to compare with", B(JOURNEY) | B(AS_OF) | B(FROM) | B(TO), 0, 0,
      "{before, after, as_of, types: [{journey, known_before, known_after, from, to, journeys: {before, after}, findings: {appear: [{id, touchpoint, name, title}], vanish: [...]}, cells: [{id, "
      "touchpoint, name, title, changed, before: {n, hits, finding}, after: {n, hits, finding}, gaining: {journeys, examples: [{customer, start}]}, losing: {...}}]}]}; journey=all: every type "
      "that either side knows; gaining, losing: journeys with more, or fewer, breaks of that cell, at most 10 examples" },
    { "/api/flows", ANSWER_FLOWS, "flows against limits: of the journeys on each flow to a touchpoint with a clock or promise, how many were beyond it there", SET, 0, 0,
      "{journey, filter, as_of, catalogue, flows: [{from, to, n, over, rate, lo, hi}], limits: [{touchpoint, id, name, limit_ms, promise}]}; n: journeys that made the move and were judged there, each once; a wait that "
      "may still end in time counts for nothing yet; limits: those in force, limit_ms of a promise is its grace" },
    { "/api/quotes", ANSWER_QUOTES, "what customers wrote, newest journeys first, with where and when; numbers and addresses inside are covered", SET | B(NODE) | B(LIMIT), 40, 200,
      "{journey, filter, as_of, catalogue, quotes: [{text, cut, time, type, touchpoint, title, channel, place, score: {kind, value} or null, customer, start, position}], journeys, read, more}; written in the time "
      "of a journey asked about; start: of that journey; journeys, read: how many journeys and events were looked at; more: a cap (limit, 4,000 journeys, 1,200 events) was hit, older ones were not looked at" },
    { "/api/opportunities", ANSWER_OPPORTUNITIES, "ideas on the map, as entered", B(JOURNEY), 0, 0,
      "{opportunities: [{id, text, touchpoint, stage, journey, owner, status: open, assigned, done or dropped, actor, entered, changed}], more}; with journey= those of that type and of none" },
    { "/api/facets", ANSWER_FACETS, "what one may filter by: segments of the catalogue, and the values that tier, channel and place have at journey start", SET, 0, 0,
      "{segments: [{id, title}], tier, channel, place: {values: [{value, journeys}], more}}; the commonest 500 of each, more: how many others there are" },
    { "/api/heatmap", ANSWER_HEATMAP, "pain: touchpoints by stage, with how often, how badly and for how many customers something breaks there", SET_FINDINGS | B(FROM) | B(TO) | B(MODEL), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, journeys, model, stages: [{id, title}], touchpoints: [{touchpoint, title, stage, n, hits, rate, lo, hi, customers, severity, worst, pain, sources, "
      "channels, breaks: [{cell, id, name}]}]}; n, hits: journeys that could break there, and did; severity: mean of the worst of each, 1 to 3; pain: rate x severity x customers, the most first; "
      "sources: origins of the journeys hit; channels: of what was missed" },
    { "/api/impact", ANSWER_IMPACT, "what breaks go with: the rate of a bad outcome with and without each break, the most bad outcomes first", SET_FINDINGS | B(OUTCOME), 0, 0,
      "{journey, filter, as_of, catalogue, outcome, outcome_title, tests, impacts: [{cell, id, name, type, touchpoint, title, owner, with: {n, bad, rate, lo, hi}, without: {n, bad, rate, lo, hi}, "
      "difference, adjusted, lift, share, extra, extra_lo, excluded, waiting, de, q, missing, verdict: {id, zh, en, more}, journeys}]}; difference and adjusted (among likes) in shares; lift: rate with "
      "/ without; share: of all bad outcomes here, those with the break; extra: bad outcomes that would not be, had those hit fared as the others" },
    { "/api/consistency", ANSWER_CONSISTENCY, "is the same touchpoint as good in every channel: shares kept of each standard, channel against channel", SET_FINDINGS | B(FROM) | B(TO), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, tests, standards: [{id, name, type, touchpoint, title, owner, channels: [{channel, n, kept, rate, lo, hi}], pairs: [{a, b, difference, q, verdict: {id, "
      "zh, en, more}}], mean, spread, flagged}]}; the channel of the chance, with 30 of them or more; spread: null unless a pair differs; flagged: a channel is more than a fifth away from the mean" },
    { "/api/moments", ANSWER_MOMENTS, "moments of truth: experiences after which customers fared otherwise than their like", SET_FINDINGS | B(LANDMARK), 0, 0,
      "{journey, filter, as_of, catalogue, tests, outcome, outcome_title, within_ms, horizon_ms, landmark_ms, strata_by, moments: [...], rest: [...]}, each of {touchpoint, title, side, n_exposed, n_other, "
      "excluded, waiting, unknown, crude_rd, crude_or, adjusted_rd, lo, hi, de, or, rr, e_value, e_limit, p, q, heterogeneity: {q, df, p, varies}, odds_heterogeneity: {q, df, p}, strata: [{values, table: [exposed and met, exposed and not, "
      "others and met, others and not], rd, comparable}], saved, saved_lo, saved_hi, declared, said: {zh, en} or null, missing, verdict: {id, zh, en, more}}; strata: those of the journey type, else tier, breaks met before, "
      "how long known, daypart; said: a declared moment that the data do not show; every journey of the store that is old enough" },
    { "/api/improvements", ANSWER_IMPROVEMENTS, "what was done about break points and outcomes, and whether it worked: whole weeks before against as many after, where it was done and elsewhere", SET_FINDINGS, 0, 0,
      "{journey, filter, as_of, catalogue, improvements: [{id, title, cell, journey, what, what_title, kind: break or outcome, touchpoint, daypart, cause, action, owner, places, comparison, start, closed, found_from, "
      "found_to, expected_points, entered, changed, actor, trouble, weeks, weeks_capped, before, after: {from, to, acted, rest: {k, n, rate, lo, hi}}, effect: {value, lo, hi}, relative: {value, lo, hi}, text: {zh, en}, "
      "verdict: {id: works, no_effect or too_little, zh, en, more}, tags: [{id, zh, en}], again: [{days, due, measured, weeks, before, after, effect, relative, text, verdict}]}], more}; effect: (after - before) where it "
      "was done less (after - before) in the comparison, Wald 95 %; without comparison after - before, Newcombe; relative: of the rate before where it was done; without journey=, or with all, those of every type" },
    { "/api/scenarios", ANSWER_SCENARIOS, "what mystery shoppers are sent to do: the scenarios of the catalogue", 0, 0, 0,
      "{scenarios: [{id, title, persona, goal, channel, blueprint, visits_per_place, apart_ms, slots: [{id, title, from, to}], stamps: [{id, title, touchpoint}], clocks: [{id, title, from, to, limit_ms, standard}], "
      "steps: [{touchpoint, title, action, items: [{id, title, kind, weight, critical, na, evidence, standard}]}]}]}" },
    { "/api/visit-plan", ANSWER_VISIT_PLAN, "visits proposed for a scenario: so many a place, spread over the days, none nearer to another of its place than the scenario wants; nothing is entered", B(SCENARIO) | B(PLACE) | B(EACH) | B(FROM) | B(TO), 0, 0,
      "{scenario, from, to, each, visits: [{id, place, slot, day, from, to}], missing: [{place, had, found, wanted}]}; default period: 28 days from tomorrow; visits of the scenario that are planned or done in it count; missing: places "
      "where fewer fit" },
    { "/api/visits", ANSWER_VISITS, "mystery visits and what they came to; what they say together; from, to: days on which they began", B(FROM) | B(TO) | B(FILTER) | B(AS_OF), 0, 0,
      "{as_of, visits: [{id, place, scenario, scenario_title, slot, state, from, to, identities, orders, late, at_once, left_out, note, actor, entered, changed, journeys, score: {value, yes, no, na, open, critical, failed}, fitness, breaks, first, worst: "
      "{id, name, touchpoint, title, severity} or null}], more, states: {planned, started, finished}, de, items: [{item, scenario, title, visits, yes, no, na, open, raw, share, lo, hi}], touchpoints: [...], places: [...], months: [...], "
      "double: {pairs, same, both, share, lo, hi}, again: [{place, scenario, before, after, days, score_before, score_after, change: {value, lo, hi}}]}; filter: place=NAME alone; identities is how many: they are kept hashed; late: not_started or not_finished when its time is over; at_once: other visits of its shopper at its time; left_out: parts beyond what a visit may have; journeys: of "
      "its customers in its time, stream mystery; score: weight of yes among yes and no, 0 to 1; na takes its weight along, open is not answered (yet); failed: a critical item answered no; fitness: 1 - cost of the cheapest alignment / "
      "worst; share: of answers yes among yes and no, of places drawn towards all of them (5 at least), lo, hi widened by de; double: visits of one scenario, place and day, items answered alike; again: the next visit of scenario and "
      "place, a week later or more" },
    { "/api/visits/{visit}", ANSWER_VISIT, "one mystery visit as a scorecard: checklist, clocks, planned against actual, journeys with their breaks", B(AS_OF) | B(READER) | B(RUN), 0, 0,
      "{reader, as_of, id, place, scenario, scenario_title, slot, state, from, to, identities, orders, late, at_once, left_out, note, actor, entered, changed, persona, goal, score, sections: [{touchpoint, title, action, score, items: [{id, title, kind, weight, "
      "critical, na_allowed, evidence_wanted, answer, by, time, note, evidence: [{name, hash, href, type, bytes, state: whole, missing, changed or unreadable}]}]}], timings: [{id, name, touchpoint, title, by, is: kept, broken, running or unknown, from, took_ms, limit_ms}], stamps: "
      "[{what, title, touchpoint, time}], alignment: {fitness, cost, worst, edits, cut, moves: [{kind: sync, skipped or extra, touchpoint, title, required, accepted, channel, elsewhere, time, wait_ms, max_wait_ms, cost}]} or null, "
      "journeys: [{customer, type, start, last, outcome, steps, cut, breaks, breaks_cut, unknown}], journeys_left_out, evidence, evidence_other: [...]}; answer: yes, no, na or null, by shopper or events; breaks as in /api/customers, first and worst are the visit's; "
      "a break of a clock measured by stamps and by events is told twice, by whom; reader=outlet leaves out identities, orders, late, at_once, left_out, note, actor, entered, changed, stamps, customer, evidence of breaks, names and hashes of files" },
    { "/api/recorded", ANSWER_RECORDED, "a visit, or one journey of a customer, as it was recorded: its events as they can be sent again", B(VISIT) | B(CUSTOMER) | B(JOURNEY) | B(BEGAN) | B(AS_OF), 0, 0,
      "{visit, stream, as_of, format, persons, journeys: [{customer, person, type, start, last}], events: [{id, position, origin, time, event}], left_out, persons_left_out}; event: a native event with the corrected time and "
      "without id, session and stream, who is told as c0, c1 ..; a journey's events are those in its time and those that share an order or a case with them; left_out: events beyond 10,000; format: xes or csv when all came by such "
      "a file, else null" },
    { "/api/alerts", ANSWER_ALERTS, "what somebody should look at now, newest change first, oldest first with since=, with state=open by priority, then by limit", B(SINCE) | B(STATE) | B(STREAM) | B(LIMIT), 100, 1000,
      "{counts: {open, acknowledged, resolved}, alerts: [{id, change, rule, kind, state, severity, stream, priority, title, touchpoint, touchpoint_title, place, channel, tier, department, customer, "
      "journey: {type, start}, started, due, at, raised, changed, ended, what, owner, note, actor, resolved, text: {zh, en}}], next, more}; kind is near, passed, moment, score, complaint, "
      "event or silent; stream live (for departments) or mystery (for QA); next is for since=; more: limit was reached" },
    { "/api/emotion", ANSWER_EMOTION, "the emotion curve: what customers felt at each touchpoint, -2 to +2, in the order of the journey", SET_FINDINGS | B(FROM) | B(TO) | B(MODEL), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, previous_from, previous_to, model, n_min, curve: [{touchpoint, title, stage, stage_title, key, backstage, journeys, n, customers, gap, mean, lo, hi, "
      "flat, values: [{value, n}], response: {of, n, rated, answered, rate, lo, hi}, previous: {n, mean}, change: {value, lo, hi}, verdict: {id, zh, en, more}}], lowest, peak, end: {touchpoint, title, index, "
      "n, mean, lo, hi, apart} or null, unplaced: {n}, left_out, cut}; default period: the last four whole weeks before as_of; gap: fewer than n_min ratings, or of one customer; mean: of customers' own "
      "means; flat: all the same; response is of the journeys that were asked (of: asked), else of those that came there (of: journeys); apart: no other point's interval reaches it" },
    { "/api/report", ANSWER_REPORT, "the weekly report, kept as it was made once its week's journeys have had their time", SET_FINDINGS | B(WEEK) | B(FREEZE), 0, 0,
      "{week, provisional, kept: {made_at, final, hash} or null, changed, report: {version, week, journey, filter, as_of, catalogue, journey_title, from, to, previous_from, previous_to, timezone, over, ripe, "
      "findings: {figures: [{id, name, is, unit, better, n, hits, enough, value, previous, change, verdict}], breaks: {tests, unhappy, unfinished}, emotion, moments}, work: {open: [{cell, owner, status, since, "
      "weeks, found, customers, hits}], improvements, done, alerts}}}; default journey: the catalogue's first own type; changed: counted now, the findings of a kept report differ; a question with filter, "
      "as_of or another stream is answered and never kept" },
    { "/report", ANSWER_REPORT_PAGE, "the same as one A4 sheet, landscape, to print; without week= that of to=", SET_FINDINGS | B(WEEK) | B(LANG) | B(TO), 0, 0, "a page in one language" },
    { "/api/coverage", ANSWER_COVERAGE, "touchpoint coverage: which touchpoints of the catalogue were seen, which were seen and are not in it, which key ones journeys miss", SET_FINDINGS | B(FROM) | B(TO), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, journeys, steps, touchpoints, covered, share, signals, items: [{touchpoint, title, key, backstage, steps, journeys}], missing: [{touchpoint, title, journey, n, missing, "
      "share, lo, hi}], unassigned_steps, unassigned: [{touchpoint, title, steps, journeys}]}; covered of touchpoints have a step; signals: touchpoints that are no steps, not counted; missing: key touchpoints that "
      "the journey type (of all: each type) or its blueprints require, of journeys closed good" },
    { "/api/blueprint", ANSWER_BLUEPRINT, "a blueprint, planned and actual; default the first of the journey type", SET_FINDINGS | B(FROM) | B(TO) | B(MODEL) | B(ID), 0, 0,
      "{journey, filter, as_of, catalogue, from, to, blueprints: [{id, title, journey}], blueprint, title, model, journeys, ended, open, legs: [{id, title}], steps: [{touchpoint, title, leg, lane, key, owner, "
      "stage, action, goal, theme, script, visual, response, need, one_of, channels, standard, standard_title, max_wait_ms, n, reached, share, lo, hi, open, good, missing, elsewhere, early, waits, "
      "p50: {ms, lo, hi}, p90: {ms, lo, hi}, over, over_share, over_lo, over_hi}], unplanned: [{touchpoint, title, steps, journeys}]}; lane front or back; reached of n journeys that have ended; missing of good, "
      "those closed good; open: visits in journeys still open; elsewhere, early: visits on another channel than planned, or before the planned step before; waits run from the end of the nearest step before; "
      "over max_wait_ms: exactly at it is in time" },
    { "/api/export", ANSWER_EXPORT, "everything asked for, as a file; lifecycle is all unless it is given", SET | B(FORMAT), 0, 0, "a file in the format asked for" },
    { "/api/openapi.json", ANSWER_OPENAPI, "this document", 0, 0, 0, "OpenAPI 3.1" },
    { NULL, ANSWER_ABOUT, NULL, 0, 0, 0, NULL },
};

const struct route *
routes_find(struct tl_str path, struct tl_str *rest)
{
    *rest = (struct tl_str){ NULL, 0 };
    for (const struct route *r = routes; r->path; r++) {
        const char *brace = strchr(r->path, '{');
        size_t n = brace ? (size_t)(brace - r->path) : strlen(r->path);
        if (path.n < n || memcmp(path.p, r->path, n) != 0 || (brace ? path.n == n : path.n != n)) continue;
        if (brace) *rest = (struct tl_str){ path.p + n, path.n - n };
        return r;
    }
    return NULL;
}

static int
param_of(struct tl_str name)
{
    for (int i = 0; i < P_N; i++)
        if (tl_str_is(name, params[i].name)) return i;
    return -1;
}

static int
unknown(const struct route *r, struct tl_str name, struct tl_err *err)
{
    char list[160] = "none";
    size_t n = 0;
    for (int i = 0; i < P_N; i++)
        if (r->takes >> i & 1 && n < sizeof list) n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", params[i].name);
    return tl_fail(err, TL_EINVAL, "parameter %.*s is not known to %s; allowed: %s", (int)(name.n < 40 ? name.n : 40), name.p, r->path, list);
}

/* whole - what single parameters cannot see */
static int
whole(const struct route *r, struct tl_str rest, struct ask *q, struct tl_err *err)
{
    struct tl_str a, b;
    char hex[33] = "";
    if (q->edge_from.p && !q->edge_to.p) {
        if (!routes_cut(q->edge_from, ',', &a, &b) || !b.n || memchr(b.p, ',', b.n)) return tl_fail(err, TL_EINVAL, "parameter edge: %s", params[P_EDGE].allowed);
        q->edge_from = a;
        q->edge_to = b;
    }
    if (q->edge_from.p && q->node.p) return tl_fail(err, TL_EINVAL, "parameters node and edge exclude each other");
    if (q->brk_kept && !q->brk.p) return tl_fail(err, TL_EINVAL, "parameter hit needs break=");
    if (q->start && !q->node.p) return tl_fail(err, TL_EINVAL, "parameter start needs node=");
    if (q->from_day > q->to_day) return tl_fail(err, TL_EINVAL, "parameter from is later than to");
    if (r->takes & B(STEPS) && !q->step_n) return tl_fail(err, TL_EINVAL, "parameter steps is missing: %s", params[P_STEPS].allowed);
    if (r->answer == ANSWER_REPORT_PAGE && q->has_to && !q->has_week) {
        q->has_week = true;
        q->week = week_monday(q->to_day);
    }
    if (r->answer == ANSWER_VISIT_PLAN && (!q->scenario.p || !q->place_n)) return tl_fail(err, TL_EINVAL, "give scenario=, and place= once or more");
    if (r->answer == ANSWER_RECORDED && (q->visit.p != NULL) == q->has_customer) return tl_fail(err, TL_EINVAL, "give either visit=, or customer= with journey= and began=");
    if (r->answer == ANSWER_BACKTRACK && q->began_ms != TL_TIME_NONE && !q->has_customer) return tl_fail(err, TL_EINVAL, "parameter began needs customer=");
    if (r->answer == ANSWER_VISIT) q->visit = rest;
    if (r->answer != ANSWER_CUSTOMER) return 0;
    if (rest.n == 32) memcpy(hex, rest.p, 32);
    return tl_unhex(hex, sizeof q->customer, q->customer) || rest.n != 32 ? tl_fail(err, TL_EINVAL, "the address of a customer is /api/customers/ and 32 hex characters") : 0;
}

/* cell_type - the name of a cell says which journeys it is of */
static void
cell_type(struct ask *q)
{
    struct tl_str type, cell;
    if (routes_cut(q->brk, ':', &type, &cell)) q->journey = type;
}

int
routes_read(const struct route *r, struct tl_str rest, const struct route_param *p, size_t n, struct ask *q, struct tl_err *err)
{
    uint64_t seen = 0;
    *q = (struct ask){ .journey = TL_STR("all"), .from_day = INT32_MIN, .to_day = INT32_MAX, .stream = TL_STREAM_LIVE, .as_of_ms = TL_TIME_NONE, .nodes_max = -1,
                       .edges_max = -1, .end = -1, .state = -1, .limit = r->limit, .began_ms = TL_TIME_NONE };
    for (size_t i = 0; i < n; i++) {
        int k = param_of(p[i].name);
        if (k < 0 || !(r->takes >> k & 1)) {
            if (r->answer == ANSWER_REPORT_PAGE) continue;          /* a page among pages, whose links carry what others were asked */
            return unknown(r, p[i].name, err);
        }
        if (seen >> k & 1 && !params[k].repeats) return tl_fail(err, TL_EINVAL, "parameter %s is given twice", params[k].name);
        seen |= UINT64_C(1) << k;
        if (params[k].read(q, p[i].value, r) == 0) continue;
        if (k == P_LIMIT) return tl_fail(err, TL_EINVAL, "parameter limit: a number from 1 to %u", r->limit_max);
        return tl_fail(err, TL_EINVAL, "parameter %s cannot be '%.*s'; allowed: %s", params[k].name, (int)(p[i].value.n < 40 ? p[i].value.n : 40), p[i].value.p, params[k].allowed);
    }
    if (!(seen & B(JOURNEY)) && q->brk.p) cell_type(q);
    if (r->answer == ANSWER_EXPORT && !(seen & B(LIFECYCLE))) q->lifecycle = ASK_LC_ALL;     /* an export leaves nothing out unasked */
    return whole(r, rest, q, err);
}
