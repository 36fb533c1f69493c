// The states that are not a map: an empty store that comes alive, a viewer that does not answer, a refusal.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open, settled } from './site.mjs';

let site;
before(async () => {
  site = await open();
});
after(async () => {
  await site?.close();
});

test('an empty store shows a command; run as copied, it brings the map to life without a reload', async () => {
  const page = await site.page('/');
  await page.getByText('No journeys yet').waitFor();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('.copy').first().click();
  await page.getByText('Copied').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(command.includes(site.collector), command);
  execFileSync('sh', ['-c', command], { stdio: 'pipe' });
  await settled(page);
  assert.equal(await page.locator('.card').count(), 1);
  assert.equal(await page.locator('.empty').count(), 0);
  await page.context().close();
});

test('a viewer that does not answer: the map stays, the bar says so, and it recovers', async () => {
  const page = await site.page('/');
  await settled(page);
  await page.context().setOffline(true);
  await page.locator('.live.lost').waitFor();
  assert.equal(await page.locator('.card').count(), 1);
  await page.context().setOffline(false);
  await page.locator('.live.on').waitFor();
  await page.context().close();
});

test("a refusal shows the viewer's own words, and a way on", async () => {
  const page = await site.page('/');
  await settled(page);
  await page.route('**/api/map*', (route) =>
    route.fulfill({ status: 400, contentType: 'application/json', body: '{"error":{"text":"from: 2026-02-30 is not a day"}}' }),
  );
  await page.goto(site.viewer + '/?from=2026-02-30');
  await page.getByText('2026-02-30 is not a day').waitFor();
  await page.unroute('**/api/map*');
  await page.getByRole('button', { name: 'Clear the conditions' }).click();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get('from'), null);
  await page.context().close();
});

test('first paint does not wait for data', async () => {
  const page = await site.page('/quarantine');
  await page.route('**/api/map*', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.goto(site.viewer + '/');
  await page.locator('.loading').waitFor();
  const ms = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`first contentful paint: ${Math.round(ms)} ms`);
  await settled(page);
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(
    site.faults.filter((text) => !/net::|Failed to load/.test(text)),
    [],
  );
});
