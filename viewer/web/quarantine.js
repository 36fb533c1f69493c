// What was not taken, as it came: reason, field, time, origin, and the head of the bytes with the place of the fault marked.
import { h, replace } from './dom.js';
import { t, reasonWords } from './i18n.js';
import { num, stamp, setZone } from './format.js';
import { sharedNote } from './shared.js';
import { get, poll } from './api.js';
import { shell, know, live } from './shell.js';
import { again } from './again.js';
import { problem, loading } from './states.js';

const POLL_MS = 2000;
const PAGE = 50;
const el = (name) => document.getElementById(name);
const page = { about: null, count: 0, items: [], next: null, error: null, read: false };
let poller = null;

// Control characters become their pictures, so that what is in the bytes is what one sees.
const visible = (text) =>
  text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (c) => (c === '\u007f' ? '␡' : String.fromCharCode(0x2400 + c.charCodeAt(0))))
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, (c) => '⟨U+' + c.charCodeAt(0).toString(16).toUpperCase() + '⟩');

// offset counts bytes, the head is text: walks along until that many bytes are passed.
function splitAt(text, offset) {
  const encoder = new TextEncoder();
  let bytes = 0;
  let i = 0;
  for (const c of text) {
    const size = encoder.encode(c).length;
    if (bytes + size > offset) return [text.slice(0, i), c, text.slice(i + c.length)];
    bytes += size;
    i += c.length;
  }
  return [text, '', ''];
}

// A place is worth showing when the fault has one: a field that is missing altogether stands nowhere.
const placed = (item) => item.offset !== null && item.offset !== undefined && (item.offset > 0 || !item.field);

function bytes(item) {
  const [before, fault, after] = placed(item) ? splitAt(item.head, item.offset) : [item.head, '', ''];
  return h('pre', { tabindex: 0 }, visible(before), fault && h('mark', {}, visible(fault)), visible(after));
}

const fact = (key, value) => value !== null && value !== undefined && value !== '' && h('span', {}, t(key) + ' ', h('b', {}, h('bdi', {}, value)));

function card(item) {
  const shown = new TextEncoder().encode(item.head).length;
  return h(
    'article',
    { class: 'item', 'data-number': item.number },
    h(
      'header',
      {},
      h('h2', {}, reasonWords(item.reason) || item.reason),
      h('code', { class: 'reason' }, item.reason),
      h('time', { class: 'soft' }, stamp(item.received_at)),
    ),
    h(
      'p',
      { class: 'facts' },
      fact('q_field', item.field),
      fact('raw_origin', item.origin),
      fact('q_offset', placed(item) ? num(item.offset) : null),
      fact('q_bytes', num(item.bytes)),
      shown < item.bytes && h('span', {}, t('q_shown', { k: num(shown), n: num(item.bytes) })),
    ),
    bytes(item),
    again(item),
  );
}

function draw() {
  sharedNote(el('shared'));
  document.title = t('nav_quarantine') + ' · Touchline';
  replace(
    el('title'),
    t('nav_quarantine'),
    page.read && page.count > 0 && h('small', {}, t(page.count === 1 ? 'quarantine_count_1' : 'quarantine_count', { n: num(page.count) })),
  );
  replace(el('lead'), t('quarantine_lead'));
  const instead = !page.read ? (page.error ? (root) => problem(root, page.error, () => poller.now()) : loading) : page.items.length ? null : nothing;
  el('state').hidden = !instead;
  if (instead) instead(el('state'));
  else replace(el('state'));
  replace(el('items'), page.items.map(card));
  el('more').hidden = page.next === null || page.items.length >= page.count;
  replace(el('more'), t('q_more', { n: num(Math.min(PAGE, page.count - page.items.length)) }));
}

function nothing(root) {
  replace(root, h('div', { class: 'state' }, h('h2', {}, t('quarantine_empty')), h('p', { class: 'lead' }, t('quarantine_empty_lead'))));
}

// The first page again; what further pages brought stays below it.
async function step() {
  try {
    if (!page.about) {
      page.about = await get('/api/about');
      setZone(page.about.timezone);
      know(page.about);
    }
    const answer = await get('/api/quarantine', { limit: PAGE });
    live({ lag_ms: null });
    const known = new Set(answer.items.map((item) => item.number));
    const below = page.items.filter((item) => !known.has(item.number));
    const moved = !page.read || page.error || answer.count !== page.count || answer.items[0]?.number !== page.items[0]?.number;
    page.error = null;
    page.read = true;
    if (!moved) return;
    page.next = below.length ? page.next : answer.next;
    Object.assign(page, { count: answer.count, items: [...answer.items, ...below] });
    draw();
  } catch (error) {
    live({ lost: error.status === 0 });
    const before = page.error?.message;
    page.error = error;
    if (!page.read && before !== error.message) draw();
  }
}

el('more').addEventListener('click', async () => {
  const answer = await get('/api/quarantine', { limit: PAGE, cursor: page.next });
  const known = new Set(page.items.map((item) => item.number));
  page.items.push(...answer.items.filter((item) => !known.has(item.number)));
  page.next = answer.next;
  draw();
});
shell('/quarantine', draw);
poller = poll(POLL_MS, step);
