// Tables of figures, alike on all pages: a caption, a head, rows whose first cell names them; on a phone each row becomes a card.
import { h } from './dom.js';
import { t } from './i18n.js';

export const two = (main, under) => [h('b', {}, main), under && h('small', {}, under)];

// columns: [[key of the head, row -> what stands there, 'text' when it is no number], ...]; the first names the row.
export function grid(caption, columns, rows, rowClass) {
  return h(
    'div',
    { class: 'table-scroll finding-table', role: 'region', tabindex: 0, 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, columns.map(([key, , kind], i) => h('th', { scope: 'col', class: i && kind !== 'text' ? 'n' : false }, t(key))))),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            { class: 'cell-row ' + (rowClass?.(row) ?? '') },
            columns.map(([key, cell, kind], i) => (i ? h('td', { class: kind === 'text' ? false : 'n', 'data-label': t(key) }, cell(row)) : h('th', { scope: 'row' }, cell(row)))),
          ),
        ),
      ),
    ),
  );
}
