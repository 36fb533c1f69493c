// The way of one journey over the map: the customers' map in grey and without numbers, this journey's steps and moves upon it, and a dot where it is.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { titleOf } from './format.js';
import { lang } from './prefs.js';
import { layout } from './layout.js';
import { route } from './route.js';
import { between, stepAt } from './playing.js';

const NARROW_PX = 640;
const NODES = 20; // drawn at most of those that this journey has not
const LINE = 17;
const key = (from, to) => from + '\0' + to;

// All of this journey's steps and moves, and where there is room the map's commonest: counts are for the drawing's order alone, nobody sees them.
function together(map, tale, alone) {
  const mine = new Set(tale.steps.map((one) => one.touchpoint));
  const busy = [...(map?.nodes ?? [])].sort((a, b) => b.steps - a.steps).slice(0, alone ? 0 : Math.max(0, NODES - mine.size)).map((one) => one.touchpoint);
  const nodes = new Map((map?.nodes ?? []).filter((one) => mine.has(one.touchpoint) || busy.includes(one.touchpoint)).map((one) => [one.touchpoint, { ...one, ends: { ...one.ends } }]));
  const edges = new Map((map?.edges ?? []).filter((one) => nodes.has(one.from) && nodes.has(one.to)).map((one) => [key(one.from, one.to), { ...one }]));
  tale.steps.forEach((step, i) => {
    const node = nodes.get(step.touchpoint) ?? { touchpoint: step.touchpoint, title: step.title, stage: tale.plan.find((one) => one.touchpoint === step.touchpoint)?.stage ?? null, steps: 0, starts: 0, other_in: 0, other_out: 0, ends: { good: 0, bad: 0, lapsed: 0, open: 0 } };
    nodes.set(step.touchpoint, { ...node, steps: node.steps + 1, starts: node.starts + (i ? 0 : 1), ends: { ...node.ends, good: node.ends.good + (i === tale.steps.length - 1 ? 1 : 0) } });
    if (!i) return;
    const from = tale.steps[i - 1].touchpoint;
    const edge = edges.get(key(from, step.touchpoint)) ?? { from, to: step.touchpoint, steps: 0 };
    edges.set(key(from, step.touchpoint), { ...edge, steps: edge.steps + 1, mine: true });
  });
  const list = [...edges.values()].sort((a, b) => b.steps - a.steps);
  return { nodes: [...nodes.values()], edges: list.filter((edge, i) => edge.mine || i < 34) };
}

function words(text, w) {
  const room = Math.max(4, Math.floor((w - 18) / 7.4));
  const size = (one) => [...one].reduce((n, c) => n + (c > '⺀' ? 2 : 1), 0);
  const parts = /\s/.test(text) ? text.split(/(?<=\s)/) : [...text];
  const lines = [''];
  for (const part of parts) {
    if (size(lines[lines.length - 1] + part) > room && lines[lines.length - 1]) lines.push('');
    lines[lines.length - 1] += part;
  }
  return lines.length > 2 ? [lines[0], lines[1].trimEnd() + '…'] : lines;
}

export class PlayerMap {
  constructor(tale, map, stages, width, still) {
    this.tale = tale;
    this.still = still;
    const vertical = width < NARROW_PX;
    const { nodes, edges } = together(map, tale, vertical);
    const card = vertical ? { w: Math.floor((width - 98) / 2), h: 46 } : { w: 132, h: 46 };
    const drawing = route(layout(nodes, edges, stages, { all: { nodes, edges }, width, vertical, card, thickest: 6, gap: vertical ? [26, 60] : [26, 64] }));
    this.boxes = drawing.cards;
    this.paths = new Map();
    this.cards = new Map();
    const svg = s('svg', { class: 'pl-map', viewBox: `0 0 ${Math.ceil(drawing.width)} ${Math.ceil(drawing.height)}`, width: Math.ceil(drawing.width), height: Math.ceil(drawing.height), 'aria-hidden': 'true' });
    for (const band of drawing.bands) svg.append(this.band(band));
    for (const flow of drawing.flows) svg.append(this.flow(flow));
    for (const node of nodes) svg.append(this.card(node));
    this.dot = s('g', { class: 'pl-dot' }, s('circle', { r: 13 }), s('circle', { r: 6 }));
    svg.append(this.dot);
    this.root = h('div', { class: 'pl-scroll', role: 'img', tabindex: 0, 'aria-label': t('pl_map_label') }, svg);
    this.at = -2;
  }

