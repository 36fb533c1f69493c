// Compare the map with another: other days, a segment, a tier, a place, or the mystery visits; as one map with the differences marked, or the two side by side.
// Differences that stand out are marked on the steps, better and worse by mark, word and colour; all of them stand in a table.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, fixed, num, ymd } from './format.js';
import { Answers } from './answers.js';
import * as view from './store.js';
import { titleEl } from './cards.js';
import { differences } from './difference.js';
import { KEYS, facetsOf, filterWords, valuesOf } from './facets.js';
import { cellName, points, pointsRange, rate } from './figures.js';
import { grid, two } from './grid.js';

const DAY = 864e5;
const DAYS = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/;
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
const answers = new Answers();

export const VISITS = 'visits';
// Customers and visits are never put on one scale: such a comparison has two sides and no difference.
export const beside = () => view.get('vs') === VISITS || view.get('side') === '1';

// What the other map is asked: vs is 'previous' (as many days before), FROM..TO, 'visits', or KEY=VALUE. null: nothing to compare with.
export function otherQuestion(params, days) {
  const vs = view.get('vs');
  const own = DAYS.exec(vs);
  if (!vs || !days) return null;
  if (vs === VISITS) return { ...params, stream: 'mystery' };
  if (own) return { ...params, from: own[1], to: own[2] };
  if (vs !== 'previous') return /^[^=]+=.+$/.test(vs) ? { ...params, filter: [...params.filter.filter((one) => one.split('=')[0] !== vs.split('=')[0]), vs] } : null;
  const from = Date.parse(params.from || days.first);
  const to = Date.parse(params.to || days.last);
  const length = to - from + DAY;
  return { ...params, from: iso(from - length), to: iso(to - length) };
}

// -> {rows, asked, here, there} or null; both maps, both lists of standards, waits and emotion, over the same kind of days.
export async function readOther(params, days) {
  const asked = otherQuestion(params, days);
  if (!asked) return null;
  const findings = ({ journey, from, to, filter, as_of }) => ({ journey, filter, as_of, from: from || days.first, to: to || days.last });
  const apart = view.get('vs') === VISITS;
  const of = (name, q) => (apart ? {} : { ['breaks' + name]: ['/api/breaks', findings(q), true], ['emotion' + name]: ['/api/emotion', findings(q), true], ['metrics' + name]: ['/api/metrics', findings(q), true] });
  const { data } = await answers.read({ a: ['/api/map', params], b: ['/api/map', asked], ...of('A', params), ...of('B', asked) });
  const side = (map, name) => ({ map, breaks: data['breaks' + name], emotion: data['emotion' + name], metrics: data['metrics' + name] });
  const [here, there] = [side(data.a, 'A'), side(data.b, 'B')];
  return { asked, params, here: data.a, there: data.b, rows: apart ? [] : differences(here, there).map((row) => ({ ...row, times: times(row, here, there) })) };
}

// Median and P90 of the waits that a standard is about, on both sides.
function times(row, here, there) {
  if (row.kind !== 'break' || row.of.type !== 'wait') return null;
  const cell = ({ metrics }) => metrics?.metrics.find((metric) => metric.standard === row.of.id && metric.limit_ms !== null)?.cells.find((one) => one.touchpoint === row.touchpoint);
  const [a, b] = [cell(here)?.times, cell(there)?.times];
  return a && b ? { a, b } : null;
}

export function vsWords({ asked, params }) {
  const vs = view.get('vs');
  if (vs === VISITS) return t('compare_visits');
  if (vs === 'previous' || DAYS.test(vs)) return t('started_between', { from: ymd(asked.from), to: ymd(asked.to) });
  return filterWords(vs, facetsOf(params.journey, () => {}));
}

// What this side is: the filter of the same key where there is one, the days, or everything.
export function hereWords({ params }, days) {
  const vs = view.get('vs');
  if (vs === VISITS) return t('compare_customers');
  if (vs === 'previous' || DAYS.test(vs)) return t('started_between', { from: ymd(params.from || days.first), to: ymd(params.to || days.last) });
  const mine = params.filter.filter((one) => one.split('=')[0] === vs.split('=')[0]);
  return mine.length ? mine.map((one) => filterWords(one, facetsOf(params.journey, () => {}))).join(' / ') : t('compare_all');
}

const change = (row) => (row.kind === 'emotion' ? signed(row.change.value) : points(row.change.value));
const signed = (v) => (v > 0.005 ? '+' : v < -0.005 ? '−' : '') + fixed(Math.abs(v), 2);

// The mark on a step's card: the difference that stands out most there.
export function difference(other, id) {
  const row = other?.rows.find((one) => one.way && one.touchpoint === id);
  return row && h('span', { class: 'pill pill-diff ' + row.way, title: name(row) }, row.way === 'better' ? '▲ ' : '▼ ', change(row), h('span', { class: 'sr' }, ' ' + t('compare_' + row.way)));
}

function name(row) {
  if (row.kind === 'emotion') return t('lane_emotion');
  return row.kind === 'stops' ? t('kpi_stop') : t('not_kept') + ' ' + cellName(row.of);
}

