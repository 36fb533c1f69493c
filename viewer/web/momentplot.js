// One row a touchpoint: hollow dot (crude), arrow, filled dot (like customers compared) with its interval, and one plain sentence.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { titleOf, fixed } from './format.js';
import { known, points, pointsRange } from './figures.js';
import { axisX, line, scale, text } from './plot.js';
import { momentKey, sentence } from './momentpanel.js';

const ROW = 58;
const TOP = 26;
const FOOT = 40;

function arrow(from, to, y) {
  const way = Math.sign(to - from);
  if (Math.abs(to - from) < 16) return null;
  const tip = to - way * 9;
  return [line(from + way * 7, y, tip - way * 4, y, 'moment-arrow'), s('path', { class: 'moment-tip', d: `M${tip} ${y}l${-way * 7} -4v8z` })];
}

function row(moment, i, x, open) {
  const y = TOP + i * ROW + 34;
  const [crude, adjusted] = [x(moment.crude_rd.value), x(moment.adjusted_rd)];
  const found = moment.verdict.id === 'supported';
  return s(
    'g',
    {
      class: 'moment-row' + (found ? '' : ' moment-rest'),
      role: 'button',
      tabindex: 0,
      'data-mark': momentKey(moment),
      'aria-label': titleOf(moment).text + t('colon') + sentence(moment, null),
      onclick: () => open(moment),
      onkeydown: (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        open(moment);
      },
    },
    s('rect', { class: 'moment-hit', x: 0, y: TOP + i * ROW + 2, width: '100%', height: ROW - 4, rx: 8 }),
    line(x(moment.lo), y, x(moment.hi), y, 'moment-range'),
    arrow(crude, adjusted, y),
    s('circle', { class: 'moment-crude', cx: crude, cy: y, r: 6 }),
    s('circle', { class: 'moment-adjusted', cx: adjusted, cy: y, r: 7 }),
  );
}

// The words stand beside what can be pressed: its name says all of them to who does not see them.
function words(moment, i, x) {
  const y = TOP + i * ROW + 34;
  const [crude, adjusted] = [x(moment.crude_rd.value), x(moment.adjusted_rd)];
  const found = moment.verdict.id === 'supported';
  return s(
    'g',
    { class: 'moment-words' + (found ? '' : ' moment-rest'), 'aria-hidden': 'true' },
    text(8, y - 16, titleOf(moment).text, { cls: 'moment-name' }),
    Math.abs(crude - adjusted) > 34 && text(crude, y + 20, points(moment.crude_rd.value), { anchor: 'middle', cls: 'moment-value' }),
    text(adjusted, y + 20, points(moment.adjusted_rd), { anchor: 'middle', cls: 'moment-value' + (found ? ' strong' : '') }),
  );
}

// One comparison drawn small: zero, hollow dot, arrow, filled dot with its interval.
export function dumbbell(moment, width) {
  const x = scale([moment.lo, moment.hi, moment.crude_rd.value], 12, width - 12);
  const [crude, adjusted, y] = [x(moment.crude_rd.value), x(moment.adjusted_rd), 16];
  return s(
    'svg',
    { class: 'finding-plot dumbbell', width, height: 44, 'aria-hidden': 'true' },
    line(x(0), 2, x(0), 30, 'zero'),
    text(x(0), 42, '0', { anchor: 'middle' }),
    line(x(moment.lo), y, x(moment.hi), y, 'moment-range'),
    arrow(crude, adjusted, y),
    s('circle', { class: 'moment-crude', cx: crude, cy: y, r: 6 }),
    s('circle', { class: 'moment-adjusted', cx: adjusted, cy: y, r: 7 }),
    Math.abs(crude - x(0)) > 20 && text(crude, 42, points(moment.crude_rd.value), { anchor: 'middle' }),
    Math.abs(crude - adjusted) > 34 && text(adjusted, 42, points(moment.adjusted_rd), { anchor: 'middle', cls: 'moment-value strong' }),
  );
}

// rest: tested, and no moment: drawn fainter below those found.
export function momentPlot(found, rest, answer, width, open) {
  const list = [...found, ...rest];
  const x = scale(
    list.flatMap((one) => [one.lo, one.hi, one.crude_rd.value]).filter(known),
    16,
    width - 16,
  );
  const height = TOP + list.length * ROW + FOOT;
  const floor = height - FOOT + 2;
  return [
    s(
      'svg',
      { class: 'finding-plot moment-plot', width, height, role: 'group', 'aria-label': t('plot_moments') },
      axisX(x, floor, { say: (v) => (v > 0 ? '+' : v < 0 ? '−' : '') + fixed(Math.abs(100 * v), 0), label: t('axis_moments'), grid: TOP - 2, ticks: width < 420 ? 5 : 8 }),
      line(x(0), TOP - 6, x(0), floor, 'zero'),
      text(x(0) - 8, 12, t('fewer_gone'), { anchor: 'end', cls: 'axis-name' }),
      text(x(0) + 8, 12, t('more_gone'), { cls: 'axis-name' }),
      list.map((moment, i) => [row(moment, i, x, open), words(moment, i, x)]),
    ),
    found.map((moment) => h('p', { class: 'say' }, h('b', {}, titleOf(moment).text), t('colon'), sentence(moment, answer), ' ', h('span', { class: 'soft' }, `(${pointsRange(moment.lo, moment.hi)})`))),
  ];
}
