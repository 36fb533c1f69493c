// From places to strokes. Pure: turns a layout in (u, v) into card boxes, stage bands, flow paths, arrows and stubs in (x, y).

import { BULGE } from './layout.js';

const TOP = 60; // the stage, its goal, and room for what stands on a card's upper edge
const SIDE = 20;
const FOOT = 26;

function frame(plan) {
  const { vertical } = plan;
  const head = plan.cols.some((group) => group.stage) ? TOP : 30;
  const base = vertical
    ? { u: 14, v: Math.max(SIDE, (plan.width - plan.lengthV) / 2) }
    : { u: Math.max(SIDE, (plan.width - plan.lengthU) / 2), v: head };
  const xy = (u, v) => (vertical ? [base.v + v, base.u + u] : [base.u + u, base.v + v]);
  return {
    xy,
    width: vertical ? Math.max(plan.width, plan.lengthV + 2 * SIDE) : Math.max(plan.width, plan.lengthU + 2 * SIDE),
    height: (vertical ? plan.lengthU + base.u : plan.lengthV + head) + FOOT,
  };
}

const r1 = (n) => Math.round(n * 10) / 10;
const at = (p) => r1(p[0]) + ' ' + r1(p[1]);

function boxes(plan, xy) {
  return new Map(
    [...plan.at.values()].map((item) => {
      const [x, y] = xy(plan.u0(item.g), item.v - plan.size.v / 2);
      return [item.id, { x, y, w: plan.vertical ? plan.size.v : plan.size.u, h: plan.vertical ? plan.size.u : plan.size.v, g: item.g }];
    }),
  );
}

// Straight through a lane, S-shaped between: every joint has its tangent along u, so the stroke has no corner.
function strokes(plan, chain) {
  const { from, to } = chain;
  const ahead = to.g > from.g;
  const side = (g, out) => plan.u0(g) + (ahead === out ? plan.size.u : 0);
  const points = [[side(from.g, true), chain.a]];
  for (const lane of chain.lanes) points.push([side(lane.g, false), lane.v], [side(lane.g, true), lane.v]);
  points.push([side(to.g, false), chain.b]);
  return points;
}

function between(plan, chain, xy) {
  const points = strokes(plan, chain);
  const dir = chain.to.g > chain.from.g ? 1 : -1;
  const tip = points[points.length - 1];
  const length = arrowLength(chain.w);
  points[points.length - 1] = [tip[0] - dir * length, tip[1]];
  let d = 'M' + at(xy(...points[0]));
  const mids = [];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    const mid = (a[0] + b[0]) / 2;
    d += 'C' + at(xy(mid, a[1])) + ' ' + at(xy(mid, b[1])) + ' ' + at(xy(...b));
    if (i % 2 === 1) mids.push(xy(mid, (a[1] + b[1]) / 2));
  }
  return { d, mids, tip: xy(...tip), dir: xy(dir, 0).map((n, k) => n - xy(0, 0)[k]) };
}

const arrowLength = (w) => Math.min(11, 5 + w * 0.3);

// Two cards of one column: straight down or up when they are neighbours, else round the side.
function within(plan, chain, xy) {
  const u = plan.u0(chain.from.g);
  const down = chain.to.v > chain.from.v ? 1 : -1;
  const half = plan.size.v / 2;
  const length = arrowLength(chain.w);
  if (chain.near) {
    const line = u + plan.size.u * (down > 0 ? 0.32 : 0.16);
    const a = [line, chain.from.v + down * half];
    const b = [line, chain.to.v - down * half];
    return {
      d: 'M' + at(xy(...a)) + 'L' + at(xy(b[0], b[1] - down * length)),
      mids: [xy(line, (a[1] + b[1]) / 2)],
      tip: xy(...b),
      dir: xy(0, down).map((n, k) => n - xy(0, 0)[k]),
    };
  }
  const edge = u + plan.size.u;
  const out = edge + Math.min(plan.gap, BULGE * (0.55 + Math.abs(chain.b - chain.a) / 420) + chain.w / 2);
  const d = 'M' + at(xy(edge, chain.a)) + 'C' + at(xy(out, chain.a)) + ' ' + at(xy(out, chain.b)) + ' ' + at(xy(edge + length, chain.b));
  return {
    d,
    mids: [xy(edge + (out - edge) * 0.75, (chain.a + chain.b) / 2)],
    tip: xy(edge, chain.b),
    dir: xy(-1, 0).map((n, k) => n - xy(0, 0)[k]),
  };
}

