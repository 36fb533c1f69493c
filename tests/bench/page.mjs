// page.mjs VIEWER - see page.sh. Times are taken inside the page, from the input event to the frame after the drawing changed.
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../web/package.json', import.meta.url))('playwright-core');
const viewer = process.argv[2];
const ASKED = 'journey=order&as_of=2026-03-02T00:00:00%2B08:00';
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
const say = (what, ms) => console.log(what.padEnd(56), String(Math.round(ms)).padStart(7));

// From navigation to the frame in which the first card stands.
async function paint(page, path) {
  await page.goto(viewer + path, { waitUntil: 'commit' });
  await page.waitForSelector('.card', { timeout: 120000 });
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(performance.now()))));
}

// act in the page; until() true there; -> ms from the input to the next frame
const took = (page, act, until) =>
  page.evaluate(
    ([doing, waiting]) =>
      new Promise((done) => {
        const ready = new Function('return ' + waiting);
        const from = performance.now();
        new Function(doing)();
        const look = () => (ready() ? requestAnimationFrame(() => done(performance.now() - from)) : performance.now() - from > 60000 ? done(NaN) : setTimeout(look, 2));
        look();
      }),
    [act, until],
  );

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
async function times(page, what, act, until, undo, gone, n = 5) {
  const all = [];
  for (let i = 0; i < n; i++) {
    all.push(await took(page, act, until));
    if (undo) await took(page, undo, gone);
  }
  say(what + ` (median of ${n})`, median(all));
}

const first = await context.newPage();
say('first card, viewer just begun', await paint(first, '/?' + ASKED));
await first.close();
const page = await context.newPage();
say('first card, asked again', await paint(page, '/?' + ASKED));
await page.waitForSelector('.lane-break', { timeout: 300000 });
say('... findings and lanes beside it, from navigation', await page.evaluate(() => performance.now()));
const journeys = await page.evaluate(() => document.querySelector('.summary .strong').textContent);
console.log(journeys);

const slider = (value) => `const s = document.querySelector('.slider'); s.value = ${value}; s.dispatchEvent(new Event('input', { bubbles: true }));`;
const cards = 'document.querySelectorAll(".card").length';
const drawn = await page.evaluate(() => document.querySelectorAll('.card').length);
await times(page, 'detail slider: folded and drawn again', slider(60), `${cards} < ${drawn}`, slider(97), `${cards} >= ${drawn}`);
await times(page, 'a step is picked: panel open', `document.querySelector('.card[data-id="handover"]').click();`, '!document.getElementById("panel").hidden', `document.querySelector('#panel .icon-button').click();`, 'document.getElementById("panel").hidden');
await times(page, '... its journeys listed', `document.querySelector('.card[data-id="handover"]').click();`, 'document.querySelector("#panel .count[data-count]")', `document.querySelector('#panel .icon-button').click();`, 'document.getElementById("panel").hidden', 3);
await times(page, 'colour: limits or waits', `document.getElementById('colour-wait').click();`, 'document.querySelector(".flow.wait-0")', `document.getElementById('colour-over').click();`, 'document.querySelector(".flow.over-none")');
await times(page, 'a lane is hidden', `document.getElementById('lane-switch-waits').click();`, '!document.querySelector(".lane-waits")', `document.getElementById('lane-switch-waits').click();`, 'document.querySelector(".lane-waits")');
await times(page, 'language', `document.querySelector('.bar .lang').click();`, 'document.documentElement.lang === "zh-CN"', `document.querySelector('.bar .lang').click();`, 'document.documentElement.lang === "en"');
await times(page, 'a filter, asked for the first time', `const s = document.querySelector('.facet-tier'); s.value = 'gold'; s.dispatchEvent(new Event('change'));`, `document.querySelector('.summary .strong').textContent !== ${JSON.stringify(journeys)}`, null, null, 1);
await page.close();

// 60 steps and 300 flows: a map of that size in place of the store's, then frames while it is dragged
const wide = await context.newPage();
let seed = 7;
const u = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0), seed / 2 ** 32);
await wide.route('**/api/map?*', (route) => {
  const nodes = Array.from({ length: 60 }, (_, i) => ({ touchpoint: 't' + i, title: { zh: '步骤 ' + i, en: 'Step ' + i }, stage: null, channel: 'app', unassigned: false, steps: 0, journeys: 0, starts: 0, ends: { good: 0, bad: 0, lapsed: 0, open: 0 }, other_in: 0, other_out: 0 }));
  const edges = new Map();
  while (edges.size < 300) {
    const from = Math.floor(60 * u());
    const to = Math.min(59, Math.max(0, from + Math.floor(9 * u()) - 2));
    edges.set(from + ',' + to, { from: 't' + from, to: 't' + to, steps: 1 + Math.floor(900 * u() * u()), journeys: 1, wait_ms: { mean: 1, p50: 1e5 * u(), p90: 1e6, p95: 1e6 } });
  }
  for (const edge of edges.values()) {
    for (const [key, mine, other] of [['to', 'starts', 'in'], ['from', 'ends', 'out']]) {
      const node = nodes[Number(edge[key].slice(1))];
      node[other] = (node[other] ?? 0) + edge.steps;
    }
  }
  for (const node of nodes) {
    node.steps = Math.max(node.in ?? 0, node.out ?? 0);
    node.starts = node.steps - (node.in ?? 0);
    node.ends.good = node.steps - (node.out ?? 0);
    node.journeys = node.steps;
  }
  const map = { journey: 'order', from: null, to: null, filter: [], lifecycle: 'default', as_of: 1772380800000, timezone: 'Asia/Shanghai', journeys: nodes.reduce((sum, node) => sum + node.starts, 0), steps: nodes.reduce((sum, node) => sum + node.steps, 0), customers: 1, nodes, edges: [...edges.values()], other: { nodes: 0, edges: 0, steps: 0 }, unassigned: { nodes: 0, steps: 0 } };
  return route.fulfill({ json: map });
});
await paint(wide, '/?detail=100&' + ASKED);
const frames = await wide.evaluate(async () => {
  const box = document.querySelector('.map-scroll');
  const out = [];
  let last = performance.now();
  for (let i = 0; i < 90; i++) {
    box.scrollLeft = ((i * 37) % Math.max(1, box.scrollWidth - box.clientWidth)) + 1;
    await new Promise(requestAnimationFrame);
    out.push(performance.now() - last);
    last = performance.now();
  }
  return { cards: document.querySelectorAll('.card').length, flows: document.querySelectorAll('.flow').length, out };
});
const sorted = frames.out.sort((a, b) => a - b);
console.log(`panning ${frames.cards} steps, ${frames.flows} flows: frame p50 ${sorted[45].toFixed(1)} ms, p95 ${sorted[85].toFixed(1)} ms, worst ${sorted[89].toFixed(1)} ms`);
await browser.close();
