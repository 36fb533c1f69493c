// What can be measured at every step, on one scale from 0 to 100 %: who comes by, who stops there without reaching the goal, and the shares that the catalogue's metrics
// have there (those with a limit of time stand in the lane of waits).
import { h } from './dom.js';
import { t } from './i18n.js';
import { num, pct } from './format.js';
import { lang } from './prefs.js';

const MOST = 3;

function bar(name, value, cls, n) {
  return h(
    'div',
    { class: 'kpi ' + cls, title: name },
    h('span', { class: 'kpi-bar', 'aria-hidden': 'true' }, h('i', { style: { width: 100 * Math.min(1, value) + '%' } })),
    h('small', {}, pct(value, value < 0.1 ? 1 : 0), ' ', h('span', { class: 'soft' }, name, n !== undefined && ' · n ' + num(n))),
  );
}

const shares = (step, data) =>
  (data.metrics?.metrics ?? [])
    .filter((metric) => metric.unit === 'share' && metric.limit_ms === null)
    .flatMap((metric) => metric.cells.filter((cell) => cell.touchpoint === step.touchpoint && cell.enough && cell.value !== null).map((cell) => ({ metric, cell })));

export const kpis = {
  key: 'kpis',
  head: () => h('small', { class: 'lane-scale' }, t('kpi_scale')),
  cell: (step, data) => {
    const more = shares(step, data);
    return [
      bar(t('kpi_reach'), step.journeys / Math.max(1, data.journeys), 'reach-bar'),
      step.ends.lapsed + step.ends.bad > 0 && bar(t('kpi_stop'), (step.ends.lapsed + step.ends.bad) / Math.max(1, step.journeys), 'stop-bar'),
      more.slice(0, MOST).map(({ metric, cell }) => bar(metric.name[lang()], cell.value, 'share-bar', cell.n)),
      more.length > MOST && h('small', { class: 'soft' }, t('kpi_more', { n: num(more.length - MOST) })),
    ];
  },
};
