// Compare the map with another: the period before, a segment, a place. Differences that stand out are marked on the steps, better and worse by
// mark, word and colour; all of them stand in a table.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, ymd } from './format.js';
import { Answers } from './answers.js';
import * as view from './store.js';
import { titleEl } from './cards.js';
import { differences } from './difference.js';
import { cellName, points, pointsRange, rate } from './figures.js';
import { grid, two } from './grid.js';

const DAY = 864e5;
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
const answers = new Answers();

// What the other map is asked: vs is 'previous' (as many days before) or KEY=VALUE. null: nothing to compare with.
export function otherQuestion(params, days) {
  const vs = view.get('vs');
  if (!vs || !days) return null;
  if (vs !== 'previous') return /^[^=]+=.+$/.test(vs) ? { ...params, filter: [...params.filter.filter((one) => one.split('=')[0] !== vs.split('=')[0]), vs] } : null;
  const from = Date.parse(params.from || days.first);
  const to = Date.parse(params.to || days.last);
  const length = to - from + DAY;
  return { ...params, from: iso(from - length), to: iso(to - length) };
}

// -> {rows, asked} or null; both maps and both lists of standards over the same kind of days.
export async function readOther(params, days) {
  const asked = otherQuestion(params, days);
  if (!asked) return null;
  const findings = ({ journey, from, to, filter, as_of }) => ({ journey, filter, as_of, from: from || days.first, to: to || days.last });
  const { data } = await answers.read({
    a: ['/api/map', { ...params, edges: 0 }],
    b: ['/api/map', { ...asked, edges: 0 }],
    c: ['/api/breaks', findings(params), true],
    d: ['/api/breaks', findings(asked), true],
  });
  return { asked, here: data.a, there: data.b, rows: differences({ map: data.a, breaks: data.c }, { map: data.b, breaks: data.d }) };
}

export const vsWords = ({ asked }) => (view.get('vs') === 'previous' ? t('started_between', { from: ymd(asked.from), to: ymd(asked.to) }) : view.get('vs'));

// The mark on a step's card: the difference that stands out most there.
export function difference(other, id) {
  const row = other?.rows.find((one) => one.way && one.touchpoint === id);
  return row && h('span', { class: 'pill pill-diff ' + row.way, title: name(row) }, row.way === 'better' ? '▲ ' : '▼ ', points(row.change.value), h('span', { class: 'sr' }, ' ' + t('compare_' + row.way)));
}

function name(row) {
  return row.kind === 'stops' ? t('kpi_stop') : t('not_kept') + ' ' + cellName(row.of);
}
const share = (side) => two(rate(side.k / side.n), t('k_of_n', { k: num(side.k), n: num(side.n) }));

export function compareTable(root, other) {
  // What happens on neither side says nothing; it is counted, not listed.
  const rows = other?.rows.filter((row) => row.a.k + row.b.k > 0) ?? [];
  replace(
    root,
    other && [
      h('p', { class: 'compare-line' }, h('b', {}, t('compare_with', { what: vsWords(other) })), ' ', t('compare_counts', { a: num(other.here.journeys), b: num(other.there.journeys), n: num(other.rows.length), k: num(other.rows.filter((row) => row.way).length) })),
      rows.length > 0 &&
        grid(
          t('compare_table'),
          [
            ['col_step', (row) => [titleEl(row.of), h('span', { class: 'where' }, name(row))]],
            ['compare_here', (row) => share(row.a)],
            ['compare_there', (row) => share(row.b)],
            ['strata_rd', (row) => two(points(row.change.value), pointsRange(row.change.lo, row.change.hi))],
            ['compare_verdict', (row) => (row.way ? h('span', { class: row.way }, row.way === 'better' ? '▲ ' : '▼ ', t('compare_' + row.way)) : h('span', { class: 'soft' }, t('trend_same')))],
          ],
          rows,
        ),
      other.rows.length > rows.length && h('p', { class: 'soft' }, t('compare_nothing', { n: num(other.rows.length - rows.length) })),
    ],
  );
}

// The choice: nothing, as many days before, or a filter of one's own.
export function compareField(about) {
  const vs = view.get('vs');
  const own = Boolean(vs) && vs !== 'previous';
  const choose = (event) => {
    const value = event.target.value;
    if (value !== 'own') return view.set({ vs: value }, 'push');
    return replace(event.target.parentNode, event.target, entry(''));
  };
  const entry = (value) => h('input', { name: 'vs', value, placeholder: 'tier=gold', 'aria-label': t('compare_filter'), list: 'filter-keys', onchange: (event) => view.set({ vs: event.target.value.trim() }, 'push') });
  const option = (value, words, on) => h('option', { value, selected: on }, words);
  return h(
    'label',
    { class: 'field compare' },
    h('span', {}, t('compare')),
    h('span', { class: 'joined' }, h('select', { 'aria-label': t('compare'), onchange: choose }, option('', t('compare_none'), !vs), about.days && option('previous', t('compare_previous'), vs === 'previous'), option('own', t('compare_own'), own)), own && entry(vs)),
  );
}
