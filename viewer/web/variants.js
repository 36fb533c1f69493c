// The exact ways that journeys take, the commonest first, with their share and how much of all journeys the list covers.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num, pct, titleOf } from './format.js';
import * as view from './store.js';
import { question } from './question.js';

const TOP = 30;
const AGAIN = 3;

// The same step three times and more in a row is said once, with how often.
function runs(list) {
  const out = [];
  for (const id of list) {
    const last = out[out.length - 1];
    if (last?.id === id) last.n++;
    else out.push({ id, n: 1 });
  }
  return out.flatMap((run) => (run.n < AGAIN ? Array.from({ length: run.n }, () => ({ ...run, n: 1 })) : [run]));
}

function step({ id, n }, known) {
  const node = known.get(id) ?? { touchpoint: id };
  return h('li', { class: 'way-step' }, node.channel && icon(node.channel), h('bdi', {}, titleOf(node).text), n > 1 && h('b', {}, ' ×' + num(n)));
}

function way(one, i, sum, known) {
  return h(
    'li',
    { class: 'way' },
    h('div', { class: 'way-n' }, h('b', {}, num(one.journeys)), h('small', {}, pct(one.share, 1), ' · ', t('variants_covered', { x: pct(sum, 0) })), h('span', { class: 'kpi-bar', 'aria-hidden': 'true' }, h('i', { style: { width: 100 * one.share + '%' } }))),
    h('ol', { class: 'way-steps' }, runs(one.touchpoints).map((run) => step(run, known))),
  );
}

export const page = {
  key: 'nav_variants',
  lead: 'variants_lead',
  parts: ['period', 'filters', 'lifecycle'],
  ask: (about) => ({ variants: ['/api/variants', question(about, { limit: TOP, lifecycle: view.get('lifecycle') })], map: ['/api/map', question(about, { edges: 0, lifecycle: view.get('lifecycle') })] }),
  empty: ({ variants }) => (variants.variants ? null : ['none_title', 'none_lead']),
  summary: ({ variants: a }) => [h('span', { class: 'strong' }, t('variants_n', { n: num(a.variants) })), h('span', {}, t('journeys_n', { n: num(a.journeys) })), h('span', { class: 'soft' }, t('variants_shown', { n: num(a.top.length) }))],
  draw(root, { variants, map }) {
    const known = new Map(map.nodes.map((node) => [node.touchpoint, node]));
    let sum = 0;
    replace(root, h('ol', { class: 'ways' }, variants.top.map((one, i) => way(one, i, (sum += one.share), known))));
  },
};
