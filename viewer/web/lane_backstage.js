// Below the line of visibility: what the customer does not see, and who owns it.
import { h } from './dom.js';
import { t } from './i18n.js';
import { titleEl } from './cards.js';
import { ownerName } from './figures.js';

function owners(step, data) {
  const said = new Set();
  for (const metric of data.metrics?.metrics ?? []) for (const cell of metric.cells) if (cell.touchpoint === step.touchpoint && cell.owner) said.add(ownerName(cell.owner));
  for (const cell of data.breaks ? [...data.breaks.unhappy, ...data.breaks.unfinished, ...data.breaks.rest] : []) if (cell.touchpoint === step.touchpoint && cell.owner) said.add(ownerName(cell.owner));
  return [...said];
}

export const backstage = {
  key: 'backstage',
  head: () => h('small', { class: 'lane-scale' }, t('line_of_visibility')),
  cell: (step, data) => [
    step.point?.backstage && h('div', { class: 'behind' }, titleEl(step)),
    owners(step, data).map((name) => h('small', { class: 'owner' }, name)),
  ],
};
