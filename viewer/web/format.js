// Numbers, times and lengths of time, as the reader's language writes them and in the store's time zone.
import { lang } from './prefs.js';

let zone = 'UTC';
const made = new Map();

function cached(key, make) {
  const full = lang() + zone + key;
  if (!made.has(full)) made.set(full, make());
  return made.get(full);
}

const locale = () => (lang() === 'zh' ? 'zh-CN' : 'en-GB');

// An unknown zone name (a newer tz database at the server) must not break the page.
export function setZone(name) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    zone = name;
  } catch (e) {
    zone = 'UTC';
  }
}

export const num = (n) => cached('num', () => new Intl.NumberFormat(locale())).format(n);
// A plain number with so many digits after the point.
export const fixed = (x, digits) =>
  cached('fixed' + digits, () => new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(x);
export const share = (part, whole, digits = 0) => (whole > 0 ? pct(part / whole, digits) : '–');

// A share that is not all and not nothing never prints as 100 % or 0 %.
export function pct(x, digits = 0) {
  const step = 10 ** -(digits + 2);
  const value = x > 0 && x < 1 ? Math.min(1 - step, Math.max(step, x)) : x;
  const said = cached('pct' + digits, () => new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(
    value * 100,
  );
  return (x > 0 && x < step ? '<' : '') + said + (lang() === 'zh' ? '%' : '\u202f%');
}

const UNITS = [
  { ms: 864e5, zh: '天', en: 'd' },
  { ms: 36e5, zh: '小时', en: 'h' },
  { ms: 6e4, zh: '分', en: 'min' },
  { ms: 1e3, zh: '秒', en: 's' },
  { ms: 1, zh: '毫秒', en: 'ms' },
];

// One unit, three figures at most: 7.9 min, 13.2 h, 45 s.
export function dur(ms) {
  if (ms === null || ms === undefined) return '–';
  if (Math.abs(ms) < 1) return lang() === 'zh' ? '0 秒' : '0 s';
  const unit = UNITS.find((u) => Math.abs(ms) >= u.ms) || UNITS[4];
  const value = ms / unit.ms;
  const digits = value >= 10 || (unit.ms < 6e4 && value === Math.round(value)) ? 0 : 1;
  const text = cached('dur' + digits, () => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits })).format(value);
  return text + (lang() === 'zh' ? ' ' : ' ') + unit[lang()];
}

const when = (key, options) => (ms) =>
  ms === null || ms === undefined ? '–' : cached(key, () => new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options })).format(ms);

export const date = when('date', { year: 'numeric', month: 'short', day: 'numeric' });
export const day = when('day', { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' });
export const clock = when('clock', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
export const minute = when('minute', { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
// Sortable and narrow, for lists.
export const brief = (ms) => dayKey(ms) + ' ' + hhmm(ms);
const hhmm = when('hhmm', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const exact = when('exact', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });
export const stamp = (ms) => (ms === null || ms === undefined ? '–' : dayKey(ms) + ' ' + exact(ms));
// A calendar day that the server already named (YYYY-MM-DD), for reading.
export const ymd = (text) =>
  text
    ? cached('ymd', () => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' })).format(
        Date.parse(text),
      )
    : '–';

// The calendar day in the store's zone, for arithmetic: YYYY-MM-DD.
export const dayKey = (ms) => cached('key', () => new Intl.DateTimeFormat('en-CA', { timeZone: zone })).format(ms);

// A catalogue title in the reader's language; without one the raw name, marked as such.
export function titleOf(item) {
  const id = item.touchpoint ?? item.id ?? '';
  const title = item.title?.[lang()];
  const named = title && !(item.title.zh === id && item.title.en === id);
  return named ? { text: title, raw: false } : { text: id, raw: true };
}
