// Mystery visits and backtracking on the demo: what the pages say is what the answers say; the outlet is not told who came; marks stand on the break list.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, open } from './site.mjs';

let site;
before(async () => {
  site = await open(DEMO);
});
after(async () => {
  await site?.close();
});

const rows = (page, caption) => page.locator('.finding-table', { has: page.locator('caption', { hasText: caption }) }).locator('tbody tr');

test('the list: shares met, places without a ranking, every visit with its score', async () => {
  const answer = await site.api('/api/visits?' + DEMO_AS_OF);
  const page = await site.page('/visits?' + DEMO_AS_OF);
  await page.waitForSelector('.finding-table');
  const greeting = await rows(page, 'Checklist items met').filter({ hasText: 'surname' }).innerText();
  assert.match(greeting, /19 of 24[\s\S]*79\.2[\s\S]*59\.5–90\.8/);
  assert.equal(await rows(page, 'no league table').count(), answer.places.length);
  const names = await rows(page, 'no league table').locator('th').allInnerTexts();
  assert.deepEqual(names, [...names].sort());
  const all = page.locator('.finding-table').filter({ has: page.locator('a[href*="/visit?"]') }).locator('tbody tr');
  assert.equal(await all.count(), 24);
  assert.match(await all.filter({ hasText: 'visit-02' }).innerText(), /S03[\s\S]*70[\s\S]*critical item missed[\s\S]*Hand-over within 8 minutes/);
  await page.context().close();
});

test('a scorecard, for QA and for the outlet', async () => {
  const page = await site.page('/visits?' + DEMO_AS_OF);
  await page.locator('a', { hasText: 'visit-02' }).click();
  await page.waitForURL(/\/visit\?id=visit-02/);
  await page.waitForSelector('.vs-no');
  assert.match(await rows(page, 'Checklist').filter({ hasText: 'within 8 minutes' }).innerText(), /critical[\s\S]*30[\s\S]*no/);
  assert.match(await rows(page, 'Clocks').innerText(), /too late/);
  assert.match(await page.locator('#summary').innerText(), /S03[\s\S]*70/);
  assert.equal(await page.locator('#summary a', { hasText: 'Replay' }).count(), 1);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.locator('a', { hasText: 'For the outlet' }).click();
  await page.waitForURL(/reader=outlet/);
  await page.waitForSelector('.vs-no');
  assert.ok(asked.some((url) => url.includes('reader=outlet')) && !asked.some((url) => /\/api\/visits\/[^?]*$/.test(url)));
  assert.equal(await page.locator('#summary a', { hasText: 'Replay' }).count(), 0);
  assert.doesNotMatch(await page.locator('main').innerText(), /operator|u90002|[0-9a-f]{32}/);
  await page.context().close();
});

test('backtracking: bars with n and interval, another outcome, and the walk back of one customer', async () => {
  const answer = await site.api('/api/backtrack?journey=order&' + DEMO_AS_OF);
  const page = await site.page('/backtrack?' + DEMO_AS_OF);
  await page.waitForSelector('.pareto');
  const bars = await page.locator('.pareto li').allInnerTexts();
  assert.equal(bars.length, answer.breaks.length + 1);
  answer.breaks.forEach((one, i) => assert.ok(bars[i].includes(`n ${one.first}`) && bars[i].includes((100 * one.share).toFixed(1)), bars[i]));
  assert.equal(answer.breaks.reduce((sum, one) => sum + one.first, answer.none.n), answer.bad);
  await page.locator('#bt-outcome').selectOption('not_back');
  await page.waitForURL(/outcome=not_back/);
  const { customer } = answer.breaks[0].examples[0];
  await page.goto(site.viewer + '/backtrack?customer=' + customer + '&lang=en');
  await page.waitForSelector('.bt-walk');
  assert.match(await page.locator('.bt-walk').first().innerText(), /First break[\s\S]*order\./);
  await page.context().close();
});

test('marks: customers and visits side by side on the break list and its panel', async () => {
  const page = await site.page('/breaks?pick=handover_wait/handover&' + DEMO_AS_OF);
  await page.waitForSelector('#panel .mark-both');
  assert.match(await page.locator('#panel').innerText(), /confirmed twice[\s\S]*Visits: 2 of 16 missed it/);
  assert.match(await rows(page, 'More unhappy').filter({ hasText: 'Chat answered' }).innerText(), /not visited/);
  assert.match(await rows(page, 'Found by visits alone').innerText(), /surname[\s\S]*visits only[\s\S]*3 of 16/);
  await page.context().close();
});
