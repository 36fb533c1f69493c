// Classes of waiting: the colour of flows and bars, the same scale on every page so that a colour keeps its meaning.
import { t } from './i18n.js';
import { dur } from './format.js';

const LIMITS = [6e4, 6e5, 36e5, 864e5, 6048e5];

export function waitClass(ms) {
  if (ms === null || ms === undefined) return 'none';
  const i = LIMITS.findIndex((limit) => ms < limit);
  return i < 0 ? LIMITS.length : i;
}

export const waitClasses = [...LIMITS.keys(), LIMITS.length];

export function waitWords(c) {
  if (c === 'none') return t('wait_none');
  return c < LIMITS.length ? t('wait_lt', { d: dur(LIMITS[c]) }) : t('wait_ge', { d: dur(LIMITS[c - 1]) });
}
