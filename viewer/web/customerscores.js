// What the customer said of how it was, along time: every rating on its own scale, with the table behind.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { fixed, date, minute } from './format.js';
import { titleEl } from './cards.js';

const SCALES = { emotion: [-2, 2], nps: [0, 10], csat5: [1, 5], csat7: [1, 7], ces7: [7, 1] };
const [W, H, PAD] = [640, 120, 14];

export function ratings(events) {
  const out = [];
  for (const event of events) for (const [kind, value] of Object.entries(event.told?.scores ?? {})) out.push({ event, kind, value });
  return out.sort((a, b) => a.event.time - b.event.time);
}

// 0 the worst, 1 the best of its scale; one we do not know is taken for 1 to 7.
export function height({ kind, value }) {
  const [lo, hi] = SCALES[kind] ?? [1, 7];
  return Math.min(1, Math.max(0, (value - lo) / (hi - lo)));
}

const level = (one) => (height(one) < 0.4 ? 'low' : height(one) > 0.7 ? 'high' : 'mid');
const number = (value) => fixed(value, Number.isInteger(value) ? 0 : 1);

function chart(list) {
  const from = list[0].event.time;
  const to = Math.max(from + 1, list.at(-1).event.time);
  const x = (one) => PAD + (list.length === 1 ? 0.5 : (one.event.time - from) / (to - from)) * (W - 2 * PAD);
  const y = (one) => H - PAD - height(one) * (H - 2 * PAD);
  const felt = list.filter((one) => one.kind === 'emotion');
  return h(
    'div',
    { class: 'score-chart' },
    s(
      'svg',
      { viewBox: `0 0 ${W} ${H}`, 'aria-hidden': 'true' },
      s('line', { class: 'score-mid', x1: 0, x2: W, y1: H / 2, y2: H / 2 }),
      felt.length > 1 && s('path', { class: 'score-line', d: felt.map((one, i) => (i ? 'L' : 'M') + x(one).toFixed(1) + ' ' + y(one).toFixed(1)).join('') }),
      list.map((one) => s('circle', { class: 'score-' + level(one) + (one.kind === 'emotion' ? ' score-felt' : ''), cx: x(one).toFixed(1), cy: y(one).toFixed(1), r: 5 }, s('title', {}, one.kind + ' ' + number(one.value) + ' · ' + minute(one.event.time)))),
    ),
    h('p', { class: 'score-ends soft' }, h('span', {}, date(from)), h('span', {}, date(to))),
  );
}

export function scores(events) {
  const list = ratings(events);
  if (!list.length) return null;
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('c_scores')),
    chart(list),
    h('p', { class: 'soft' }, t('c_scores_how')),
    h(
      'details',
      { class: 'data' },
      h('summary', {}, t('c_scores') + ' ' + list.length),
      h(
        'table',
        { class: 'plain-table' },
        h('thead', {}, h('tr', {}, ['c_wait_began', 'c_touchpoint', 'c_score_kind', 'c_score'].map((key, i) => h('th', { scope: 'col', class: i === 3 ? 'n' : false }, t(key))))),
        h('tbody', {}, list.map((one) => h('tr', {}, h('td', {}, minute(one.event.time)), h('td', {}, titleEl(one.event)), h('td', {}, one.kind), h('td', { class: 'n' }, number(one.value))))),
      ),
    ),
  );
}
