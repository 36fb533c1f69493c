// What every page has: the bar with navigation, customer search, the live light, language and theme.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num, dur } from './format.js';
import { lang, dark, setLang, setTheme, onPrefs } from './prefs.js';
import { post } from './api.js';
import { dropIn, redrawDrop } from './dropin.js';

const PAGES = [
  ['nav_map', '/'],
  ['nav_breaks', '/breaks'],
  ['nav_moments', '/moments'],
  ['nav_improvements', '/improvements'],
  ['nav_alerts', '/alerts'],
];
const MORE = [
  ['nav_heatmap', '/heatmap'],
  ['nav_impact', '/impact'],
  ['nav_backtrack', '/backtrack'],
  ['nav_visits', '/visits'],
  ['nav_metrics', '/dashboard'],
  ['nav_funnel', '/funnel'],
  ['nav_variants', '/variants'],
  ['nav_blueprint', '/blueprint'],
  ['nav_coverage', '/coverage'],
  ['nav_handbook', '/handbook'],
  ['nav_report', '/report'],
  ['nav_quarantine', '/quarantine'],
  ['nav_setup', '/setup'],
];
const LATE_MS = 5000;

// What a link to another page of the bar takes along: the question, not what is picked.
const ALONG = ['journey', 'from', 'to', 'filter', 'as_of', 'stream'];

let light = null;
let about = null;
let redraw = () => {};

function keep(path, keys, more = {}) {
  const asked = new URLSearchParams(location.search);
  const kept = new URLSearchParams(more);
  for (const key of keys) if (!(key in more)) for (const value of asked.getAll(key)) kept.append(key, value);
  return path + (kept.size ? '?' + kept : '');
}
export const keepQuery = (path, more) => keep(path, ['lang', 'theme'], more);
// A link to a page that answers the same question; more: what it shall pick.
export const pageLink = (path, more) => keep(path, ['lang', 'theme', ...ALONG], more);

// kind:value as given; a bare value is tried under every kind. Asked in a body: an address is kept in too many places for an identity.
async function lookUp(who) {
  const at = who.indexOf(':');
  return (await post('/api/customers/find', at > 0 ? { kind: who.slice(0, at), value: who.slice(at + 1) } : { value: who })).customers;
}

// A store is called by its folder; the demo's has a name.
const folder = (path) => path.replace(/\/+$/, '').replace(/^.*\//, '');
export const isDemo = (path) => folder(path) === 'demo-data';
export const storeWords = (path) => (isDemo(path) ? t('store_demo') : t('store_named', { name: folder(path) }));

async function find(event) {
  event.preventDefault();
  const field = event.target.elements.who;
  const out = event.target.querySelector('.found');
  const who = field.value.trim();
  if (!who) return;
  if (/^[0-9a-f]{32}$/.test(who)) {
    location.href = keepQuery('/customers/' + who);
    return;
  }
  let found = [];
  try {
    found = await lookUp(who);
  } catch (e) {
    replace(out, h('p', {}, e.message));
    return;
  }
  if (found.length === 1) {
    location.href = keepQuery('/customers/' + encodeURIComponent(found[0].customer));
    return;
  }
  replace(
    out,
    found.length
      ? h(
          'ul',
          {},
          found.map((one) =>
            h(
              'li',
              {},
              h(
                'a',
                { href: keepQuery('/customers/' + encodeURIComponent(one.customer)) },
                h('code', {}, one.customer.slice(0, 12)),
                ' ',
                t('events_n', { n: num(one.events) }),
              ),
            ),
          ),
        )
      : h('p', {}, t('find_none'), ' ', t('find_how')),
  );
}

// The pages asked for less often stand under one name; where one of them is open, that name says so.
function more(here) {
  const open = MORE.find(([, path]) => path === here);
  const menu = h(
    'details',
    { class: 'nav-more' },
    h('summary', { class: open ? 'here' : false }, t(open ? open[0] : 'nav_more')),
    h('div', { class: 'nav-list' }, MORE.map(([key, path]) => h('a', { href: pageLink(path), 'aria-current': here === path ? 'page' : false }, t(key)))),
  );
  menu.addEventListener('focusout', (event) => !menu.contains(event.relatedTarget) && (menu.open = false));
  menu.addEventListener('keydown', (event) => event.key === 'Escape' && (menu.open = false));
  return menu;
}

function bar(root, here) {
  light = h('span', { class: 'live', role: 'status' });
  const search = h(
    'form',
    { class: 'find', role: 'search', onsubmit: find },
    icon('search'),
    h('input', {
      name: 'who',
      type: 'search',
      'aria-label': t('find'),
      placeholder: t('find'),
      title: t('find_how'),
      autocomplete: 'off',
      spellcheck: 'false',
    }),
    h('div', { class: 'found', role: 'status' }),
  );
  search.addEventListener('focusout', (event) => {
    if (!search.contains(event.relatedTarget)) replace(search.querySelector('.found'));
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') replace(search.querySelector('.found'));
  });
  replace(
    root,
    h('a', { class: 'skip', href: '#main' }, t('skip')),
    h(
      'a',
      { class: 'brand', href: keepQuery('/') },
      h('img', { src: '/icon.svg', alt: '', width: 24, height: 24 }),
      'Touchline',
      about && isDemo(about.store) && h('span', { class: 'badge' }, t('store_is_demo')),
    ),
    h(
      'nav',
      { 'aria-label': t('nav_pages') },
      PAGES.map(([key, path]) => h('a', { href: pageLink(path), 'aria-current': here === path ? 'page' : false }, t(key))),
      more(here),
      about?.other_store &&
        h('a', { class: 'other-store', href: about.other_store.url }, icon('link'), t('other_store', { title: storeWords(about.other_store.title) })),
    ),
    h('span', { class: 'space' }),
    light,
    search,
    h(
      'button',
      { type: 'button', class: 'icon-button lang', 'aria-label': t('lang_label'), onclick: () => setLang(lang() === 'zh' ? 'en' : 'zh') },
      t('lang_switch'),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'icon-button theme',
        'aria-label': t('theme_label'),
        title: t('theme_label'),
        onclick: () => setTheme(dark() ? 'light' : 'dark'),
      },
      icon(dark() ? 'sun' : 'moon'),
    ),
  );
  live(lastLive);
}

let lastLive = null;

// state: null nothing known yet; {lag_ms}; {lost: true}
export function live(state) {
  lastLive = state;
  if (!light) return;
  const lag = state?.lag_ms ?? 0;
  const cls = !state ? '' : state.lost ? 'lost' : lag > LATE_MS ? 'late' : 'on';
  const text = !state ? '' : state.lost ? t('live_lost') : lag > LATE_MS ? t('live_lag', { lag: dur(lag) }) : t('live');
  if (light.dataset.state === cls + text) return;
  light.dataset.state = cls + text;
  light.className = 'live ' + cls;
  replace(light, state && h('i', { 'aria-hidden': 'true' }), text);
}

// Draws the bar and calls draw() now and whenever the language or the theme changes.
export function shell(here, draw) {
  redraw = () => {
    bar(document.getElementById('bar'), here);
    redrawDrop();
    draw();
  };
  onPrefs(redraw);
  redraw();
  dropIn();
}

export function know(answer) {
  about = answer;
  bar(document.getElementById('bar'), document.querySelector('#bar [aria-current]')?.getAttribute('href').split('?')[0] ?? '');
}
