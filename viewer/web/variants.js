// The exact ways that journeys take, the commonest first, with their share and how much of all journeys the list covers; each with the journeys that went it.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num, pct, titleOf } from './format.js';
import * as view from './store.js';
import { question } from './question.js';
import { chips } from './controls.js';
import { pageLink } from './shell.js';
import { panelHead, section } from './aside.js';
import { firstPage, journeyList } from './journeys.js';

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
    { class: 'way' + (view.get('pick') === one.id ? ' picked' : '') },
    h('div', { class: 'way-n' }, h('button', { type: 'button', class: 'cell-link', 'data-pick': one.id, 'aria-label': t('variants_pick', { n: num(one.journeys) }), title: t('variants_pick', { n: num(one.journeys) }), onclick: () => view.set({ pick: one.id }, 'push') }, h('b', {}, num(one.journeys))), h('small', {}, pct(one.share, 1), ' · ', t('variants_covered', { x: pct(sum, 0) })), h('span', { class: 'kpi-bar', 'aria-hidden': 'true' }, h('i', { style: { width: 100 * one.share + '%' } }))),
    h('ol', { class: 'way-steps' }, runs(one.touchpoints).map((run) => step(run, known))),
  );
}

// The list stays while the same way is drawn again.
let kept = { key: null };
function behind(params) {
  const key = JSON.stringify(params);
  if (kept.key === key) return kept.el;
  const list = h('div', { class: 'slot' }, t('loading'));
  const count = h('span', { class: 'count' });
  kept = { key, el: section('journeys_behind', count, list) };
  firstPage(params)
    .then((page) => {
      replace(count, num(page.count));
      count.dataset.count = page.count;
      journeyList(list, params, page);
    })
    .catch((error) => replace(list, h('p', { class: 'problem' }, error.message)));
  return kept.el;
}

function panel(root, { variants, map }, close) {
  const one = variants.top.find((way) => way.id === view.get('pick'));
  if (!view.get('pick')) return false;
  const known = new Map(map.nodes.map((node) => [node.touchpoint, node]));
  replace(
    root,
    panelHead(t('variants_way'), one ? [num(one.journeys), ' · ', pct(one.share, 1)] : t('unknown_sel'), close),
    one && h('ol', { class: 'way-steps' }, runs(one.touchpoints).map((run) => step(run, known))),
    h('p', { class: 'panel-links' }, h('a', { href: pageLink('/', { variant: view.get('pick') }) }, t('variants_map'))),
    one && behind({ ...asked, variant: one.id }),
  );
  return true;
}

let asked = {};
export const page = {
  key: 'nav_variants',
  lead: 'variants_lead',
  parts: ['period', 'filters', 'lifecycle'],
  ask(about) {
    asked = question(about, { lifecycle: view.get('lifecycle') });
    return { variants: ['/api/variants', { ...asked, limit: TOP }], map: ['/api/map', { ...asked, edges: 0 }] };
  },
  panel,
  empty: ({ variants }) => (variants.variants ? null : ['none_title', 'none_lead']),
  summary: ({ variants: a }) => [h('span', { class: 'strong' }, t('variants_n', { n: num(a.variants) })), h('span', {}, t('journeys_n', { n: num(a.journeys) })), h('span', { class: 'soft' }, t('variants_shown', { n: num(a.top.length) })), chips()],
  draw(root, { variants, map }) {
    const known = new Map(map.nodes.map((node) => [node.touchpoint, node]));
    let sum = 0;
    replace(root, h('ol', { class: 'ways' }, variants.top.map((one, i) => way(one, i, (sum += one.share), known))));
  },
};
