// The lanes under the map: one column a step, in the order of the journey, below its stage; one row a lane. Each lane can be hidden and
// moved; which are shown, and in what order, is in the address. A plain table: what the eye sees is what a screen reader reads.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num, share } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { titleEl } from './cards.js';
import { waits } from './lane_waits.js';
import { breaks } from './lane_breaks.js';
import { moments } from './lane_moments.js';
import { emotion } from './lane_emotion.js';
import { kpis } from './lane_kpis.js';
import { quotes } from './lane_quotes.js';
import { opportunities } from './lane_opportunities.js';
import { backstage } from './lane_backstage.js';

// A lane says {key, cell(step, data, i, steps), head?(data, steps)}; a step is a node of the map with {key, backstage} of the catalogue.
const LANES = [breaks, moments, waits, emotion, quotes, kpis, opportunities, backstage];
const byKey = new Map(LANES.map((lane) => [lane.key, lane]));

export function shownLanes() {
  const said = view.get('lanes');
  if (said === 'none') return [];
  const keys = said ? said.split(',').filter((key, i, all) => byKey.has(key) && all.indexOf(key) === i) : LANES.map((lane) => lane.key);
  return keys.map((key) => byKey.get(key));
}

function arrange(keys) {
  const all = LANES.map((lane) => lane.key).join();
  view.set({ lanes: keys.join() === all ? '' : keys.join() || 'none' });
}

function move(key, by) {
  const keys = shownLanes().map((lane) => lane.key);
  const from = keys.indexOf(key);
  const to = Math.max(0, Math.min(keys.length - 1, from + by));
  keys.splice(to, 0, ...keys.splice(from, 1));
  arrange(keys);
  document.querySelector(`.lane[data-lane="${key}"] .lane-tools button:nth-child(${by < 0 ? 1 : 2})`)?.focus();
}

// Which lanes are shown: a row of switches, in the order of the lanes.
function switches() {
  const on = shownLanes().map((lane) => lane.key);
  const all = [...on, ...LANES.map((lane) => lane.key).filter((key) => !on.includes(key))];
  return h(
    'div',
    { class: 'lane-switches', role: 'group', 'aria-label': t('lanes_shown') },
    all.map((key) =>
      h(
        'button',
        { type: 'button', id: 'lane-switch-' + key, 'aria-pressed': String(on.includes(key)), onclick: () => arrange(on.includes(key) ? on.filter((one) => one !== key) : [...on, key]) },
        t('lane_' + key),
      ),
    ),
  );
}

// The drawn steps in the order that the emotion curve has them: stage by stage, as journeys come by.
function steps(folded, data) {
  const known = new Map((data.emotion?.curve ?? []).map((point, i) => [point.touchpoint, { point, i }]));
  return folded.nodes
    .map((node) => ({ ...node, point: known.get(node.touchpoint)?.point, at: known.get(node.touchpoint)?.i ?? 1e6 }))
    .sort((a, b) => a.at - b.at || b.journeys - a.journeys);
}

function stageRow(list, stages) {
  const runs = [];
  for (const step of list) {
    const last = runs[runs.length - 1];
    if (last && last.id === step.stage) last.n++;
    else runs.push({ id: step.stage, n: 1 });
  }
  const title = (id) => stages.find((one) => one.id === id)?.title?.[lang()] ?? (id === null ? t('no_stage') : id);
  return h('tr', { class: 'lane-stages' }, h('td'), runs.map((run) => h('th', { scope: 'colgroup', colspan: run.n }, title(run.id))));
}

function stepHead(step, map, open) {
  return h(
    'th',
    { scope: 'col', class: step.point?.key ? 'key-step' : false },
    h(
      'button',
      { type: 'button', class: 'lane-step', 'data-step': step.touchpoint, onclick: () => open({ node: step.touchpoint }) },
      h('span', { class: 'lane-step-name' }, step.channel && icon(step.channel), titleEl(step)),
      h('small', {}, num(step.journeys), ' · ', share(step.journeys, map.journeys)),
      step.point?.key && h('span', { class: 'sr' }, ' ' + t('key_step')),
    ),
  );
}

// A step about which nothing was found takes less room.
function widths(list, data) {
  const narrow = innerWidth < 640;
  const told = [breaks, moments, waits, quotes].filter((lane) => shownLanes().includes(lane));
  const full = (step, i) => (step.point && !step.point.gap) || told.some((lane) => [lane.cell(step, data, i, list)].flat().some(Boolean));
  return [narrow ? 92 : 132, ...list.map((step, i) => (full(step, i) ? 126 : narrow ? 80 : 88))];
}

function laneRow(lane, list, data, count) {
  const tool = (key, words, act, off) => h('button', { type: 'button', 'aria-label': t(key, { lane: t('lane_' + lane.key) }), title: t(key, { lane: t('lane_' + lane.key) }), disabled: off, onclick: act }, words);
  const i = shownLanes().indexOf(lane);
  return h(
    'tr',
    { class: 'lane lane-' + lane.key, 'data-lane': lane.key },
    h(
      'th',
      { scope: 'row' },
      h('span', { class: 'lane-name-2' }, t('lane_' + lane.key)),
      lane.head?.(data, list),
      h('span', { class: 'lane-tools' }, tool('lane_up', '↑', () => move(lane.key, -1), i === 0), tool('lane_down', '↓', () => move(lane.key, 1), i === count - 1)),
    ),
    list.map((step, at) => h('td', {}, lane.cell(step, data, at, list))),
  );
}

// data: {breaks, cells, moments, emotion, metrics}, each null while unknown.
export function drawLanes(root, { folded, map, stages, data, open }) {
  const scroller = root.querySelector('.lanes-scroll');
  const left = scroller?.scrollLeft ?? 0;
  const focused = document.activeElement?.id;
  const lanes = shownLanes();
  const list = steps(folded, data);
  const cols = widths(list, data);
  replace(
    root,
    h('div', { class: 'lanes-head' }, h('h2', {}, t('lanes')), switches()),
    lanes.length > 0 &&
      h(
        'div',
        { class: 'lanes-scroll', role: 'region', tabindex: 0, 'aria-label': t('lanes') },
        h(
          'table',
          { class: 'lanes-table', style: { 'min-width': cols.reduce((sum, n) => sum + n, 0) + 'px' } },
          h('colgroup', {}, cols.map((n) => h('col', { style: { width: n + 'px' } }))),
          h('thead', {}, stages && stageRow(list, stages), h('tr', {}, h('td'), list.map((step) => stepHead(step, map, open)))),
          h('tbody', {}, lanes.map((lane) => laneRow(lane, list, data, lanes.length))),
        ),
      ),
  );
  const now = root.querySelector('.lanes-scroll');
  if (now) now.scrollLeft = left;
  if (focused?.startsWith('lane-switch-')) document.getElementById(focused)?.focus({ preventScroll: true });
}
