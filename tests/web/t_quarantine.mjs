// The quarantine page: what was not taken is there, with its reason, and nothing of its neighbours.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { open, until } from './site.mjs';

let site;
before(async () => {
  site = await open();
});
after(async () => {
  await site?.close();
});

test('an empty quarantine says so', async () => {
  const page = await site.page('/quarantine');
  await page.getByText('Nothing in quarantine').waitFor();
  await page.context().close();
});

test('bad lines appear with reason and field, good neighbours do not, without a reload', async () => {
  const page = await site.page('/quarantine');
  await page.getByText('Nothing in quarantine').waitFor();
  const body = [
    '{"id":"q1","type":"menu","ids":{"member":"q"}}',
    '{"type":"broken","x":nul}',
    '{"id":"q2","type":"no identity <b>"}',
    '{"id":"q3","type":"menu","ids":{"member":"q"}}',
  ].join('\n');
  const answer = await fetch(site.collector + '/v1/events?key=till', { method: 'POST', body });
  assert.equal(answer.status, 202);
  const said = await answer.json();
  assert.equal(said.accepted, 2);
  await until('two items', async () => (await page.locator('.item').count()) === 2);
  const text = (await page.locator('.item').allInnerTexts()).join('\n');
  assert.match(text, /bad_json/);
  assert.match(text, /identity_missing/);
  assert.match(text, /no identity <b>/);
  assert.equal(await page.locator('.item mark').count(), 1, 'the place of the fault in the broken line');
  assert.match(await page.locator('#title').innerText(), /2 items/);
  await page.locator('.lang').click();
  assert.match((await page.locator('.item').allInnerTexts()).join('\n'), /没有可用的身份/);
  assert.equal(await page.locator('.item b b').count(), 0);
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
