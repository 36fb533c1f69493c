// Break points as tables: n, rate with interval, what is allowed, excess, damage, loss, verdict; and what was tested but not found.
import { h } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { titleEl } from './cards.js';
import { cellName, known, least, ownerName, points, pointsRange, rate, rateBar, rateRange, severity, trend, verdict } from './figures.js';
import { cellKey } from './breakpanel.js';
import { statusTag } from './breakwork.js';
import { markTag } from './confirmed.js';

export const against = (cell) =>
  known(cell.allowed) ? t('allowed_short', { x: rate(cell.allowed) }) : known(cell.previous?.rate) ? t('before_short', { x: rate(cell.previous.rate) }) : '–';

function name(cell, pick) {
  return h(
    'th',
    { scope: 'row' },
    h('button', { type: 'button', class: 'cell-link', 'data-pick': cellKey(cell), onclick: () => pick(cell) }, cellName(cell)),
    h('span', { class: 'where' }, titleEl(cell), cell.place && [' · ', h('bdi', {}, cell.place)], cell.owner && [' · ', ownerName(cell.owner)], ' ', statusTag(cell), ' ', markTag(cell.confirmed)),
  );
}

const two = (main, under) => [h('b', {}, main), h('small', {}, under)];
const cellOf = (key, ...kids) => h('td', { class: 'n', 'data-label': t(key) }, kids);

function rateCell(cell, most) {
  return cellOf('col_rate', two(rate(cell.rate), rateRange(cell.lo, cell.hi)), rateBar(cell, most));
}

function damageCell(cell) {
  if (!known(cell.damage)) return cellOf('col_damage', h('span', { class: 'soft' }, t('damage_unknown')));
  const unseen = cell.damage_lo <= 0 && cell.damage_hi >= 0;
  return cellOf('col_damage', two(points(cell.damage), pointsRange(cell.damage_lo, cell.damage_hi)), unseen && h('em', { class: 'tag' }, t('damage_unseen')));
}

// n counts chances; where customers come again, the design effect says how much less they tell.
const nCell = (cell) => cellOf('col_n', two(t('k_of_n', { k: num(cell.hits), n: num(cell.n) }), cell.de > 1.2 ? t('design', { x: num(Math.round(10 * cell.de) / 10) }) : ''));

function head(keys) {
  return h('thead', {}, h('tr', {}, keys.map((key, i) => h('th', { scope: 'col', class: i ? 'n' : false }, t(key)))));
}

function row(cell, which, most, pick) {
  return h(
    'tr',
    { class: 'cell-row' },
    name(cell, pick),
    nCell(cell),
    rateCell(cell, most),
    cellOf('col_against', against(cell), trend(cell.trend)),
    cellOf(which === 'unhappy' ? 'col_excess' : 'col_excess_lost', least(cell.excess)),
    which === 'unhappy' && damageCell(cell),
    which === 'unhappy' && cellOf('col_loss_unhappy', least(cell.loss)),
    cellOf('col_severity', severity(cell.severity)),
    cellOf('col_verdict', verdict(cell.verdict)),
  );
}

export function breakTable(list, which, pick) {
  const most = Math.max(...list.map((cell) => cell.hi)) * 1.05;
  const keys = which === 'unhappy' ? ['col_excess', 'col_damage', 'col_loss_unhappy'] : ['col_excess_lost'];
  return h(
    'div',
    { class: 'table-scroll finding-table', role: 'region', tabindex: 0, 'aria-label': t('list_' + which) },
    h(
      'table',
      {},
      h('caption', {}, t('list_' + which)),
      head(['col_break', 'col_n', 'col_rate', 'col_against', ...keys, 'col_severity', 'col_verdict']),
      h('tbody', {}, list.map((cell) => row(cell, which, most, pick))),
    ),
  );
}

// Most interesting first: what is over its limit but cannot be told, then by rate.
const order = (list) => [...list].sort((a, b) => (b.over?.value ?? -1) - (a.over?.value ?? -1) || b.n - a.n);

export function restTable(list, pick) {
  return h(
    'details',
    { class: 'data rest' },
    h('summary', {}, t('rest_summary', { n: num(list.length) })),
    h(
      'div',
      { class: 'table-scroll finding-table', role: 'region', tabindex: 0, 'aria-label': t('rest_title') },
      h(
        'table',
        {},
        head(['col_tested', 'col_n', 'col_rate', 'col_against', 'col_verdict']),
        h(
          'tbody',
          {},
          order(list).map((cell) =>
            h(
              'tr',
              { class: 'cell-row' },
              name(cell, pick),
              nCell(cell),
              cellOf('col_rate', cell.hits ? two(rate(cell.rate), rateRange(cell.lo, cell.hi)) : two(rate(cell.rate), t('at_most', { x: rate(cell.hi) }))),
              cellOf('col_against', against(cell), trend(cell.trend)),
              cellOf('col_verdict', verdict(cell.verdict)),
            ),
          ),
        ),
      ),
    ),
  );
}
