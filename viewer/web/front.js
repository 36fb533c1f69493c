// The head of the front page: a headline made from the data, and what to look at first: the worst break point, the moment whose crude
// sign lies, the improvement that worked beside the one that did not, and journeys to read.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, titleOf, ymd } from './format.js';
import { Answers } from './answers.js';
import * as view from './store.js';
import { pageLink } from './shell.js';
import { bound, cellName, known, rate, rateRange, severity } from './figures.js';
import { cellKey } from './breakpanel.js';
import { join } from './confirmed.js';
import { momentKey, sentence } from './momentpanel.js';
import { dumbbell } from './momentplot.js';
import { whereWords } from './placegrid.js';
import { improvementCard } from './improvementcard.js';
import { stories } from './stories.js';

const QUOTES = 200;
const answers = new Answers();

// params: of the map, for what is said of its own journeys.
function asked(journey, model, params) {
  const base = { journey, filter: view.get('filter'), as_of: view.get('as_of') };
  const days = { ...base, from: view.get('from'), to: view.get('to') };
  return {
    breaks: ['/api/breaks', days],
    cells: ['/api/breaks', { ...days, by: 'daypart' }, true],
    moments: ['/api/moments', base],
    improvements: ['/api/improvements', base, true],
    confirmed: ['/api/confirmed', days, true],
    alerts: ['/api/alerts', { state: 'open', limit: 1 }, true],
    emotion: ['/api/emotion', { ...days, model: model || '' }, true],
    metrics: ['/api/metrics', days, true],
    flows: ['/api/flows', params, true],
    quotes: ['/api/quotes', { ...params, limit: QUOTES }, true],
    opportunities: ['/api/opportunities', { journey }, true],
  };
}

// The orders of the headline: journeys that started in the days of the break points and reached their goal.
async function reached(journey, { breaks }) {
  const { data } = await new Answers().read({
    map: ['/api/map', { journey, filter: view.get('filter'), as_of: view.get('as_of'), from: breaks.from, to: breaks.to, edges: 0 }],
  });
  return data.map.nodes.reduce((sum, node) => sum + node.ends.good, 0);
}

// -> everything that the front page says, or null while nothing moved.
export async function readFront(journey, model, params) {
  const { data, moved } = await answers.read(asked(journey, model, params));
  join(data.breaks, data.confirmed);
  return moved ? { ...data, done: await reached(journey, data) } : null;
}

// The worst of those that make unhappy: most customers more unhappy; else the one that loses most.
export const worst = ({ breaks }) =>
  [...breaks.unhappy].sort((a, b) => (b.loss ?? 0) - (a.loss ?? 0) || b.excess - a.excess)[0] ??
  [...breaks.unfinished].sort((a, b) => b.excess - a.excess)[0] ??
  null;

// Where and when it is worst: the cell whose interval begins highest.
export function hotspot(cell, cells) {
  if (!cell || !cells) return null;
  const mine = [...cells.unhappy, ...cells.unfinished].filter((one) => one.id === cell.id && one.touchpoint === cell.touchpoint && one.place);
  return mine.sort((a, b) => b.lo - a.lo)[0] ?? null;
}

// Touchpoint -> what the map marks there.
export function marks(front) {
  const out = new Map();
  const at = (id) => out.get(id) ?? out.set(id, { breaks: [], moments: [], worst: false }).get(id);
  for (const cell of [...front.breaks.unhappy, ...front.breaks.unfinished]) at(cell.touchpoint).breaks.push(cell);
  for (const moment of front.moments.moments) at(moment.touchpoint).moments.push(moment);
  const top = worst(front);
  if (top) at(top.touchpoint).worst = true;
  return out;
}

// ---- the headline

function since({ breaks }) {
  if (view.get('from') || view.get('to')) return t('headline_days', { from: ymd(breaks.from), to: ymd(breaks.to) });
  return t('headline_weeks', { n: num(Math.round((Date.parse(breaks.to) - Date.parse(breaks.from)) / 6048e5 + 1 / 7)) });
}

function headline(root, front, journey) {
  // A store younger than its first whole week has nothing to sum up yet.
  if (!front.breaks.journeys) return replace(root, t('headline_young'));
  const found = front.breaks.unhappy.length + front.breaks.unfinished.length;
  const works = front.improvements?.improvements?.filter((one) => one.verdict?.id === 'works').length ?? 0;
  const open = front.alerts?.counts?.open ?? 0;
  const parts = [
    h('a', { href: pageLink('/breaks'), class: 'hl-breaks' }, tn('breaks', found, num(found))),
    h('a', { href: pageLink('/moments'), class: 'hl-moments' }, tn('moments', front.moments.moments.length, num(front.moments.moments.length))),
    front.improvements && h('a', { href: pageLink('/improvements'), class: 'hl-works' }, tn('works', works, num(works))),
    open > 0 && h('a', { href: pageLink('/alerts'), class: 'hl-alerts' }, tn('alerts', open, num(open))),
  ].filter(Boolean);
  const said = journey === 'order' ? tn('orders', front.done, num(front.done)) : tn('done', front.done, num(front.done));
  replace(
    root,
    h('span', { title: t('headline_why', { done: num(front.done), n: num(front.breaks.journeys), from: ymd(front.breaks.from), to: ymd(front.breaks.to) }) }, since(front), ' ', said),
    parts.map((part) => [h('span', { class: 'dot', 'aria-hidden': 'true' }, ' · '), part]),
  );
  return undefined;
}

// ---- the cards

const card = (kind, kicker, ...kids) => h('article', { class: 'front-card front-' + kind }, h('p', { class: 'kicker' }, kicker), kids);

function breakCard(front) {
  const cell = worst(front);
  if (!cell) return card('break', t('front_break'), h('p', { class: 'soft' }, front.breaks.tests ? t('list_nothing', { n: num(front.breaks.tests) }) : t('breaks_none_lead')));
  const spot = hotspot(cell, front.cells);
  const said = spot ?? cell;
  return card(
    'break',
    [t('front_break'), ' ', severity(cell.severity)],
    h('a', { class: 'front-title', href: pageLink('/breaks', { pick: cellKey(said) }) }, cell.name && h('span', { class: 'soft' }, t('not_kept') + ' '), cellName(cell)),
    h(
      'p',
      { class: 'front-figures' },
      h('b', {}, rate(said.rate)),
      ' ',
      h('small', {}, rateRange(said.lo, said.hi)),
      spot && h('span', {}, ' ', whereWords(spot)),
      spot && h('small', {}, ' ', t('front_overall', { x: rate(cell.rate) })),
    ),
    known(said.loss) && said.loss >= 1 && h('p', {}, t(known(said.damage) ? 'front_unhappy' : 'front_lost', { n: bound(said.loss) })),
  );
}

function momentCard({ moments }) {
  const turned = moments.moments.find((one) => one.crude_rd.value * one.adjusted_rd < 0);
  const one = turned ?? moments.moments[0];
  if (!one) return card('moment', t('front_moment'), h('p', { class: 'soft' }, moments.tests ? t('moments_nothing', { n: num(moments.tests) }) : t('moments_none')));
  return card(
    'moment',
    turned ? t('front_moment_turned') : t('front_moment'),
    h('a', { class: 'front-title', href: pageLink('/moments', { pick: momentKey(one) }) }, titleOf(one).text),
    dumbbell(one, 250),
    h('p', { class: 'front-say' }, sentence(one, moments)),
  );
}

export function drawFront(title, root, front, journey) {
  headline(title, front, journey);
  replace(root, breakCard(front), momentCard(front), front.improvements && improvementCard(front.improvements), stories());
}
