// The emotion curve, −2 to +2: mean with its interval band, answers, gaps where too few answered. Lowest, peak and end are named.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { fixed, num, pct } from './format.js';

const H = 92;
const y = (v) => Math.round(((2 - v) / 4) * (H - 16) * 10) / 10 + 8;

const signed = (v) => (v > 0.05 ? '+' : v < -0.05 ? '−' : '') + fixed(Math.abs(v), 1);
const known = (step) => step.point && !step.point.gap && step.point.mean !== null;

// The curve between known points is straight; over steps that too few rated it is dashed.
function neighbour(steps, i, way) {
  for (let k = i + way; k >= 0 && k < steps.length; k += way) if (known(steps[k])) return k;
  return -1;
}

function curve(steps, i) {
  const [l, r] = [neighbour(steps, i, -1), neighbour(steps, i, 1)];
  const at = (a, b, x) => steps[a].point.mean + ((steps[b].point.mean - steps[a].point.mean) * (x - a)) / (b - a);
  const out = [];
  const part = (a, b, x0, x1) => {
    const [u0, u1] = [(x0 - i + 0.5) * 100, (x1 - i + 0.5) * 100];
    out.push(s('line', { class: 'curve' + (b - a > 1 ? ' guess' : ''), x1: u0, x2: u1, y1: y(at(a, b, x0)), y2: y(at(a, b, x1)), 'vector-effect': 'non-scaling-stroke' }));
  };
  if (known(steps[i])) {
    if (l >= 0) part(l, i, i - 0.5, i);
    if (r >= 0) part(i, r, i, i + 0.5);
  } else if (l >= 0 && r >= 0) part(l, r, i - 0.5, i + 0.5);
  return out;
}

function named(data, id) {
  const { lowest, peak, end } = data.emotion;
  return [
    ['emotion_lowest', lowest],
    ['emotion_peak', peak],
    ['emotion_end', end],
  ]
    .filter(([, one]) => one?.touchpoint === id)
    .map(([key]) => t(key))
    .join(' · ');
}

function face(point) {
  const { response } = point;
  return t('emotion_face', { n: num(point.n), rate: response?.rate === null || response?.rate === undefined ? '–' : pct(response.rate) });
}

function cell(step, data, i, steps) {
  const { point } = step;
  const drawn = s('svg', { class: 'emotion-curve', viewBox: `0 0 100 ${H}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, s('line', { class: 'emotion-zero', x1: 0, x2: 100, y1: y(0), y2: y(0), 'vector-effect': 'non-scaling-stroke' }), curve(steps, i));
  if (!known(step)) return h('div', { class: 'emotion gap' }, drawn, point?.n > 0 && h('small', {}, t('emotion_few', { n: num(point.n) })), h('span', { class: 'sr' }, t('emotion_gap')));
  const words = named(data, step.touchpoint);
  return h(
    'div',
    { class: 'emotion' },
    drawn,
    h('i', { class: 'emotion-band', style: { top: y(point.hi) + 'px', height: Math.max(2, y(point.lo) - y(point.hi)) + 'px' }, 'aria-hidden': 'true' }),
    h('i', { class: 'emotion-dot', style: { top: y(point.mean) + 'px' }, 'aria-hidden': 'true' }),
    h('b', { class: point.mean > 0.6 ? 'under' : 'above', style: { top: y(point.mean) + 'px' } }, signed(point.mean)),
    h('span', { class: 'sr' }, ` (${signed(point.lo)} … ${signed(point.hi)}) `),
    h('small', { class: 'emotion-n' }, face(point), words && h('em', {}, words)),
  );
}

export const emotion = {
  key: 'emotion',
  head: () => h('small', { class: 'lane-scale' }, t('emotion_scale')),
  cell: (step, data, i, steps) => data.emotion && cell(step, data, i, steps),
};
