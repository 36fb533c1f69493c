// A page of findings: asks the questions that the page's module names, draws the answers, holds still while someone looks.
//
// A module says {key, lead, parts, every_ms, holds?(body), prepare?(about), ask(about), summary(data), draw(root, data), empty?(data),
// panel?(root, data, close)}:
// ask gives {name: [address, parameters]}, data is {name: answer}. panel draws what is picked and says whether anything is.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { setZone } from './format.js';
import { Answers } from './answers.js';
import { get, poll } from './api.js';
import * as view from './store.js';
import { shell, know, live } from './shell.js';
import { controls } from './controls.js';
import { problem, loading, quiet } from './states.js';

const MODULES = {
  '/breaks': () => import('./breaks.js'),
  '/moments': () => import('./moments.js'),
  '/alerts': () => import('./alerts.js'),
  '/improvements': () => import('./improvements.js'),
  '/heatmap': () => import('./heatmap.js'),
  '/coverage': () => import('./coverage.js'),
  '/blueprint': () => import('./blueprint.js'),
  '/handbook': () => import('./handbook.js'),
  '/dashboard': () => import('./metrics.js'),
  '/funnel': () => import('./funnel.js'),
  '/variants': () => import('./variants.js'),
  '/impact': () => import('./impact.js'),
  '/player': () => import('./player.js'),
  '/visits': () => import('./visits.js'),
  '/visit': () => import('./visits.js').then(({ card }) => ({ page: card })),
  '/backtrack': () => import('./backtrack.js'),
};
const EVERY_MS = 3000;
const PHONE_PX = 640;
const el = (id) => document.getElementById(id);
const now = { about: null, data: null, waiting: null, answers: new Answers(), key: '', error: null, hovering: false };
let page = null;
let poller = null;

const frozen = () => (page.holds ? page.holds(el('body')) : now.hovering || !el('panel').hidden);

async function step() {
  try {
    if (!now.about) {
      now.about = await get('/api/about');
      setZone(now.about.timezone);
      know(now.about);
      head();
    }
    await page.prepare?.(now.about);
    const asked = page.ask(now.about);
    const key = JSON.stringify(asked);
    const { data, moved, lag_ms } = await now.answers.read(asked);
    if (key !== JSON.stringify(page.ask(now.about))) return void setTimeout(() => poller.now());
    live({ lag_ms });
    const again = moved || key !== now.key || now.error;
    now.error = null;
    if (again) take(key, data);
  } catch (error) {
    live({ lost: error.status === 0 || error.status >= 500 });
    const before = now.error?.message;
    now.error = error;
    if ((!now.data || error.status >= 400) && before !== error.message) draw();
  }
}

function take(key, data) {
  const another = key !== now.key;
  now.key = key;
  if (another || !now.data || now.entered || !frozen()) {
    now.entered = false;
    now.data = data;
    now.waiting = null;
    draw();
  } else {
    now.waiting = data;
    badge();
  }
}

function thaw() {
  if (!now.waiting) return;
  now.data = now.waiting;
  now.waiting = null;
  draw();
}

function badge() {
  replace(
    el('fresh'),
    now.waiting &&
      h(
        'button',
        { type: 'button', class: 'fresh', title: t('frozen'), onclick: thaw },
        h('i', { 'aria-hidden': 'true' }),
        t('fresh_any'),
        h('span', { class: 'soft' }, t('fresh_show')),
      ),
  );
}

function head() {
  el('controls-box').hidden = !page.parts;
  replace(document.querySelector('.controls-box > summary'), t('controls'));
  if (!page.parts) return;
  controls(el('controls'), now.about, page.parts, page.presets?.(now.about));
}

const clear = () => view.set({ journey: '', from: '', to: '', filter: [], as_of: '' }, 'push');

function instead() {
  if (now.error && (!now.data || now.error.status >= 400)) return (root) => problem(root, now.error, () => poller.now(), clear);
  if (!now.data) return loading;
  const words = page.empty?.(now.data);
  return words ? (root) => quiet(root, ...words) : null;
}

function draw() {
  document.title = t(page.key) + ' · Touchline';
  replace(el('title'), t(page.key));
  replace(el('lead'), page.lead && t(page.lead));
  badge();
  const other = instead();
  el('state').hidden = !other;
  el('work').hidden = Boolean(other);
  replace(el('summary'), now.data && !now.error && page.summary?.(now.data));
  if (other) {
    other(el('state'));
    el('panel').hidden = true;
    return;
  }
  const focused = document.activeElement?.id;
  page.draw(el('body'), now.data);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  panel(false);
}

function panel(focus) {
  const root = el('panel');
  const scrolled = root.scrollTop;
  const open = Boolean(page.panel?.(root, now.data, close));
  root.hidden = !open;
  el('work').classList.toggle('with-panel', open);
  if (!open) replace(root);
  else root.scrollTop = focus ? 0 : scrolled;
  if (open && focus) root.querySelector('h2')?.focus({ preventScroll: true });
}

function close() {
  const back = view.get('pick');
  view.set({ pick: '' }, 'push');
  document.querySelector(`[data-pick="${CSS.escape(back)}"]`)?.focus({ preventScroll: true });
}

function changed(moved) {
  if (!now.about) return;
  if (['journey', 'from', 'to', 'filter', 'as_of', 'by', 'q', 'model', 'lifecycle', 'outcome'].some((key) => moved.has(key))) {
    head();
    poller.now();
    return;
  }
  poller.now();
  if (!now.data) return;
  const picked = moved.has('pick');
  if (picked && !view.get('pick')) thaw();
  draw();
  if (picked) panel(true);
}

function start() {
  el('panel').addEventListener('keydown', (event) => event.key === 'Escape' && close());
  document.addEventListener('keydown', (event) => event.key === 'Escape' && !el('panel').hidden && close());
  el('body').addEventListener('pointerenter', () => (now.hovering = true));
  el('body').addEventListener('pointerleave', () => {
    now.hovering = false;
    if (!frozen()) thaw();
  });
  let width = innerWidth;
  el('controls-box').open = innerWidth > PHONE_PX;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    if (width > PHONE_PX) el('controls-box').open = true;
    if (now.data) requestAnimationFrame(draw);
  });
  // What somebody entered here is shown as soon as it is seen, whoever looks.
  document.addEventListener('entered', () => {
    now.entered = true;
    poller.now();
  });
  view.listen(changed);
  shell(location.pathname, () => {
    if (now.about) head();
    draw();
  });
  poller = poll(page.every_ms ?? EVERY_MS, step, page.every_ms ?? EVERY_MS);
}

MODULES[location.pathname]().then((module) => {
  page = module.page;
  start();
});
