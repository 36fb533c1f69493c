// Waits against their limits (of standards that say what share may be late): the share over the limit is the headline, then median and P90; never the mean.
import { h } from './dom.js';
import { t } from './i18n.js';
import { dur, num } from './format.js';
import { lang } from './prefs.js';
import { rate, rateRange } from './figures.js';

const clock = (ms) => (ms < 36e5 ? Math.floor(ms / 6e4) + ':' + String(Math.floor((ms % 6e4) / 1e3)).padStart(2, '0') : dur(ms));
// A quantile that lies among those still waiting is only known to be longer.
const quantile = (q) => (q ? (q.over ? '> ' : '') + clock(q.ms) : '–');

function one(metric, cell) {
  const over = 1 - cell.value;
  const late = metric.target !== null && cell.value < metric.target;
  return h(
    'div',
    { class: 'lane-wait' + (late ? ' late' : '') },
    h('b', {}, rate(over)),
    h('small', {}, rateRange(1 - cell.hi, 1 - cell.lo), ' · n ', num(cell.n)),
    h('span', {}, t('over_limit', { limit: clock(metric.limit_ms) })),
    h('small', {}, t('median_p90', { p50: quantile(cell.times?.p50), p90: quantile(cell.times?.p90) })),
    h('small', { class: 'lane-title', title: metric.name[lang()] }, metric.name[lang()]),
  );
}

export const waits = {
  key: 'waits',
  cell: (step, data) =>
    (data.metrics?.metrics ?? [])
      .filter((metric) => metric.limit_ms !== null && metric.target !== null)
      .flatMap((metric) => metric.cells.filter((cell) => cell.touchpoint === step.touchpoint && cell.n > 0).map((cell) => one(metric, cell))),
};
