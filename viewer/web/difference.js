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

// Everything of which less is better: journeys that stop at a step, and standards not kept. -> rows, those that stand out first
export function differences(here, there) {
  const other = new Map(there.map.nodes.map((node) => [node.touchpoint, node]));
  const broken = new Map(listed(there.breaks).map((cell) => [cell.id + '/' + cell.touchpoint, cell]));
  const rows = [
    ...here.map.nodes.map((node) => ({ kind: 'stops', touchpoint: node.touchpoint, of: node, a: stops(node), b: stops(other.get(node.touchpoint)) })),
    ...listed(here.breaks).map((cell) => ({ kind: 'break', touchpoint: cell.touchpoint, of: cell, a: hits(cell), b: hits(broken.get(cell.id + '/' + cell.touchpoint)) })),
  ].filter(({ a, b }) => a.n >= LEAST_N && b.n >= LEAST_N);
  const q = qs(rows.map(({ a, b }) => score(a, b)));
  rows.forEach((row, i) => {
    row.change = newcombe(row.a, row.b);
    row.q = q[i];
    row.way = q[i] <= Q && Math.abs(row.change.value) >= LEAST_POINTS ? (row.change.value < 0 ? 'better' : 'worse') : null;
  });
  return rows.sort((x, y) => Boolean(y.way) - Boolean(x.way) || Math.abs(y.change.value) - Math.abs(x.change.value));
}
