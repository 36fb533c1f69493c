// The improvement that worked beside the one that did not: before and after where something was done, the effect in points, the verdict.
import { h } from './dom.js';
import { t } from './i18n.js';
import { pageLink } from './shell.js';
import { known, inLang, pointsRange, pointsWords, rate, verdict } from './figures.js';

function item(one) {
  const [before, after] = [one.before?.acted?.rate, one.after?.acted?.rate];
  const [rest0, rest1] = [one.before?.rest?.rate, one.after?.rest?.rate];
  return h(
    'li',
    { class: 'front-improvement' },
    h('a', { class: 'front-title', href: pageLink('/improvements', { pick: one.id }) }, h('bdi', {}, inLang(one.title ?? one.action ?? one.id))),
    verdict(one.verdict),
    h('b', { class: 'effect' }, pointsWords(one.effect?.value)),
    known(one.effect?.lo) && h('small', {}, pointsRange(one.effect.lo, one.effect.hi)),
    known(before) && known(after) && h('small', { class: 'front-slope' }, (one.places ?? []).join(' '), ' ', h('b', {}, rate(before), ' → ', rate(after)), known(rest0) && known(rest1) && [' · ', one.comparison?.length === 1 ? one.comparison[0] : t('slope_rest'), ' ', rate(rest0), ' → ', rate(rest1)]),
  );
}

// What works stands first; two are shown.
export function improvementCard(answer) {
  const list = [...(answer.improvements ?? [])].sort((a, b) => (b.verdict?.id === 'works') - (a.verdict?.id === 'works'));
  return h(
    'article',
    { class: 'front-card front-works' },
    h('p', { class: 'kicker' }, t('front_works')),
    list.length ? h('ul', {}, list.slice(0, 2).map(item)) : h('p', { class: 'soft' }, t('works_none')),
  );
}
