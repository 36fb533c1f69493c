// Break points at each step: severity, rate, and the way to the evidence.
import { h } from './dom.js';
import { t } from './i18n.js';
import { pageLink } from './shell.js';
import { cellName, rate, rateRange, severity } from './figures.js';
import { cellKey } from './breakpanel.js';
import { markTag } from './confirmed.js';

const at = ({ breaks }, id) => (breaks ? [...breaks.unhappy, ...breaks.unfinished].filter((cell) => cell.touchpoint === id) : []);

export const breaks = {
  key: 'breaks',
  cell: (step, data) =>
    at(data, step.touchpoint).map((cell) =>
      h(
        'a',
        { class: 'lane-break severity-' + (cell.severity ?? 0), href: pageLink('/breaks', { pick: cellKey(cell) }) },
        severity(cell.severity),
        h('b', {}, rate(cell.rate)),
        h('small', {}, rateRange(cell.lo, cell.hi)),
        h('span', {}, cell.name && h('span', { class: 'sr' }, t('not_kept') + ' '), cellName(cell)),
        markTag(cell.confirmed),
      ),
    ),
};
