// The map page: asks for the map twice a second, holds still while someone looks, and puts the parts together.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, setZone } from './format.js';
import { ask, get, poll } from './api.js';
import * as view from './store.js';
import { shell, know, live } from './shell.js';
import { controls, summary, detail, defaultJourney } from './controls.js';
import { fold, broken, flowKey, readable } from './fold.js';
import { MapView } from './mapview.js';
import { drawFront, marks, readFront } from './front.js';
import { readStories } from './stories.js';
import { drawLanes } from './lanes.js';
import { exportMenu } from './exports.js';
import { fitting } from './fitting.js';
import { beside, compareLine, compareTable, difference, hereWords, readOther, vsWords } from './compare.js';
import { Beside } from './beside.js';
import { Panel } from './panel.js';
import { DataTable } from './table.js';
import { legend } from './legend.js';
import { oversOf } from './overs.js';
import { empty, none, problem, loading } from './states.js';

const POLL_MS = 500;
const NEWS_MS = 250;
const FRONT_MS = 5000;
const LIVE_MS = 36e5;
const ABOUT_MS = 60000;
const ABOUT_EMPTY_MS = 5000;
const PHONE_PX = 640;
const LANES_MS = 40;
const MOST = { nodes: 200, edges: 1500 };
const PICKS = ['node', 'edge', 'other', 'end', 'start', 'in'];
const ASKED = ['journey', 'from', 'to', 'filter', 'lifecycle', 'model', 'as_of', 'break', 'variant'];

// When the answer was judged: as asked; else now in a live store, the newest event in one that only holds the past.
function asOf() {
  const said = page.about.as_of ?? Date.now();
  return page.map.as_of ?? (page.aboutAt - said > LIVE_MS ? said : Date.now());
}

const el = (id) => document.getElementById(id);
const page = { about: null, map: null, waiting: null, etag: null, key: '', hovering: false, error: null, aboutAt: 0 };
let drawn = null;
let pair = null;
let panel = null;
let table = null;
let poller = null;
let finder = null;

const picked = () => Object.fromEntries(PICKS.filter((key) => view.get(key)).map((key) => [key, view.get(key)]));
const selecting = () => Boolean(view.get('node') || view.get('edge') || view.get('other'));

function asked() {
  const model = view.get('model');
  return {
    journey: view.get('journey') || defaultJourney(page.about),
    from: view.get('from'),
    to: view.get('to'),
    filter: view.get('filter'),
    lifecycle: view.get('lifecycle'),
    as_of: view.get('as_of'),
    break: view.get('break'),
    variant: view.get('variant'),
    model: model === 'none' ? '' : model,
  };
}

function stages() {
  if (view.get('model') === 'none' || !page.about.models?.length) return null;
  const model = page.about.models.find((one) => one.id === view.get('model')) || page.about.models[0];
  return page.map.nodes.some((node) => node.stage !== null) ? model.stages : null;
}

// The head offers the stage models that fit the journey type, and the one that a link names.
function offered() {
  const { models = [] } = page.about;
  const { fits } = page;
  return { ...page.about, models: fits?.ids.size ? models.filter((one) => fits.ids.has(one.id) || one.id === view.get('model')) : models };
}

async function readModels(journey) {
  if (page.fits?.journey === journey || (page.about.models?.length ?? 0) < 2) return;
  page.fits = { journey, ids: await fitting(page.about.models, journey) };
  controls(el('controls'), offered());
}

// ---- reading

// What the head of the page is made of; positions and times in the answer move all the time.
const shape = ({ timezone, collector, journeys, models, days, other_store }) =>
  JSON.stringify([timezone, collector, journeys, models, days, other_store]);

async function readAbout() {
  const about = await get('/api/about');
  const known = page.about;
  page.about = about;
  page.aboutAt = Date.now();
  if (known && shape(known) === shape(about)) return;
  setZone(page.about.timezone);
  know(page.about);
  controls(el('controls'), offered());
}

async function step() {
  try {
    if (!page.about || Date.now() - page.aboutAt > (page.map?.journeys ? ABOUT_MS : ABOUT_EMPTY_MS)) await readAbout();
    const params = asked();
    const key = JSON.stringify(params);
    const answer = await ask('/api/map', { ...params, ...MOST }, { etag: key === page.key ? page.etag : null });
    live({ lag_ms: answer.lag_ms });
    const recovered = page.error;
    page.error = null;
    if (answer.status === 304) {
      if (recovered) draw();
      return;
    }
    take(JSON.parse(answer.text), key, answer.etag);
  } catch (error) {
    failed(error);
  }
}

function take(map, key, etag) {
  const moved = key !== page.key;
  const first = !page.map;
  page.key = key;
  page.etag = etag;
  if (moved || !page.map?.journeys) {
    page.readable = readable(map);
    page.map = map;
    slider();
  }
  if (moved || !(page.hovering || selecting()) || !page.map.journeys) {
    page.map = map;
    page.waiting = null;
    draw();
  } else {
    page.waiting = map;
    badge();
  }
  if (first) setTimeout(() => finder.now());
}

