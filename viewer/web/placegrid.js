// Where and when a break point happens: places down, parts of the day across. What has too few cases is hatched: neither found nor cleared.
import { h } from './dom.js';
import { t, has } from './i18n.js';
import { num } from './format.js';
import { known, rate, verdict } from './figures.js';

export const daypartName = (id) => (has('daypart_' + id) ? t('daypart_' + id) : id);
export const whereWords = (cell) => [cell.place, cell.daypart && daypartName(cell.daypart)].filter(Boolean).join(' · ');

const all = (answer) => (answer ? [...answer.unhappy, ...answer.unfinished, ...answer.rest] : []);
const ofCell = (cell) => (one) => one.id === cell.id && one.touchpoint === cell.touchpoint && one.place;

// The cells of one standard at one touchpoint, by place, and by place and daypart.
export function split(cell, { places, dayparts }) {
  return { places: all(places).filter(ofCell(cell)), dayparts: all(dayparts).filter(ofCell(cell)) };
}

// Colour begins where what is allowed ends.
function tone(cell, most) {
  const from = cell.allowed ?? 0;
  return Math.round(Math.max(0, Math.min(1, ((cell.rate ?? 0) - from) / Math.max(0.001, most - from))) * 60) + '%';
}

function td(cell, most, picked, open) {
  if (!cell) return h('td', { class: 'grid-none' }, h('span', { class: 'soft' }, '–'));
  const few = cell.verdict?.id === 'too_little';
  return h(
    'td',
    { class: 'grid-cell' },
    h(
      'button',
      {
        type: 'button',
        class: (few ? 'few ' : '') + (cell.verdict?.id === 'supported' ? 'supported' : ''),
        'aria-pressed': String(picked),
        title: cell.verdict ? verdict(cell.verdict).textContent : false,
        style: few ? null : { '--tone': tone(cell, most) },
        onclick: () => open(cell),
      },
      h('b', {}, rate(cell.rate)),
      h('small', {}, t('k_of_n', { k: num(cell.hits), n: num(cell.n) })),
      few && h('span', { class: 'sr' }, ' ' + verdict(cell.verdict).textContent),
    ),
  );
}

// lists: of split(); picked(cell) -> whether it is the open one; open(cell).
export function placeGrid({ places, dayparts }, picked, open) {
  const names = [...new Set([...places, ...dayparts].map((one) => one.place))].sort();
  const columns = [...new Set(dayparts.map((one) => one.daypart))];
  const order = ['morning', 'lunch', 'afternoon', 'evening', 'night'];
  columns.sort((a, b) => order.indexOf(a) - order.indexOf(b) || (a < b ? -1 : 1));
  if (!names.length) return h('p', { class: 'soft' }, t('places_none'));
  const known_ = [...places, ...dayparts].filter((one) => known(one.rate) && one.verdict?.id !== 'too_little');
  const most = Math.max(0.01, ...known_.map((one) => one.rate));
  const find = (list, place, daypart) => list.find((one) => one.place === place && (daypart === undefined || one.daypart === daypart));
  const cell = (one) => td(one, most, Boolean(one && picked(one)), open);
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('where') },
    h(
      'table',
      { class: 'place-grid' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('col_place')), columns.map((id) => h('th', { scope: 'col' }, daypartName(id))), h('th', { scope: 'col' }, t('all_day')))),
      h(
        'tbody',
        {},
        names.map((place) => h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, place)), columns.map((id) => cell(find(dayparts, place, id))), cell(find(places, place)))),
      ),
    ),
  );
}
