// What was found at one step, for its side panel: break points, the moment of truth, what customers felt; each with the way to its evidence.
import { h } from './dom.js';
import { t } from './i18n.js';
import { fixed, num } from './format.js';
import { pageLink } from './shell.js';
import { section } from './aside.js';
import { bound, cellName, known, rate, rateRange, severity } from './figures.js';
import { cellKey } from './breakpanel.js';
import { markTag } from './confirmed.js';
import { momentKey, sentence } from './momentpanel.js';
import { hotspot } from './front.js';
import { whereWords } from './placegrid.js';

function breakRow(cell, cells) {
  const spot = hotspot(cell, cells);
  return h(
    'li',
    {},
    h('a', { class: 'found-break', href: pageLink('/breaks', { pick: cellKey(cell) }) }, severity(cell.severity), ' ', cell.name && h('span', { class: 'soft' }, t('not_kept') + ' '), h('b', {}, cellName(cell)), ' ', markTag(cell.confirmed)),
    h('p', {}, rate(cell.rate), ' ', h('small', {}, rateRange(cell.lo, cell.hi)), known(cell.loss) && cell.loss >= 1 && [' · ', t(known(cell.damage) ? 'front_unhappy' : 'front_lost', { n: bound(cell.loss) })]),
    spot && h('p', {}, h('a', { href: pageLink('/breaks', { pick: cellKey(spot) }) }, whereWords(spot), ' ', rate(spot.rate)), ' ', h('small', {}, t('k_of_n', { k: num(spot.hits), n: num(spot.n) }))),
  );
}

// -> sections, [] where nothing was found
export function findingsAt(id, front) {
  if (!front) return [];
  const breaks = [...front.breaks.unhappy, ...front.breaks.unfinished].filter((cell) => cell.touchpoint === id);
  const moments = front.moments.moments.filter((moment) => moment.touchpoint === id);
  const point = front.emotion?.curve?.find((one) => one.touchpoint === id && !one.gap && one.mean !== null);
  return [
    breaks.length > 0 && section('breaks_here', h('ul', { class: 'found-list' }, breaks.map((cell) => breakRow(cell, front.cells)))),
    moments.length > 0 && section('moments_here', moments.map((moment) => h('p', { class: 'found-moment' }, sentence(moment, front.moments), ' ', h('a', { href: pageLink('/moments', { pick: momentKey(moment) }) }, t('show_groups'))))),
    point && section('lane_emotion', h('p', {}, h('b', {}, (point.mean < 0 ? '−' : '+') + fixed(Math.abs(point.mean), 2)), ' ', h('small', {}, `${fixed(point.lo, 2)} … ${fixed(point.hi, 2)} · n ${num(point.n)}`))),
  ].filter(Boolean);
}
