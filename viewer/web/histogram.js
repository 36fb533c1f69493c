// The distribution of waits on a logarithmic axis: bars in the colours of the flows, median and P90 marked.
import d3 from './d3.js';
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { num, dur } from './format.js';
import { waitClass } from './waits.js';

const SIZE = { w: 380, h: 144, left: 6, right: 10, top: 32, bottom: 22 };
const BARS = 26;
const TICKS = [1e3, 1e4, 6e4, 6e5, 36e5, 216e5, 864e5, 6048e5, 2592e6, 31536e6, 31536e7];
const LEAST_MS = 100;

// The answer's buckets are fine (1 %); the drawing joins them. Waits under a tenth of a second share the first bar.
export function bars(buckets) {
  const real = buckets.filter((b) => b.n > 0);
  if (!real.length) return null;
  const mid = (b) => Math.max(LEAST_MS, Math.sqrt(Math.max(b.lo_ms, 1) * Math.max(b.hi_ms ?? b.lo_ms, 1)));
  const [least, most] = [Math.min(...real.map(mid)), Math.max(...real.map(mid))];
  const margin = Math.max(1.15, Math.sqrt(12 / (most / least)));
  const [lo, hi] = [least / margin, most * margin];
  const scale = d3.scaleLog().domain([lo, hi]).range([0, BARS]);
  const out = Array.from({ length: BARS }, (_, i) => ({ lo_ms: scale.invert(i), hi_ms: scale.invert(i + 1), n: 0 }));
  for (const b of real) out[Math.min(BARS - 1, Math.max(0, Math.floor(scale(mid(b)))))].n += b.n;
  return { list: out, lo, hi };
}

// Each mark has its own line of text, so that two close ones stay readable.
function mark(x, key, ms, line) {
  const flip = x > SIZE.w * 0.7;
  const y = 10 + 12 * line;
  return s(
    'g',
    { class: 'hist-mark' },
    s('line', { x1: x, x2: x, y1: y - 8, y2: SIZE.h - SIZE.bottom }),
    s('text', { x: x + (flip ? -4 : 4), y, 'text-anchor': flip ? 'end' : 'start' }, t(key) + ' ' + dur(ms)),
  );
}

export function histogram(buckets, wait) {
  const made = bars(buckets);
  if (!made) return h('p', { class: 'soft' }, t('wait_nothing'));
  const x = d3
    .scaleLog()
    .domain([made.lo, made.hi])
    .range([SIZE.left, SIZE.w - SIZE.right]);
  const floor = SIZE.h - SIZE.bottom;
  const y = d3
    .scaleLinear()
    .domain([0, d3.max(made.list, (b) => b.n)])
    .range([0, floor - SIZE.top]);
  const total = d3.sum(made.list, (b) => b.n);
  const ticks = TICKS.filter((ms) => ms >= made.lo && ms <= made.hi);
  const every = Math.ceil(ticks.length / 6);
  const marks = wait
    ? [
        ['median', wait.p50],
        ['p90', wait.p90],
      ].filter(([, ms]) => ms !== null && ms !== undefined)
    : [];
  const place = (ms) => x(Math.min(made.hi, Math.max(made.lo, ms)));
  return s(
    'svg',
    { class: 'histogram', viewBox: `0 0 ${SIZE.w} ${SIZE.h}`, role: 'img', 'aria-label': t('histogram_label', { n: num(total) }) },
    made.list
      .filter((b) => b.n > 0)
      .map((b) =>
        s(
          'rect',
          {
            class: 'hist-bar wait-' + waitClass(Math.sqrt(b.lo_ms * b.hi_ms)),
            x: x(b.lo_ms) + 0.75,
            width: Math.max(1, x(b.hi_ms) - x(b.lo_ms) - 1.5),
            y: floor - Math.max(1.5, y(b.n)),
            height: Math.max(1.5, y(b.n)),
          },
          s('title', {}, `${dur(b.lo_ms)} – ${dur(b.hi_ms)}: ${num(b.n)}`),
        ),
      ),
    s('line', { class: 'hist-axis', x1: SIZE.left, x2: SIZE.w - SIZE.right, y1: floor, y2: floor }),
    ticks
      .filter((_, i) => i % every === 0)
      .map((ms) =>
        s(
          'text',
          { class: 'hist-tick', x: x(ms), y: SIZE.h - 6, 'text-anchor': x(ms) < 20 ? 'start' : x(ms) > SIZE.w - 30 ? 'end' : 'middle' },
          dur(ms),
        ),
      ),
    marks.map(([key, ms], i) => mark(place(ms), key, ms, i)),
  );
}
