// The player: one journey, or the one of a mystery visit, as it happened. /player?visit=ID, or ?customer=HASH&journey=TYPE&start=MS; &at= seconds after its start, &speed=.
//
// Time is state.at; paint() draws a moment, whoever moved it: playing, the scrubber, a step that was clicked, a key, an address.
import { h, s, replace } from './dom.js';
import { icon } from './icons.js';
import { t, learn } from './i18n.js';
import { PLAYER } from './words_player.js';
import { brief, clock, dur, num, titleOf } from './format.js';
import { lang } from './prefs.js';
import { get } from './api.js';
import { keepQuery } from './shell.js';
import { titleEl } from './cards.js';
import { inLang, cellName } from './figures.js';
import { SPEEDS, breakBetween, clocksAt, jump, moments, paceOf, planAt, stepAt, story } from './playing.js';
import { PlayerMap } from './playermap.js';

learn(PLAYER);
const HALF_MINUTE = 30000;
const asked = () => new URLSearchParams(location.search);
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const state = { at: null, speed: null, playing: false, hold: true, tale: null, told: '', went: 0 };
const view = {};
let found = { visit: null, parts: [] };
let about = null;

// ---- which journey ----

async function prepare(answer) {
  about = answer;
  const visit = asked().get('visit');
  if (visit && found.visit !== visit) found = { visit, parts: (await get('/api/recorded', { visit })).journeys };
  if (!visit && asked().get('customer')) found = { visit: null, parts: [{ customer: asked().get('customer'), type: asked().get('journey') || null, start: Number(asked().get('start')) || null }] };
}

function part() {
  const [type, start] = [asked().get('journey'), Number(asked().get('start'))];
  return found.parts.find((one) => one.type === type && one.start === start) ?? found.parts[0] ?? null;
}

function ask() {
  const one = part();
  const visit = asked().get('visit');
  if (!visit && !asked().get('customer')) return { visits: ['/api/visits', {}] };
  if (!one) return {};
  const journey = one.type ?? undefined;
  return {
    customer: ['/api/customers/' + encodeURIComponent(one.customer), { limit: 1, as_of: asked().get('as_of') }],
    map: ['/api/map', { journey }, true],
    blueprint: ['/api/blueprint', { journey }, true],
    ...(visit && { visit: ['/api/visits/' + encodeURIComponent(visit), {}, true] }),
  };
}

function journeyOf(data) {
  const one = part();
  const list = data.customer?.journeys ?? [];
  const of = (type) => list.filter((other) => !type || other.type === type);
  return of(one?.type).find((other) => other.start === one?.start) ?? (one?.start ? null : of(one?.type).at(-1)) ?? null;
}

// ---- one moment ----

const nameOf = (one) => titleOf(one).text;
const clamp = (at) => Math.min(state.tale.last, Math.max(state.tale.start, at));

function keepAddress() {
  const url = new URL(location.href);
  url.searchParams.set('at', String(Math.round((state.at - state.tale.start) / 1000)));
  url.searchParams.set('speed', String(state.speed));
  if (url.href !== location.href) history.replaceState(null, '', url);
}

// why: what is told to those who do not see it
function seek(at, why) {
  state.at = clamp(at);
  paint();
  keepAddress();
  if (why) tell(why);
}

function said(at) {
  const { tale } = state;
  const i = stepAt(tale, at);
  return t('pl_time_words', { clock: clock(at), d: dur(at - tale.start), i: i + 1, n: tale.steps.length, step: i < 0 ? t('pl_before') : nameOf(tale.steps[i]) });
}

function tell(brk) {
  const words = brk && brk.moment !== undefined ? t('pl_broke', { clock: clock(brk.moment), name: cellName(brk), step: nameOf(brk) }) : said(state.at);
  view.now.classList.toggle('broken', Boolean(brk?.moment));
  if (view.now.textContent !== words) replace(view.now, words);
}

function paint() {
  const { tale, at } = state;
  replace(view.clock, clock(at), h('small', { class: 'soft' }, ' +' + dur(at - tale.start)));
  view.range.value = at - tale.start;
  view.range.setAttribute('aria-valuetext', said(at));
  view.map?.paint(at);
  paintClocks();
  const i = stepAt(tale, at);
  const key = [i, tale.breaks.filter((one) => one.moment <= at).length, tale.noted.filter((one) => one.at <= at).length, at >= tale.last].join();
  if (key === state.told) return;
  state.told = key;
  paintSteps(i);
  paintPlan();
  paintNotes();
  for (const [el, moment] of view.ticks) el.classList.toggle('seen', moment <= at);
}

