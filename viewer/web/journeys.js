// The journeys behind a number: the exact count, a page at a time, each linking to its customer.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, dur, brief } from './format.js';
import { get } from './api.js';

const PAGE = 100;

export const outcome = (kind) =>
  h('span', { class: 'outcome outcome-' + kind }, h('i', { class: 'end-' + kind, 'aria-hidden': 'true' }), t('end_' + kind));

// A journey keeps its first 10,000 steps; how many more there were is said, not hidden.
export const steps = (n, cut) => (cut ? t('step_cut', { n: num(n), cut: num(cut) }) : t('step_n', { n: num(n) }));

function row(journey) {
  return h(
    'tr',
    {},
    h(
      'td',
      {},
      h('a', { href: '/customers/' + encodeURIComponent(journey.customer), class: 'customer-link' }, h('code', {}, journey.customer.slice(0, 8))),
    ),
    h('td', {}, brief(journey.start)),
    h('td', {}, outcome(journey.outcome)),
    h('td', { class: 'n', title: journey.cut ? steps(journey.steps, journey.cut) : false }, num(journey.steps) + (journey.cut ? ' +' + num(journey.cut) : '')),
    h('td', { class: 'n' }, dur(journey.wait_ms)),
  );
}

// Fills root with the list of what params ask for. first: the answer's first page, already read.
export function journeyList(root, params, first) {
  const body = h('tbody');
  const state = h('p', { class: 'listed', role: 'status' });
  const more = h('button', { type: 'button', class: 'more' });
  let next = null;
  let listed = 0;
  const take = (page) => {
    body.append(...page.journeys.map(row));
    listed += page.journeys.length;
    next = page.next;
    replace(state, t('listed', { k: num(listed), n: num(first.count) }));
    more.hidden = next === null || listed >= first.count;
    replace(more, t('more', { n: num(Math.min(PAGE, first.count - listed)) }));
  };
  more.addEventListener('click', async () => {
    more.disabled = true;
    try {
      take(await get('/api/journeys', { ...params, limit: PAGE, cursor: next }));
    } catch (e) {
      replace(state, e.message);
    }
    more.disabled = false;
  });
  replace(
    root,
    h(
      'div',
      { class: 'table-scroll' },
      h(
        'table',
        { class: 'journeys' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['col_customer', 'col_start', 'col_outcome', 'col_steps', 'col_wait'].map((key, i) =>
              h('th', { scope: 'col', class: i > 2 ? 'n' : false }, t(key)),
            ),
          ),
        ),
        body,
      ),
    ),
    state,
    more,
  );
  take(first);
}

export const firstPage = (params, signal) => get('/api/journeys', { ...params, limit: PAGE }, { signal });
