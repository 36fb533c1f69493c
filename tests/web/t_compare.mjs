// What the map page says of flows against limits, in customers' words, of ideas; its filters from the data; two maps side by side; the ways behind variants; impact.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, number, open, until } from './site.mjs';

let site;
let page;
const ask = (name, more = '') => site.api(`/api/${name}?journey=order&${DEMO_AS_OF}${more}`);
const text = async (selector) => (await page.locator(selector).first().innerText()).replace(/\s+/g, ' ');
const go = (query, path = '/') => page.goto(site.viewer + path + '?' + query + '&' + DEMO_AS_OF);
const count = async () => number(await page.locator('#panel .count[data-count]').innerText());

before(async () => {
  site = await open(DEMO);
  page = await site.page('/?detail=100&' + DEMO_AS_OF);
});
after(async () => {
  await site?.close();
});

test('flows are coloured by the share over the limit, and say it in figures; another press shows waits', async () => {
  const { flows } = await ask('flows');
  const flow = flows.find((one) => one.from === 'ready' && one.to === 'handover');
  assert.deepEqual([flow.n, flow.over], [11428, 1166]);
  await page.waitForSelector('.flow.over-2');
  const line = page.locator('.flow[data-flow="ready,handover"]');
  assert.match(await line.getAttribute('class'), /over-2/);
  assert.match(await line.getAttribute('aria-label'), /10\.2.% .*over the limit, 1,166 of 11,428/);
  assert.match(await page.locator('.flow[data-flow="menu,detail"]').getAttribute('class'), /over-none/);
  await line.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('#panel .count[data-count]');
  assert.match(await text('#panel .figures'), /Over the limit 10\.2.% .*1,166 of 11,428 · over 8 min/);
  assert.equal(await count(), 11428);
  await page.keyboard.press('Escape');
  await page.locator('#colour-wait').click();
  await page.waitForSelector('.flow.wait-1');
  assert.equal(new URL(page.url()).searchParams.get('colour'), 'wait');
  await page.locator('#colour-over').click();
  await page.waitForSelector('.flow.over-2');
});

test('quotes stand at their step with channel, place, time and score; numbers of people are covered', async () => {
  const { quotes } = await ask('quotes', '&limit=200');
  assert.ok(quotes.length > 20 && quotes.every((one) => one.touchpoint && one.time && !/\d{6}/.test(one.text)));
  const cell = page.locator('.lane-quotes .quote.low', { hasText: '等太久了' }).first();
  await cell.waitFor();
  assert.match((await cell.innerText()).replace(/\s+/g, ' '), /[12]\/5 App S0\d/);
});

test('an opportunity is noted, changed and removed where it stands; a script in it is text', async () => {
  const idea = '<script>alert(1)</script> 备注打印在杯贴上';
  await page.locator('.lane-opportunities .idea-add').nth(3).click();
  await page.locator('.dialog textarea').fill(idea);
  await page.locator('.dialog [name=owner]').fill('门店运营');
  await page.locator('.dialog .primary').click();
  await page.locator('.idea', { hasText: '备注打印' }).waitFor();
  assert.match(await text('.idea'), /<script>alert\(1\)<\/script> 备注打印在杯贴上 New · 门店运营/);
  const [one] = (await site.api('/api/opportunities?journey=order')).opportunities;
  assert.deepEqual([one.text, one.owner, one.status, one.journey], [idea, '门店运营', 'open', 'order']);
  await page.locator('.idea').click();
  await page.locator('.dialog select').selectOption('done');
  await page.locator('.dialog .primary').click();
  await page.locator('.idea-done').waitFor();
  await page.locator('.idea').click();
  await page.locator('.dialog .dialog-tools button').first().click();
  await until('it to go', async () => (await page.locator('.idea').count()) === 0);
});

test('filters come from the data, stand in the address and can be dropped', async () => {
  await page.locator('.facet-tier').selectOption('gold');
  await until('gold only', async () => number(await text('.summary .strong')) === 2725);
  await page.locator('.facet-place').selectOption('S07');
  const want = (await ask('map', '&filter=tier=gold&filter=place=S07&edges=0')).journeys;
  await until('gold at S07', async () => number(await text('.summary .strong')) === want);
  assert.deepEqual(new URL(page.url()).searchParams.getAll('filter'), ['tier=gold', 'place=S07']);
  assert.equal(await page.locator('.facet-segment option').count(), 3);
  for (let i = 0; i < 2; i++) await page.locator('.chip button').first().click();
  await until('everything', async () => number(await text('.summary .strong')) === 16935);
});

test('side by side: steps at the same places, each side its own numbers and its own journeys', async () => {
  await go('detail=100&vs=tier=gold&side=1');
  await page.waitForSelector('.beside-side .card');
  const places = (i) => page.locator('.beside-side').nth(i).locator('.card').evaluateAll((all) => Object.fromEntries(all.map((el) => [el.dataset.id, el.style.transform])));
  assert.deepEqual(await places(0), await places(1));
  assert.match((await page.locator('.beside-head').nth(1).innerText()).replace(/\s+/g, ' '), /Tier gold 2,725 journeys/);
  const there = await ask('map', '&filter=tier=gold');
  await page.locator('.beside-side').nth(1).locator('.card[data-id="remedy"]').click();
  await page.waitForSelector('#panel .count[data-count]');
  assert.equal(await count(), there.nodes.find((node) => node.touchpoint === 'remedy').journeys);
  await page.keyboard.press('Escape');
  await page.locator('.compare-line .switch button').first().click();
  await page.locator('#map .card').first().waitFor();
  assert.match((await page.locator('.compare-box tr', { hasText: 'Emotion' }).first().innerText()).replace(/\s+/g, ' '), /First sip Emotion \+0\.9\d.*n 3,685.*\+0\.7\d.*▲ better/);
});

test('visits beside customers: two scales, no difference', async () => {
  await go('detail=100&vs=visits');
  await page.waitForSelector('.beside-side .card');
  assert.match((await page.locator('.beside-head').nth(1).innerText()).replace(/\s+/g, ' '), /Mystery visits 24 journeys/);
  assert.equal(await page.locator('.pill-diff, .compare-box tr, .compare-line .switch').count(), 0);
});

test('the journeys behind a variant: as many as it says, and a map of them alone', async () => {
  const { top } = await ask('variants', '&limit=5');
  await go('pick=' + top[4].id, '/variants');
  await page.waitForSelector('#panel .count[data-count]');
  assert.equal(await count(), top[4].journeys);
  await page.locator('#panel .panel-links a').click();
  await page.waitForSelector('.card');
  assert.equal(number(await text('.summary .strong')), top[4].journeys);
  assert.equal(await page.locator('.card').count(), new Set(top[4].touchpoints).size);
});

test('impact: with and without each break, the adjusted difference, the journeys behind it', async () => {
  await go('', '/impact');
  await page.waitForSelector('.finding-table');
  assert.match((await page.locator('.cell-row', { hasText: 'Hand-over within 8 minutes' }).innerText()).replace(/\s+/g, ' '), /23\.4.% .*286 of 1,222 6\.3.% .*\+17\.6 \+15\.1 … \+20\.0 ×3\.7/);
  await page.locator('[data-pick="handover_wait/handover"]').click();
  await page.waitForSelector('#panel .count[data-count]');
  assert.equal(await count(), 1286);
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
