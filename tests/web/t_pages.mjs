// The other pages of the demo: every figure is the answer's, and what is entered arrives.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, open, until } from './site.mjs';

let site;
let page;
const ask = (name, more = '') => site.api(`/api/${name}?journey=order&${DEMO_AS_OF}${more}`);
const go = async (path, ready) => {
  await page.goto(site.viewer + path + (path.includes('?') ? '&' : '?') + DEMO_AS_OF);
  await page.waitForSelector(ready);
};
const text = async (selector) => (await page.locator(selector).innerText()).replace(/\s+/g, ' ');
const n = (x) => x.toLocaleString('en');

before(async () => {
  site = await open(DEMO);
  page = await site.page('/quarantine');
});
after(async () => {
  await site?.close();
});

test('funnel: share of the start and of the step before, with interval', async () => {
  await go('/funnel?q=menu,payment,handover', '.funnel-step');
  const funnel = await ask('funnel', '&steps=menu,payment,handover');
  const rows = await page.locator('.funnel-step').allInnerTexts();
  assert.equal(rows.length, 3);
  funnel.steps.forEach((step, i) => {
    assert.ok(rows[i].includes(n(step.journeys)), rows[i]);
    if (i) assert.ok(rows[i].includes(`${(100 * step.lo).toFixed(1)}–${(100 * step.hi).toFixed(1)}`), rows[i]);
  });
  await page.locator('#funnel-checkout').click();
  await until('four steps', async () => (await page.locator('.funnel-step').count()) === 4);
  assert.equal(new URL(page.url()).searchParams.get('q'), 'menu,checkout,payment,handover');
});

test('variants: the commonest first, with their share', async () => {
  await go('/variants', '.way');
  const { top, variants } = await ask('variants', '&limit=30');
  assert.equal(await page.locator('.way').count(), top.length);
  assert.ok((await text('#summary')).includes(n(variants)));
  assert.ok((await page.locator('.way').first().innerText()).includes(n(top[0].journeys)));
  assert.equal(await page.locator('.way').first().locator('.way-step').count(), top[0].touchpoints.length);
});

test('metrics: value, interval, parts, target', async () => {
  await go('/dashboard', '.metric');
  const { metrics } = await ask('metrics');
  assert.equal(await page.locator('.metric').count(), metrics.length);
  const wait = metrics.find((metric) => metric.standard === 'handover_wait');
  const words = (await page.locator('.metric', { hasText: 'Hand-over within 8 minutes' }).innerText()).replace(/\s+/g, ' ');
  assert.ok(words.includes((100 * wait.total.value).toFixed(1)), words);
  assert.ok(words.includes(`${n(wait.total.numerator)} of ${n(wait.total.denominator)}`), words);
  assert.match(words, /target 95\.0/);
  const nps = metrics.find((metric) => metric.id === 'nps');
  assert.ok((await page.locator('.metric', { hasText: 'promoters' }).first().innerText()).includes(`${nps.total.promoters} promoters − ${nps.total.detractors} detractors of ${nps.total.n}`));
});

test('recognition: every channel with its contacts, at once and by now', async () => {
  await go('/dashboard', '.metric');
  const { from, to } = await ask('metrics');
  const { channels } = await site.api(`/api/channels?from=${from}&to=${to}`);
  const rows = page.locator('.finding-table tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), channels.length);
  assert.ok(channels.length > 2);
  const words = (await rows.first().innerText()).replace(/\s+/g, ' ');
  const [most] = channels;
  for (const part of [n(most.n), n(most.customers), (100 * most.at_once.rate).toFixed(1), (100 * most.by_now.lo).toFixed(1)]) assert.ok(words.includes(part), `${part} in ${words}`);
});

test('coverage, blueprint, handbook: all 27 touchpoints', async () => {
  await go('/coverage', '.finding-table');
  const coverage = await ask('coverage');
  assert.ok((await text('#summary')).includes(`${coverage.covered} of ${coverage.touchpoints} touchpoints`));
  await go('/blueprint', '.bp-step');
  const { steps } = await ask('blueprint');
  assert.equal(steps.length, 27);
  assert.equal(await page.locator('.bp-step').count(), 27);
  const handover = steps.find((step) => step.touchpoint === 'handover');
  assert.ok((await page.locator('.bp-step', { hasText: 'Hand-over' }).first().innerText()).includes(`${n(handover.reached)} of ${n(handover.n)}`));
  assert.equal(await page.locator('.bp-step.bp-back').count(), steps.filter((step) => step.lane === 'back').length);
  await go('/handbook', '.hb-entry');
  assert.equal(await page.locator('.hb-entry').count(), 27);
  assert.match(await page.locator('.hb-entry.key-step', { hasText: 'Within 8 minutes of the order' }).innerText(), /target 95\.0[\s\S]*kept 90\.6/);
});

test('heat map: the touchpoints hit, by stage, with rate and customers', async () => {
  await go('/heatmap', '.heat-tile');
  const hit = (await ask('heatmap')).touchpoints.filter((one) => one.hits > 0);
  assert.equal(await page.locator('.heat-tile').count(), hit.length);
  const words = (await page.locator('.heat-item', { hasText: 'Hand-over' }).innerText()).replace(/\s+/g, ' ');
  const one = hit.find((each) => each.touchpoint === 'handover');
  assert.ok(words.includes((100 * one.rate).toFixed(1)) && words.includes(n(one.customers)), words);
});

test('an improvement that is entered on the page is judged there: before, after, comparison, verdict', async () => {
  await go('/improvements', '.imp-enter');
  const before = (await ask('improvements')).improvements.length;
  await page.locator('.imp-enter summary').click();
  const fill = (name, value) => page.locator(`.improvement-form [name="${name}"]`).fill(value);
  await fill('title', '新动线二 Second layout <script>alert(1)</script>');
  await fill('cell', 'order:handover_wait/handover');
  await fill('action', 'One-way counter');
  await fill('owner', 'Store operations');
  await fill('start', '2026-02-02');
  await fill('places', 'S03');
  await fill('comparison', 'S07');
  await page.locator('.improvement-form button').click();
  await page.getByText('Entered; the page').waitFor();
  await page.locator('h1').click();
  await until('the new card', async () => (await page.locator('.improvement').count()) === before + 1);
  const one = (await ask('improvements')).improvements.find((each) => each.title.includes('Second layout'));
  assert.equal(one.verdict.id, 'works');
  const card = page.locator('.improvement', { hasText: 'Second layout' });
  const words = (await card.innerText()).replace(/\s+/g, ' ');
  assert.ok(words.includes('<script>alert(1)</script>'), words);
  assert.match(words, /works/);
  assert.ok(words.includes('−' + Math.abs(100 * one.effect.value).toFixed(1)), words);
  assert.equal(await card.locator('.slope-dot').count(), 4);
  const row = (await page.locator('.finding-table tr', { hasText: 'Second layout' }).innerText()).replace(/\s+/g, ' ');
  assert.ok(row.includes(`${n(one.after.acted.k)} of ${n(one.after.acted.n)}`), row);
});

test('no page has a word without its translation', async () => {
  for (const [path, ready] of [['/funnel', '.funnel-step'], ['/dashboard', '.metric'], ['/coverage', '.finding-table'], ['/blueprint', '.bp-step'], ['/handbook', '.hb-entry'], ['/alerts', '.switch']]) {
    await go(path + '?lang=zh', ready);
    assert.doesNotMatch(await page.evaluate(() => document.querySelector('main').innerText), /\b(?!store_note)[a-z]+_[a-z_]+\b/, path);
  }
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
