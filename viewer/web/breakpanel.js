// One break point: its figures in a sentence and in numbers, where and when it happens, and the journeys behind it.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { figure, panelHead, section } from './aside.js';
import { titleEl } from './cards.js';
import { bound, cellName, known, ownerName, points, pointsRange, pointsWords, rate, rateRange, rateWords, severity, size, trend, verdict } from './figures.js';

// What a cell is called in addresses and in control records: standard-or-kind/touchpoint[/place].
export const cellKey = (cell) => [cell.id, cell.touchpoint, cell.place, cell.daypart].filter(Boolean).join('/');

function sentence(cell) {
  const parts = [t('say_rate', { k: num(cell.hits), n: num(cell.n), rate: rateWords(cell) })];
  if (known(cell.allowed)) parts.push(t('say_allowed', { x: rate(cell.allowed), excess: bound(cell.excess) }));
  else if (known(cell.previous?.rate)) parts.push(t('say_before', { x: rate(cell.previous.rate), excess: bound(cell.excess) }));
  if (known(cell.damage)) {
    const seen = cell.damage_lo > 0 || cell.damage_hi < 0;
    parts.push(t(seen ? 'say_damage' : 'say_no_damage', { x: seen ? size(cell.damage) : points(cell.damage), range: pointsRange(cell.damage_lo, cell.damage_hi), n: bound(cell.loss) }));
  }
  return parts.join(t('stop'));
}

function figures(cell) {
  return h(
    'dl',
    { class: 'figures' },
    figure('col_rate', rate(cell.rate), cell.hits ? rateRange(cell.lo, cell.hi) : t('at_most', { x: rate(cell.hi) })),
    figure('col_n', t('k_of_n', { k: num(cell.hits), n: num(cell.n) }), cell.de > 1.2 ? t('design', { x: num(Math.round(10 * cell.de) / 10) }) : null),
    known(cell.change?.value) && figure('col_change', [pointsWords(cell.change.value), ' ', trend(cell.trend)], pointsRange(cell.change.lo, cell.change.hi)),
    known(cell.damage) && figure('col_damage', points(cell.damage), pointsRange(cell.damage_lo, cell.damage_hi)),
  );
}

// A place that has too few cases is hatched: neither found nor cleared.
function placeRow(cell, most) {
  const few = cell.verdict?.id === 'too_little';
  return h(
    'li',
    { class: 'place' + (few ? ' place-few' : '') },
    h('bdi', { class: 'place-name' }, cell.place),
    h(
      'span',
      { class: 'place-bar', 'aria-hidden': 'true' },
      h('i', { style: { width: (100 * (cell.rate ?? 0)) / most + '%' } }),
      known(cell.allowed) && h('b', { style: { left: (100 * cell.allowed) / most + '%' } }),
    ),
    h('b', {}, rate(cell.rate)),
    h('span', { class: 'place-under' }, t('k_of_n', { k: num(cell.hits), n: num(cell.n) }), verdict(cell.verdict)),
  );
}

function places(cell, answer) {
  if (!answer) return h('p', { class: 'soft' }, t('loading'));
  const mine = [...answer.unhappy, ...answer.unfinished, ...answer.rest]
    .filter((one) => one.id === cell.id && one.touchpoint === cell.touchpoint && one.place)
    .sort((a, b) => (b.rate ?? 0) - (a.rate ?? 0));
  if (!mine.length) return h('p', { class: 'soft' }, t('places_none'));
  const most = Math.max(...mine.map((one) => one.rate ?? 0), 0.01);
  return [h('ul', { class: 'places' }, mine.map((one) => placeRow(one, most))), h('p', { class: 'soft' }, t('places_tests', { n: num(answer.tests) }))];
}

export function breakPanel(root, cell, data, close) {
  if (!cell) return replace(root, panelHead(t('nav_breaks'), t('unknown_sel'), close));
  return replace(
    root,
    panelHead([cell.name && t('not_kept') + ' · ', titleEl(cell), cell.owner && [' · ', ownerName(cell.owner)]], cellName(cell), close),
    h('p', { class: 'panel-marks' }, verdict(cell.verdict), severity(cell.severity)),
    h('p', { class: 'say' }, sentence(cell)),
    figures(cell),
    section('where', places(cell, data.places)),
  );
}