// Not reached, or busy: what is drawn stays while the page tries again.
const passing = (error) => error.status === 0 || error.status >= 500;

function failed(error) {
  live({ lost: passing(error) });
  const before = page.error?.message;
  page.error = error;
  if (page.map && passing(error)) return;
  if (before !== error.message) draw();
}

// Shows what has arrived in the meantime.
function thaw() {
  if (!page.waiting) return;
  page.map = page.waiting;
  page.waiting = null;
  draw();
}

function badge() {
  const more = page.waiting ? page.waiting.journeys - page.map.journeys : 0;
  replace(
    el('fresh'),
    page.waiting &&
      h(
        'button',
        { type: 'button', class: 'fresh', title: t('frozen'), onclick: thaw },
        h('i', { 'aria-hidden': 'true' }),
        more > 0 ? t('fresh', { n: num(more) }) : t('fresh_any'),
        h('span', { class: 'soft' }, t('fresh_show')),
      ),
  );
}

// ---- drawing

const share = () => Number(view.get('detail') || page.readable);

// What the export menu takes along: the drawing as it stands.
const taken = () => ({
  drawing: drawn.drawing,
  folded: page.folded,
  map: page.map,
  overs: oversOf(page.front),
  marks: page.front && marks(page.front),
  summary: el('summary').innerText.replace(/\s*\n\s*/g, ' · '),
  params: asked(),
});

function slider() {
  replace(el('export'), exportMenu(taken));
  replace(el('detail'), detail(share()));
}

function clear() {
  view.set({ journey: '', from: '', to: '', filter: [], lifecycle: '', as_of: '', break: '', variant: '', vs: '' }, 'push');
}

// A store without a single journey has nothing to choose from.
const bare = () => !page.map.journeys && !(view.get('break') || view.get('variant') || view.get('filter').length || view.get('from') || view.get('to') || view.get('journey'));

function state() {
  if (page.error && (!page.map || !passing(page.error))) return (root) => problem(root, page.error, () => poller.now(), clear);
  if (!page.map) return loading;
  if (page.map.journeys > 0) return null;
  return bare() ? (root) => empty(root, page.about) : (root) => none(root, clear);
}

function draw() {
  document.title = t('nav_map') + ' · Touchline';
  headline();
  badge();
  const instead = state();
  el('state').hidden = !instead;
  el('work').hidden = Boolean(instead);
  el('summary').hidden = Boolean(instead);
  document.querySelector('.head').hidden = Boolean(page.map) && bare();
  replace(document.querySelector('.controls-box > summary'), t('controls'));
  if (instead) {
    if (el('state').dataset.shown !== stateKey()) instead(el('state'));
    el('state').dataset.shown = stateKey();
    panel.hide();
    return;
  }
  el('state').dataset.shown = '';
  replace(el('state'));
  const pick = picked();
  const found = marked();
  const folded = fold(page.map, share() / 100, { ...pick, keep: found });
  const wrong = broken(folded.nodes, folded.edges);
  if (wrong.length) console.error('sums do not meet at', wrong);
  const overs = oversOf(page.front);
  drawn.draw(folded, page.map, stages(), el('work').clientWidth - 2, found, overs);
  drawn.select(pick);
  summary(el('summary'), page.map, folded, asOf(), page.about.days);
  legend(el('legend'), folded, page.front);
  table.draw(page.map, folded, stages(), page.front);
  lanesSoon();
  sideBySide(pick, found);
  compareLine(el('compared'), page.other);
  compareTable(el('compare'), page.other);
  page.folded = folded;
  showPanel(false);
  if (!page.revealed && !pick.in) drawn.reveal(pick);
  page.revealed = true;
}

// The two maps of a comparison stand in the place of the one.
function sideBySide(pick, found) {
  const two = Boolean(page.other) && beside();
  el('beside').hidden = !two;
  el('map').hidden = two;
  if (!two) return;
  pair ??= new Beside(el('beside'), { open: openPick, hover: hovered });
  legend(el('legend'), { nodes: [...page.other.here.nodes, ...page.other.there.nodes], edges: [...page.other.here.edges, ...page.other.there.edges] }, null);
  pair.draw(page.other, [hereWords(page.other, page.about.days), vsWords(page.other)], { share: share() / 100, stages: stages(), keep: found, picked: pick });
}

// What the cards are marked with: what was found there, and what stands out against the other map.
function marked() {
  const found = page.front ? marks(page.front) : new Map();
  for (const { touchpoint } of page.other?.rows.filter((row) => row.way) ?? []) {
    const at = found.get(touchpoint) ?? found.set(touchpoint, { breaks: [], moments: [], worst: false }).get(touchpoint);
    at.difference = difference(page.other, touchpoint);
  }
  return found;
}

// The lanes follow the drawing: while the slider moves they wait.
let lanesTimer = 0;
function lanesSoon() {
  clearTimeout(lanesTimer);
  lanesTimer = setTimeout(() => !el('work').hidden && lanes(page.folded), LANES_MS);
}