const quantile = (q) => (q ? (q.over ? '> ' : '') + dur(q.ms) : '–');
const took = (one) => one && t('median_p90', { p50: quantile(one.p50), p90: quantile(one.p90) });

function side(row, key) {
  const one = row[key];
  if (row.kind === 'emotion') return two(signed(one.mean), `${signed(one.lo)} … ${signed(one.hi)} · n ${num(one.n)}`);
  return [two(rate(one.k / one.n), t('k_of_n', { k: num(one.k), n: num(one.n) })), row.times && h('small', {}, took(row.times[key]))];
}

function table(other) {
  // What happens on neither side says nothing; it is counted, not listed.
  const rows = other.rows.filter((row) => row.kind === 'emotion' || row.a.k + row.b.k > 0);
  return [
    rows.length > 0 &&
      grid(
        t('compare_table'),
        [
          ['col_step', (row) => [titleEl(row.of), h('span', { class: 'where' }, name(row))]],
          ['compare_here', (row) => side(row, 'a')],
          ['compare_there', (row) => side(row, 'b')],
          ['strata_rd', (row) => two(change(row), row.kind === 'emotion' ? `${signed(row.change.lo)} … ${signed(row.change.hi)}` : pointsRange(row.change.lo, row.change.hi))],
          ['compare_verdict', (row) => (row.way ? h('span', { class: row.way }, row.way === 'better' ? '▲ ' : '▼ ', t('compare_' + row.way)) : h('span', { class: 'soft' }, t('compare_same')))],
        ],
        rows,
      ),
    other.rows.length > rows.length && h('p', { class: 'soft' }, t('compare_nothing', { n: num(other.rows.length - rows.length) })),
  ];
}

function shape() {
  const pick = (value, words, on) => h('button', { type: 'button', 'aria-pressed': String(on), onclick: () => view.set({ side: value }) }, t(words));
  return h('span', { class: 'switch', role: 'group', 'aria-label': t('compare_shape') }, pick('', 'compare_one', !beside()), pick('1', 'compare_two', beside()));
}

// The line that says what is compared stands above the drawing, the table of differences below.
export function compareLine(root, other) {
  const counts = () => t('compare_counts', { a: num(other.here.journeys), b: num(other.there.journeys), n: num(other.rows.length), k: num(other.rows.filter((row) => row.way).length) });
  const apart = view.get('vs') === VISITS;
  replace(root, other && h('div', { class: 'compare-line' }, h('p', {}, h('b', {}, t('compare_with', { what: vsWords(other) })), ' ', apart ? t('compare_apart') : counts()), !apart && shape()));
}

export function compareTable(root, other) {
  replace(root, other && view.get('vs') !== VISITS && table(other));
}

// The choice: nothing, as many days before, days of one's own, the visits, a value of what the data can be told apart by, or a filter of one's own.
export function compareField(about, journey, then) {
  const vs = view.get('vs');
  const facets = facetsOf(journey, then);
  const listed = KEYS.flatMap((key) => valuesOf(facets, key).map((one) => key + '=' + one.value));
  const days = DAYS.exec(vs);
  const own = Boolean(vs) && !days && vs !== 'previous' && vs !== VISITS && !listed.includes(vs);
  const option = (value, words, on = value === vs) => h('option', { value, selected: on }, words);
  const groups = KEYS.map((key) => ({ key, values: valuesOf(facets, key) })).filter(({ values }) => values.length > 1);
  const entry = (value) => h('input', { name: 'vs', value, placeholder: 'tier=gold', 'aria-label': t('compare_filter'), list: 'filter-keys', onchange: (event) => view.set({ vs: event.target.value.trim() }, 'push') });
  const dates = (from, to) => {
    const inputs = [from, to].map((value, i) => h('input', { type: 'date', value, 'aria-label': t(i ? 'to' : 'from'), onchange: () => inputs.every((input) => input.value) && inputs[0].value <= inputs[1].value && view.set({ vs: inputs[0].value + '..' + inputs[1].value }, 'push') }));
    return inputs;
  };
  const choose = (event) => {
    const value = event.target.value;
    if (value === 'own') return replace(event.target.parentNode, event.target, entry(''));
    if (value === 'days') return replace(event.target.parentNode, event.target, dates('', ''));
    return view.set({ vs: value }, 'push');
  };
  return h(
    'label',
    { class: 'field compare' },
    h('span', {}, t('compare')),
    h(
      'span',
      { class: 'joined' },
      h(
        'select',
        { 'aria-label': t('compare'), onchange: choose },
        option('', t('compare_none')),
        about.days && option('previous', t('compare_previous')),
        about.days && option('days', t('compare_days'), Boolean(days)),
        option(VISITS, t('compare_visits')),
        groups.map(({ key, values }) => h('optgroup', { label: t('filter_' + key) }, values.map((one) => option(key + '=' + one.value, one.words)))),
        option('own', t('compare_own'), own),
      ),
      own && entry(vs),
      days && dates(days[1], days[2]),
    ),
  );
}
