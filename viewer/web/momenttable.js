// The comparisons behind the moments plot: how many were compared, crude and like-with-like, and why others are none.
import { h } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { titleEl } from './cards.js';
import { known, points, pointsRange, verdict } from './figures.js';
import { momentKey, missingWords } from './momentpanel.js';

const two = (main, under) => [h('b', {}, main), under && h('small', {}, under)];
const cell = (key, ...kids) => h('td', { class: 'n', 'data-label': t(key) }, kids);

export const saved = (moment) => known(moment.saved) && num(Math.abs(Math.round(moment.saved)));

export function tags(moment) {
  return [
    moment.declared && h('em', { class: 'tag' }, t(moment.verdict.id === 'supported' ? 'declared' : 'declared_unseen')),
    moment.heterogeneity?.varies && h('em', { class: 'tag' }, t('varies')),
  ];
}

function row(moment, pick) {
  return h(
    'tr',
    { class: 'cell-row' },
    h(
      'th',
      { scope: 'row' },
      h('button', { type: 'button', class: 'cell-link', 'data-pick': momentKey(moment), onclick: () => pick(moment) }, titleEl(moment)),
      h('span', { class: 'where' }, t('side_short_' + moment.side), ' ', tags(moment)),
    ),
    cell('col_exposed', two(num(moment.n_exposed), t('against_n', { n: num(moment.n_other) }))),
    cell('crude', known(moment.crude_rd?.value) ? two(points(moment.crude_rd.value), pointsRange(moment.crude_rd.lo, moment.crude_rd.hi)) : '–'),
    cell('adjusted', known(moment.adjusted_rd) ? two(points(moment.adjusted_rd), pointsRange(moment.lo, moment.hi)) : '–'),
    cell('col_saved', known(moment.saved) && moment.verdict.id === 'supported' ? two(saved(moment), t('saved_range', { lo: num(Math.min(Math.abs(Math.round(moment.saved_lo)), Math.abs(Math.round(moment.saved_hi)))) })) : '–'),
    cell('col_excluded', num(moment.excluded)),
    cell('col_waiting', num(moment.waiting)),
    cell('col_verdict', verdict(moment.verdict), missingWords(moment) && h('small', {}, missingWords(moment))),
  );
}

export function momentTable(list, answer, pick) {
  const keys = ['col_moment', 'col_exposed', 'crude', 'adjusted', 'col_saved', 'col_excluded', 'col_waiting', 'col_verdict'];
  return h(
    'div',
    { class: 'table-scroll finding-table', role: 'region', tabindex: 0, 'aria-label': t('moments_table') },
    h(
      'table',
      {},
      h('caption', {}, t('moments_table')),
      h('thead', {}, h('tr', {}, keys.map((key, i) => h('th', { scope: 'col', class: i ? 'n' : false }, t(key))))),
      h('tbody', {}, list.map((moment) => row(moment, pick))),
    ),
  );
}
