// Two maps beside each other: every step stands at the same place on both, each side drawn on its own scale (shares of its own journeys), so that
// what is wide on one side only is seen as that. Visits and customers so never share a scale. Pure, but for what it is given to draw with.
import { fold, flowKey } from './fold.js';
import { layout } from './layout.js';
import { route } from './route.js';

const THICKEST = 26;
const NARROW_PX = 560;      // a side that is narrower runs from top to bottom, like the map on a phone
const COLUMNS = 6;
const GAP = 26;
const none = { good: 0, bad: 0, lapsed: 0, open: 0 };
const NOTHING = { steps: 0, journeys: 0, starts: 0, ends: none, other_in: 0, other_out: 0 };

const ends = (a, b) => Object.fromEntries(Object.keys(none).map((key) => [key, a[key] + b[key]]));

function joined(a, b, key, add) {
  const all = new Map(a.map((one) => [key(one), one]));
  for (const one of b) all.set(key(one), all.has(key(one)) ? add(all.get(key(one)), one) : one);
  return [...all.values()];
}

// Both maps as one, for places alone: each weighs the same, however many journeys it has.
export function union(here, there) {
  const scale = (map) => {
    const k = 1e6 / Math.max(1, map.journeys);
    const by = (n) => Math.round(n * k);
    const node = (one) => ({ ...one, steps: by(one.steps), journeys: by(one.journeys), starts: by(one.starts), ends: Object.fromEntries(Object.entries(one.ends).map(([end, n]) => [end, by(n)])), other_in: by(one.other_in), other_out: by(one.other_out) });
    return { nodes: map.nodes.map(node), edges: map.edges.map((edge) => ({ ...edge, steps: by(edge.steps), journeys: by(edge.journeys) })) };
  };
  const [a, b] = [scale(here), scale(there)];
  const sums = ['steps', 'journeys', 'starts', 'other_in', 'other_out'];
  const add = (x, y) => ({ ...x, ...Object.fromEntries(sums.filter((key) => key in x).map((key) => [key, x[key] + y[key]])), ...(x.ends ? { ends: ends(x.ends, y.ends) } : {}) });
  const nodes = joined(a.nodes, b.nodes, (node) => node.touchpoint, add);
  const steps = nodes.reduce((sum, node) => sum + node.steps, 0);
  return { journeys: 2e6, steps, nodes, edges: joined(a.edges, b.edges, flowKey, add), other: { nodes: 0, edges: 0 } };
}

// One side of the drawing: its own counts at the places of both.
function side(drawing, folded, map) {
  const nodes = new Map(map.nodes.map((node) => [node.touchpoint, node]));
  const edges = new Map(map.edges.map((edge) => [flowKey(edge), edge]));
  const most = Math.max(1, ...map.nodes.map((node) => node.steps));
  const flows = drawing.flows
    .filter((flow) => edges.has(flowKey(flow.edge)))
    .map((flow) => ({ ...flow, edge: edges.get(flowKey(flow.edge)), w: Math.max(1.5, (edges.get(flowKey(flow.edge)).steps / most) * THICKEST) }));
  const shown = folded.nodes.map((node) => nodes.get(node.touchpoint) ?? { ...node, ...NOTHING });
  const drawn = shown.reduce((sum, node) => sum + node.starts, 0) + flows.reduce((sum, flow) => sum + flow.edge.steps, 0);
  return { drawing: { ...drawing, flows, stubs: [] }, folded: { nodes: shown, edges: flows.map((flow) => flow.edge), coverage: map.steps ? drawn / map.steps : 1, other: { nodes: [], edges: [], unlisted: { nodes: 0, edges: 0 }, moves: 0 } } };
}

// -> {here, there}, each {drawing, folded} for MapView.lay; width: of one side
export function sides(here, there, { share, stages, width, keep }) {
  const both = union(here, there);
  const folded = fold(both, share, { keep });
  const vertical = width < NARROW_PX;
  const fit = Math.floor((width - 40 - (COLUMNS - 1) * GAP) / COLUMNS);
  const card = vertical ? { w: Math.floor((width - 98) / 2), h: 92 } : { w: Math.max(84, Math.min(160, fit)), h: 84 };
  const drawing = route(layout(folded.nodes, folded.edges, stages, { all: both, width, vertical, card, thickest: vertical ? 16 : THICKEST, gap: [GAP, 110] }));
  return { vertical, here: side(drawing, folded, here), there: side(drawing, folded, there) };
}