function paintClocks() {
  const list = clocksAt(state.tale, state.at);
  if (!list.length) return void replace(view.waits, h('li', { class: 'soft' }, t('pl_waits_none')));
  const key = list.map((one) => one.clock.id + one.clock.from).join();
  if (view.waitsKey !== key || !view.waits.querySelector('.pl-meter')) {
    view.waitsKey = key;
    replace(view.waits, list.map(({ clock: c }) => h('li', {}, h('span', {}, h('b', {}, c.name?.[lang()] || t('pl_wait_to', { step: nameOf(c.item) }))), h('div', { class: 'pl-words' }), h('div', { class: 'pl-meter', 'aria-hidden': 'true' }, h('i'), h('b')))));
  }
  list.forEach(({ clock: c, ms, over, running }, k) => {
    const el = view.waits.children[k];
    const most = Math.max(1.25 * c.limit, ms);
    el.classList.toggle('over', over);
    const words = over ? t('pl_over', { d: dur(ms), limit: dur(c.limit), over: dur(ms - c.limit) }) : t('pl_of', { d: dur(ms), limit: dur(c.limit) });
    replace(el.querySelector('.pl-words'), words + (running ? ' · ' + t('pl_running') : ''));
    el.querySelector('.pl-meter i').style.setProperty('width', (100 * ms) / most + '%');
    el.querySelector('.pl-meter b').style.setProperty('left', (100 * c.limit) / most + '%');
  });
}

function paintSteps(i) {
  [...view.steps.children].forEach((li, k) => {
    li.classList.toggle('seen', k <= i);
    if (k === i) li.setAttribute('aria-current', 'step');
    else li.removeAttribute('aria-current');
    const shown = state.tale.steps[k].breaks.filter((one) => one.moment <= state.at);
    const slot = li.querySelector('.pl-slot');
    if (slot.childElementCount !== shown.length) replace(slot, shown.map((one) => h('small', { class: 'pl-broke' }, t('pl_break', { name: cellName(one) }))));
  });
  const here = view.steps.children[Math.max(0, i)];
  if (here && view.steps.scrollHeight > view.steps.clientHeight)
    view.steps.scrollTop = here.offsetTop - view.steps.offsetTop - 40;
}

function paintPlan() {
  if (!view.plan) return;
  replace(
    view.plan,
    planAt(state.tale, state.at).map(({ step, state: is, at }) =>
      h('li', { class: is + (step.lane === 'back' ? ' bp-b' : '') }, titleEl(step), h('small', {}, t('pl_' + is, { clock: at === null ? '' : clock(at) }))),
    ),
  );
}

function noteLine({ kind, at, one }) {
  const words = one.title?.[lang()] ?? one.title?.en ?? one.id ?? one.what ?? '';
  const value = kind === 'answer' && t('pl_' + one.answer);
  const by = kind === 'answer' && one.by === 'events' && t('pl_by_events');
  return h(
    'li',
    { class: kind === 'answer' && one.answer === 'no' ? 'no' : false },
    h('time', {}, clock(at)),
    h('span', {}, words, value && [': ', h('b', {}, value)], by && h('small', { class: 'soft' }, ' ' + by)),
    one.note && h('small', {}, one.note),
    (one.evidence ?? []).map((file) => h('small', {}, file.href ? h('a', { href: file.href }, file.name) : t('pl_file', { name: file.name ?? file.type, n: num(Math.ceil((file.bytes ?? 0) / 1024)) }))),
  );
}

function paintNotes() {
  if (!view.notes) return;
  const shown = state.tale.noted.filter((one) => one.at <= state.at);
  replace(view.notes, shown.length ? shown.map(noteLine) : h('li', { class: 'soft' }, t('pl_notes_none')));
}

// ---- playing ----

function play(on) {
  if (on && state.at >= state.tale.last) seek(state.tale.start);
  state.playing = on;
  replace(view.play, t(on ? 'pl_pause' : 'pl_play'));
  view.play.setAttribute('aria-pressed', String(on));
  if (on) {
    state.went = performance.now();
    tick();
  } else keepAddress();
}

function tick() {
  if (!state.playing) return;
  if (still()) setTimeout(frame, 500);
  else requestAnimationFrame(frame);
}

