// Coordinates for cards and flows. Pure: drawing list and sizes in, numbers out.
//
// Layered drawing after Sugiyama: groups (order.js) are the layers; a flow over several groups holds a place (a "lane")
// in each group between; orders are improved by barycentres, places by least squares under "keep apart" (pool adjacent
// violators). u runs along the groups, v across; only the last step turns (u, v) into (x, y) for either orientation.
import { groups } from './order.js';

const GAP_V = 34;
const LANE_GAP = 7;
const ROUNDS = 16;
export const BULGE = 40;

function thickness(edges, nodes, thickest) {
  const most = Math.max(1, ...nodes.map((node) => node.steps));
  return (n) => Math.max(1.5, (n / most) * thickest);
}

// Inside a column the stronger direction of two neighbours points down.
function downwards(list, edges) {
  const flow = new Map(edges.map((edge) => [edge.from + '\0' + edge.to, edge.steps]));
  const n = (a, b) => flow.get(a.touchpoint + '\0' + b.touchpoint) ?? 0;
  for (let pass = 0; pass < list.length; pass++) {
    for (let i = 1; i < list.length; i++) {
      const [a, b] = [list[i - 1], list[i]];
      if (n(b, a) > n(a, b)) list.splice(i - 1, 2, b, a);
    }
  }
}

function items(cols, edges, size, widthOf) {
  const at = new Map();
  const rows = cols.map((group, g) =>
    group.nodes.map((node, i) => {
      const item = { id: node.touchpoint, g, node, size, rank: i, links: [] };
      at.set(item.id, item);
      return item;
    }),
  );
  const chains = [];
  for (const edge of edges) {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    const chain = { edge, from, to, w: widthOf(edge.steps), lanes: [] };
    chains.push(chain);
    if (from.g === to.g) continue;
    let last = from;
    const step = to.g > from.g ? 1 : -1;
    for (let g = from.g + step; g !== to.g; g += step) {
      const lane = { g, lane: chain, size: chain.w, links: [] };
      rows[g].push(lane);
      chain.lanes.push(lane);
      link(last, lane, edge.steps);
      last = lane;
    }
    link(last, to, edge.steps);
  }
  return { rows, chains, at };
}

function link(a, b, n) {
  const straight = a.lane && b.lane ? 8 : a.lane || b.lane ? 2 : 1;
  a.links.push([b, n, n * straight]);
  b.links.push([a, n, n * straight]);
}

// Weighted crossings between a row and its neighbours would cost n²; the barycentre rule gets there in a few sweeps.
function arrange(rows) {
  rows.forEach((row) =>
    row.forEach((item, i) => {
      item.i = i;
    }),
  );
  const best = { cost: Infinity, orders: null };
  for (let round = 0; round < ROUNDS; round++) {
    const forward = round % 2 === 0;
    for (let k = 0; k < rows.length; k++) sortRow(rows[forward ? k : rows.length - 1 - k], rows, forward);
    const cost = forward ? Infinity : crossings(rows);
    if (cost < best.cost) Object.assign(best, { cost, orders: rows.map((row) => [...row]) });
  }
  if (best.orders)
    best.orders.forEach((order, g) => {
      rows[g].splice(0, rows[g].length, ...order);
    });
  rows.forEach((row) =>
    row.forEach((item, i) => {
      item.i = i;
    }),
  );
}

function sortRow(row, rows, forward) {
  const centre = (item) => item.i / Math.max(1, rows[item.g].length - 1 || 1);
  for (const item of row) {
    const side = item.links.filter(([other]) => (forward ? other.g < item.g : other.g > item.g));
    const use = side.length ? side : item.links;
    const weight = use.reduce((sum, [, n]) => sum + n, 0);
    item.want = weight ? use.reduce((sum, [other, n]) => sum + n * centre(other), 0) / weight : centre(item);
  }
  row.sort((a, b) => a.want - b.want || a.i - b.i);
  keepReading(row);
  row.forEach((item, i) => {
    item.i = i;
  });
}

// Cards of several layers in one column read from top to bottom in the order of the journey.
function keepReading(row) {
  const inner = new Set(row.filter((item) => item.node).map((item) => item.id));
  const joined = row.some((item) => item.node && item.node.inner?.some((id) => inner.has(id)));
  if (!joined) return;
  const cards = row.filter((item) => item.node).sort((a, b) => a.rank - b.rank);
  row.forEach((item, i) => {
    if (item.node) row[i] = cards.shift();
  });
}

function crossings(rows) {
  let cost = 0;
  for (const row of rows) {
    const ends = [];
    row.forEach((item, i) => {
      for (const [other, n] of item.links) if (other.g > item.g) ends.push([i, other.i, n]);
    });
    for (let a = 0; a < ends.length; a++) {
      for (let b = a + 1; b < ends.length; b++) {
        if ((ends[a][0] - ends[b][0]) * (ends[a][1] - ends[b][1]) < 0) cost += Math.min(ends[a][2], ends[b][2]);
      }
    }
  }
  return cost;
}

const apart = (a, b) => (a.size + b.size) / 2 + (a.node && b.node ? GAP_V : a.node || b.node ? 14 : LANE_GAP);

// Least squares towards item.want with every pair of neighbours at least apart() from each other.
function settle(row) {
  let offset = 0;
  const blocks = [];
  row.forEach((item, i) => {
    if (i) offset += apart(row[i - 1], item);
    item.offset = offset;
    const weight = item.node ? 6 : 1;
    blocks.push({ sum: (item.want - offset) * weight, weight, items: [item] });
    while (blocks.length > 1) {
      const [a, b] = blocks.slice(-2);
      if (a.sum / a.weight <= b.sum / b.weight) break;
      blocks.splice(-2, 2, { sum: a.sum + b.sum, weight: a.weight + b.weight, items: [...a.items, ...b.items] });
    }
  });
  for (const block of blocks) for (const item of block.items) item.v = block.sum / block.weight + item.offset;
}

