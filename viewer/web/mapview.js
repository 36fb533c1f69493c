// The drawn map: bands, flows and cards on one canvas; lights up what belongs together; keyboard; zoom and dragging.
import { h, s, replace } from './dom.js';
import { t } from './i18n.js';
import { num, titleOf } from './format.js';
import { flowKey } from './fold.js';
import { lang } from './prefs.js';
import { layout } from './layout.js';
import { route } from './route.js';
import { Cards } from './cards.js';
import { Flows } from './flows.js';

const NARROW_PX = 640;
const ZOOMS = [0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.5, 2];
const OTHER_H = 58;

export class MapView {
  // on: {open(pick), hover(pick|null)}; a pick is {node}, {edge} or {other: '1'}.
  constructor(root, on) {
    this.on = on;
    this.zoom = 1;
    this.zoomed = false;
    this.names = new Map();
    const wired = { open: on.open, hover: (pick) => this.hover(pick), focus: (pick) => this.focused(pick) };
    this.bands = h('div', { class: 'bands', 'aria-hidden': 'true' });
    this.svg = s('svg', { class: 'flows', role: 'group' });
    this.cardsRoot = h('div', { class: 'cards' });
    this.other = h('button', { class: 'other-card', type: 'button', onclick: () => on.open({ other: '1' }) });
    this.canvas = h('div', { class: 'canvas' }, this.bands, this.svg, this.cardsRoot, this.other);
    this.sizer = h('div', { class: 'sizer' }, this.canvas);
    this.scroll = h('div', { class: 'map-scroll', role: 'group', onkeydown: (event) => this.keys(event) }, this.sizer);
    this.tools = h('div', { class: 'map-tools' });
    this.cards = new Cards(this.cardsRoot, wired);
    this.flows = new Flows(this.svg, wired, (id) => this.names.get(id) || id);
    root.append(this.scroll, this.tools);
    this.drag();
    this.words();
  }

  words() {
    const tool = (key, text, act) => h('button', { type: 'button', class: 'tool', 'aria-label': t(key), title: t(key), onclick: act }, text);
    replace(
      this.tools,
      tool('zoom_out', '−', () => this.zoomBy(-1)),
      tool('zoom_fit', '⤢', () => this.fit()),
      tool('zoom_in', '+', () => this.zoomBy(1)),
    );
  }

  // marks: touchpoint -> what was found there; overs: flow -> share over the limit, null where waits colour the flows.
  draw(folded, map, stages, width, marks, overs) {
    const vertical = width < NARROW_PX;
    const card = vertical ? { w: Math.floor((width - 98) / 2), h: 92 } : { w: 172, h: 88 };
    const drawing = this.steady(folded, [width, stages?.map((stage) => stage.id)], () =>
      route(
        layout(folded.nodes, folded.edges, stages, {
          all: map,
          width,
          vertical,
          card,
          thickest: vertical ? 18 : 36,
          gap: [52, 130],
        }),
      ),
    );
    this.lay(drawing, folded, map, { vertical, width, marks, overs });
  }

  // Draws what has its places already: a drawing of route.js.
  lay(drawing, folded, map, { vertical, width, marks, overs }) {
    this.names = new Map(map.nodes.map((node) => [node.touchpoint, titleOf(node).text]));
    this.edges = folded.edges;
    this.drawing = drawing;
    const hidden = folded.other.moves > 0;
    this.size = { w: Math.max(drawing.width, 0), h: drawing.height + (hidden ? OTHER_H + 18 : 0) };
    this.canvas.classList.toggle('vertical', vertical);
    this.scroll.setAttribute('aria-label', t('map_label', { n: num(folded.nodes.length), m: num(folded.edges.length) }) + ' ' + t('map_keys'));
    this.svg.setAttribute('viewBox', `0 0 ${this.size.w} ${this.size.h}`);
    this.drawBands(drawing.bands, vertical);
    this.flows.draw(drawing, overs);
    this.cards.draw(folded.nodes, drawing.cards, map.journeys, marks);
    this.drawOther(folded, drawing.height, hidden);
    this.boxes = drawing.cards;
    if (!this.zoomed) this.zoom = vertical ? Math.max(0.7, Math.min(1, (width - 2) / this.size.w)) : 1;
    this.resize();
    this.rove();
    this.light();
  }

  // A live map does not creep: while the same steps and flows are drawn and none has moved by more than 2 %, places stay.
  steady(folded, frame, make) {
    const key = JSON.stringify([
      frame,
      folded.nodes.map((node) => [node.touchpoint, node.stage, node.other_in > 0, node.other_out > 0]),
      folded.edges.map(flowKey),
    ]);
    const near = (a, b) => Math.abs(a - b) <= 0.02 * b;
    const counts = [...folded.nodes, ...folded.edges].map((one) => one.steps);
    const kept = this.kept;
    if (kept?.key === key && counts.every((n, i) => near(n, kept.counts[i]))) {
      const now = new Map(folded.edges.map((edge) => [flowKey(edge), edge]));
      return { ...kept.drawing, flows: kept.drawing.flows.map((flow) => ({ ...flow, edge: now.get(flowKey(flow.edge)) })) };
    }
    this.kept = { key, counts, drawing: make() };
    return this.kept.drawing;
  }

  drawBands(bands, vertical) {
    replace(
      this.bands,
      bands.map((band, i) => {
        const goal = band.stage.goal?.[lang()] || null;
        const el = h(
          'div',
          { class: 'band' + (i % 2 ? ' odd' : '') },
          h('span', { class: 'band-title' }, band.stage.id === null ? t('no_stage') : band.stage.title?.[lang()] || band.stage.id),
          goal && h('span', { class: 'band-goal', title: goal }, goal),
        );
        Object.assign(el.style, { left: band.x + 'px', top: band.y + 'px', width: band.w + 'px', height: (vertical ? band.h : this.size.h) + 'px' });
        return el;
      }),
    );
  }

