// A blueprint, planned against actual: leg by leg, what the customer sees above the line of visibility, what they do not see below it.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t, has, channelWords } from './i18n.js';
import { dur, num, pct } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { titleEl } from './cards.js';
import { known, ownerName, rate, rateRange } from './figures.js';
import { grid, two } from './grid.js';
import { question } from './question.js';

export const said = (text) => text?.[lang()] ?? text?.en ?? text?.zh ?? null;
const needWords = (need) => (has('need_' + need) ? t('need_' + need) : need);

function reached(step) {
  if (!known(step.share)) return h('small', { class: 'soft' }, t('no_cases'));
  return [
    h('span', { class: 'kpi-bar', 'aria-hidden': 'true' }, h('i', { style: { width: 100 * step.share + '%' } })),
    h('small', {}, h('b', {}, pct(step.share)), ' ', t('k_of_n', { k: num(step.reached), n: num(step.n) })),
  ];
}

// Where what happened is not what was planned.
function apart(step) {
  return [
    step.need === 'required' && step.missing > 0 && t('bp_missing', { n: num(step.missing), of: num(step.good) }),
    step.elsewhere > 0 && t('bp_elsewhere', { n: num(step.elsewhere) }),
    step.early > 0 && t('bp_early', { n: num(step.early) }),
    known(step.over_share) && step.over > 0 && t('bp_over', { x: rate(step.over_share), range: rateRange(step.over_lo, step.over_hi) }),
  ]
    .filter(Boolean)
    .map((words) => h('small', { class: 'apart' }, words));
}

function card(step) {
  return h(
    'li',
    { class: 'bp-step bp-' + step.lane + (step.key ? ' key-step' : '') + (step.n > 0 && !step.reached ? ' never' : '') },
    h('h3', {}, step.channels?.[0] && icon(step.channels[0]), titleEl(step)),
    h('p', { class: 'bp-plan' }, said(step.action) ?? '', ' ', h('em', { class: 'tag' }, needWords(step.need)), step.owner && h('small', {}, ' ', ownerName(step.owner))),
    reached(step),
    known(step.p50?.ms) && h('small', {}, t('median_p90', { p50: dur(step.p50.ms), p90: dur(step.p90.ms) })),
    apart(step),
  );
}

function leg(one, steps) {
  const mine = steps.filter((step) => step.leg === one.id);
  const lane = (name) => mine.filter((step) => step.lane === name);
  return h(
    'section',
    { class: 'bp-leg' },
    h('h2', {}, said(one.title) ?? one.id),
    h('ul', { class: 'bp-front' }, lane('front').map(card)),
    lane('back').length > 0 && [h('p', { class: 'bp-line' }, t('line_of_visibility')), h('ul', { class: 'bp-back' }, lane('back').map(card))],
  );
}

function choose(a) {
  if (a.blueprints.length < 2) return null;
  return h(
    'select',
    { 'aria-label': t('nav_blueprint'), onchange: (event) => view.set({ q: event.target.value }, 'push') },
    a.blueprints.map((one) => h('option', { value: one.id, selected: one.id === a.blueprint }, said(one.title) ?? one.id)),
  );
}

function draw(root, { blueprint: a }) {
  const legs = a.legs.length ? a.legs : [{ id: null, title: a.title }];
  replace(
    root,
    choose(a),
    h('div', { class: 'bp-legs' }, legs.map((one) => leg(one, a.steps.map((step) => (a.legs.length ? step : { ...step, leg: null }))))),
    a.unplanned.length > 0 &&
      grid(
        t('bp_unplanned'),
        [
          ['col_step', (one) => titleEl(one)],
          ['col_journeys', (one) => two(num(one.journeys), pct(one.journeys / Math.max(1, a.journeys), 1))],
          ['steps', (one) => num(one.steps)],
        ],
        a.unplanned,
      ),
    a.steps.length > 0 &&
      grid(
        t('bp_table'),
        [
          ['col_step', (one) => titleEl(one)],
          ['bp_lane', (one) => t('bp_' + one.lane), 'text'],
          ['col_channel', (one) => (one.channels ?? []).map(channelWords).join(', ') || '–', 'text'],
          ['bp_need', (one) => needWords(one.need), 'text'],
          ['bp_reached', (one) => (known(one.share) ? two(rate(one.share), rateRange(one.lo, one.hi)) : '–')],
          ['bp_missing_col', (one) => (one.need === 'required' ? t('k_of_n', { k: num(one.missing), n: num(one.good) }) : '–')],
          ['bp_elsewhere_col', (one) => num(one.elsewhere)],
          ['bp_early_col', (one) => num(one.early)],
        ],
        a.steps,
      ),
  );
}

export const page = {
  key: 'nav_blueprint',
  lead: 'blueprint_lead',
  parts: ['period', 'filters'],
  ask: (about) => ({ blueprint: ['/api/blueprint', question(about, { id: view.get('q') })] }),
  empty: ({ blueprint }) => (blueprint.steps.length ? null : ['blueprint_none', 'blueprint_none_lead']),
  summary: ({ blueprint: a }) => [
    h('span', { class: 'strong' }, said(a.title) ?? a.blueprint),
    h('span', {}, t('journeys_n', { n: num(a.journeys) })),
    h('span', {}, t('bp_ended', { n: num(a.ended) })),
  ],
  draw,
};
