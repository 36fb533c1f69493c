// The lanes under the map: what they say is what the answers say; they can be hidden and moved, and the address keeps it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, open, until } from './site.mjs';

let site;
let page;
let answers;
const ask = (name) => site.api(`/api/${name}?journey=order&${DEMO_AS_OF}`);

before(async () => {
  site = await open(DEMO);
  answers = { breaks: await ask('breaks'), moments: await ask('moments'), emotion: await ask('emotion'), metrics: await ask('metrics') };
  page = await site.page('/?detail=100&' + DEMO_AS_OF);
  await page.waitForSelector('.lane-emotion');
});
after(async () => {
  await site?.close();
});

// lane -> touchpoint -> text of its cell
const lane = (key) =>
  page.evaluate((name) => {
    const steps = [...document.querySelectorAll('.lane-step')].map((el) => el.dataset.step);
    const cells = [...document.querySelectorAll(`.lane[data-lane="${name}"] td`)];
    return Object.fromEntries(steps.map((id, i) => [id, cells[i].innerText.replace(/\s+/g, ' ').trim()]));
  }, key);
const lanes = () => page.locator('.lane').evaluateAll((all) => all.map((row) => row.dataset.lane));
const percent = (x) => (100 * x).toFixed(1);

test('break points and moments stand at their steps', async () => {
  const told = await lane('breaks');
  for (const cell of [...answers.breaks.unhappy, ...answers.breaks.unfinished]) {
    assert.ok(told[cell.touchpoint].includes(percent(cell.rate)), told[cell.touchpoint]);
    assert.ok(told[cell.touchpoint].includes(`${percent(cell.lo)}–${percent(cell.hi)}`), told[cell.touchpoint]);
  }
  assert.equal(Object.values(told).filter(Boolean).length, 5);
  const moments = await lane('moments');
  assert.match(moments.handover, /\+8\.8.*\+5\.9 … \+11\.7/);
  assert.match(moments.remedy, /−24\.7/);
});

test('waits: the share over the limit, median and P90, and no mean', async () => {
  const told = await lane('waits');
  const within = answers.metrics.metrics.find((metric) => metric.standard === 'handover_wait');
  const cell = within.cells.find((one) => one.touchpoint === 'handover');
  assert.ok(told.handover.includes(percent(1 - cell.value)), told.handover);
  assert.match(told.handover, /over 8:00/);
  assert.match(told.handover, /median 5:\d\d · P90 \d:\d\d/);
  assert.doesNotMatch(told.handover, /mean/);
});

test('emotion: mean, band, answers; where too few answered there is a gap', async () => {
  const told = await lane('emotion');
  for (const point of answers.emotion.curve) {
    if (!(point.touchpoint in told)) continue;
    if (point.gap) assert.match(told[point.touchpoint], /too few answers/, point.touchpoint);
    else {
      const said = (point.mean > 0.05 ? '+' : point.mean < -0.05 ? '−' : '') + Math.abs(point.mean).toFixed(1);
      assert.ok(told[point.touchpoint].includes(said), told[point.touchpoint]);
      assert.ok(told[point.touchpoint].includes(`n ${point.n.toLocaleString('en')}`), told[point.touchpoint]);
    }
  }
  assert.match(told[answers.emotion.lowest.touchpoint], /lowest/);
});

test('backstage stands below the line, with its owner', async () => {
  const told = await lane('backstage');
  assert.match(told.make, /Making Store operations/);
  assert.doesNotMatch(told.handover, /Hand-over/);
});

test('lanes are hidden and moved, and a link keeps that', async () => {
  const now = 'breaks,moments,emotion,waits,quotes,opportunities,backstage';
  const all = await lanes();
  assert.deepEqual(all, ['breaks', 'moments', 'waits', 'emotion', 'quotes', 'kpis', 'opportunities', 'backstage']);
  await page.locator('#lane-switch-kpis').click();
  await until('a lane less', async () => (await lanes()).length === all.length - 1);
  await page.locator('.lane[data-lane="emotion"] .lane-tools button').first().click();
  await until('another order', async () => (await lanes()).join() === now);
  assert.equal(new URL(page.url()).searchParams.get('lanes'), now);
  await page.reload();
  await page.waitForSelector('.lane-emotion');
  assert.equal((await lanes()).join(), now);
  await page.locator('.lane-step[data-step="handover"]').click();
  await page.waitForSelector('#panel .count[data-count]');
  await page.keyboard.press('Escape');
});

test('compared with the days before, payment stands out as worse, by mark and word; the address keeps it', async () => {
  await page.goto(site.viewer + `/?detail=100&from=${answers.breaks.from}&to=${answers.breaks.to}&vs=previous&` + DEMO_AS_OF);
  const mark = page.locator('.card[data-id="payment"] .pill-diff');
  await mark.waitFor();
  assert.match(await mark.evaluate((el) => el.textContent), /▼ \+3\.\d worse/);
  const row = (await page.locator('.compare-box tr', { hasText: 'Payment' }).first().innerText()).replace(/\s+/g, ' ');
  assert.match(row, /of 6,977.*of 6,109/);
  await page.locator('.compare select').selectOption('');
  await until('no marks', async () => (await page.locator('.pill-diff').count()) === 0);
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
