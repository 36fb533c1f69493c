// What is taken along: the drawing as SVG and PNG, the numbers as CSV, opened and checked; and what a print shows. Hostile names stay text.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { catalogue, count, world } from './world.mjs';
import { open, settled, until } from './site.mjs';

const EVIL = '=HYPERLINK("http://x","a")<script>alert(1)</script>';
const events = world(Date.now() - 60000);
const evil = { id: 'evil', type: EVIL, touchpoint: EVIL, channel: 'app', time: Date.now() - 50000, ids: { member: 'evil' }, order: 'evil-1' };
let site;
let page;
let expected;
before(async () => {
  site = await open(catalogue);
  expected = count([...events, evil]);
  for (let i = 0; i < events.length; i += 200) await site.send(events.slice(i, i + 200));
  await site.send([evil]);
  await until('the map to hold every step', async () => (await site.api('/api/map?journey=order')).steps === expected.steps);
  page = await site.page('/?detail=100');
  await settled(page);
});
after(async () => {
  await site?.close();
});

async function taken(name) {
  await page.locator('.export-menu summary').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
  const bytes = readFileSync(await file.path());
  await page.evaluate(() => (document.querySelector('.export-menu').open = false));
  return { name: file.suggestedFilename(), bytes };
}

test('SVG: well formed, every card and flow of the drawing, hostile names as text', async () => {
  const { name, bytes } = await taken('Drawing, SVG');
  assert.match(name, /^touchline-order-\d{4}-\d\d-\d\d\.svg$/);
  const seen = await page.evaluate((text) => {
    const doc = new DOMParser().parseFromString(text, 'image/svg+xml');
    return { wrong: doc.querySelectorAll('parsererror').length, flows: doc.querySelectorAll('[data-flow]').length, scripts: doc.querySelectorAll('script, [onclick], foreignObject').length, words: doc.documentElement.textContent };
  }, bytes.toString());
  assert.equal(seen.wrong, 0);
  assert.equal(seen.scripts, 0);
  assert.equal(seen.flows, Object.keys(expected.edges).length);
  assert.match(seen.words, /Payment/);
  assert.match(seen.words, /=HYPERLINK/);
  assert.ok(seen.words.includes(expected.journeys + ' journeys'));
});

test('PNG: a picture twice as large as the drawing', async () => {
  const { bytes } = await taken('Drawing, PNG');
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  const wide = await page.evaluate(() => Math.round(document.querySelector('svg.flows').viewBox.baseVal.width));
  assert.equal(bytes.readUInt32BE(16), 2 * wide);
});

test('CSV: every step and flow, with a byte order mark, and no formula', async () => {
  const { bytes } = await taken('Numbers, CSV');
  const text = bytes.toString();
  assert.equal(text.charCodeAt(0), 0xfeff);
  const lines = text.slice(1).trim().split('\r\n');
  assert.equal(lines.length, 1 + Object.keys(expected.nodes).length + Object.keys(expected.edges).length);
  assert.ok(lines.some((line) => line.startsWith(`"step","payment","Payment","","",${expected.nodes.payment.journeys},${expected.nodes.payment.steps}`)));
  assert.ok(text.includes(`"'=HYPERLINK(""http://x"",""a"")<script>`), text);
});

test('print: the drawing without the controls', async () => {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.bar').isVisible(), false);
  assert.equal(await page.locator('.controls-box').isVisible(), false);
  assert.equal(await page.locator('.card').first().isVisible(), true);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.equal(pdf.subarray(0, 4).toString(), '%PDF');
  await page.emulateMedia({ media: 'screen' });
});

test('news come by server-sent events, and all pages together stay small', async () => {
  const answer = await fetch(site.viewer + '/api/live');
  assert.equal(answer.headers.get('content-type').split(';')[0], 'text/event-stream');
  const said = await answer.text();
  const position = Number(/^id: (\d+)$/m.exec(said)[1]);
  const waiting = fetch(site.viewer + '/api/live?since=' + position).then((one) => one.text());
  await site.send([{ ...evil, id: 'evil2', time: Date.now() }]);
  assert.ok(Number(/^id: (\d+)$/m.exec(await waiting)[1]) > position);
  const sizes = await page.evaluate(async () => {
    const names = new Set(performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname).filter((path) => /\.(js|css|svg)$/.test(path)));
    let sum = 0;
    for (const path of names) sum += performance.getEntriesByName(new URL(path, location).href)[0].encodedBodySize;
    return sum;
  });
  console.log('the front page, deflated:', sizes, 'bytes');
  assert.ok(sizes > 0 && sizes < 250000);
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
