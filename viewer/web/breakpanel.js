// One break point: its figures in a sentence and in numbers, where and when it happens, and the journeys behind it.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, ymd } from './format.js';
import { pageLink } from './shell.js';
import { firstPage, journeyList } from './journeys.js';
import { breakWork } from './breakwork.js';
import { markTag, said } from './confirmed.js';
import { placeGrid, split, whereWords } from './placegrid.js';
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

// The map of the journeys hit, in the days that the cell counts.
function mapOf(cell) {
  const asked = new URLSearchParams(cell.journeys.split('?')[1]);
  return { break: cell.cell, from: asked.get('from') ?? '', to: asked.get('to') ?? '' };
}

// The journeys hit, exactly as many: the answer names the address that lists them.
function behind(cell, list, count) {
  const [, query] = String(cell.journeys ?? '').split('?');
  if (!query) return;
  const params = Object.fromEntries(new URLSearchParams(query));
  firstPage(params)
    .then((page) => {
      replace(count, num(page.count));
      count.dataset.count = page.count;
      journeyList(list, params, page);
    })
    .catch((error) => replace(list, h('p', { class: 'problem' }, error.message)));
}

// The list stays while the same cell is drawn again.
let kept = { key: null };
function journeys(cell) {
  const key = cell.journeys;
  if (kept.key === key) return kept.section;
  const list = h('div', { class: 'slot' }, t('loading'));
  const count = h('span', { class: 'count' });
  kept = { key, section: section('journeys_hit', count, list) };
  behind(cell, list, count);
  return kept.section;
}

// since when it is more than usual: the day since which, and the day that was sure of it
const rise = (cell) => cell.rise?.since && h('p', { class: 'soft rise' }, '▲ ', t('rise', { since: ymd(cell.rise.since), alarm: ymd(cell.rise.alarm) }));

// whole: the cell of all places, when cell is one of a place; open(cell) picks another.
export function breakPanel(root, cell, whole, data, { close, open }) {
  if (!cell) return replace(root, panelHead(t('nav_breaks'), t('unknown_sel'), close));
  return replace(
    root,
    panelHead([cell.name && t('not_kept') + ' · ', titleEl(cell), cell.owner && [' · ', ownerName(cell.owner)]], [cellName(cell), cell.place && h('span', { class: 'panel-where' }, ' ', whereWords(cell))], close),
    h('p', { class: 'panel-marks' }, verdict(cell.verdict), severity(cell.severity), markTag(cell.confirmed)),
    cell.confirmed && h('p', { class: 'soft' }, said(cell.confirmed)),
    h('p', { class: 'say' }, sentence(cell)),
    figures(cell),
    rise(cell),
    h('p', { class: 'panel-links' }, whole && whole !== cell && h('button', { type: 'button', class: 'plain-link', onclick: () => open(whole) }, t('all_places')), cell.journeys && h('a', { href: pageLink('/', mapOf(cell)) }, t('map_of_these'))),
    data.places ? section('where', placeGrid(split(cell, data), (one) => cellKey(one) === cellKey(cell), open), h('p', { class: 'soft' }, t('places_tests', { n: num(data.dayparts?.tests || data.places.tests) }))) : section('where', t('loading')),
    cell.cell && breakWork(cell),
    cell.journeys && cell.hits > 0 && journeys(cell),
  );
}
