// The improvement that worked beside the one that did not: before and after, the comparison places, the effect in points.
import { h } from './dom.js';
import { t } from './i18n.js';
import { pageLink } from './shell.js';
import { lang } from './prefs.js';
import { known, pointsRange, pointsWords, verdict } from './figures.js';

export const actionName = (one) => {
  const said = one.title ?? one.action ?? one.id;
  return typeof said === 'object' && said ? (said[lang()] ?? said.en ?? said.zh ?? one.id) : said;
};

function item(one) {
  return h(
    'li',
    { class: 'front-improvement' },
    h('a', { class: 'front-title', href: pageLink('/improvements', { pick: one.id }) }, h('bdi', {}, actionName(one))),
    h('b', { class: 'effect' }, pointsWords(one.effect?.value)),
    known(one.effect?.lo) && h('small', {}, pointsRange(one.effect.lo, one.effect.hi)),
    verdict(one.verdict),
  );
}

// What works stands first; two are shown.
export function improvementCard(answer) {
  const list = [...(answer.improvements ?? [])].sort((a, b) => (a.effect?.value ?? 1) - (b.effect?.value ?? 1));
  return h(
    'article',
    { class: 'front-card front-works' },
    h('p', { class: 'kicker' }, t('front_works')),
    list.length ? h('ul', {}, list.slice(0, 2).map(item)) : h('p', { class: 'soft' }, t('works_none')),
  );
}
