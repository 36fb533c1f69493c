// The handbook of all standards (全触点体验手册): every touchpoint with goal, words, look, answer and owner, and the standards with what was
// measured. Made to be printed on A4.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t, channelWords } from './i18n.js';
import { num } from './format.js';
import { titleEl } from './cards.js';
import { ownerName, rate, rateRange } from './figures.js';
import { said } from './blueprint.js';
import { question } from './question.js';

const line = (key, text) => text && h('div', {}, h('dt', {}, t(key)), h('dd', {}, text));

function measured(step, metrics) {
  return metrics
    .filter((metric) => metric.standard && metric.target !== null)
    .flatMap((metric) => metric.cells.filter((cell) => cell.touchpoint === step.touchpoint && cell.n > 0).map((cell) => ({ metric, cell })))
    .map(({ metric, cell }) =>
      h(
        'li',
        { class: cell.value < metric.target ? 'late' : '' },
        h('b', {}, said(metric.name)),
        h('span', {}, t('hb_target', { x: rate(metric.target) })),
        h('span', {}, t('hb_kept', { x: rate(cell.value), range: rateRange(cell.lo, cell.hi), n: num(cell.n) })),
      ),
    );
}

function entry(step, metrics, i) {
  const standards = measured(step, metrics);
  return h(
    'article',
    { class: 'hb-entry' + (step.key ? ' key-step' : ''), id: 'hb-' + i },
    h('h3', {}, h('span', { class: 'soft' }, i + 1), ' ', step.channels?.[0] && icon(step.channels[0]), titleEl(step), step.key && h('em', { class: 'tag' }, t('key_step')), step.lane === 'back' && h('em', { class: 'tag' }, t('lane_backstage'))),
    h(
      'dl',
      {},
      line('hb_goal', said(step.goal)),
      line('hb_action', said(step.action)),
      line('hb_script', said(step.script)),
      line('hb_visual', said(step.visual)),
      line('hb_response', said(step.response)),
      line('hb_theme', said(step.theme)),
      line('col_channel', (step.channels ?? []).map(channelWords).join(', ')),
      line('hb_owner', step.owner && ownerName(step.owner)),
    ),
    standards.length > 0 && h('ul', { class: 'hb-standards' }, standards),
  );
}

function draw(root, { blueprint: a, metrics }) {
  const groups = a.legs.map((leg) => ({ title: said(leg.title) ?? leg.id, steps: a.steps.filter((step) => step.leg === leg.id) }));
  const rest = a.steps.filter((step) => !a.legs.some((leg) => leg.id === step.leg));
  if (rest.length) groups.push({ title: t('no_stage'), steps: rest });
  let i = 0;
  replace(
    root,
    h('button', { type: 'button', class: 'more print-button', onclick: () => print() }, t('print')),
    groups.map(({ title, steps }) => h('section', { class: 'hb-leg' }, h('h2', {}, title), h('div', { class: 'hb-entries' }, steps.map((step) => entry(step, metrics?.metrics ?? [], i++))))),
  );
}

export const page = {
  key: 'nav_handbook',
  lead: 'handbook_lead',
  parts: ['period'],
  ask: (about) => ({ blueprint: ['/api/blueprint', question(about)], metrics: ['/api/metrics', question(about), true] }),
  empty: ({ blueprint }) => (blueprint.steps.length ? null : ['blueprint_none', 'blueprint_none_lead']),
  summary: ({ blueprint: a }) => [h('span', { class: 'strong' }, said(a.title) ?? ''), h('span', {}, t('hb_count', { n: num(a.steps.length), k: num(a.steps.filter((step) => step.key).length) }))],
  draw,
};
