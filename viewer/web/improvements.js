// Improvements: before and after where something was done, beside the places without it; the effect in points, and the same again after 30 and 90 days.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, ymd } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { chips, defaultJourney } from './controls.js';
import { inLang, known, ownerName, pointsRange, pointsWords, rate, rateRange, verdict } from './figures.js';
import { slope } from './slope.js';
import { grid, two } from './grid.js';
import { improvementForm } from './improvementform.js';

export const improvementName = (one) => inLang(one.title ?? one.action ?? one.id);
const target = (one) => one.what_title?.[lang()] ?? one.what ?? one.cell;
const list = (names) => (names?.length ? names.join(lang() === 'zh' ? '、' : ', ') : null);
const found = { works: 'works', no_effect: 'none', too_little: 'few' };

const fact = (key, words) => words && h('div', {}, h('dt', {}, t(key)), h('dd', {}, h('bdi', {}, words)));

function again(one) {
  return h(
    'li',
    {},
    h('b', {}, t('again_days', { n: num(one.days) })),
    one.measured ? [h('span', {}, pointsWords(one.effect?.value)), ' ', h('small', {}, pointsRange(one.effect?.lo, one.effect?.hi)), ' ', verdict(one.verdict)] : h('span', { class: 'soft' }, t('again_due', { day: ymd(one.due) })),
  );
}

function card(one) {
  const plot = h('div', { class: 'plot' });
  queueMicrotask(() => replace(plot, slope(one, plot.clientWidth)));
  return h(
    'article',
    { class: 'improvement improvement-' + (found[one.verdict?.id] ?? 'few') + (view.get('pick') === one.id ? ' picked' : ''), id: 'improvement-' + one.id, 'data-id': one.id },
    h('header', {}, h('h2', {}, h('bdi', {}, improvementName(one))), verdict(one.verdict)),
    h('p', { class: 'effect' }, h('b', {}, pointsWords(one.effect?.value)), ' ', h('small', {}, pointsRange(one.effect?.lo, one.effect?.hi)), known(one.relative?.value) && h('small', {}, ' ', t('relative', { x: (one.relative.value > 0 ? '+' : '−') + Math.abs(Math.round(100 * one.relative.value)) }))),
    one.trouble && h('p', { class: 'problem' }, h('bdi', {}, inLang(one.trouble))),
    h('p', { class: 'tags' }, one.tags.map((tag) => h('em', { class: 'tag' }, tag[lang()] ?? tag.id))),
    plot,
    h(
      'dl',
      { class: 'improvement-facts' },
      fact('imp_target', target(one)),
      fact('imp_places', list(one.places)),
      fact('imp_rest', list(one.comparison) ?? t('imp_no_rest')),
      fact('imp_action', one.action && inLang(one.action)),
      fact('imp_cause', one.cause && inLang(one.cause)),
      fact('hb_owner', one.owner && ownerName(one.owner)),
      fact('imp_start', ymd(one.start)),
      fact('imp_expected', known(one.expected_points) ? t('points', { x: num(one.expected_points) }) : null),
    ),
    one.again?.length > 0 && h('ul', { class: 'again' }, one.again.map(again)),
  );
}

const part = (cell) => (cell && known(cell.rate) ? two(rate(cell.rate), t('k_of_n', { k: num(cell.k), n: num(cell.n) }) + ' · ' + rateRange(cell.lo, cell.hi)) : '–');

function draw(root, { improvements: a }) {
  replace(
    root,
    a.improvements.length > 0 && h('div', { class: 'improvements' }, a.improvements.map(card)),
    a.improvements.length > 0 &&
      grid(
        t('imp_table'),
        [
          ['imp_what', (one) => [h('bdi', {}, improvementName(one)), h('span', { class: 'where' }, target(one))]],
          ['imp_acted_before', (one) => part(one.before?.acted)],
          ['imp_acted_after', (one) => part(one.after?.acted)],
          ['imp_rest_before', (one) => part(one.before?.rest)],
          ['imp_rest_after', (one) => part(one.after?.rest)],
          ['imp_effect', (one) => two(pointsWords(one.effect?.value), pointsRange(one.effect?.lo, one.effect?.hi))],
          ['col_verdict', (one) => verdict(one.verdict)],
        ],
        a.improvements,
      ),
    a.improvements.length === 0 && h('p', { class: 'nothing' }, t('works_none')),
    a.more > 0 && h('p', { class: 'soft' }, t('imp_more', { n: num(a.more) })),
    improvementForm(),
  );
}

export const page = {
  key: 'nav_improvements',
  lead: 'improvements_lead',
  parts: ['filters'],
  holds: (body) => body.contains(document.activeElement) && /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName),
  ask: (about) => ({
    improvements: ['/api/improvements', { journey: view.get('journey') || defaultJourney(about), filter: view.get('filter'), as_of: view.get('as_of') }],
  }),
  summary: ({ improvements: a }) => {
    const works = a.improvements.filter((one) => one.verdict?.id === 'works').length;
    return [h('span', { class: 'strong' }, tn('works', works, num(works))), h('span', {}, t('imp_n', { n: num(a.improvements.length) })), chips()];
  },
  draw,
};
