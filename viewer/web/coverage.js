// Touchpoint coverage: which touchpoints of the catalogue were seen, which key ones journeys miss, what was seen and is not in it.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, pct } from './format.js';
import { titleEl } from './cards.js';
import { rate, rateRange } from './figures.js';
import { grid, two } from './grid.js';
import { question } from './question.js';

const tags = (item) => [item.key && h('em', { class: 'tag' }, t('key_step')), item.backstage && h('em', { class: 'tag' }, t('lane_backstage'))];

function draw(root, { coverage: a }) {
  replace(
    root,
    a.missing.length > 0 &&
      grid(
        t('coverage_missing'),
        [
          ['col_step', (one) => titleEl(one)],
          ['coverage_without', (one) => two(rate(one.share), one.share === null ? '' : rateRange(one.lo, one.hi))],
          ['col_n', (one) => t('k_of_n', { k: num(one.missing), n: num(one.n) })],
        ],
        a.missing,
      ),
    grid(
      t('coverage_all'),
      [
        ['col_step', (one) => [titleEl(one), ' ', tags(one)]],
        ['coverage_seen', (one) => (one.journeys ? '✓' : h('span', { class: 'soft' }, t('coverage_never')))],
        ['col_journeys', (one) => num(one.journeys)],
        ['steps', (one) => num(one.steps)],
      ],
      a.items,
      (one) => (one.journeys ? '' : 'never'),
    ),
    a.unassigned.length > 0 &&
      grid(
        t('coverage_unassigned', { n: num(a.unassigned_steps), share: pct(a.unassigned_steps / Math.max(1, a.steps), 1) }),
        [
          ['col_step', (one) => titleEl(one)],
          ['steps', (one) => num(one.steps)],
          ['col_journeys', (one) => num(one.journeys)],
        ],
        a.unassigned,
      ),
  );
}

export const page = {
  key: 'nav_coverage',
  lead: 'coverage_lead',
  parts: ['period', 'filters'],
  ask: (about) => ({ coverage: ['/api/coverage', question(about)] }),
  empty: ({ coverage }) => (coverage.touchpoints + coverage.unassigned.length ? null : ['none_title', 'coverage_none']),
  summary: ({ coverage: a }) => [
    h('span', { class: 'strong' }, t('coverage_of', { k: num(a.covered), n: num(a.touchpoints), share: pct(a.share) })),
    h('span', {}, t('journeys_n', { n: num(a.journeys) })),
    a.signals > 0 && h('span', { class: 'soft' }, t('coverage_signals', { n: num(a.signals) })),
  ],
  draw,
};