function frame() {
  if (!state.playing || !view.root.isConnected) return void (state.playing = false);
  const now = performance.now();
  const before = state.at;
  const next = clamp(before + (now - state.went) * state.speed);
  state.went = now;
  const brk = state.hold && breakBetween(state.tale, before, next);
  const step = stepAt(state.tale, before);
  state.at = brk ? brk.moment : next;
  paint();
  if (brk) {
    play(false);
    tell(brk);
    return;
  }
  if (stepAt(state.tale, state.at) !== step) {
    tell();
    keepAddress();
  }
  if (state.at >= state.tale.last) play(false);
  else tick();
}

function faster(way) {
  const i = SPEEDS.indexOf(state.speed);
  speed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, i + way))]);
}

function speed(x) {
  state.speed = x;
  view.speed.value = String(x);
  keepAddress();
}

function toward(way) {
  play(false);
  const at = jump(moments(state.tale), state.at, way);
  seek(at, state.tale.breaks.find((one) => Math.abs(one.moment - at) < 1) ?? true);
}

function nextBreak() {
  const brk = state.tale.breaks.find((one) => one.moment > state.at + 0.5) ?? state.tale.breaks[0];
  play(false);
  if (brk) seek(brk.moment, brk);
}

const KEYS = {
  ' ': () => play(!state.playing),
  k: () => play(!state.playing),
  ArrowRight: () => toward(1),
  ArrowLeft: () => toward(-1),
  l: () => seek(state.at + HALF_MINUTE, true),
  j: () => seek(state.at - HALF_MINUTE, true),
  ArrowUp: () => faster(1),
  ArrowDown: () => faster(-1),
  Home: () => seek(state.tale.start, true),
  End: () => seek(state.tale.last, true),
};

function onKey(event) {
  if (!view.root?.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
  const on = event.target;
  const types = on.matches('select, textarea, input:not([type="range"])');
  const presses = event.key === ' ' && on.closest('button, a, summary, input[type="checkbox"]');
  const scrolls = event.key.startsWith('Arrow') && on.closest('.pl-scroll');
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || types || presses || scrolls) return;
  event.preventDefault();
  act();
}
document.addEventListener('keydown', onKey);
addEventListener('popstate', () => {
  if (state.tale && asked().has('at')) seek(state.tale.start + 1000 * Number(asked().get('at')), true);
});

// ---- what stands there ----

function scrubber(tale) {
  const span = Math.max(1, tale.last - tale.start);
  const tick = (moment, cls) => {
    const x = (1000 * (moment - tale.start)) / span;
    return [s('line', { class: 'pl-tick ' + cls, x1: x, x2: x, y1: cls ? 0 : 4, y2: 14 }), moment];
  };
  view.ticks = [...tale.steps.map((one) => tick(one.start, '')), ...tale.breaks.map((one) => tick(one.moment, 'broken'))];
  view.range = h('input', {
    type: 'range',
    min: 0,
    max: span,
    step: Math.min(1000, span),
    'aria-label': t('pl_time'),
    oninput: (event) => {
      play(false);
      seek(tale.start + Number(event.target.value), true);
    },
  });
  return h('div', { class: 'pl-scrub' }, s('svg', { viewBox: '0 0 1000 14', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, view.ticks.map(([el]) => el)), view.range);
}

function tools() {
  const button = (key, cls, act, ...kids) => h('button', { type: 'button', class: cls, 'aria-label': t(key), title: t(key), onclick: act }, kids);
  view.play = h('button', { type: 'button', class: 'pl-play', id: 'pl-play', 'aria-pressed': 'false', onclick: () => play(!state.playing) }, t('pl_play'));
  view.speed = h(
    'select',
    { id: 'pl-speed', onchange: (event) => speed(Number(event.target.value)) },
    SPEEDS.map((x) => h('option', { value: x, selected: x === state.speed }, t('pl_speed_x', { x: num(x) }))),
  );
  view.clock = h('span', { class: 'pl-clock' });
  const copied = h('span', { role: 'status', class: 'soft' });
  const copy = async () => {
    keepAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      replace(copied, t('copied'));
    } catch (e) {
      replace(copied, location.href);
    }
  };
  return h(
    'div',
    { class: 'pl-tools' },
    button('pl_back', '', () => toward(-1), '|‹'),
    view.play,
    button('pl_next', '', () => toward(1), '›|'),
    state.tale.breaks.length > 0 && h('button', { type: 'button', class: 'pl-next-break', onclick: nextBreak }, t('pl_next_break')),
    h('label', {}, t('pl_speed'), view.speed),
    h('label', {}, h('input', { type: 'checkbox', checked: state.hold, onchange: (event) => (state.hold = event.target.checked) }), t('pl_hold')),
    button('pl_link', '', copy, icon('link')),
    copied,
    view.clock,
  );
}

