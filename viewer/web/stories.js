// Journeys worth reading, linked from the front page of the demo: three customers of seed 155, found by their member number.
import { h } from './dom.js';
import { t } from './i18n.js';
import { get } from './api.js';
import { isDemo, keepQuery } from './shell.js';

const TOLD = [
  { member: 'u00020', order: 6, words: 'story_waited' },
  { member: 'u00139', order: 5, words: 'story_note' },
  { member: 'u00396', order: 11, words: 'story_asked' },
];
let found = null;

async function one({ member, order, words }) {
  const { customers } = await get('/api/customers', { id: 'member:' + member });
  if (!customers.length) return null;
  const { customer } = customers[0];
  const { journeys } = await get('/api/customers/' + encodeURIComponent(customer), { limit: 1 });
  const orders = journeys.filter((journey) => journey.type === 'order').sort((a, b) => a.start - b.start);
  if (!orders[order]) return null;
  return { words, path: `/customers/${encodeURIComponent(customer)}`, more: { journey: 'order', start: orders[order].start } };
}

// Reads them once; -> whether there is something new to draw.
export async function readStories(about) {
  if (found || !isDemo(about.store)) return false;
  found = (await Promise.all(TOLD.map((story) => one(story).catch(() => null)))).filter(Boolean);
  return found.length > 0;
}

export function stories() {
  if (!found?.length) return null;
  return h(
    'nav',
    { class: 'front-card front-stories', 'aria-label': t('stories') },
    h('p', { class: 'kicker' }, t('stories')),
    h('ul', {}, found.map(({ words, path, more }) => h('li', {}, h('a', { href: keepQuery(path, more) }, t(words))))),
  );
}
