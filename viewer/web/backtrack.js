// Backtracking: over the journeys with a bad outcome, which break came first before it, the commonest first (a Pareto of bars with their intervals, and the table behind
// it); with ?customer= the walk back in that customer's journeys, with what proves it.
import { h, replace } from './dom.js';
import { learn, t } from './i18n.js';
import { brief, minute, num, pct, titleOf, ymd } from './format.js';
import { lang } from './prefs.js';
import { keepQuery, pageLink } from './shell.js';
import { cellName, known, rate, rateBar, rateRange, severity } from './figures.js';
import { grid, two } from './grid.js';
import { question } from './question.js';
import { take } from './visits.js';
import * as view from './store.js';
import { VISITS } from './words_visits.js';

learn(VISITS);

const said = (title, id) => title?.[lang()] || id;
const asked = (key) => new URLSearchParams(location.search).get(key) ?? '';
const customer = () => asked('customer');
const whose = (hash, more) => keepQuery('/customers/' + hash, more);

// ---- many

function rows(a) {
  let sum = 0;
  const list = a.breaks.map((one) => ({ ...one, sum: (sum += one.first) }));
  return a.none.n ? [...list, { ...a.none, first: a.none.n, none: true }] : list;
}

function pareto(a) {
  const list = rows(a);
  const most = Math.max(...list.map((one) => one.hi ?? 0), 0.01) * 1.05;
  return h(
    'ol',
    { class: 'pareto', 'aria-label': t('bt_table') },
    list.map((one) =>
      h(
        'li',
        { class: one.none ? 'pareto-none' : false },
        h('span', { class: 'pareto-name' }, one.none ? t('bt_none') : [h('b', {}, cellName(one)), h('small', {}, titleOf(one).text)]),
        h('span', { class: 'pareto-bar' }, h('i', { style: { width: (100 * (one.share ?? 0)) / most + '%' } }), rateBar({ ...one, rate: one.share }, most)),
        h('span', { class: 'n' }, two(rate(one.share), `${rateRange(one.lo, one.hi)} · n ${num(one.first)}`)),
      ),
    ),
  );
}

const examples = (one) => one.examples?.map((e, i) => [i > 0 && ' ', h('a', { href: whose(e.customer), title: minute(e.start) }, e.customer.slice(0, 6))]);

const many = (a) => [
  pareto(a),
  grid(
    t('bt_table'),
    [
      ['col_break', (one) => (one.none ? t('bt_none') : two(cellName(one), titleOf(one).text))],
      ['bt_journeys', (one) => num(one.first)],
      ['bt_share', (one) => two(rate(one.share), rateRange(one.lo, one.hi))],
      ['bt_sum', (one) => (one.none ? '–' : pct(one.sum / a.bad))],
      ['bt_worst', (one) => (one.none ? '–' : num(one.worst))],
      ['bt_examples', (one) => examples(one) ?? '–', 'text'],
    ],
    rows(a),
  ),
];

function choose(a) {
  const pick = (event) => view.set({ outcome: event.target.value }, 'push');
  return h('label', { class: 'bt-outcome' }, t('bt_outcome'), ' ', h('select', { id: 'bt-outcome', onchange: pick }, a.outcomes.map((one) => h('option', { value: one.id, selected: one.id === a.outcome }, said(one.title, one.id)))));
}

// ---- one customer

const proof = (b) => b.evidence.map((e) => h('small', {}, `${e.type} ${e.id ?? ''} · ${brief(e.time)}`));
const named = (key, b) => b && h('p', { class: 'bt-' + key }, h('em', { class: 'tag' }, t('vs_' + key)), ' ', severity(b.severity), ' ', h('b', {}, cellName(b)), ' · ', titleOf(b).text, ' ', proof(b));

function walk(one, hash) {
  const [first, worst] = ['first', 'worst'].map((key) => one.breaks.find((b) => b[key]));
  return h(
    'li',
    { class: 'bt-walk' },
    h('h2', {}, t('bt_walk', { outcome: said(one.outcome_title, one.outcome), time: minute(one.at) })),
    first ? [named('first', first), worst !== first && named('worst', worst)] : h('p', { class: 'soft' }, t('bt_none')),
    h(
      'details',
      {},
      h('summary', {}, t('bt_back', { n: num(one.back.length) })),
      h('ol', { class: 'way-steps bt-steps' }, one.back.map((s) => h('li', { class: 'way-step' + (one.breaks.some((b) => b.step === s.step) ? ' bt-broken' : '') }, h('small', {}, brief(s.start).slice(-5)), ' ', titleOf(s).text))),
    ),
    h('p', {}, h('a', { href: keepQuery('/player', { customer: hash, journey: one.type, start: one.start }) }, t('vs_player'))),
  );
}

export const page = {
  key: 'nav_backtrack',
  lead: 'bt_lead',
  parts: customer() ? null : ['period', 'filters'],
  ask(about) {
    if (customer()) return { back: ['/api/backtrack', { customer: customer(), journey: asked('journey'), began: asked('start'), as_of: view.get('as_of') }] };
    return { back: ['/api/backtrack', question(about, { outcome: view.get('outcome') })] };
  },
  empty: ({ back: a }) => (a.walks && !a.walks.length ? ['bt_walk_none', 'bt_lead'] : null),
  summary: ({ back: a }) =>
    a.walks
      ? [h('a', { href: whose(a.customer) }, h('code', {}, a.customer.slice(0, 12))), h('a', { href: pageLink('/backtrack') }, t('nav_backtrack'))]
      : [
          choose(a),
          h('span', { class: 'strong' }, t('bt_bad', { k: num(a.bad), n: num(a.journeys), what: said(a.outcome_title, a.outcome) })),
          h('span', {}, t('started_between', { from: ymd(a.from), to: ymd(a.to) })),
          h('span', { class: 'soft' }, t('as_of', { time: minute(a.as_of) })),
          take('backtrack', a, () => [['cell', 'first', 'share', 'lo', 'hi', 'worst'], ...rows(a).map((one) => [one.cell ?? (one.none ? 'none' : one.id), one.first, one.share ?? '', one.lo ?? '', one.hi ?? '', one.worst ?? ''])]),
        ],
  draw(root, { back: a }) {
    if (a.walks) return void replace(root, h('ol', { class: 'bt-walks' }, a.walks.map((one) => walk(one, a.customer))));
    replace(root, a.bad ? many(a) : h('p', { class: 'nothing' }, t('bt_none_title')));
  },
};
