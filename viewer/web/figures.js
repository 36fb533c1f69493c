// How a finding is said: points first, intervals beside every rate, verdicts in the three words, severity as marks.
import { h } from './dom.js';
import { t } from './i18n.js';
import { num, pct, fixed, titleOf } from './format.js';
import { lang } from './prefs.js';

export const known = (x) => x !== null && x !== undefined && Number.isFinite(x);
const signed = (x, digits = 1) => (x > 0 ? '+' : x < 0 ? '−' : '') + fixed(Math.abs(100 * x), digits);

// -0.0004 is no fall: what rounds to nothing has no sign.
export const points = (x) => (!known(x) ? '–' : Math.abs(100 * x) < 0.05 ? fixed(0, 1) : signed(x));
// The size of a difference, where the words around it say which way it goes.
export const size = (x) => (known(x) ? fixed(Math.abs(100 * x), 1) : '–');
export const pointsWords = (x) => (known(x) ? t('points', { x: points(x) }) : '–');
export const pointsRange = (lo, hi) => (known(lo) && known(hi) ? t('range', { lo: points(lo), hi: points(hi) }) : '–');
export const rate = (x) => (known(x) ? pct(x, 1) : '–');
export const rateRange = (lo, hi) => (known(lo) && known(hi) ? t('range_pct', { lo: fixed(100 * lo, 1), hi: fixed(100 * hi, 1) }) : '–');
// A lower bound, where the words around it say that it is one.
export const bound = (n) => (known(n) ? num(Math.floor(n)) : '–');
export const least = (n) => (known(n) ? '≥ ' + num(Math.floor(n)) : '–');

// A rate with its interval; nothing out of n says the most that it can be.
export function rateWords(cell) {
  if (!known(cell.rate)) return t('no_cases');
  if (!cell.hits) return t('none_of', { hi: pct(cell.hi, cell.hi < 0.1 ? 1 : 0) });
  return `${rate(cell.rate)} (${rateRange(cell.lo, cell.hi)})`;
}

const TONES = { works: 'supported', no_effect: 'small' };
export const verdict = (v) => v && h('span', { class: 'verdict verdict-' + (TONES[v.id] ?? v.id) + (v.id === 'works' ? ' verdict-works' : '') }, v[lang()] ?? v.id);

export function severity(level) {
  if (!level) return h('span', { class: 'soft' }, '–');
  return h(
    'span',
    { class: 'severity severity-' + level, title: t('severity_of', { n: level }) },
    [1, 2, 3].map((i) => h('i', { class: i <= level ? 'on' : false, 'aria-hidden': 'true' })),
    h('span', { class: 'sr' }, t('severity_of', { n: level })),
  );
}

// The direction since the period before, for a rate that is better when lower: never colour alone.
export const trend = (word) =>
  word && h('span', { class: 'trend trend-' + word, title: t('trend_' + word) }, { up: '▲', down: '▼', same: '=' }[word], h('span', { class: 'sr' }, t('trend_' + word)));

// What a cell is called: the standard's name; where there is none, what happens and where.
export function cellName(cell) {
  const named = cell.name?.[lang()];
  return named || t('kind_' + cell.type) + ' · ' + titleOf(cell).text;
}
// A text that people wrote once for both languages: {zh, en}, or Chinese words first and others behind them.
export function inLang(text) {
  if (!text) return '–';
  if (typeof text === 'object') return text[lang()] ?? text.en ?? text.zh ?? '–';
  const parts = /^(\S*[\u3400-\u9fff]\S*(?: \S*[\u3400-\u9fff]\S*)*) ([^\u3400-\u9fff]+)$/.exec(text);
  return parts ? parts[lang() === 'zh' ? 1 : 2] : text;
}
export const ownerName = inLang;

// A rate drawn small: the interval as a line, the value as a dot, what is allowed as a tick. most: the right end of the scale.
export function rateBar(cell, most) {
  const at = (x) => Math.min(100, Math.max(0, (100 * x) / most)) + '%';
  const against = cell.allowed ?? cell.previous?.rate;
  return (
    known(cell.rate) &&
    h(
      'span',
      { class: 'rate-bar', 'aria-hidden': 'true' },
      h('i', { class: 'rate-range', style: { left: at(cell.lo), right: 100 - Math.min(100, (100 * cell.hi) / most) + '%' } }),
      h('i', { class: 'rate-dot', style: { left: at(cell.rate) } }),
      known(against) && h('i', { class: 'rate-against', style: { left: at(against) } }),
    )
  );
}
