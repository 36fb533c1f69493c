// What one may filter by, from the data: segments of the catalogue, and the tiers, channels and places that journeys begin with. Asked once a journey type.
import { get } from './api.js';
import { t, channelWords } from './i18n.js';
import { lang } from './prefs.js';
import { num } from './format.js';

export const KEYS = ['segment', 'tier', 'channel', 'place'];
const known = new Map();
const asking = new Set();

// -> the facets of a journey type, null while they are not known; then() when they came.
export function facetsOf(journey, then) {
  if (known.has(journey)) return known.get(journey);
  if (!asking.has(journey)) {
    asking.add(journey);
    get('/api/facets', { journey })
      .then((answer) => {
        known.set(journey, answer);
        then();
      })
      .catch(() => asking.delete(journey));
  }
  return null;
}

const segmentWords = (one) => one.title?.[lang()] ?? one.id;

// -> [{value, words}] of one key
export function valuesOf(facets, key) {
  if (!facets) return [];
  if (key === 'segment') return facets.segments.map((one) => ({ value: one.id, words: segmentWords(one) }));
  return facets[key].values.map((one) => ({ value: one.value, words: (key === 'channel' ? channelWords(one.value) : one.value) + ' · ' + num(one.journeys) }));
}
export const moreOf = (facets, key) => (key === 'segment' ? 0 : (facets?.[key].more ?? 0));

// KEY=VALUE as a reader says it.
export function filterWords(text, facets) {
  const [key, ...rest] = text.split('=');
  const value = rest.join('=');
  if (!KEYS.includes(key)) return text;
  const named = key === 'segment' ? facets?.segments.find((one) => one.id === value) : null;
  return t('filter_' + key) + ' ' + (named ? segmentWords(named) : key === 'channel' ? channelWords(value) : value);
}
