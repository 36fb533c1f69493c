// Mystery visits: the list with what each came to, what visits say together, and one visit as a scorecard (/visit?id=). Shares are of answers yes among yes and no.
import { h, replace } from './dom.js';
import { learn, t } from './i18n.js';
import { dur, minute, num, pct, stamp, titleOf } from './format.js';
import { lang } from './prefs.js';
import { keepQuery, pageLink } from './shell.js';
import { cellName, known, pointsRange, pointsWords, rate, rateBar, rateRange, severity } from './figures.js';
import { grid, two } from './grid.js';
import { csv, save } from './exports.js';
import * as view from './store.js';
import { linkForm, photos, planForm } from './visitplan.js';
import { VISITS } from './words_visits.js';

learn(VISITS);

const words = (title, otherwise) => title?.[lang()] || otherwise || '–';
const scoreOf = (s) => [known(s.value) ? h('b', {}, pct(s.value)) : '–', s.failed && h('em', { class: 'tag vs-failed' }, t('vs_failed')), s.open > 0 && h('small', {}, t('vs_open', { n: num(s.open) }))];
const breakOf = (b) => (b ? two(cellName({ ...b, type: b.type ?? b.id }), b.touchpoint && titleOf(b).text) : '–');

// Print, and the figures to take along.
export function take(name, json, rows) {
  const file = (ending, text, type) => h('button', { type: 'button', class: 'more', onclick: () => save(`touchline-${name}.${ending}`, new Blob([text()], { type })) }, ending.toUpperCase());
  return h('span', { class: 'take-along' }, h('button', { type: 'button', class: 'more', onclick: () => print() }, t('export_print')), file('csv', () => csv(rows()), 'text/csv'), file('json', () => JSON.stringify(json, null, 1), 'application/json'));
}

// ---- all of them

const share = (one) => (known(one.share) ? [two(rate(one.share), rateRange(one.lo, one.hi)), rateBar({ ...one, rate: one.share }, 1)] : '–');

const shares = (key, list, name) =>
  list.length > 0 &&
  grid(
    t(key),
    [
      ['vs_of', (one) => words(one.title, name(one))],
      ['vs_visits', (one) => num(one.visits)],
      ['vs_met', (one) => t('k_of_n', { k: num(one.yes), n: num(one.yes + one.no) })],
      ['vs_na', (one) => num(one.na)],
      ['vs_share', share],
    ],
    list,
  );

const again = (list) =>
  list.length > 0 &&
  grid(
    t('vs_again'),
    [
      ['vs_place', (one) => h('bdi', {}, one.place ?? '–')],
      ['vs_when', (one) => t('vs_days', { n: num(one.days) })],
      ['vs_before', (one) => pct(one.score_before) + ' → ' + pct(one.score_after)],
      ['vs_change', (one) => two(pointsWords(one.change.value), pointsRange(one.change.lo, one.change.hi))],
    ],
    list,
  );

const listed = (list) =>
  grid(
    t('vs_list'),
    [
      ['vs_visit', (v) => h('a', { href: keepQuery('/visit', { id: v.id }) }, v.id)],
      ['vs_place', (v) => two(v.place ?? '–', words(v.scenario_title, v.scenario)), 'text'],
      ['vs_state', (v) => t('vs_is_' + v.state), 'text'],
      ['vs_when', (v) => (v.from ? minute(v.from) : '–'), 'text'],
      ['vs_score', (v) => scoreOf(v.score)],
      ['vs_fit', (v) => (known(v.fitness) ? pct(v.fitness) : '–')],
      ['vs_first', (v) => breakOf(v.first), 'text'],
      ['vs_worst', (v) => breakOf(v.worst), 'text'],
    ],
    list,
    (v) => 'vs-' + v.state,
  );

const listRows = (a) => [
  ['id', 'place', 'scenario', 'state', 'from', 'score', 'yes', 'no', 'na', 'open', 'critical', 'fitness', 'first_break', 'worst_break'],
  ...a.visits.map((v) => [v.id, v.place, v.scenario, v.state, stamp(v.from), v.score.value ?? '', v.score.yes, v.score.no, v.score.na, v.score.open, v.score.critical, v.fitness ?? '', v.first?.id, v.worst?.id]),
];

export const page = {
  key: 'nav_visits',
  lead: 'visits_lead',
  parts: ['period'],
  ask: () => ({ visits: ['/api/visits', { from: view.get('from'), to: view.get('to'), filter: view.get('filter').filter((one) => one.startsWith('place=')), as_of: view.get('as_of') }] }),
  summary: ({ visits: a }) => [
    h('span', { class: 'strong' }, t('visits_n', { n: num(a.visits.length) })),
    ['planned', 'started', 'finished'].map((state) => a.states[state] > 0 && h('span', {}, t('vs_' + state, { n: num(a.states[state]) }))),
    h('span', { class: 'soft' }, t('as_of', { time: minute(a.as_of) })),
    take('visits', a, () => listRows(a)),
  ],
  draw(root, { visits: a }) {
    const d = a.double;
    replace(
      root,
      planForm(() => location.reload()),
      !a.visits.length && h('p', { class: 'nothing' }, h('b', {}, t('visits_no')), ' ', t('visits_no_lead')),
      h('div', { class: 'vs-cols' }, shares('vs_items', a.items, (one) => one.item), shares('vs_places', a.places, (one) => one.place), shares('vs_touchpoints', a.touchpoints, (one) => one.touchpoint), shares('vs_months', a.months, (one) => one.month)),
      d.pairs > 0 && h('p', { class: 'soft' }, t('vs_double', { n: num(d.pairs), k: num(d.same), m: num(d.both), x: `${rate(d.share)} (${rateRange(d.lo, d.hi)})` })),
      a.visits.length > 0 && listed(a.visits),
      again(a.again),
    );
  },
};

