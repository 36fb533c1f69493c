// What can be measured at every step, on one scale from 0 to 100 %: who comes by, and who stops there without reaching the goal.
import { h } from './dom.js';
import { t } from './i18n.js';
import { pct } from './format.js';

function bar(key, value, cls) {
  return h(
    'div',
    { class: 'kpi ' + cls },
    h('span', { class: 'kpi-bar', 'aria-hidden': 'true' }, h('i', { style: { width: 100 * Math.min(1, value) + '%' } })),
    h('small', {}, pct(value, value < 0.1 ? 1 : 0), ' ', h('span', { class: 'soft' }, t(key))),
  );
}

export const kpis = {
  key: 'kpis',
  cell: (step, data) => [
    bar('kpi_reach', step.journeys / Math.max(1, data.journeys), 'reach-bar'),
    step.ends.lapsed + step.ends.bad > 0 && bar('kpi_stop', (step.ends.lapsed + step.ends.bad) / Math.max(1, step.journeys), 'stop-bar'),
  ],
};
