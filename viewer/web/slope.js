// Before and after as two lines: filled where something was done, hollow where not, each end with its interval and its rate.
import { s } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { known, rate } from './figures.js';
import { line, scale, text, wide } from './plot.js';

const HEIGHT = 190;

// Which line is which: one key after the other.
function keys(groups) {
  let x = 6;
  return s(
    'g',
    { class: 'slope-keys' },
    groups.map(([name, , , places]) => {
      const words = t('slope_' + name) + (places?.length ? ' ' + places.slice(0, 4).join(' ') : '');
      const at = x;
      x += wide(words) + 40;
      return [s('circle', { class: 'slope-key slope-' + name, cx: at, cy: HEIGHT - 8, r: 4.5 }), text(at + 10, HEIGHT - 4, words)];
    }),
  );
}

export function slope(one, width) {
  const groups = [
    ['rest', one.before?.rest, one.after?.rest, one.comparison?.length ? one.comparison : null],
    ['acted', one.before?.acted, one.after?.acted, one.places],
  ].filter(([, a, b]) => known(a?.rate) && known(b?.rate));
  if (!groups.length) return s('svg', { width: 0, height: 0, 'aria-hidden': 'true' });
  const y = scale(groups.flatMap(([, a, b]) => [a.lo, a.hi, b.lo, b.hi]), HEIGHT - 26, 22);
  const [x0, x1] = [72, width - 96];
  const apart = (side) => {
    if (groups.length < 2) return 0;
    const [r, a] = groups.map((group) => y(group[side].rate));
    return Math.abs(r - a) < 15 ? (a >= r ? 1 : -1) * (15 - Math.abs(r - a)) / 2 : 0;
  };
  const [left, right] = [apart(1), apart(2)];
  const end = (x, cell, name, shift, anchor, dx) => [
    line(x, y(cell.lo), x, y(cell.hi), 'whisker'),
    s('circle', { class: 'slope-dot', cx: x, cy: y(cell.rate), r: 5.5 }),
    text(x + dx, y(cell.rate) + 4 + (name === 'acted' ? shift : -shift), rate(cell.rate), { anchor, cls: 'slope-rate' }),
  ];
  return s(
    'svg',
    { class: 'finding-plot slope', width, height: HEIGHT, role: 'img', 'aria-label': t('slope_label', { before: rate(one.before.acted?.rate), after: rate(one.after.acted?.rate) }) },
    text(x0, 12, t('slope_before', { n: num(one.weeks) }), { anchor: 'middle', cls: 'axis-name' }),
    text(x1, 12, t('slope_after', { n: num(one.weeks) }), { anchor: 'middle', cls: 'axis-name' }),
    line(x0, 20, x0, HEIGHT - 22, 'grid'),
    line(x1, 20, x1, HEIGHT - 22, 'grid'),
    groups.map(([name, a, b]) => s('g', { class: 'slope-' + name }, line(x0, y(a.rate), x1, y(b.rate), 'slope-line'), end(x0, a, name, left, 'end', -12), end(x1, b, name, right, 'start', 12))),
    keys(groups),
  );
}
