// Where a step stands from left to right. Pure.
//
// position(): the mean number of moves until a journey first comes by, when every step leads on with the shares that the
// flows have. Loops and ways back do not pull a step forward, optional steps stand before what they lead to.
// layers(): whole numbers from it along the strongest ways in.
// groups(): the columns that are drawn: stages first, then layers, several layers in one column where width is short.

const MOVES = 120;
const STRONG = 0.25;

function chances(nodes, edges) {
  const index = new Map(nodes.map((node, i) => [node.touchpoint, i]));
  const out = nodes.map((node) => ({ total: node.ends.good + node.ends.bad + node.ends.lapsed + node.ends.open, ways: [] }));
  for (const edge of edges) {
    const [from, to] = [index.get(edge.from), index.get(edge.to)];
    if (from === undefined || to === undefined || from === to) continue;
    out[from].ways.push([to, edge.steps]);
    out[from].total += edge.steps;
  }
  return out.map(({ total, ways }) => ways.map(([to, n]) => [to, n / total]));
}

// Mean first arrival at one step: the whole stream runs from the starts, what reaches the step stays there and is timed.
function arrival(target, begin, ways) {
  let here = begin;
  let came = 0;
  let timed = 0;
  for (let move = 0; move < MOVES; move++) {
    came += here[target];
    timed += here[target] * move;
    const next = new Float64Array(here.length);
    let alive = 0;
    for (let i = 0; i < here.length; i++) {
      if (i === target || here[i] < 1e-7) continue;
      for (const [to, p] of ways[i]) next[to] += here[i] * p;
      alive += here[i];
    }
    if (alive < 1e-6) break;
    here = next;
  }
  return came > 0 ? timed / came : MOVES;
}

export function position(nodes, edges) {
  const ways = chances(nodes, edges);
  const all = nodes.reduce((sum, node) => sum + node.starts, 0) || 1;
  const begin = Float64Array.from(nodes, (node) => node.starts / all);
  return new Map(nodes.map((node, i) => [node.touchpoint, arrival(i, begin, ways)]));
}

// Layers inside one set of steps: one more than the furthest of the strong ways in that come from further left.
export function layers(nodes, edges, h) {
  const inside = new Set(nodes.map((node) => node.touchpoint));
  const ways = new Map(nodes.map((node) => [node.touchpoint, []]));
  for (const edge of edges) {
    if (!inside.has(edge.from) || !inside.has(edge.to) || edge.from === edge.to) continue;
    if (h.get(edge.from) < h.get(edge.to)) ways.get(edge.to).push(edge);
  }
  const layer = new Map();
  const ordered = [...nodes].sort((a, b) => h.get(a.touchpoint) - h.get(b.touchpoint) || (a.touchpoint < b.touchpoint ? -1 : 1));
  for (const node of ordered) {
    const into = ways.get(node.touchpoint);
    const strong = Math.max(0, node.starts, ...into.map((edge) => edge.steps)) * STRONG;
    layer.set(node.touchpoint, Math.max(0, ...into.filter((edge) => edge.steps >= strong).map((edge) => layer.get(edge.from) + 1)));
  }
  return layer;
}

function byStage(nodes, stages) {
  if (!stages) return [{ stage: null, nodes }];
  const blocks = stages.map((stage) => ({ stage, nodes: nodes.filter((node) => node.stage === stage.id) }));
  const known = new Set(stages.map((stage) => stage.id));
  blocks.push({ stage: { id: null, title: null }, nodes: nodes.filter((node) => !known.has(node.stage)) });
  return blocks.filter((block) => block.nodes.length);
}

// Cuts ordered layers into n runs of neighbours, as even as can be: least sum of squared lengths, by dynamic programming.
function cut(rows, n) {
  if (n >= rows.length) return rows;
  const sum = [0];
  for (const row of rows) sum.push(sum[sum.length - 1] + row.length);
  const best = [[{ cost: 0 }]];
  for (let k = 1; k <= n; k++) {
    best[k] = [];
    for (let end = k; end <= rows.length; end++) {
      for (let from = k - 1; from < end; from++) {
        if (!best[k - 1][from]) continue;
        const cost = best[k - 1][from].cost + (sum[end] - sum[from]) ** 2;
        if (!best[k][end] || cost < best[k][end].cost) best[k][end] = { cost, from };
      }
    }
  }
  const runs = [];
  for (let k = n, end = rows.length; k > 0; k--) {
    const { from } = best[k][end];
    runs.unshift(rows.slice(from, end).flat());
    end = from;
  }
  return runs;
}

// In a narrow drawing a layer wider than `most` is broken into several rows instead.
function wrap(rows, most) {
  return rows.flatMap((row) => {
    const parts = Math.ceil(row.length / most);
    const size = Math.ceil(row.length / parts);
    return Array.from({ length: parts }, (_, i) => row.slice(i * size, (i + 1) * size));
  });
}

// The same map is drawn again and again while the slider moves.
const known = new WeakMap();

// all: the whole map, so that a step keeps its column while the drawing shows more or less of it.
export function groups(nodes, all, stages, { columns, most }) {
  const { edges } = all;
  if (!known.has(all)) known.set(all, position(all.nodes, edges));
  const h = known.get(all);
  const drawn = new Map(nodes.map((node) => [node.touchpoint, node]));
  const left = (a, b) => h.get(a.touchpoint) - h.get(b.touchpoint) || (a.touchpoint < b.touchpoint ? -1 : 1);
  const blocks = byStage(all.nodes, stages)
    .map((block) => {
      const layer = layers(block.nodes, edges, h);
      const rows = [];
      for (const { touchpoint } of [...block.nodes].sort(left))
        if (drawn.has(touchpoint)) (rows[layer.get(touchpoint)] ??= []).push(drawn.get(touchpoint));
      return { stage: block.stage, rows: rows.filter(Boolean), size: rows.flat().length, columns: 1 };
    })
    .filter((block) => block.size);
  let free = columns - blocks.length;
  while (!most && free-- > 0) {
    const tallest = blocks.filter((b) => b.columns < b.rows.length).sort((a, b) => b.size / b.columns - a.size / a.columns)[0];
    if (!tallest) break;
    tallest.columns++;
  }
  return blocks.flatMap((block) =>
    (most ? wrap(block.rows, most) : cut(block.rows, block.columns)).map((list) => ({ stage: block.stage, nodes: list })),
  );
}
