// Flows: one stroke each, width by count, colour by the share over the limit or the median wait, with a wide unseen stroke to hit and a label where there is room.
import { s, replace } from './dom.js';
import { t } from './i18n.js';
import { num, dur } from './format.js';
import { flowKey } from './fold.js';
import { waitClass } from './waits.js';
import { overClass, overLabel, overSentence } from './overs.js';

const CHAR = 6.4;
const LINE = 15;

const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

// Flows over their limit choose first, then the commonest; a share may stand without its count where both find no room. A label that would cover a card or another label waits for hover.
export function placeLabels(flows, cards, overs) {
  const taken = [...cards.values()].map((box) => ({ x: box.x - 1, y: box.y - 8, w: box.w + 2, h: box.h + 16 }));
  const labels = new Map();
  const over = new Map(flows.map((flow) => [flow, overs?.get(flowKey(flow.edge))]));
  const late = (flow) => Number(overClass(over.get(flow)) > 0);
  const boxes = (flow, text) => {
    const w = text.length * CHAR + 6;
    return flow.mids.map(([x, y]) => ({ x: x - w / 2, y: y - LINE / 2, w, h: LINE, at: [x, y], text }));
  };
  for (const flow of [...flows].sort((a, b) => late(b) - late(a) || b.edge.steps - a.edge.steps)) {
    const share = overLabel(over.get(flow));
    const texts = [num(flow.edge.steps) + share, ...(share ? [share.slice(3)] : [])];
    const all = texts.flatMap((text) => boxes(flow, text));
    const free = all.find((box) => !taken.some((other) => overlap(box, other)));
    if (free) taken.push(free);
    labels.set(flow, { text: (free || all[0]).text, at: (free || all[0]).at, shown: Boolean(free) });
  }
  return labels;
}

export class Flows {
  constructor(svg, on, nameOf) {
    this.on = on;
    this.nameOf = nameOf;
    this.stubs = s('g', { class: 'stubs', 'aria-hidden': 'true' });
    this.lines = s('g', { class: 'lines' });
    this.labels = s('g', { class: 'labels', 'aria-hidden': 'true' });
    svg.append(this.stubs, this.lines, this.labels);
  }

  draw(drawing, overs) {
    const labels = placeLabels(drawing.flows, drawing.cards, overs);
    const focused = document.activeElement?.dataset?.flow;
    // The widest lie lowest, so that no flow hides under another.
    const ordered = [...drawing.flows].sort((a, b) => b.edge.steps - a.edge.steps);
    replace(
      this.stubs,
      drawing.stubs.map((stub) => s('path', { class: 'stub', d: stub.d, 'data-id': stub.id })),
    );
    replace(
      this.lines,
      ordered.map((flow) => this.line(flow, overs)),
    );
    replace(
      this.labels,
      ordered.map((flow) => {
        const label = labels.get(flow);
        return s(
          'text',
          { class: 'flow-label' + (label.shown ? '' : ' waiting'), x: label.at[0], y: label.at[1], 'data-flow': flowKey(flow.edge) },
          label.text,
        );
      }),
    );
    if (focused) [...this.lines.children].find((el) => el.dataset.flow === focused)?.focus({ preventScroll: true });
  }

  line(flow, overs) {
    const { edge } = flow;
    const key = flowKey(edge);
    const over = overs?.get(key);
    const pick = { edge: key };
    return s(
      'g',
      {
        class: `flow flow-${flow.kind} ${overs ? 'over-' + overClass(over) : 'wait-' + waitClass(edge.wait_ms?.p50)}`,
        role: 'button',
        tabindex: -1,
        'data-flow': key,
        'data-from': edge.from,
        'data-to': edge.to,
        'aria-label':
          t('flow_label', {
            from: this.nameOf(edge.from),
            to: this.nameOf(edge.to),
            steps: num(edge.steps),
            wait: dur(edge.wait_ms?.p50),
          }) + (over?.n ? t('comma') + overSentence(over) : ''),
        onclick: () => this.on.open(pick),
        onkeydown: (event) => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            this.on.open(pick);
          }
        },
        onpointerenter: () => this.on.hover(pick),
        onpointerleave: () => this.on.hover(null),
        onfocus: () => this.on.focus(pick),
      },
      s('path', { class: 'flow-hit', d: flow.d, style: { 'stroke-width': Math.max(14, flow.w + 8) + 'px' } }),
      s('path', { class: 'flow-line', d: flow.d, style: { 'stroke-width': flow.w + 'px' } }),
      s('path', { class: 'flow-tip', d: flow.arrow }),
    );
  }
}