  band(band) {
    const title = band.stage.id === null ? t('no_stage') : (band.stage.title?.[lang()] ?? band.stage.id);
    return s('g', { class: 'pl-band' }, s('rect', { x: band.x, y: band.y, width: band.w, height: band.h }), s('text', { x: band.x + 14, y: band.y + 22 }, title));
  }

  flow(flow) {
    const path = s('path', { d: flow.d });
    this.paths.set(key(flow.edge.from, flow.edge.to), path);
    const el = s('g', { class: 'pl-flow' + (flow.edge.mine ? ' mine' : '') }, path, s('path', { class: 'pl-arrow', d: flow.arrow }));
    path.owner = el;
    return el;
  }

  card(node) {
    const box = this.boxes.get(node.touchpoint);
    const lines = words(titleOf(node).text || '–', box.w);
    const top = box.y + box.h / 2 + 5 - ((lines.length - 1) * LINE) / 2;
    const el = s(
      'g',
      { class: 'pl-card' },
      s('rect', { x: box.x, y: box.y, width: box.w, height: box.h, rx: 8 }),
      lines.map((line, i) => s('text', { x: box.x + box.w / 2, y: top + i * LINE }, line)),
    );
    this.cards.set(node.touchpoint, el);
    return el;
  }

  // What was passed by a moment; told again only when the step or a break is another.
  paint(at) {
    const i = stepAt(this.tale, at);
    const broken = this.tale.breaks.filter((one) => one.moment <= at).length;
    if (this.at !== i + '/' + broken) this.mark(at, i);
    this.at = i + '/' + broken;
    const [x, y] = this.place(at);
    this.dot.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  }

  mark(at, i) {
    const passed = this.tale.steps.slice(0, i + 1);
    const seen = new Set(passed.map((one) => one.touchpoint));
    const ways = new Set(passed.slice(1).map((one, k) => key(passed[k].touchpoint, one.touchpoint)));
    const broken = new Set(this.tale.breaks.filter((one) => one.moment <= at).map((one) => one.touchpoint));
    for (const [id, el] of this.cards) {
      el.classList.toggle('seen', seen.has(id));
      el.classList.toggle('here', id === this.tale.steps[i]?.touchpoint);
      el.classList.toggle('broken', broken.has(id));
    }
    for (const [id, path] of this.paths) path.owner.classList.toggle('seen', ways.has(id));
    const box = this.boxes.get(this.tale.steps[Math.max(0, i)]?.touchpoint);
    if (box && this.root.scrollWidth > this.root.clientWidth)
      this.root.scrollTo({ left: box.x + box.w / 2 - this.root.clientWidth / 2, behavior: this.still ? 'auto' : 'smooth' });
  }

  place(at) {
    const { from, to, share } = between(this.tale, at);
    const centre = (step) => {
      const box = this.boxes.get(step.touchpoint);
      return [box.x + box.w / 2, box.y];
    };
    if (!from) return [0, 0];
    if (!to || !share || this.still || from.touchpoint === to.touchpoint) return centre(from);
    const path = this.paths.get(key(from.touchpoint, to.touchpoint));
    if (!path) return centre(from).map((n, k) => n + (centre(to)[k] - n) * share);
    const point = path.getPointAtLength(path.getTotalLength() * share);
    return [point.x, point.y];
  }
}
