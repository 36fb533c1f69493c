// What is drawn and what becomes "other". Pure: a map answer and a wanted coverage in, a drawing list out.
//
// Every step is reached by exactly one move: a start or a flow. So moves = steps, and the share drawn is
// (starts at drawn steps + drawn flows) / steps. The commonest moves are kept until the wanted share is reached.
// At every drawn step  starts + flows in + other_in = count = ends + flows out + other_out  still holds.

const READABLE = { nodes: 24, edges: 32 };

export const endsOf = (node) => node.ends.good + node.ends.bad + node.ends.lapsed + node.ends.open;
export const flowKey = (edge) => encodeURIComponent(edge.from) + ',' + encodeURIComponent(edge.to);

function kept(map, wanted) {
  const moves = [];
  for (const node of map.nodes) if (node.starts > 0) moves.push({ n: node.starts, start: node.touchpoint });
  for (const edge of map.edges) moves.push({ n: edge.steps, edge });
  moves.sort((a, b) => b.n - a.n);
  const goal = map.steps * wanted;
  const nodes = new Set();
  const edges = new Set();
  let sum = 0;
  for (const move of moves) {
    if (wanted < 1 && sum >= goal) break;
    sum += move.n;
    if (move.edge) {
      edges.add(move.edge);
      nodes.add(move.edge.from).add(move.edge.to);
    } else nodes.add(move.start);
  }
  return { nodes, edges };
}

// A drawn step keeps its strongest way in and out, so that no card floats alone.
function anchor(map, nodes, edges) {
  const best = { from: new Map(), to: new Map() };
  for (const edge of map.edges) {
    if (edge.from === edge.to || !nodes.has(edge.from) || !nodes.has(edge.to)) continue;
    for (const end of ['from', 'to']) {
      const known = best[end].get(edge[end]);
      if (!known || edge.steps > known.steps) best[end].set(edge[end], edge);
    }
  }
  for (const found of Object.values(best)) for (const edge of found.values()) edges.add(edge);
}

// What someone has picked is drawn, however rare it is, and so are the steps to keep. -> whether the picked one would have been folded away
function force(map, pick, nodes, edges) {
  const edge = pick.edge && map.edges.find((one) => flowKey(one) === pick.edge);
  const node = pick.node && map.nodes.find((one) => one.touchpoint === pick.node);
  const rare = Boolean((edge && !edges.has(edge)) || (node && !nodes.has(node.touchpoint)));
  if (edge) {
    edges.add(edge);
    nodes.add(edge.from).add(edge.to);
  }
  if (node) nodes.add(node.touchpoint);
  for (const one of map.nodes) if (pick.keep?.has(one.touchpoint)) nodes.add(one.touchpoint);
  return rare;
}

export function fold(map, wanted, pick = {}) {
  const { nodes, edges } = kept(map, wanted);
  const forced = force(map, pick, nodes, edges);
  if (wanted < 1) anchor(map, nodes, edges);
  else for (const node of map.nodes) nodes.add(node.touchpoint);
  const shown = new Map();
  for (const node of map.nodes) if (nodes.has(node.touchpoint)) shown.set(node.touchpoint, { ...node });
  const hidden = { nodes: map.nodes.filter((node) => !nodes.has(node.touchpoint)), edges: [] };
  let drawn = 0;
  for (const edge of map.edges) {
    if (edges.has(edge)) {
      drawn += edge.steps;
      continue;
    }
    hidden.edges.push(edge);
    if (shown.has(edge.from)) shown.get(edge.from).other_out += edge.steps;
    if (shown.has(edge.to)) shown.get(edge.to).other_in += edge.steps;
  }
  for (const node of shown.values()) drawn += node.starts;
  return {
    nodes: [...shown.values()],
    edges: [...edges],
    other: {
      nodes: hidden.nodes,
      edges: hidden.edges,
      unlisted: { nodes: map.other?.nodes ?? 0, edges: map.other?.edges ?? 0 },
      moves: map.steps - drawn,
    },
    forced,
    coverage: map.steps > 0 ? drawn / map.steps : 1,
  };
}

// How much to draw when nobody has said: as much as one can take in at once.
export function readable(map) {
  const shares = [100, 97, 95, 92, 90, 85, 80, 75, 70, 60, 50];
  return (
    shares.find((share) => {
      const { nodes, edges } = fold(map, share / 100);
      return nodes.length <= READABLE.nodes && edges.length <= READABLE.edges;
    }) ?? 40
  );
}

// The steps whose sums do not meet: [] in every right answer, folded or not.
export function broken(nodes, edges) {
  const sum = new Map(nodes.map((node) => [node.touchpoint, { in: node.starts + node.other_in, out: endsOf(node) + node.other_out }]));
  for (const edge of edges) {
    if (sum.has(edge.to)) sum.get(edge.to).in += edge.steps;
    if (sum.has(edge.from)) sum.get(edge.from).out += edge.steps;
  }
  return nodes
    .filter((node) => sum.get(node.touchpoint).in !== node.steps || sum.get(node.touchpoint).out !== node.steps)
    .map((node) => node.touchpoint);
}