// ---- one of them

const asked = () => new URLSearchParams(location.search);
const answers = { yes: 'vs_yes', no: 'vs_no', na: 'vs_na' };
const items = (a) => a.sections.flatMap((s) => s.items.map((one) => ({ ...one, at: s })));

const checklist = (a) =>
  grid(
    t('vs_check'),
    [
      ['vs_item', (one) => [words(one.title, one.id), ' ', one.critical && h('em', { class: 'tag' }, t('vs_critical')), h('small', { class: 'where' }, titleOf(one.at).text)]],
      ['vs_weight', (one) => num(one.weight)],
      ['vs_answer', (one) => h('b', { class: 'vs-' + (one.answer ?? 'none') }, t(answers[one.answer] ?? 'vs_unanswered')), 'text'],
      ['vs_by', (one) => (one.by ? t('vs_by_' + one.by) : '–'), 'text'],
      ['vs_note', (one) => two(one.note ?? '', one.evidence.length ? t('vs_photos', { n: num(one.evidence.length) }) : ''), 'text'],
    ],
    items(a),
  );

const clocks = (a) =>
  a.timings.length > 0 &&
  grid(
    t('vs_clocks'),
    [
      ['vs_clock', (one) => two(words(one.name, one.id), one.title && titleOf(one).text)],
      ['vs_took', (one) => (one.took_ms === null ? '–' : dur(one.took_ms)) + ' / ' + dur(one.limit_ms)],
      ['vs_state', (one) => h('b', { class: 'vs-' + one.is }, t('vs_' + one.is)), 'text'],
      ['vs_by', (one) => t('vs_by_' + one.by), 'text'],
    ],
    a.timings,
  );

const moveWords = (m) => t('vs_' + (m.kind === 'extra' && m.accepted ? 'along' : m.kind));
const plan = (a) =>
  a.alignment &&
  grid(
    t('vs_plan', { x: pct(a.alignment.fitness) }),
    [
      ['col_step', (m) => titleOf(m).text],
      ['vs_move', (m) => [moveWords(m), m.elsewhere && [' · ', t('vs_elsewhere')]], 'text'],
      ['vs_when', (m) => (m.time ? stamp(m.time).slice(-12, -4) : '–'), 'text'],
      ['vs_wait', (m) => (m.wait_ms === null ? '–' : dur(m.wait_ms) + (m.max_wait_ms ? ' / ' + dur(m.max_wait_ms) : ''))],
      ['vs_cost', (m) => (m.cost ? num(m.cost) : '0')],
    ],
    a.alignment.moves,
    (m) => (m.cost > 0 ? 'vs-cost' : m.kind === 'extra' ? 'vs-along' : ''),
  );

const breaks = (a) => {
  const list = a.journeys.flatMap((one) => one.breaks);
  if (!list.length) return a.journeys.length > 0 && h('p', { class: 'nothing' }, t('vs_clean'));
  return grid(
    t('vs_breaks'),
    [
      ['col_break', (b) => [cellName(b), ' ', b.first && h('em', { class: 'tag' }, t('vs_first')), ' ', b.worst && h('em', { class: 'tag' }, t('vs_worst'))]],
      ['col_step', (b) => titleOf(b).text, 'text'],
      ['col_severity', (b) => severity(b.severity)],
      ['vs_took', (b) => (b.unit === 'ms' && b.actual !== null ? dur(b.actual) + ' / ' + dur(b.expected) : '–')],
    ],
    list,
  );
};

export const card = {
  key: 'vs_card',
  lead: 'vs_card_lead',
  ask: () => ({ visit: ['/api/visits/' + encodeURIComponent(asked().get('id') ?? ''), { reader: asked().get('reader') ?? '', as_of: view.get('as_of') }] }),
  summary: ({ visit: a }) => [
    h('span', { class: 'strong' }, a.id, ' · ', h('bdi', {}, a.place ?? '–')),
    h('span', {}, words(a.scenario_title, a.scenario)),
    h('span', {}, a.from ? minute(a.from) : '–', ' · ', t('vs_is_' + a.state)),
    h('span', { class: 'vs-score' }, t('vs_score'), ' ', scoreOf(a.score)),
    a.reader === 'qa' && a.journeys.length > 0 && h('a', { href: keepQuery('/player', { visit: a.id }) }, t('vs_player')),
    h('a', { href: keepQuery('/visit', { id: a.id, ...(a.reader === 'qa' ? { reader: 'outlet' } : {}) }) }, t(a.reader === 'qa' ? 'vs_outlet' : 'vs_qa')),
    h('a', { href: pageLink('/visits') }, t('nav_visits')),
    take(a.id, a, () => [['touchpoint', 'item', 'title', 'weight', 'critical', 'answer', 'by', 'note'], ...items(a).map((one) => [one.at.touchpoint, one.id, words(one.title, one.id), one.weight, one.critical ? 1 : 0, one.answer, one.by, one.note])]),
  ],
  draw(root, { visit: a }) {
    replace(root, a.goal && h('p', { class: 'soft' }, words(a.persona, ''), ' · ', words(a.goal)), a.sections.length > 0 && checklist(a), clocks(a), photos(a), linkForm(a), breaks(a), plan(a));
  },
};
