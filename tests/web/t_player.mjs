// The player: a visit of the demo as it happened. Time by scrubber, keys, steps and address; waits against their limits; a pause on the break; both languages, themes and widths.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DEMO, open, until } from './site.mjs';
import { between, breakBetween, clocksAt, jump, moments, planAt, stepAt, story } from '../../viewer/web/playing.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VISIT = '/player?visit=visit-02'; // S03, 12:10, handed over after 10:40
let site;

before(async () => {
  site = await open(DEMO);
});
after(() => site?.close());

const at = (page) => page.evaluate(() => Number(document.querySelector('.pl-scrub input').value));
const current = (page) => page.locator('.pl-steps [aria-current]').textContent();
const open_ = async (path, options) => {
  const page = await site.page(path, options);
  await page.waitForSelector('.pl-dot');
  return page;
};

test('what is when: steps, clocks, breaks, the plan', () => {
  const step = (touchpoint, start, end = start) => ({ touchpoint, start, end });
  const journey = {
    start: 1000,
    last: 9000,
    steps: [step('a', 1000), step('b', 2000, 3000), step('d', 8000, 9000)],
    breaks: [{ id: 'wait', touchpoint: 'd', step: 0, at: 1000, broken: 5000, unit: 'ms', expected: 4000, actual: 7000, open: false }],
  };
  const plan = [{ touchpoint: 'a', need: 'required' }, { touchpoint: 'b', need: 'required', max_wait_ms: 500 }, { touchpoint: 'c', need: 'required' }, { touchpoint: 'd', need: 'optional' }];
  const tale = story(journey, plan);
  assert.deepEqual([999, 1000, 2500, 8000, 99999].map((t) => stepAt(tale, t)), [-1, 0, 1, 2, 2]);
  assert.deepEqual(moments(tale), [1000, 2000, 5000, 8000, 9000]);
  assert.deepEqual([jump(moments(tale), 1000, 1), jump(moments(tale), 5500, -1), jump(moments(tale), 9000, 1), jump(moments(tale), 1000, -1)], [2000, 5000, 9000, 1000]);
  assert.equal(breakBetween(tale, 1000, 4999), null);
  assert.equal(breakBetween(tale, 4999, 6000).id, 'wait');
  assert.equal(tale.steps[2].breaks.length, 1); // it shows where the wait ended
  assert.deepEqual(clocksAt(tale, 4000).map((one) => [one.clock.id, one.ms, one.over, one.running]), [['wait', 3000, false, true], ['plan', 1000, true, false]]);
  assert.deepEqual(clocksAt(tale, 9000).map((one) => [one.ms, one.over, one.running]), [[7000, true, false], [1000, true, false]]);
  assert.deepEqual(planAt(tale, 4000).map((one) => one.state), ['reached', 'reached', 'ahead', 'ahead']);
  assert.deepEqual(planAt(tale, 9000).map((one) => one.state), ['reached', 'reached', 'missed', 'broken']);
  assert.equal(between(tale, 5500).share, 0.5);
  assert.equal(between(tale, 2500).share, 0); // a step goes on
});

test('keys, steps, scrubber and address move the same time', async () => {
  const page = await open_(VISIT);
  assert.equal(await at(page), 0);
  assert.match(await current(page), /Splash offer/);
  await page.keyboard.press('ArrowRight');
  assert.match(await current(page), /Menu/);
  assert.match(page.url(), /at=120/);
  await page.keyboard.press('l');
  assert.equal(await at(page), 150000);
  await page.keyboard.press('j');
  assert.equal(await at(page), 120000);
  await page.keyboard.press('End');
  assert.match(await current(page), /Rating/);
  await page.keyboard.press('Home');
  assert.equal(await at(page), 0);
  await page.locator('.pl-steps button', { hasText: 'Payment' }).click();
  assert.equal(await at(page), 360000);
  await page.locator('.pl-scrub input').focus();
  await page.keyboard.press('ArrowLeft'); // a moment, also while the scrubber has the focus
  assert.match(await current(page), /Checkout/);
  await page.locator('.pl-next-break').click();
  assert.equal(await at(page), 840000); // 12:18:00, eight minutes after the order
  assert.match(await page.locator('.pl-now').textContent(), /12:18:00, break: Hand-over within 8 minutes \(Hand-over\)/);
  const other = await open_(VISIT + '&at=840');
  assert.match(await other.locator('.pl-now').textContent(), /break/);
  assert.equal(await other.locator('.pl-card.broken').count(), 1);
  await other.context().close();
  await page.context().close();
});

test('it plays, pauses on the break, and goes on', async () => {
  const page = await open_(VISIT + '&at=700&speed=60');
  assert.match(await page.locator('.pl-waits').textContent(), /5\.7 min of 8 min/);
  await page.keyboard.press(' ');
  await until('the break', async () => (await page.locator('.pl-now.broken').count()) === 1, 20000);
  assert.equal(await at(page), 840000);
  assert.match(await page.locator('#pl-play').textContent(), /Play/);
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.locator('#pl-speed').inputValue(), '300');
  await page.keyboard.press('k');
  await until('the hand-over', async () => /Hand-over/.test(await current(page)), 20000);
  await until('the wait over its limit', async () => (await page.locator('.pl-waits .over').count()) === 1);
  await page.keyboard.press('k');
  assert.match(await page.locator('.pl-steps [aria-current]').textContent(), /Break/);
  await page.context().close();
});

test('a customer’s journey, from their page', async () => {
  const who = await site.customer('u00020');
  const list = (await site.api('/api/customers/' + who + '?limit=1')).journeys.filter((one) => one.type === 'order');
  const one = list.find((journey) => journey.breaks.length) ?? list[0];
  const page = await site.page(`/customers/${who}?journey=order&start=${one.start}`);
  await page.locator('a[href*="/player"]').click();
  await page.waitForSelector('.pl-dot');
  assert.equal(await page.locator('.pl-steps > li').count(), one.steps.length);
  await page.context().close();
});

test('less motion: the dot stands on steps', async () => {
  const context = await site.browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(site.viewer + VISIT + '&at=650&speed=60');
  await page.waitForSelector('.pl-dot');
  const place = () => page.evaluate(() => document.querySelector('.pl-dot').getAttribute('transform'));
  const before_ = await place();
  await page.keyboard.press(' ');
  await until('time to go on', async () => (await at(page)) > 680000);
  assert.equal(await place(), before_); // still the same step
  await context.close();
});

test('what is not there says so; without a question the visits are listed', async () => {
  const page = await site.page('/player?visit=nix');
  await page.waitForSelector('#state h2');
  await page.goto(site.viewer + '/player?customer=' + 'ab'.repeat(16));
  await page.waitForSelector('#state h2');
  await page.goto(site.viewer + '/player');
  await page.waitForSelector('.pl-choose a');
  assert.equal(await page.locator('.pl-choose a').count(), 24);
  await page.locator('.pl-choose a', { hasText: 'visit-08' }).click();
  await page.waitForSelector('.pl-dot');
  await page.context().close();
});

for (const [lang, theme, width] of [
  ['en', 'light', 1440],
  ['zh', 'dark', 390],
]) {
  test(`axe, and no sideways scrolling: ${lang}, ${theme}, ${width} px`, async () => {
    const context = await site.browser.newContext({ bypassCSP: true, viewport: { width, height: 900 }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: theme });
    const page = await context.newPage();
    await page.goto(site.viewer + VISIT + '&at=900');
    await page.waitForSelector('.pl-dot');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`));
    assert.deepEqual(found, []);
    await context.close();
  });
}

test('no page complained', () => assert.deepEqual(site.faults, []));
