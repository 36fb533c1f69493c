// The metrics that exist: each with definition, numerator and denominator, interval, trend, target, benchmark line and owner.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { fixed, num, ymd } from './format.js';
import { titleEl } from './cards.js';
import { known, ownerName, points, rate, rateRange, verdict } from './figures.js';
import { said } from './blueprint.js';
import { wholeWeeks } from './controls.js';
import { question } from './question.js';
import { recognition } from './recognition.js';

const scales = {
  share: { one: rate, range: rateRange, change: points, span: [0, 1] },
  points: { one: (x) => (x > 0 ? '+' : x < 0 ? '−' : '') + fixed(Math.abs(x), 1), range: (lo, hi) => `${scales.points.one(lo)} … ${scales.points.one(hi)}`, span: [-100, 100] },
  scale: { one: (x) => (x < 0 ? '−' : '') + fixed(Math.abs(x), 2), range: (lo, hi) => `${scales.scale.one(lo)} … ${scales.scale.one(hi)}` },
};

// better and worse since the period before, by which way is better: a mark and words, never colour alone.
function trendOf(metric, cell) {
  if (!cell.trend || cell.trend === 'same') return h('span', { class: 'soft' }, t('trend_same'));
  const good = (cell.trend === 'up') === (metric.better === 'higher');
  return h('span', { class: good ? 'better' : 'worse' }, cell.trend === 'up' ? '▲ ' : '▼ ', t(good ? 'metric_better' : 'metric_worse'));
}

function ruler(metric, cell, kind) {
  const [lo, hi] = kind.span ?? metric.scale;
  if (!known(cell.value) || hi <= lo) return null;
  const at = (x) => Math.min(100, Math.max(0, (100 * (x - lo)) / (hi - lo)));
  const lines = [...metric.benchmarks, ...(metric.target === null ? [] : [{ value: metric.target, name: null }])];
  return h(
    'div',
    { class: 'ruler', 'aria-hidden': 'true' },
    known(cell.lo) && h('i', { class: 'rate-range', style: { left: at(cell.lo) + '%', right: 100 - at(cell.hi) + '%' } }),
    h('i', { class: 'rate-dot', style: { left: at(cell.value) + '%' } }),
    lines.map((line) => h('i', { class: 'rate-against', style: { left: at(line.value) + '%' } })),
  );
}

function parts(metric, cell) {
  if (metric.id === 'nps') return t('nps_parts', { p: num(cell.promoters), d: num(cell.detractors), n: num(cell.n) });
  if (metric.unit === 'scale') return t('metric_answers', { n: num(cell.n), c: num(cell.customers) });
  return t('metric_share', { k: num(cell.numerator), n: num(cell.denominator) });
}

function card(metric) {
  const cell = metric.total;
  const kind = scales[metric.unit] ?? scales.scale;
  const against = [metric.target !== null && t('metric_target', { x: kind.one(metric.target) }), ...metric.benchmarks.map((line) => t('metric_benchmark', { name: said(line.name), x: kind.one(line.value) }))].filter(Boolean);
  return h(
    'article',
    { class: 'metric' + (cell.enough ? '' : ' few') },
    h('h2', {}, said(metric.name)),
    h('p', { class: 'soft' }, said(metric.definition)),
    cell.enough && known(cell.value)
      ? h('p', { class: 'metric-value' }, h('b', {}, kind.one(cell.value)), ' ', known(cell.lo) && h('small', {}, kind.range(cell.lo, cell.hi)))
      : h('p', {}, verdict(cell.verdict)),
    cell.enough && ruler(metric, cell, kind),
    h('p', {}, parts(metric, cell)),
    cell.enough && h('p', {}, trendOf(metric, cell)),
    against.length > 0 && h('p', { class: 'soft' }, against.join(' · ')),
    metric.owner && h('p', { class: 'soft' }, t('hb_owner'), ' ', ownerName(metric.owner)),
    metric.cells.length > 1 &&
      h(
        'details',
        {},
        h('summary', {}, t('metric_cells', { n: num(metric.cells.length) })),
        h('ul', { class: 'metric-cells' }, metric.cells.map((one) => h('li', {}, h('span', {}, one.touchpoint ? titleEl(one) : h('bdi', {}, one.group ?? '–')), one.enough && known(one.value) ? h('b', {}, kind.one(one.value)) : verdict(one.verdict), h('small', {}, 'n ', num(one.n))))),
      ),
  );
}

export const page = {
  key: 'nav_metrics',
  lead: 'metrics_lead',
  parts: ['period', 'filters'],
  presets: wholeWeeks,
  ask(about) {
    const asked = question(about);
    return { metrics: ['/api/metrics', asked], channels: ['/api/channels', { from: asked.from, to: asked.to, as_of: asked.as_of }, true] };
  },
  empty: ({ metrics }) => (metrics.metrics.length ? null : ['metrics_none', 'metrics_none_lead']),
  summary: ({ metrics: a }) => [
    h('span', { class: 'strong' }, t('metrics_n', { n: num(a.metrics.length) })),
    h('span', {}, t('journeys_n', { n: num(a.journeys) })),
    h('span', {}, t('started_between', { from: ymd(a.from), to: ymd(a.to) })),
    h('span', {}, t('compared_with', { from: ymd(a.previous_from), to: ymd(a.previous_to) })),
  ],
  draw: (root, { metrics, channels }) => replace(root, h('div', { class: 'metrics' }, metrics.metrics.map(card)), recognition(channels)),
};
