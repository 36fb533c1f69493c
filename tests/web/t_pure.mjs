// The parts of the page that are plain functions: folding, ordering, layout, the verbatim printer.
import { test } from 'node:test';
import assert from 'node:assert/strict';

const at = '../../viewer/web/';
const { fold, broken, flowKey } = await import(at + 'fold.js');
const { position } = await import(at + 'order.js');
const { layout } = await import(at + 'layout.js');
const { route } = await import(at + 'route.js');

const { differences, newcombe, qs, score } = await import(at + 'difference.js');
const { sides } = await import(at + 'sides.js');

function random(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

// A map of random journeys over n steps.
function made(seed, n, journeys) {
  const u = random(seed);
  const nodes = new Map();
  const edges = new Map();
  const node = (id) =>
    nodes.get(id) ??
    nodes
      .set(id, {
        touchpoint: id,
        stage: null,
        channel: null,
        steps: 0,
        journeys: 0,
        starts: 0,
        ends: { good: 0, bad: 0, lapsed: 0, open: 0 },
        other_in: 0,
        other_out: 0,
      })
      .get(id);
  let steps = 0;
  for (let j = 0; j < journeys; j++) {
    let here = Math.floor(u() * u() * n);
    node('t' + here).starts++;
    for (let more = true; more;) {
      node('t' + here).steps++;
      steps++;
      more = u() < 0.85;
      const next = Math.floor(u() < 0.8 ? (here + 1 + 3 * u()) % n : u() * n);
      if (!more) node('t' + here).ends[['good', 'bad', 'lapsed', 'open'][Math.floor(4 * u())]]++;
      else {
        const key = here + '>' + next;
        const edge = edges.get(key) ?? edges.set(key, { from: 't' + here, to: 't' + next, steps: 0, journeys: 0, wait_ms: null }).get(key);
        edge.steps++;
        node('t' + next);
        here = next;
      }
    }
  }
  return {
    journeys,
    steps,
    customers: journeys,
    nodes: [...nodes.values()].filter((one) => one.steps),
    edges: [...edges.values()],
    other: { nodes: 0, edges: 0, steps: 0 },
  };
}

test('sums meet at every step, whatever is folded away', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const map = made(seed, 4 + seed, 20 * seed);
    assert.deepEqual(broken(map.nodes, map.edges), []);
    for (const wanted of [0, 0.2, 0.5, 0.8, 0.95, 1]) {
      const got = fold(map, wanted);
      assert.deepEqual(broken(got.nodes, got.edges), [], `seed ${seed}, ${wanted}`);
      const drawn = got.nodes.reduce((sum, node) => sum + node.starts, 0) + got.edges.reduce((sum, edge) => sum + edge.steps, 0);
      assert.equal(drawn + got.other.moves, map.steps);
      assert.equal(got.nodes.length + got.other.nodes.length, map.nodes.length);
      assert.equal(got.edges.length + got.other.edges.length, map.edges.length);
      assert.ok(got.coverage >= wanted);
      if (wanted === 1) assert.equal(got.other.moves, 0);
    }
  }
});

test('what the answer itself folded stays counted', () => {
  const map = made(7, 12, 200);
  const cut = map.edges.pop();
  map.nodes.find((node) => node.touchpoint === cut.from).other_out += cut.steps;
  map.nodes.find((node) => node.touchpoint === cut.to).other_in += cut.steps;
  map.other = { nodes: 0, edges: 1, steps: cut.steps };
  const got = fold(map, 0.7);
  assert.deepEqual(broken(got.nodes, got.edges), []);
  assert.equal(got.other.unlisted.edges, 1);
});

test('a chain with optional steps and a way back stands in its order', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const nodes = names.map((touchpoint, i) => ({ touchpoint, starts: i ? 0 : 100, ends: { good: i === 4 ? 100 : 0, bad: 0, lapsed: 0, open: 0 } }));
  const edge = (from, to, steps) => ({ from, to, steps });
  const h = position(nodes, [
    edge('a', 'b', 40),
    edge('a', 'c', 60),
    edge('b', 'c', 40),
    edge('c', 'd', 150),
    edge('d', 'c', 50),
    edge('d', 'e', 100),
  ]);
  assert.deepEqual(
    [...names].sort((x, y) => h.get(x) - h.get(y)),
    names,
  );
});

