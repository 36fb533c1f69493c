// What customers wrote at each step: the lowest scores first, the same words once.
import { h } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { grouped, looked, quoteEl, quotesAt } from './quotes.js';

const SHOWN = 2;

function cell(step, data) {
  const groups = grouped(quotesAt(data, step.touchpoint));
  const rest = groups.slice(SHOWN).reduce((sum, one) => sum + one.n, 0);
  return [
    groups.slice(0, SHOWN).map(quoteEl),
    rest > 0 && h('button', { type: 'button', class: 'plain-link', onclick: () => data.open({ node: step.touchpoint }) }, t('quotes_more', { n: num(rest) })),
  ];
}

export const quotes = { key: 'quotes', head: (data) => data.quotes && h('small', { class: 'lane-scale' }, looked(data)), cell };
