// Breaks on the timeline: what should have been, what was, and what proves it.
import { h } from './dom.js';
import { t } from './i18n.js';
import { dur, fixed, minute, num } from './format.js';
import { lang } from './prefs.js';
import { cellName, inLang, severity } from './figures.js';

const WORDS = { ms: (x) => dur(x), time: (x) => minute(x), count: (x) => num(x), score: (x) => fixed(x, 1), word: (x) => x };
const said = (unit, x) => (x === null || x === undefined ? null : WORDS[unit](x));

export function breakWords(one) {
  const expected = said(one.unit, one.expected);
  const actual = said(one.unit, one.actual);
  if (one.unit === 'count') return '';
  const should = one.unit === 'ms' ? t('c_within', { d: expected }) : one.unit === 'time' ? t('c_by_time', { time: expected }) : one.unit === 'score' ? t('c_at_least', { x: expected }) : expected;
  if (actual === null) return t('c_break_never', { expected: should });
  return t(one.open ? 'c_break_open' : 'c_break_limit', { expected: should, actual });
}

// Each break once, at the latest event that proves it: position -> breaks. A break of one journey stands in that of `all`, too.
export function breaksAt(journeys) {
  const out = new Map();
  const seen = new Set();
  for (const journey of journeys)
    for (const one of journey.breaks ?? []) {
      const key = one.id + ' ' + one.at + ' ' + one.touchpoint;
      const at = one.evidence.at(-1)?.position;
      if (seen.has(key) || at === undefined) continue;
      seen.add(key);
      out.set(at, [...(out.get(at) ?? []), one]);
    }
  return out;
}

// show(position): bring that event into view.
export function breakMark(one, show) {
  const words = breakWords(one);
  return h(
    'li',
    { class: 'broke' },
    severity(one.severity),
    h('b', {}, h('span', { class: 'sr' }, t('c_break') + ' '), cellName(one)),
    words && h('span', {}, words),
    one.first && h('em', { class: 'tag' }, t('c_first')),
    one.worst && h('em', { class: 'tag tag-bad' }, t('c_worst')),
    one.evidence.length > 0 &&
      h(
        'span',
        { class: 'proof' },
        h('span', { class: 'soft' }, t('c_evidence')),
        one.evidence.map((event) => h('button', { type: 'button', class: 'plain-link', onclick: () => show(event.position) }, h('bdi', {}, event.type), ' ', h('small', {}, minute(event.time)))),
      ),
    one.owner && h('span', { class: 'soft' }, t('c_owner') + ' ', h('bdi', {}, inLang(one.owner))),
  );
}
