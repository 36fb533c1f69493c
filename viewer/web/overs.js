// Flows against limits: of the journeys on a flow, the share beyond the limit of the touchpoint where it ends. Its colours mean the same on every page.
import { t } from './i18n.js';
import { num, pct } from './format.js';
import { rate, rateRange } from './figures.js';
import * as view from './store.js';
import { flowKey } from './fold.js';

const BOUNDS = [0.05, 0.1, 0.25];
const LEAST_N = 30;

// What colours flows: the share over the limit where any limit holds, else (or when asked) the median wait.
export const limited = (front) => Boolean(front?.flows?.limits.length && front.flows.flows.length);
export const byWait = (front) => view.get('colour') === 'wait' || !limited(front);

// -> Map of flow -> {n, over, rate, lo, hi}, null while waits are what is shown
export const oversOf = (front) => (byWait(front) ? null : new Map(front.flows.flows.map((flow) => [flowKey(flow), flow])));

export function overClass(flow) {
  if (!flow?.n) return 'none';
  if (flow.n < LEAST_N) return 'few';
  const i = BOUNDS.findIndex((bound) => flow.rate < bound);
  return i < 0 ? BOUNDS.length : i;
}

export const overClasses = [...BOUNDS.keys(), BOUNDS.length, 'few', 'none'];

export function overWords(c) {
  if (c === 'none' || c === 'few') return t('over_' + c, { n: num(LEAST_N) });
  if (!c) return t('wait_lt', { d: pct(BOUNDS[0]) });
  return c < BOUNDS.length ? t('range', { lo: pct(BOUNDS[c - 1]), hi: pct(BOUNDS[c]) }) : t('wait_ge', { d: pct(BOUNDS[c - 1]) });
}

// What stands beside the count on the drawing, so that colour is never alone.
export const overLabel = (flow) => (flow && overClass(flow) !== 'few' && flow.n ? ' · ' + pct(flow.rate, flow.rate < 0.1 ? 1 : 0) : '');
export const overSentence = (flow) => t('over_sentence', { rate: rate(flow.rate), range: rateRange(flow.lo, flow.hi), k: num(flow.over), n: num(flow.n) });
