// Two maps side by side, as differences: pure. Shares with Newcombe's interval; which differences stand out is decided by the same gate as
// break points: 30 journeys on both sides, 2 points at least, q <= .05 over all that were compared (Benjamini and Hochberg).
const Z = 1.959963984540054;
const LEAST_N = 30;
const LEAST_POINTS = 0.02;
const Q = 0.05;

export function wilson(k, n) {
  const p = k / n;
  const centre = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = ((Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / (1 + (Z * Z) / n));
  return { p, lo: Math.max(0, centre - half), hi: Math.min(1, centre + half) };
}

// a, b: {k, n}; -> a - b with its interval, null where one of them has nothing
export function newcombe(a, b) {
  if (!a.n || !b.n) return null;
  const [x, y] = [wilson(a.k, a.n), wilson(b.k, b.n)];
  const value = x.p - y.p;
  return { value, lo: value - Math.hypot(x.p - x.lo, y.hi - y.p), hi: value + Math.hypot(x.hi - x.p, y.p - y.lo) };
}

// The upper tail of the normal, twice (Abramowitz and Stegun 7.1.26: seven digits).
function two_sided(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  return ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
}

export function score(a, b) {
  const p = (a.k + b.k) / (a.n + b.n);
  const se = Math.sqrt(p * (1 - p) * (1 / a.n + 1 / b.n));
  return se > 0 ? two_sided((a.k / a.n - b.k / b.n) / se) : 1;
}

export function qs(ps) {
  const order = ps.map((p, i) => [p, i]).sort((a, b) => b[0] - a[0]);
  const out = [];
  let least = 1;
  order.forEach(([p, i], at) => {
    least = Math.min(least, (p * ps.length) / (ps.length - at));
    out[i] = least;
  });
  return out;
}

const stops = (node) => ({ k: (node?.ends.lapsed ?? 0) + (node?.ends.bad ?? 0), n: node?.journeys ?? 0 });
const listed = (breaks) => (breaks ? [...breaks.unhappy, ...breaks.unfinished, ...breaks.rest].filter((cell) => cell.type !== 'drop_off') : []);
const hits = (cell) => ({ k: cell?.hits ?? 0, n: cell?.n ?? 0 });

// What customers felt: means of customers' own means; the interval of a difference from those of its two sides (as Newcombe's is), its test from their widths.
const LENGTH = 4;
const felt = (emotion) => new Map((emotion?.curve ?? []).filter((point) => !point.gap && point.lo !== null).map((point) => [point.touchpoint, point]));

export function meanChange(a, b) {
  const value = a.mean - b.mean;
  const half = Math.hypot(a.hi - a.lo, b.hi - b.lo) / 2;
  return { value, lo: value - Math.hypot(a.mean - a.lo, b.hi - b.mean), hi: value + Math.hypot(a.hi - a.mean, b.mean - b.lo), p: half > 0 ? two_sided((Z * value) / half) : 1 };
}

function emotions(here, there) {
  const other = felt(there);
  return [...felt(here).values()].filter((point) => other.has(point.touchpoint)).map((point) => {
    const b = other.get(point.touchpoint);
    return { kind: 'emotion', touchpoint: point.touchpoint, of: point, a: point, b, change: meanChange(point, b) };
  });
}

// Everything of which less is better (journeys that stop at a step, standards not kept), and what customers felt, of which more is. One family of tests.
// here, there: {map, breaks, emotion?} -> rows, those that stand out first
export function differences(here, there) {
  const other = new Map(there.map.nodes.map((node) => [node.touchpoint, node]));
  const broken = new Map(listed(there.breaks).map((cell) => [cell.id + '/' + cell.touchpoint, cell]));
  const shares = [
    ...here.map.nodes.map((node) => ({ kind: 'stops', touchpoint: node.touchpoint, of: node, a: stops(node), b: stops(other.get(node.touchpoint)) })),
    ...listed(here.breaks).map((cell) => ({ kind: 'break', touchpoint: cell.touchpoint, of: cell, a: hits(cell), b: hits(broken.get(cell.id + '/' + cell.touchpoint)) })),
  ].filter(({ a, b }) => a.n >= LEAST_N && b.n >= LEAST_N);
  const rows = [...shares.map((row) => ({ ...row, change: newcombe(row.a, row.b), p: score(row.a, row.b) })), ...emotions(here.emotion, there.emotion)];
  const q = qs(rows.map((row) => row.p ?? row.change.p));
  const points = (row) => Math.abs(row.change.value) / (row.kind === 'emotion' ? LENGTH : 1);
  rows.forEach((row, i) => {
    row.q = q[i];
    row.way = q[i] <= Q && points(row) >= LEAST_POINTS ? (row.change.value < 0 === (row.kind !== 'emotion') ? 'better' : 'worse') : null;
  });
  return rows.sort((x, y) => Boolean(y.way) - Boolean(x.way) || points(y) - points(x));
}