function extent(rows) {
  const all = rows.flat();
  const low = Math.min(...all.map((item) => item.v - item.size / 2));
  return { low, length: Math.max(...all.map((item) => item.v + item.size / 2)) - low };
}

// limit: what the paper offers across; a drawing that would be wider is drawn together towards its middle.
// calm: how far a card follows its neighbours away from the middle line; less keeps a long drawing flat.
function place(rows, limit, calm) {
  for (const row of rows) {
    let v = 0;
    row.forEach((item, i) => {
      v += i ? apart(row[i - 1], item) : 0;
      item.v = v;
    });
    for (const item of row) item.v -= v / 2;
  }
  for (let round = 0; round < 60; round++) {
    const forward = round % 2 === 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[forward ? k : rows.length - 1 - k];
      for (const item of row) {
        const weight = item.links.reduce((sum, [, , n]) => sum + n, 0);
        const pull = weight ? item.links.reduce((sum, [other, , n]) => sum + n * other.v, 0) / weight : 0;
        item.want = item.node ? calm * pull : pull;
      }
      settle(row);
    }
  }
  for (let round = 0; round < 5 && extent(rows).length > limit; round++) {
    const { low, length } = extent(rows);
    for (const row of rows) {
      for (const item of row) item.want = (item.v - low - length / 2) * 0.6;
      settle(row);
    }
  }
  const { low } = extent(rows);
  for (const item of rows.flat()) item.v -= low;
}

// No card lies between the two; lanes may, they are crossed at a right angle.
function neighbours(row, a, b) {
  const [lo, hi] = [Math.min(a.i, b.i), Math.max(a.i, b.i)];
  return !row.slice(lo + 1, hi).some((item) => item.node);
}

// Where flows meet a card: stacked along its side in the order of their other ends, so that they do not cross there.
function ports(rows, chains, card) {
  const sides = new Map();
  const add = (item, side, chain, end, other) => {
    const key = item.id + '\0' + side;
    if (!sides.has(key)) sides.set(key, { item, list: [] });
    sides.get(key).list.push({ chain, end, other });
  };
  for (const chain of chains) {
    const { from, to } = chain;
    if (from === to) continue;
    if (from.g === to.g) {
      const near = neighbours(rows[from.g], from, to);
      chain.near = near;
      if (!near) {
        add(from, 1, chain, 'a', to);
        add(to, 1, chain, 'b', from);
      }
      continue;
    }
    const ahead = to.g > from.g ? 1 : -1;
    add(from, ahead, chain, 'a', chain.lanes[0] || to);
    add(to, -ahead, chain, 'b', chain.lanes[chain.lanes.length - 1] || from);
  }
  for (const { item, list } of sides.values()) {
    list.sort((p, q) => p.other.v - q.other.v || (p.end < q.end ? -1 : 1));
    const room = card.v - 16;
    const sum = list.reduce((total, p) => total + p.chain.w, 0);
    const gap = list.length > 1 ? Math.min(5, (room - sum) / (list.length - 1)) : 0;
    let v = item.v - (sum + gap * (list.length - 1)) / 2;
    for (const p of list) {
      p.chain[p.end] = v + p.chain.w / 2;
      v += p.chain.w + gap;
    }
  }
}

// all: the map that nodes and edges were taken from.
export function layout(
  nodes,
  edges,
  stages,
  { all = { nodes, edges }, width, vertical, card, thickest = 34, gap: [least, widest] = [52, 120], margin = 20 },
) {
  const size = vertical ? { u: card.h, v: card.w } : { u: card.w, v: card.h };
  const columns = Math.max(1, Math.floor((width - 2 * margin + least) / (size.u + least)));
  const most = vertical ? Math.max(1, Math.floor((width - 2 * margin + GAP_V) / (size.v + GAP_V))) : 0;
  const cols = groups(nodes, all, stages, { columns, most });
  for (const group of cols) downwards(group.nodes, edges);
  const inner = new Map(nodes.map((node) => [node.touchpoint, []]));
  for (const edge of edges) inner.get(edge.from).push(edge.to);
  for (const group of cols) group.nodes = group.nodes.map((node) => ({ ...node, inner: inner.get(node.touchpoint) }));
  const { rows, chains, at } = items(cols, edges, size.v, thickness(edges, nodes, thickest));
  arrange(rows);
  place(rows, vertical ? width - 2 * margin : Infinity, vertical ? 0.93 : 0.8);
  ports(rows, chains, size);
  const bulge = chains.some((chain) => chain.from !== chain.to && chain.from.g === chain.to.g && !chain.near && chain.from.g === cols.length - 1)
    ? BULGE
    : 0;
  const free = (width - 2 * margin - bulge - cols.length * size.u) / Math.max(1, cols.length - 1);
  const gap = vertical ? 50 : Math.min(widest, Math.max(least, free));
  const starts = [];
  let u = 0;
  cols.forEach((group, g) => {
    if (vertical && group.stage && group.stage !== cols[g - 1]?.stage) u += 26;
    starts.push(u);
    u += size.u + gap;
  });
  const lengthV = Math.max(0, ...rows.flat().map((item) => item.v + item.size / 2));
  return { cols, rows, chains, at, size, gap, u0: (g) => starts[g], lengthU: u - gap + bulge, lengthV, vertical, width };
}
