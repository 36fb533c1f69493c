// What breaks go with: how often journeys with a break ended badly, beside those without, and among journeys that are alike. Points first; no cause is claimed without "among likes".
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { fixed, num, pct } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { chips } from './controls.js';
import { pageLink } from './shell.js';
import { titleEl } from './cards.js';
import { cellName, known, least, ownerName, points, pointsRange, rate, rateRange, verdict } from './figures.js';
import { firstPage, journeyList } from './journeys.js';
import { figure, panelHead, section } from './aside.js';
import { grid, two } from './grid.js';
import { question } from './question.js';

const key = (one) => one.cell.replace(/^[^:]*:/, '');
const arm = (one) => two(rate(one.rate), known(one.rate) ? rateRange(one.lo, one.hi) + ' · ' + t('k_of_n', { k: num(one.bad), n: num(one.n) }) : t('no_cases'));
const times = (lift) => (known(lift?.value) ? two('×' + fixed(lift.value, 1), `${fixed(lift.lo, 1)} … ${fixed(lift.hi, 1)}`) : '–');
const adjusted = (one) => two(known(one.adjusted?.value) ? points(one.adjusted.value) : '–', known(one.adjusted?.lo) ? pointsRange(one.adjusted.lo, one.adjusted.hi) : false);

// Two dots on one scale: without (hollow), with (filled).
function dots(one, most) {
  const at = (x) => 100 * Math.min(1, x / most) + '%';
  if (!known(one.with.rate) || !known(one.without.rate)) return null;
  const [a, b] = [one.without.rate, one.with.rate].sort((x, y) => x - y);
  return h('span', { class: 'impact-dots', 'aria-hidden': 'true' }, h('i', { class: 'impact-line', style: { left: at(a), right: 100 - 100 * Math.min(1, b / most) + '%' } }), h('i', { class: 'impact-dot hollow', style: { left: at(one.without.rate) } }), h('i', { class: 'impact-dot', style: { left: at(one.with.rate) } }));
}

const name = (one, pick) => [
  h('button', { type: 'button', class: 'cell-link', 'data-pick': key(one), onclick: () => pick(one) }, cellName(one)),
  h('span', { class: 'where' }, titleEl(one), one.owner && [' · ', ownerName(one.owner)]),
];
const pick = (one) => view.set({ pick: key(one) }, 'push');

function draw(root, { impact: a }) {
  const most = Math.max(0.01, ...a.impacts.flatMap((one) => [one.with.rate ?? 0, one.without.rate ?? 0]));
  replace(
    root,
    grid(
      t('impact_table'),
      [
        ['col_break', (one) => name(one, pick)],
        ['impact_plot', (one) => dots(one, most), 'text'],
        ['impact_with', (one) => arm(one.with)],
        ['impact_without', (one) => arm(one.without)],
        ['impact_adjusted', adjusted],
        ['impact_lift', (one) => times(one.lift)],
        ['impact_share', (one) => (known(one.share) ? pct(one.share, 1) : '–')],
        ['impact_extra', (one) => (known(one.extra_lo) && one.extra_lo >= 1 ? least(one.extra_lo) : '–')],
        ['compare_verdict', (one) => verdict(one.verdict), 'text'],
      ],
      a.impacts,
    ),
  );
}

// The journeys with the break, exactly as many as the list of break points counts.
let kept = { at: null };
function behind(one) {
  if (kept.at === one.journeys) return kept.el;
  const list = h('div', { class: 'slot' }, t('loading'));
  const count = h('span', { class: 'count' });
  kept = { at: one.journeys, el: section('journeys_hit', count, list) };
  const params = Object.fromEntries(new URLSearchParams(String(one.journeys).split('?')[1]));
  firstPage(params)
    .then((page) => {
      replace(count, num(page.count));
      count.dataset.count = page.count;
      journeyList(list, params, page);
    })
    .catch((error) => replace(list, h('p', { class: 'problem' }, error.message)));
  return kept.el;
}

function panel(root, { impact: a }, close) {
  const one = view.get('pick') && a.impacts.find((x) => key(x) === view.get('pick'));
  if (!one) return false;
  replace(
    root,
    panelHead(a.outcome_title?.[lang()] ?? a.outcome, cellName(one), close),
    h('p', { class: 'panel-marks' }, verdict(one.verdict)),
    h('dl', { class: 'figures' }, figure('impact_with', rate(one.with.rate), t('k_of_n', { k: num(one.with.bad), n: num(one.with.n) })), figure('impact_without', rate(one.without.rate), t('k_of_n', { k: num(one.without.bad), n: num(one.without.n) })), figure('impact_adjusted', adjusted(one)[0], known(one.adjusted?.lo) && pointsRange(one.adjusted.lo, one.adjusted.hi)), figure('impact_extra', known(one.extra_lo) && one.extra_lo >= 1 ? least(one.extra_lo) : '–')),
    h('p', { class: 'soft' }, t('impact_excluded', { n: num(one.waiting) })),
    h('p', { class: 'panel-links' }, h('a', { href: pageLink('/breaks', { pick: key(one) }) }, t('nav_breaks')), ' ', h('a', { href: pageLink('/', { break: one.cell }) }, t('map_of_these'))),
    behind(one),
  );
  return true;
}

export const page = {
  key: 'nav_impact',
  lead: 'impact_lead',
  parts: ['filters'],
  ask: (about) => ({ impact: ['/api/impact', question(about, { from: '', to: '' })] }),
  empty: ({ impact }) => (impact.impacts.length ? null : ['impact_none', 'impact_none_lead']),
  summary: ({ impact: a }) => [h('span', { class: 'strong' }, t('impact_n', { n: num(a.impacts.length), outcome: a.outcome_title?.[lang()] ?? a.outcome })), h('span', { class: 'tests' }, t('tests_made', { n: num(a.tests) })), chips()],
  draw,
  panel,
};