// The lanes stand below the drawing once something was found for them.
function lanes(folded) {
  el('lanes').hidden = !page.front;
  if (page.front) drawLanes(el('lanes'), { folded, map: page.map, stages: stages(), data: { ...page.front, journeys: page.map.journeys, journey: asked().journey, open: openPick }, open: openPick });
}

// The headline and the cards; until they are known, and where there is nothing to say, the title is the page's name.
function headline() {
  const said = page.front && !state();
  el('title').classList.toggle('sr', !said);
  el('front').hidden = !said;
  if (said) drawFront(el('title'), el('front'), page.front, asked().journey);
  else replace(el('title'), t('nav_map'));
}

// What was found is asked for on its own: the map does not wait for it.
async function readFindings() {
  if (!page.map?.journeys) return;
  try {
    const { journey, model } = asked();
    await readModels(journey);
    const front = await readFront(journey, model, asked());
    const told = await readStories(page.about);
    if (front) page.front = front;
    const other = await readOther(asked(), page.about.days);
    const moved = JSON.stringify(other?.rows) !== JSON.stringify(page.other?.rows);
    page.other = other;
    if (!(front || told || moved) || page.hovering) return;
    draw();
  } catch (error) {
    page.frontError = error;
  }
}

const stateKey = () =>
  JSON.stringify([document.documentElement.lang, page.error?.message, Boolean(page.map), page.map?.journeys, page.about, view.get('filter')]);

function showPanel(focus) {
  const open = selecting();
  el('work').classList.toggle('with-panel', open);
  if (!open) return panel.hide();
  const { in: inside, ...pick } = picked();
  if (inside && !page.other) return panel.hide();
  const of = inside ? { map: page.other.there, folded: fold(page.other.there, 1), params: page.other.asked } : { map: page.map, folded: page.folded, front: page.front, params: asked() };
  return panel.show(pick, of, focus);
}

// ---- what people do

function openPick(pick) {
  if (pick.detail) {
    view.set({ detail: pick.detail, node: '', edge: '', other: '', end: '', start: '' }, 'push');
    slider();
    return;
  }
  view.set({ node: '', edge: '', other: '', end: '', start: '', in: view.get('in'), ...pick }, 'push');
}

function closePick() {
  const pick = picked();
  view.set({ node: '', edge: '', other: '', end: '', start: '', in: '' }, 'push');
  drawn.reveal(pick)?.focus();
}

const folded = ({ node, edge }) =>
  page.folded.other.nodes.some((one) => one.touchpoint === node) || page.folded.other.edges.some((one) => flowKey(one) === edge);

function changed(moved) {
  if (!page.about) return;
  if (ASKED.some((key) => moved.has(key))) {
    controls(el('controls'), offered());
    poller.now();
    finder.now();
    if (page.map) draw();
    return;
  }
  if (!page.map?.journeys) return;
  if (moved.has('vs')) {
    controls(el('controls'), offered());
    page.other = null;
    finder.now();
    return draw();
  }
  if (moved.has('lanes')) return lanes(page.folded);
  if (moved.has('colour') || moved.has('side')) return draw();
  if (moved.has('detail')) {
    if (document.activeElement?.className !== 'slider') slider();
    return requestAnimationFrame(draw);
  }
  if (page.folded.forced || (!view.get('in') && folded(picked())) || (page.other && beside())) draw();
  drawn.select(picked());
  showPanel(true);
  if (!view.get('in')) drawn.reveal(picked());
  if (!selecting()) thaw();
}

function hovered(pick) {
  page.hovering = Boolean(pick);
  clearTimeout(page.hoverEnd);
  if (!pick && !selecting()) page.hoverEnd = setTimeout(thaw, 600);
}

// The panel found another count than the map shows: read the map again and draw it under the open panel.
async function stale() {
  if (view.get('in')) return false;
  const params = asked();
  const answer = await ask('/api/map', { ...params, ...MOST });
  if (Date.now() - (page.staleAt || 0) < 400) return false;
  page.staleAt = Date.now();
  page.map = JSON.parse(answer.text);
  page.etag = answer.etag;
  page.waiting = null;
  draw();
  return true;
}

function start() {
  drawn = new MapView(el('map'), { open: openPick, hover: hovered });
  panel = new Panel(el('panel'), { open: openPick, close: closePick, stale });
  table = new DataTable(el('table'));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && selecting()) closePick();
  });
  let width = innerWidth;
  el('controls-box').open = innerWidth > PHONE_PX;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    if (width > PHONE_PX) el('controls-box').open = true;
    if (page.map) requestAnimationFrame(draw);
  });
  // What somebody entered here is shown as soon as it is seen.
  document.addEventListener('entered', () => finder.now());
  view.listen(changed);
  shell('/', () => {
    drawn.words();
    pair?.words();
    if (page.about) {
      controls(el('controls'), offered());
      if (page.map) slider();
    }
    draw();
  });
  poller = poll(POLL_MS, step, NEWS_MS);
  finder = poll(FRONT_MS, readFindings, FRONT_MS);
}

start();