  drawOther({ other }, top, hidden) {
    this.other.hidden = !hidden;
    if (!hidden) return;
    this.other.style.top = top + 'px';
    replace(
      this.other,
      h('b', {}, t('other')),
      h(
        'span',
        {},
        t('other_line', { nodes: num(other.nodes.length + other.unlisted.nodes), edges: num(other.edges.length + other.unlisted.edges) }),
      ),
      h('span', { class: 'soft' }, t('other_moves', { n: num(other.moves) })),
    );
  }

  // Selection and hover light a step with its flows, or a flow with its two steps; the rest steps back.
  select(pick) {
    this.picked = pick;
    this.light();
  }

  hover(pick) {
    this.hovered = pick;
    this.light();
    this.on.hover(pick);
  }

  light() {
    const pick = this.hovered || this.picked;
    const lit = { cards: new Set(), flows: new Set() };
    for (const edge of this.edges || []) {
      const key = flowKey(edge);
      if (!pick || !(pick.edge === key || pick.node === edge.from || pick.node === edge.to)) continue;
      lit.flows.add(key);
      lit.cards.add(edge.from).add(edge.to);
    }
    if (pick?.node) lit.cards.add(pick.node);
    this.canvas.classList.toggle('lighting', Boolean(pick?.node || pick?.edge));
    for (const el of this.cardsRoot.children) {
      el.classList.toggle('lit', lit.cards.has(el.dataset.id));
      el.classList.toggle('picked', this.picked?.node === el.dataset.id);
      el.setAttribute('aria-pressed', this.picked?.node === el.dataset.id);
    }
    for (const el of this.svg.querySelectorAll('[data-flow]')) {
      el.classList.toggle('lit', lit.flows.has(el.dataset.flow));
      el.classList.toggle('picked', this.picked?.edge === el.dataset.flow);
    }
  }

  // One Tab stop for the cards and one for the flows; arrows move inside.
  rove() {
    for (const list of [[...this.cardsRoot.children], [...this.flows.lines.children]]) {
      if (!list.some((el) => el.getAttribute('tabindex') === '0')) list[0]?.setAttribute('tabindex', '0');
    }
  }

  focused(pick) {
    const mine = pick.node ? [...this.cardsRoot.children] : [...this.flows.lines.children];
    for (const el of mine) el.setAttribute('tabindex', (pick.node ? el.dataset.id === pick.node : el.dataset.flow === pick.edge) ? '0' : '-1');
  }

  keys(event) {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = document.activeElement;
    const next = here.classList.contains('card')
      ? this.cardTowards(here.dataset.id, move)
      : here.classList.contains('flow')
        ? this.flowTowards(here, move)
        : null;
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  cardTowards(id, [dx, dy]) {
    const centre = (box) => [box.x + box.w / 2, box.y + box.h / 2];
    const [x, y] = centre(this.boxes.get(id));
    let best = null;
    for (const [other, box] of this.boxes) {
      const [ox, oy] = centre(box);
      const ahead = (ox - x) * dx + (oy - y) * dy;
      const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (other === id || ahead < 10) continue;
      const cost = ahead + 2.5 * aside;
      if (!best || cost < best.cost) best = { cost, other };
    }
    return best && this.cards.known.get(best.other);
  }

  flowTowards(el, [dx, dy]) {
    const list = [...this.flows.lines.children];
    return list[(list.indexOf(el) + (dx + dy > 0 ? 1 : list.length - 1)) % list.length];
  }

  reveal(pick) {
    if (pick?.edge)
      for (const id of pick.edge.split(',').map(decodeURIComponent).reverse())
        this.cards.known.get(id)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const el = pick?.node
      ? this.cards.known.get(pick.node)
      : pick?.edge
        ? [...this.flows.lines.children].find((line) => line.dataset.flow === pick.edge)
        : null;
    el?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return el;
  }

  resize() {
    const { w, h: height } = this.size;
    Object.assign(this.canvas.style, { width: w + 'px', height: height + 'px', transform: `scale(${this.zoom})` });
    Object.assign(this.sizer.style, { width: w * this.zoom + 'px', height: height * this.zoom + 'px' });
  }

  zoomBy(step) {
    this.zoomed = true;
    const nearest = ZOOMS.reduce((best, z, i) => (Math.abs(z - this.zoom) < Math.abs(ZOOMS[best] - this.zoom) ? i : best), 0);
    this.zoom = ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, nearest + step))];
    this.resize();
  }

  fit() {
    this.zoom = Math.min(1, this.scroll.clientWidth / this.size.w);
    this.resize();
  }

  drag() {
    let from = null;
    this.scroll.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse' || event.button || event.target.closest('button, .flow')) return;
      from = { x: event.clientX, left: this.scroll.scrollLeft, y: event.clientY, top: scrollY };
      this.scroll.setPointerCapture(event.pointerId);
    });
    this.scroll.addEventListener('pointermove', (event) => {
      if (!from) return;
      this.scroll.scrollLeft = from.left - (event.clientX - from.x);
    });
    for (const name of ['pointerup', 'pointercancel'])
      this.scroll.addEventListener(name, () => {
        from = null;
      });
    this.scroll.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoomBy(event.deltaY < 0 ? 1 : -1);
      },
      { passive: false },
    );
  }
}
