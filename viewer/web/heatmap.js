// Where it hurts: touchpoints by stage. Colour = rate, size = customers hit; the table has severity and how many sources say so.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, titleOf, ymd } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { pageLink } from './shell.js';
import { titleEl } from './cards.js';
import { wholeWeeks, chips } from './controls.js';
import { rate, rateRange, severity } from './figures.js';
import { grid, two } from './grid.js';
import { question } from './question.js';

const cellOf = (one) => one.breaks[0] && one.breaks[0].cell.replace(/^[^:]*:/, '');
const few = (one) => one.n < 30;

function tile(one, most) {
  const size = 34 + 62 * Math.sqrt(one.customers / Math.max(1, most.customers));
  const tone = Math.round((60 * one.rate) / Math.max(0.01, most.rate));
  const words = t('heat_words', { name: titleOf(one).text, rate: rate(one.rate), n: num(one.customers) });
  return h(
    'li',
    { class: 'heat-item' },
    h(
      cellOf(one) ? 'a' : 'span',
      { class: 'heat-tile' + (few(one) ? ' few' : ''), href: cellOf(one) ? pageLink('/breaks', { pick: cellOf(one) }) : false, 'aria-label': cellOf(one) ? words : false, style: { width: size + 'px', height: size + 'px', '--tone': tone + '%' } },
      h('b', {}, rate(one.rate)),
    ),
    h('span', { class: 'heat-name' }, titleEl(one), h('small', {}, t('heat_customers', { n: num(one.customers) }))),
  );
}

function draw(root, { heatmap: a }) {
  const hit = a.touchpoints.filter((one) => one.hits > 0);
  const most = { customers: Math.max(1, ...hit.map((one) => one.customers)), rate: Math.max(0.01, ...hit.filter((one) => !few(one)).map((one) => one.rate)) };
  const stages = [...a.stages, { id: null, title: null }].map((stage) => ({ stage, list: hit.filter((one) => one.stage === stage.id) })).filter(({ stage, list }) => stage.id !== null || list.length);
  replace(
    root,
    h(
      'div',
      { class: 'heat' },
      stages.map(({ stage, list }) =>
        h('section', { class: 'heat-stage' }, h('h2', {}, stage.id === null ? t('no_stage') : (stage.title?.[lang()] ?? stage.id)), list.length ? h('ul', {}, list.map((one) => tile(one, most))) : h('p', { class: 'soft' }, t('heat_none'))),
      ),
    ),
    h('p', { class: 'soft' }, t('heat_legend')),
    grid(
      t('heat_table'),
      [
        ['col_step', (one) => [titleEl(one), h('span', { class: 'where' }, one.breaks.map((cell) => cell.name?.[lang()] ?? cell.id).join(' · '))]],
        ['col_rate', (one) => two(rate(one.rate), rateRange(one.lo, one.hi))],
        ['col_n', (one) => t('k_of_n', { k: num(one.hits), n: num(one.n) })],
        ['heat_hit', (one) => num(one.customers)],
        ['col_severity', (one) => severity(Math.round(one.severity))],
        ['heat_sources', (one) => num(one.sources)],
        ['heat_pain', (one) => num(Math.round(one.pain))],
      ],
      hit,
    ),
  );
}

export const page = {
  key: 'nav_heatmap',
  lead: 'heatmap_lead',
  parts: ['period', 'model', 'filters'],
  presets: wholeWeeks,
  ask: (about) => ({ heatmap: ['/api/heatmap', question(about, { model: view.get('model') === 'none' ? '' : view.get('model') })] }),
  empty: ({ heatmap }) => (heatmap.touchpoints.some((one) => one.hits > 0) ? null : ['heat_empty', 'breaks_none_lead']),
  summary: ({ heatmap: a }) => [
    h('span', { class: 'strong' }, t('heat_n', { n: num(a.touchpoints.filter((one) => one.hits > 0).length) })),
    h('span', {}, t('journeys_n', { n: num(a.journeys) })),
    h('span', {}, t('started_between', { from: ymd(a.from), to: ymd(a.to) })),
    chips(),
  ],
  draw,
};
