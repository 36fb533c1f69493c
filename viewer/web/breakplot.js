// How often (across) against how much it hurts (up). Unhappy: points more customers unhappy than among their like. Unfinished: orders lost at least.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { fixed, num, pct } from './format.js';
import { cellName, known, least, points, pointsRange, rateWords } from './figures.js';
import { apart, axisX, axisY, line, scale, text, wide } from './plot.js';
import { cellKey } from './breakpanel.js';

const HEIGHT = 300;
const PAD = { top: 34, right: 18, bottom: 46 };

const hurt = {
  unhappy: { value: (c) => c.damage, lo: (c) => c.damage_lo, hi: (c) => c.damage_hi, say: (v) => (v > 0 ? '+' : v < 0 ? '−' : '') + fixed(Math.abs(100 * v), 0), words: (c) => t('damage_words', { x: points(c.damage), range: pointsRange(c.damage_lo, c.damage_hi) }) },
  unfinished: { value: (c) => c.loss, lo: () => null, hi: () => null, say: num, words: (c) => t('loss_words', { n: least(c.loss) }) },
};

function mark(cell, x, y, kind, pick) {
  const [cx, cy] = [x(cell.rate), y(kind.value(cell))];
  const r = Math.max(6, Math.min(18, Math.sqrt(Math.max(0, cell.excess))));
  const open = () => pick(cell);
  return s(
    'g',
    {
      class: 'mark severity-' + (cell.severity ?? 0) + (known(kind.lo(cell)) && kind.lo(cell) <= 0 && kind.hi(cell) >= 0 ? ' mark-unseen' : ''),
      role: 'button',
      tabindex: 0,
      'data-mark': cellKey(cell),
      'aria-label': [cellName(cell), rateWords(cell), kind.words(cell)].join(t('comma')),
      onclick: open,
      onkeydown: (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        open();
      },
    },
    s('circle', { class: 'mark-hit', cx, cy, r: Math.max(16, r + 4) }),
    line(x(cell.lo), cy, x(cell.hi), cy, 'whisker'),
    known(kind.lo(cell)) && line(cx, y(kind.lo(cell)), cx, y(kind.hi(cell)), 'whisker'),
    s('circle', { class: 'mark-dot', cx, cy, r }),
  );
}

// Where the plot is narrow, marks carry a number and the names stand below.
const NARROW = 460;

const keyed = (shown, x, y, kind) =>
  shown.map((cell, i) => text(x(cell.rate), y(kind.value(cell)) - Math.max(6, Math.min(18, Math.sqrt(Math.max(0, cell.excess)))) - 4, String(i + 1), { cls: 'mark-key', anchor: 'middle' }));

// A label stands right of its mark, left of it where the plot ends, and above the whisker.
function labels(list, x, y, kind, right) {
  const made = list.map((cell) => {
    const words = cellName(cell);
    const w = wide(words);
    const r = Math.max(6, Math.min(18, Math.sqrt(Math.max(0, cell.excess))));
    const cx = x(cell.rate);
    const flip = cx + r + 6 + w > right;
    const at = flip ? Math.max(2, cx - r - 6 - w) : cx + r + 6;
    return { words, x: at, y: y(kind.value(cell)) - 22, w, h: 14 };
  });
  return apart(made).map((one) => text(one.x, one.y + 11, one.words, { cls: 'mark-label' }));
}

export function breakPlot(list, which, width, pick) {
  const kind = hurt[which];
  const shown = list.filter((cell) => known(kind.value(cell)));
  if (!shown.length) return s('svg', { width: 0, height: 0, 'aria-hidden': 'true' });
  const left = which === 'unhappy' ? 52 : 44;
  const floor = HEIGHT - PAD.bottom;
  const right = width - PAD.right;
  const x = scale(shown.flatMap((c) => [c.lo, c.hi]), left, right);
  const y = scale(shown.flatMap((c) => [kind.value(c), kind.lo(c), kind.hi(c)]), floor, PAD.top);
  const zero = y(0);
  const narrow = width < NARROW && shown.length > 1;
  const plot = s(
    'svg',
    { class: 'finding-plot', width, height: HEIGHT, role: 'group', 'aria-label': t('plot_' + which, { n: num(shown.length) }) },
    axisY(y, left, { say: kind.say, label: t('axis_' + which), grid: right, ticks: 5 }),
    axisX(x, floor, { say: (v) => pct(v), label: t('axis_often'), ticks: width < 420 ? 4 : 6 }),
    zero < floor - 1 && line(left, zero, right, zero, 'zero'),
    [...shown].sort((a, b) => b.excess - a.excess).map((cell) => mark(cell, x, y, kind, pick)),
    narrow ? keyed(shown, x, y, kind) : labels(shown, x, y, kind, right),
  );
  return narrow ? [plot, h('ol', { class: 'plot-keys', 'aria-hidden': 'true' }, shown.map((cell) => h('li', {}, cellName(cell))))] : plot;
}
