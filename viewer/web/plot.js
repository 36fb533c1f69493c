// What the plots of findings share: scales with round ends, axes with few words, labels that keep apart. Pixels are CSS pixels: a plot is
// drawn for the width that it has, so that its text is as large as the page's.
import d3 from './d3.js';
import { s } from './dom.js';

// values: everything that must lie inside; zero: whether 0 must.
export function scale(values, from, to, zero = true) {
  const all = values.filter((v) => v !== null && v !== undefined && Number.isFinite(v));
  const [lo, hi] = [Math.min(...all, ...(zero ? [0] : [])), Math.max(...all, ...(zero ? [0] : []))];
  const room = (hi - lo || 0.02) * 0.06;
  return d3
    .scaleLinear()
    .domain([lo < 0 || !zero ? lo - room : 0, hi + room])
    .nice(5)
    .range([from, to]);
}

export const line = (x1, y1, x2, y2, cls) => s('line', { class: cls, x1, y1, x2, y2 });
export const text = (x, y, words, { cls, anchor } = {}) => s('text', { class: cls || false, x, y, 'text-anchor': anchor || false }, words);

export function axisX(x, y, { say, label, grid, ticks = 5 }) {
  const [a, b] = x.range();
  return s(
    'g',
    { class: 'axis' },
    line(a, y, b, y, 'axis-line'),
    x.ticks(ticks).map((v) => [grid !== undefined && line(x(v), y, x(v), grid, 'grid'), text(x(v), y + 16, say(v), { anchor: 'middle' })]),
    label && text(b, y + 34, label, { cls: 'axis-name', anchor: 'end' }),
  );
}

export function axisY(y, x, { say, label, grid, ticks = 5 }) {
  const [, top] = y.range();
  return s(
    'g',
    { class: 'axis' },
    y.ticks(ticks).map((v) => [line(x, y(v), grid, y(v), 'grid'), text(x - 8, y(v) + 4, say(v), { anchor: 'end' })]),
    label && text(0, top - 14, label, { cls: 'axis-name' }),
  );
}

// Moves labels ({x, y, h}) apart downwards where they would touch; bounds: the lowest line that a label may have.
export function apart(labels, gap = 3) {
  const ordered = [...labels].sort((a, b) => a.y - b.y);
  for (let i = 1; i < ordered.length; i++) {
    const near = ordered.slice(0, i).filter((one) => one.x < ordered[i].x + ordered[i].w && ordered[i].x < one.x + one.w);
    for (const one of near) if (ordered[i].y < one.y + one.h + gap) ordered[i].y = one.y + one.h + gap;
  }
  return labels;
}
// About how wide a text is drawn at 12 px: Chinese characters are square, others about half.
export const wide = (words) => [...words].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 12.4 : 6.6), 0);
