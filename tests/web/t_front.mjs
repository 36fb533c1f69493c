// The front page of the demo: the headline is made from the answers, the worst step is marked, and every way on leads somewhere.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, open, settled, until } from './site.mjs';

let site;
let breaks;
let moments;
before(async () => {
  site = await open(DEMO);
  breaks = await site.api('/api/breaks?journey=order&' + DEMO_AS_OF);
  moments = await site.api('/api/moments?journey=order&' + DEMO_AS_OF);
});
after(async () => {
  await site?.close();
});

test('the headline says what the answers say, in both languages', async () => {
  const map = await site.api(`/api/map?journey=order&from=${breaks.from}&to=${breaks.to}&${DEMO_AS_OF}`);
  const done = map.nodes.reduce((sum, node) => sum + node.ends.good, 0);
  assert.equal(done, 6521);
  const found = breaks.unhappy.length + breaks.unfinished.length;
  const page = await site.page('/?' + DEMO_AS_OF);
  await page.waitForSelector('h1 .hl-breaks');
  const said = async () => (await page.locator('h1').innerText()).replace(/\s+/g, ' ');
  assert.ok((await said()).startsWith(`Last 4 weeks: ${done.toLocaleString('en')} orders · ${found} break points · ${moments.moments.length} moments of truth`), await said());
  await page.locator('.lang').click();
  await until('Chinese', async () => (await said()).startsWith(`近 4 周 6,521 单 · ${found} 个断点 · 2 个关键时刻`));
  await page.context().close();
});

test('the worst step is marked on the map, and its card leads to the place, the hour and the journeys', async () => {
  const page = await site.page('/?' + DEMO_AS_OF);
  await page.waitForSelector('.card.worst');
  await settled(page);
  assert.deepEqual(await page.locator('.card.worst').evaluateAll((cards) => cards.map((card) => card.dataset.id)), ['handover']);
  const marked = await page.locator('.card:has(.pill-mark .severity)').evaluateAll((cards) => cards.map((card) => card.dataset.id).sort());
  const drawn = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.dataset.id));
  const cells = [...breaks.unhappy, ...breaks.unfinished].map((cell) => cell.touchpoint).filter((id) => drawn.includes(id));
  assert.deepEqual(marked, [...new Set(cells)].sort());
  assert.match(await page.locator('.front-break').innerText(), /44\.3[\s\S]*S07 · lunch[\s\S]*at least \d+ more unhappy/);
  await page.locator('.front-break .front-title').click();
  await page.locator('#panel .count[data-count="302"]').waitFor();
  await page.getByRole('link', { name: 'Map of these journeys' }).click();
  await settled(page);
  await until('the map of the 302', async () => /^302 journeys/.test(await page.locator('#summary').innerText()));
  await page.context().close();
});

test('stage models are offered where their touchpoints cover the steps', async () => {
  const page = await site.page('/?' + DEMO_AS_OF);
  await page.waitForSelector('h1 .hl-breaks');
  const { models } = await site.api('/api/about');
  const fit = [];
  for (const { id } of models) {
    const map = await site.api(`/api/map?journey=order&model=${id}`);
    const staged = map.nodes.filter((node) => node.stage !== null).reduce((sum, node) => sum + node.steps, 0);
    if (staged / map.steps >= 0.8) fit.push(id);
  }
  assert.ok(fit.length > 0);
  const offered = () => page.locator('.controls label', { hasText: 'Stages' }).locator('option').evaluateAll((all) => all.map((one) => one.value));
  await until('the fitting models', async () => (await offered()).join() === [...fit, 'none'].join());
  await page.context().close();
});

test('three journeys to read lead to their customers', async () => {
  const page = await site.page('/?' + DEMO_AS_OF);
  await page.waitForSelector('.front-stories a');
  const links = await page.locator('.front-stories a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.equal(links.length, 3);
  await page.goto(site.viewer + links[0]);
  await page.waitForSelector('.journey-card[aria-pressed="true"]');
  assert.ok((await page.locator('.row').count()) > 5);
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
