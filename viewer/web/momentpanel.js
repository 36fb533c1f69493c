// One comparison: the sentence, the figures, and the strata that it is made of.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, titleOf } from './format.js';
import { figure, panelHead, section } from './aside.js';
import { titleEl } from './cards.js';
import { lang } from './prefs.js';
import { known, points, pointsRange, verdict } from './figures.js';
import { tags } from './momenttable.js';

export const momentKey = (moment) => moment.touchpoint + '/' + moment.side;
export const outcomeWords = (answer) => answer.outcome_title?.[lang()] ?? answer.outcome ?? '–';

const away = (x) => points(Math.abs(x)).replace('+', '');
const half = (x, key) => t(key + (Math.abs(x) < 0.0005 ? '_same' : x > 0 ? '_more' : '_fewer'), { x: away(x) });

// Crude first, then like with like; where the sign turns, it says so. answer null: without naming the outcome.
export function sentence(moment, answer) {
  if (!known(moment.adjusted_rd) || !known(moment.crude_rd?.value)) return missingWords(moment) || '';
  const [crude, adjusted] = [moment.crude_rd.value, moment.adjusted_rd];
  const turned = crude * adjusted < 0 && moment.verdict.id === 'supported';
  return t(turned ? 'say_turned' : 'say_moment', {
    who: t('who_' + moment.side, { name: titleOf(moment).text }),
    outcome: answer ? t('quoted', { what: outcomeWords(answer) }) : '',
    crude: half(crude, 'crude_say'),
    adjusted: half(adjusted, 'adjusted_say'),
  });
}

export function missingWords(moment) {
  const lack = moment.missing;
  return lack && t('missing_' + lack.what, { have: num(Math.round(10 * lack.have) / 10), need: num(lack.need) });
}

function stratum(one, answer) {
  const [a, b, c, d] = one.table;
  return h(
    'tr',
    { class: one.comparable ? false : 'soft' },
    h('th', { scope: 'row' }, h('bdi', {}, one.values.join(' · ') || t('strata_all'))),
    h('td', { class: 'n' }, t('k_of_n', { k: num(a), n: num(a + b) })),
    h('td', { class: 'n' }, t('k_of_n', { k: num(c), n: num(c + d) })),
    h('td', { class: 'n' }, one.comparable && known(one.rd.value) ? [h('b', {}, points(one.rd.value)), h('br'), h('small', {}, pointsRange(one.rd.lo, one.rd.hi))] : t('not_comparable')),
  );
}

function strata(moment, answer) {
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('strata') },
    h(
      'table',
      { class: 'strata' },
      h(
        'thead',
        {},
        h('tr', {}, h('th', { scope: 'col' }, answer.strata_by.join(' · ') || t('strata')), ['strata_exposed', 'strata_others', 'strata_rd'].map((key) => h('th', { scope: 'col', class: 'n' }, t(key)))),
      ),
      h('tbody', {}, moment.strata.map((one) => stratum(one, answer))),
    ),
  );
}

export function momentPanel(root, moment, answer, close) {
  if (!moment) return replace(root, panelHead(t('nav_moments'), t('unknown_sel'), close));
  return replace(
    root,
    panelHead(t('side_short_' + moment.side), titleEl(moment), close),
    h('p', { class: 'panel-marks' }, verdict(moment.verdict), tags(moment)),
    h('p', { class: 'say' }, sentence(moment, answer)),
    h(
      'dl',
      { class: 'figures' },
      figure('crude', points(moment.crude_rd?.value), pointsRange(moment.crude_rd?.lo, moment.crude_rd?.hi)),
      figure('adjusted', points(moment.adjusted_rd), pointsRange(moment.lo, moment.hi)),
      figure('col_exposed', num(moment.n_exposed), t('against_n', { n: num(moment.n_other) })),
      figure('col_waiting', num(moment.waiting), t('excluded_n', { n: num(moment.excluded) })),
    ),
    section('strata', h('p', { class: 'soft' }, t('strata_how', { outcome: outcomeWords(answer) })), strata(moment, answer)),
  );
}