test('cards never overlap and stay on the paper, wide and narrow, staged and not', () => {
  const stages = ['x', 'y', 'z'].map((id) => ({ id, title: null }));
  for (let seed = 1; seed <= 30; seed++) {
    const map = made(seed, 3 + 2 * seed, 200);
    map.nodes.forEach((node, i) => {
      if (seed % 2) node.stage = ['x', 'y', 'z', 'unknown', null][i % 5];
    });
    const got = fold(map, 0.9);
    for (const [width, vertical] of [
      [390, true],
      [1024, false],
      [2560, false],
    ]) {
      const plan = layout(got.nodes, got.edges, seed % 2 ? stages : null, { all: map, width, vertical, card: { w: 150, h: 88 } });
      const drawing = route(plan);
      const boxes = [...drawing.cards.values()];
      assert.equal(boxes.length, got.nodes.length);
      assert.equal(drawing.flows.length, got.edges.length);
      for (const flow of drawing.flows) assert.ok(!/NaN|undefined/.test(flow.d + flow.arrow), flow.d);
      boxes.forEach((a, i) => {
        assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.w <= drawing.width + 0.5 && a.y + a.h <= drawing.height + 0.5);
        for (const b of boxes.slice(i + 1))
          assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `seed ${seed} at ${width}`);
      });
    }
  }
});

test('60 steps and 300 flows are laid out; the time is printed', () => {
  const map = made(3, 60, 4000);
  map.edges = map.edges.sort((a, b) => b.steps - a.steps).slice(0, 300);
  const began = performance.now();
  const drawing = route(layout(map.nodes, map.edges, null, { all: map, width: 1400, vertical: false, card: { w: 172, h: 88 } }));
  const ms = performance.now() - began;
  console.log(`layout of 60 steps and 300 flows: ${ms.toFixed(0)} ms`);
  assert.equal(drawing.flows.length, 300);
});

test('a flow key survives commas and percent signs in names', () => {
  assert.deepEqual(flowKey({ from: 'a,b', to: 'c%2C' }).split(',').map(decodeURIComponent), ['a,b', 'c%2C']);
});

test('differences: published intervals and q values, and what stands out', () => {
  const near = (a, b, far = 5e-5) => assert.ok(Math.abs(a - b) < far, `${a} is not ${b}`);
  const d = newcombe({ k: 56, n: 70 }, { k: 48, n: 80 });
  near(d.value, 0.2);
  near(d.lo, 0.0524);
  near(d.hi, 0.3339);
  const fall = newcombe({ k: 29, n: 200 }, { k: 50, n: 200 });
  near(fall.lo, -0.182, 5e-4);
  near(fall.hi, -0.027, 5e-4);
  assert.equal(newcombe({ k: 0, n: 0 }, { k: 1, n: 2 }), null);
  [0.006, 0.024, 0.024, 0.048, 0.048, 0.2].forEach((q, i) => near(qs([0.001, 0.008, 0.012, 0.035, 0.04, 0.2])[i], q, 1e-9));
  near(score({ k: 40, n: 200 }, { k: 26, n: 200 }), 0.05972, 5e-4);
  assert.equal(score({ k: 0, n: 10 }, { k: 0, n: 10 }), 1);
  const node = (touchpoint, journeys, lapsed) => ({ touchpoint, journeys, ends: { good: 0, bad: 0, lapsed, open: 0 } });
  const map = (list) => ({ map: { nodes: list }, breaks: null });
  const rows = differences(map([node('pay', 6174, 388), node('menu', 900, 90), node('few', 20, 19)]), map([node('pay', 6109, 175), node('menu', 900, 91), node('few', 20, 1)]));
  assert.deepEqual(rows.map((row) => [row.touchpoint, row.way]), [['pay', 'worse'], ['menu', null]]);
  near(rows[0].change.value, 0.034198);
  near(rows[0].change.lo, 0.026962, 1e-4);
  // emotion: more is better, a tenth of a point on a scale of four is small, gaps are no side
  const felt = (list) => ({ ...map([]), emotion: { curve: list.map(([touchpoint, mean, half, gap = false]) => ({ touchpoint, mean, lo: mean - half, hi: mean + half, gap, n: 50 })) } });
  const means = differences(felt([['a', 1, 0.1], ['b', 0.5, 0.02], ['c', -1, 0.1], ['d', 1, 0.1]]), felt([['a', 0.5, 0.1], ['b', 0.45, 0.02], ['c', -0.6, 0.1], ['d', 1, 0.1, true]]));
  assert.deepEqual(means.map((row) => [row.touchpoint, row.way]), [['a', 'better'], ['c', 'worse'], ['b', null]]);
  near(means[0].change.lo, 0.5 - Math.hypot(0.1, 0.1), 1e-9);
  near(means[0].change.p, 0.00000042, 1e-5);
});

test('two sides of one drawing: the same places, counts of their own, what one side lacks is empty', () => {
  const [a, b] = [made(3, 12, 400), made(4, 9, 60)];
  const { here, there } = sides(a, b, { share: 1, stages: null, width: 700, keep: null });
  assert.deepEqual([...here.drawing.cards], [...there.drawing.cards]);
  const own = new Map(b.nodes.map((node) => [node.touchpoint, node.steps]));
  for (const node of there.folded.nodes) assert.equal(node.steps, own.get(node.touchpoint) ?? 0);
  assert.equal(here.folded.edges.length, a.edges.length);
  assert.equal(there.folded.edges.length, b.edges.length);
  assert.equal(here.folded.coverage, 1);
  assert.equal(there.folded.coverage, 1);
});
