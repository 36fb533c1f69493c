// One customer across all channels: who they are, their journeys, and the timeline. A new event shows within a second.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, dur, date, minute, setZone } from './format.js';
import { lang } from './prefs.js';
import { ask, get, poll } from './api.js';
import * as view from './store.js';
import { shell, know, live } from './shell.js';
import { outcome, steps } from './journeys.js';
import { Timeline } from './timeline.js';
import { problem, loading } from './states.js';
import './words_customer.js';
import { actions } from './customeractions.js';
import { chips, contacts, identities, outcomes } from './customerhead.js';
import { Identity } from './customeridentity.js';
import { Matters } from './customermatters.js';
import { scores } from './customerscores.js';
import { Waits } from './customerwaits.js';

const POLL_MS = 250;
const PAGE = 1000;
const LOST_EVERY = 6; // a customer who is not there is asked for less often
const id = decodeURIComponent(location.pathname.replace(/^\/customers\//, ''));
const address = '/api/customers/' + encodeURIComponent(id);
const el = (name) => document.getElementById(name);
const page = { about: null, data: null, text: '', etag: null, error: null, seen: null, fresh: new Set(), waited: 0 };
let timeline = null;
let poller = null;
const waits = new Waits(el('waits'));
const matters = new Matters(el('matters'), (thread) => view.set({ pick: thread.kind + ':' + thread.id, journey: '', start: '' }, 'push'));
const identity = new Identity(el('identity'), () => poller?.now());

const typeName = (type) => page.about?.journeys?.find((one) => one.id === type)?.title?.[lang()] || type;

async function step() {
  if (page.error?.status === 404 && ++page.waited % LOST_EVERY) return;
  try {
    if (!page.about) {
      page.about = await get('/api/about');
      setZone(page.about.timezone);
      know(page.about);
    }
    const answer = await ask(address, { limit: PAGE }, { etag: page.etag });
    live({ lag_ms: answer.lag_ms });
    const recovered = page.error;
    page.error = null;
    page.etag = answer.etag ?? page.etag;
    if (answer.status !== 304 && (answer.text !== page.text || page.data.events.length > PAGE)) await take(answer.text);
    else if (recovered) draw();
  } catch (error) {
    live({ lost: error.status === 0 });
    const known = page.error?.message;
    page.error = error;
    if (!page.data && known !== error.message) draw();
  }
}

// The first page carries who they are and their journeys; further pages only more events.
async function take(text) {
  const data = JSON.parse(text);
  for (let next = data.next; next;) {
    const more = await get(address, { limit: PAGE, cursor: next });
    data.events.push(...more.events);
    next = more.next;
  }
  const positions = data.events.map((event) => event.position);
  const same = page.text === text && page.seen && positions.length === page.seen.size;
  page.text = text;
  if (same) return;
  if (page.seen) for (const position of positions) if (!page.seen.has(position)) page.fresh.add(position);
  page.seen = new Set(positions);
  page.data = data;
  draw();
}

// Journeys of named types say more than `all`; `all` is shown when nothing else is there.
function journeys() {
  const named = page.data.journeys.filter((one) => one.type !== 'all');
  return [...(named.length ? named : page.data.journeys)].sort((a, b) => b.start - a.start);
}

const chosen = (one) => view.get('journey') === one.type && view.get('start') === String(one.start);

function journeyCard(one) {
  const on = chosen(one);
  return h(
    'button',
    {
      type: 'button',
      class: 'journey-card',
      'aria-pressed': String(on),
      onclick: () => view.set(on ? { journey: '', start: '' } : { journey: one.type, start: String(one.start) }, 'push'),
    },
    h('span', { class: 'journey-name' }, typeName(one.type)),
    outcome(one.outcome),
    h('span', { class: 'soft' }, minute(one.start)),
    h('span', { class: 'soft' }, steps(one.steps.length, one.cut) + ' · ' + dur(one.last - one.start)),
  );
}

function head() {
  const { data } = page;
  const times = data.events.map((event) => event.time);
  const channels = new Set(data.events.map((event) => event.channel).filter(Boolean)).size;
  const part = (text) => h('span', {}, text);
  replace(
    el('who'),
    h('p', { class: 'kicker' }, t('customer')),
    h('h1', {}, h('code', {}, data.customer)),
    h(
      'p',
      { class: 'summary' },
      part(tn('events', data.events.length, num(data.events.length))),
      part(tn('journeys', journeys().length, num(journeys().length))),
      channels > 0 && part(tn('channels', channels, num(channels))),
      data.refused && h('a', { href: '/quarantine' }, t('customer_refused')),
      times.length > 0 && part(t('between', { from: date(Math.min(...times)), to: date(Math.max(...times)) })),
    ),
    chips(data.profile),
    identities(data),
    h('button', { type: 'button', class: 'plain-link print', onclick: () => print() }, t('c_print')),
  );
}

function order() {
  const newest = view.get('order') !== 'old';
  const side = (key, value, on) => h('button', { type: 'button', 'aria-pressed': String(on), onclick: () => view.set({ order: value }) }, t(key));
  return h('div', { class: 'switch', role: 'group' }, side('newest_first', 'new', newest), side('oldest_first', 'old', !newest));
}

function draw() {
  document.title = t('customer') + ' ' + id.slice(0, 8) + ' · Touchline';
  const missing = page.error?.status === 404;
  const instead = page.data ? null : missing ? lost : page.error ? (root) => problem(root, page.error, () => poller.now()) : loading;
  el('state').hidden = !instead;
  el('person').hidden = Boolean(instead);
  if (instead) {
    instead(el('state'));
    return;
  }
  head();
  const list = journeys();
  el('journeys').hidden = !list.length;
  const only = list.find(chosen);
  replace(
    el('journeys'),
    h('h2', {}, t('their_journeys')),
    h('div', { class: 'journey-cards' }, list.slice(0, 60).map(journeyCard)),
    list.length > 60 && h('p', { class: 'soft' }, t('c_history_cut', { n: num(list.length - 60) })),
    only && h('p', { class: 'journey-actions' }, actions(id, only)),
  );
  whole(only, list);
  replace(el('timeline-head'), h('h2', {}, t('timeline')), order());
  const events = shownEvents(only);
  timeline.draw(id, events, list, view.get('order') !== 'old', page.fresh);
}

// What is picked: a journey, a matter, or everything.
function shownEvents(only) {
  const all = page.data.events;
  if (only) return all.filter((event) => event.time >= only.start && event.time <= only.last);
  const [kind, ...rest] = view.get('pick').split(':');
  const of = rest.join(':');
  const picked = of ? all.filter((event) => event.told?.[kind] === of) : [];
  return picked.length ? picked : all;
}

// Everything about them that is not the timeline. With a journey picked, its own waits.
function whole(only, list) {
  const { data } = page;
  waits.draw(only ? [only] : list, data.live, data.as_of);
  replace(el('contacts'), contacts(data.profile));
  replace(el('scores'), scores(data.events));
  replace(el('outcomes'), outcomes(data));
  matters.draw(data);
  identity.draw(data);
}

function lost(root) {
  replace(
    root,
    h(
      'div',
      { class: 'state' },
      h('h1', {}, t('customer_none')),
      h('p', { class: 'lead' }, t('customer_none_lead')),
      h('a', { href: '/' }, t('back_map')),
    ),
  );
}

timeline = new Timeline(el('timeline'), typeName);
view.listen(() => {
  if (page.data) draw();
});
shell('/customers', draw);
poller = poll(POLL_MS, step, POLL_MS);