function loop(plan, chain, box) {
  const w = Math.min(chain.w, 9);
  const length = arrowLength(w);
  if (plan.vertical) {
    const [x, y] = [box.x + box.w, box.y];
    return {
      w,
      d: `M${r1(x)} ${r1(y + 50)}C${r1(x + 20)} ${r1(y + 50)} ${r1(x + 20)} ${r1(y + 24)} ${r1(x + length)} ${r1(y + 24)}`,
      mids: [[x + 14, y + 37]],
      tip: [x, y + 24],
      dir: [-1, 0],
    };
  }
  const [x, y] = [box.x + box.w, box.y];
  return {
    w,
    d: `M${r1(x - 46)} ${r1(y)}C${r1(x - 46)} ${r1(y - 22)} ${r1(x - 20)} ${r1(y - 22)} ${r1(x - 20)} ${r1(y - length)}`,
    mids: [[x - 33, y - 17]],
    tip: [x - 20, y],
    dir: [0, 1],
  };
}

function arrow({ tip, dir }, w) {
  const length = arrowLength(w);
  const half = Math.max(3.6, w / 2 + 2.2);
  const back = [tip[0] - dir[0] * length, tip[1] - dir[1] * length];
  const across = [-dir[1] * half, dir[0] * half];
  return `M${at(tip)}L${at([back[0] + across[0], back[1] + across[1]])}L${at([back[0] - across[0], back[1] - across[1]])}Z`;
}

function bands(plan, size, xy) {
  const out = [];
  plan.cols.forEach((group, g) => {
    if (!group.stage) return;
    const last = out[out.length - 1];
    if (last && last.stage === group.stage) last.to = g;
    else out.push({ stage: group.stage, from: g, to: g });
  });
  const [left] = xy(0, 0);
  return out.map(({ stage, from, to }, i) => {
    const lo = plan.u0(from) - (plan.vertical ? 30 : plan.gap / 2);
    const hi = plan.u0(to) + plan.size.u + (plan.vertical ? 24 : plan.gap / 2);
    if (plan.vertical) return { stage, x: 0, y: 14 + lo, w: size.width, h: hi - lo };
    const x = i ? left + lo : 0;
    return { stage, x, y: 0, w: (i === out.length - 1 ? size.width : left + hi) - x, h: size.height };
  });
}

export function route(plan) {
  const { xy, width, height } = frame(plan);
  const cards = boxes(plan, xy);
  const flows = plan.chains.map((chain) => {
    const { from, to, edge } = chain;
    const line = from === to ? loop(plan, chain, cards.get(from.id)) : from.g === to.g ? within(plan, chain, xy) : between(plan, chain, xy);
    const w = line.w ?? chain.w;
    return { edge, w, d: line.d, mids: line.mids, arrow: arrow(line, w), kind: from === to ? 'loop' : from.g > to.g ? 'back' : 'ahead' };
  });
  const stubs = [...plan.at.values()].flatMap((item) => {
    const v = item.v + plan.size.v / 2 - 7;
    const u = plan.u0(item.g);
    return [
      ['in', item.node.other_in, u - 15, u],
      ['out', item.node.other_out, u + plan.size.u, u + plan.size.u + 15],
    ]
      .filter(([, n]) => n > 0)
      .map(([side, n, a, b]) => ({ id: item.id, side, n, d: 'M' + at(xy(a, v)) + 'L' + at(xy(b, v)) }));
  });
  return { width, height, cards, flows, stubs, bands: bands(plan, { width, height }, xy) };
}