function stepList(tale) {
  view.steps = h(
    'ol',
    { class: 'pl-steps', tabindex: 0, 'aria-label': t('pl_steps') },
    tale.steps.map((step) =>
      h(
        'li',
        {},
        h(
          'button',
          { type: 'button', onclick: () => (play(false), seek(step.start, true)) },
          h('time', { datetime: new Date(step.start).toISOString() }, clock(step.start)),
          h('span', {}, step.channel && icon(step.channel), ' ', titleEl(step)),
          step.wait_ms > 0 && h('small', { class: 'soft' }, '+' + dur(step.wait_ms)),
          h('span', { class: 'pl-slot' }),
        ),
      ),
    ),
  );
  return view.steps;
}

function chooser() {
  if (found.parts.length < 2) return null;
  const type = (id) => about.journeys.find((one) => one.id === id)?.title?.[lang()] ?? id;
  const go = (one) => keepQuery('/player', { visit: found.visit, journey: one.type, start: one.start });
  return h('p', {}, t('pl_which') + ': ', found.parts.map((one) => [h('a', { href: go(one), 'aria-current': one === part() ? 'true' : false }, type(one.type), ' ', brief(one.start)), ' ']));
}

function build(root, data) {
  const journey = journeyOf(data);
  const tale = (state.tale = story(journey, data.blueprint?.steps ?? [], data.visit));
  const wanted = Number(asked().get('speed'));
  state.speed ??= SPEEDS.includes(wanted) ? wanted : paceOf(tale);
  state.at = clamp(state.at ?? tale.start + 1000 * (Number(asked().get('at')) || 0));
  state.told = '';
  view.waitsKey = null;
  view.now = h('p', { class: 'pl-now', role: 'status' });
  view.waits = h('ul', { class: 'pl-waits' });
  view.plan = tale.plan.length ? h('ol', { class: 'pl-plan' }) : null;
  view.notes = asked().get('visit') ? h('ul', { class: 'pl-notes' }) : null;
  const stage = h('div', { class: 'pl-main' });
  const section = (key, list) => list && h('section', {}, h('h2', {}, t(key)), list);
  view.root = h(
    'div',
    { class: 'player' },
    h('div', { class: 'pl-head' }, tools(), scrubber(tale)),
    view.now,
    stage,
    h('div', { class: 'pl-side' }, section('pl_waits', view.waits), section('pl_steps', stepList(tale)), section('pl_notes', view.notes)),
    h('p', { class: 'pl-keys' }, t('pl_keys')),
  );
  replace(root, chooser(), view.root);
  const stages = data.map?.nodes.some((node) => node.stage !== null) ? about.models?.[0]?.stages : null;
  view.map = new PlayerMap(tale, data.map, stages ?? null, Math.max(300, stage.clientWidth - 2), still());
  stage.append(view.map.root);
  if (view.plan) stage.append(section('pl_plan', view.plan));
  paint();
  tell(tale.breaks.find((one) => Math.abs(one.moment - state.at) < 1000 && state.at !== tale.start));
}

// ---- none yet ----

function visits(root, list) {
  replace(
    root,
    h('h2', {}, t('pl_choose')),
    h('p', { class: 'soft' }, t('pl_choose_lead')),
    h('ul', { class: 'pl-choose' }, list.filter((one) => one.journeys > 0).map((one) => h('li', {}, h('a', { href: keepQuery('/player', { visit: one.id }) }, one.id), ' ', one.place ?? '', ' ', brief(one.from)))),
  );
}

export const page = {
  key: 'nav_player',
  lead: 'player_lead',
  prepare,
  ask,
  holds: () => state.playing,
  summary: (data) => {
    const journey = data.visits ? null : journeyOf(data);
    if (!journey) return null;
    const visit = data.visit;
    return [asked().has('visit') && h('span', { class: 'strong' }, asked().get('visit')), visit?.place && h('span', {}, visit.place), h('span', {}, brief(journey.start)), h('span', {}, dur(journey.last - journey.start))];
  },
  empty: (data) => (data.visits ? (data.visits.visits.some((one) => one.journeys > 0) ? null : ['pl_none', 'pl_choose_lead']) : journeyOf(data) ? null : ['pl_none', 'pl_none_lead']),
  draw: (root, data) => {
    if (data.visits) return visits(root, data.visits.visits);
    const playing = state.playing;
    state.playing = false;
    build(root, data);
    if (playing) play(true);
  },
};
