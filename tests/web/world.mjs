// The small world that the page tests send: 80 customers of a tea shop, some names without a title, a loop, all four ways to end.
// Everything follows from the seed. count() works the expected figures out from the events alone, another way than the store does.

const DAY = 864e5;

export const catalogue = {
  touchpoints: [
    ['menu', '菜单', 'Menu', 'app', 'find'],
    ['detail', '饮品详情', 'Product page', 'app', 'find'],
    ['reviews', '看评价', 'Reviews', 'web', 'find'],
    ['customise', '选规格与备注', 'Customise & note', 'app', 'buy'],
    ['payment', '支付', 'Payment', 'app', 'buy'],
    ['making', '制作', 'Making', 'store', 'use'],
    ['handover', '取到饮品', 'Hand-over', 'store', 'use'],
    ['chat', '在线客服', 'Chat', 'chat', 'after'],
    ['call', '电话客服', 'Call centre', 'phone', 'after'],
    ['complaint', '投诉', 'Complaint', 'phone', 'after'],
  ].map(([id, zh, en, channel, stage]) => ({ id, title: { zh, en }, channel, stage: { A: stage } })),
  stage_models: [
    {
      id: 'A',
      title: { zh: '四阶段', en: 'Four stages' },
      stages: [
        ['find', '寻找', 'Find'],
        ['buy', '购买', 'Buy'],
        ['use', '使用', 'Use'],
        ['after', '售后', 'After'],
      ].map(([id, zh, en]) => ({ id, title: { zh, en } })),
    },
  ],
  journey_types: [
    { id: 'order', title: { zh: '下单取餐', en: 'Order and pick-up' }, key: 'order', gap_d: 3, good: ['handover'], bad: ['complaint'] },
  ],
};

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// One order's steps as [touchpoint, seconds after the one before].
function path(u) {
  const steps = [['menu', 0]];
  if (u() < 0.8) steps.push(['detail', 20 + 60 * u()]);
  if (u() < 0.25) steps.push(['reviews', 30 + 90 * u()]);
  if (u() < 0.2) return steps;
  steps.push(['customise', 20 + 30 * u()], ['payment', 15 + 60 * u()]);
  if (u() < 0.12) return steps;
  if (u() < 0.3) steps.push(['kitchen ticket, 50%', 5]);
  steps.push(['making', 30 + 30 * u()]);
  if (u() < 0.15) steps.push(['chat', 60 + 300 * u()], ['chat', 3600 * u()]);
  const bad = u() < 0.15;
  if (bad) steps.push(['call', 900 + 7200 * u()], ['complaint', 60 + 600 * u()]);
  else steps.push(['handover', 200 + 500 * u()]);
  return steps;
}

export function world(now, customers = 80, seed = 155) {
  const u = random(seed);
  const events = [];
  let n = 0;
  for (let c = 0; c < customers; c++) {
    for (let o = 0; o <= 2 * u(); o++) {
      let time = now - 9 * DAY + Math.floor(u() * 8.9 * DAY);
      let before = '';
      path(u).forEach(([touchpoint, wait], i) => {
        time += Math.round(wait * 1000);
        if (time > now) return;
        const channel = catalogue.touchpoints.find((one) => one.id === touchpoint)?.channel ?? 'kiosk';
        const event = { id: `e${n++}`, type: touchpoint, touchpoint, channel, time, ids: { member: `m${c}` }, order: `o${c}-${o}` };
        if (touchpoint === 'chat') event.case = `${event.order}-${i}`;
        events.push(event);
        before = touchpoint;
      });
    }
  }
  return events;
}

// What the map of type `order` must say.
export function count(events) {
  const orders = Map.groupBy
    ? Map.groupBy(events, (event) => event.order)
    : events.reduce((map, event) => map.set(event.order, [...(map.get(event.order) ?? []), event]), new Map());
  const nodes = {};
  const edges = {};
  let steps = 0;
  for (const list of orders.values()) {
    list.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
    const seen = new Set();
    list.forEach((event, i) => {
      const node = (nodes[event.touchpoint] ??= { steps: 0, journeys: 0, starts: 0, ends: 0 });
      steps++;
      node.steps++;
      node.starts += i === 0;
      node.ends += i === list.length - 1;
      if (!seen.has(event.touchpoint)) node.journeys++;
      seen.add(event.touchpoint);
      if (i === 0) return;
      const edge = (edges[list[i - 1].touchpoint + ' → ' + event.touchpoint] ??= { steps: 0, journeys: new Set() });
      edge.steps++;
      edge.journeys.add(event.order);
    });
  }
  return {
    journeys: orders.size,
    steps,
    nodes,
    edges: Object.fromEntries(Object.entries(edges).map(([key, edge]) => [key, { steps: edge.steps, journeys: edge.journeys.size }])),
  };
}
