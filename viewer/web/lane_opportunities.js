// Ideas on the map: notes with owner and status, entered and changed where they stand.
import { h } from './dom.js';
import { t } from './i18n.js';
import { titleOf } from './format.js';
import { opportunityForm } from './opportunityform.js';

const first = (steps, step) => steps.find((one) => one.stage === step.stage) === step;

function note(one, where) {
  return h(
    'button',
    { type: 'button', class: 'idea idea-' + one.status, onclick: () => opportunityForm(one, where) },
    h('span', { class: 'idea-text' }, h('bdi', { dir: 'auto' }, one.text)),
    h('small', {}, h('b', {}, t('opp_' + one.status)), one.owner && [' · ', h('bdi', {}, one.owner)]),
  );
}

// Those of a stage stand at its first step; those of a step that is not drawn, and of none, in the lane's head.
function cell(step, data, i, steps) {
  const list = data.opportunities?.opportunities ?? [];
  const mine = list.filter((one) => one.touchpoint === step.touchpoint || (!one.touchpoint && one.stage && one.stage === step.stage && first(steps, step)));
  const where = titleOf(step).text;
  return [
    mine.map((one) => note(one, one.touchpoint ? where : one.stage)),
    h('button', { type: 'button', class: 'idea-add', 'aria-label': t('opp_add', { step: where }), title: t('opp_add', { step: where }), onclick: () => opportunityForm({ touchpoint: step.touchpoint, journey: data.journey }, where) }, '+'),
  ];
}

function head(data, steps = []) {
  const list = data.opportunities?.opportunities ?? [];
  const drawn = new Set(steps.map((step) => step.touchpoint));
  const stages = new Set(steps.map((step) => step.stage));
  return list.filter((one) => (one.touchpoint ? !drawn.has(one.touchpoint) : !stages.has(one.stage))).map((one) => note(one, one.touchpoint || one.stage));
}

export const opportunities = { key: 'opportunities', head, cell };
