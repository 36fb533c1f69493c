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

test('an item is corrected on the page and sent again, and counts once', async () => {
  const page = await site.page('/quarantine');
  const item = page.locator('.item', { hasText: 'no identity' });
  await item.waitFor();
  await item.locator('summary').click();
  const area = item.locator('textarea');
  await until('the whole event', async () => (await area.inputValue()).includes('no identity <b>'));
  assert.equal(await area.inputValue(), '{"id":"q2","type":"no identity <b>"}', 'as it came');
  const status = item.locator('[role=status]');
  await item.locator('button[type=submit]').click();
  await until('refused again', async () => /refused again|再次被拒/i.test(await status.innerText()));
  await area.fill('{"id":"q2","type":"menu"');
  await item.locator('button[type=submit]').click();
  await until('not JSON', async () => /not one JSON object/.test(await status.innerText()));
  await area.fill('{"id":"q2","type":"menu",\n"ids":{"member":"q"}}');
  for (let i = 0; i < 2; i++) {
    await item.locator('button[type=submit]').click();
    await until('taken', async () => /Taken|已接收/.test(await status.innerText()));
  }
  const store = async () => { const { customers } = await site.api('/api/customers'); return customers.map((c) => c.events).join(); };
  await until('one event more', async () => (await store()) === '3');
  await page.context().close();
});

test('a page elsewhere sends nothing again', async () => {
  const ask = (headers, body) => fetch(site.viewer + '/api/quarantine/again', { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  assert.equal((await ask({ Origin: 'http://elsewhere.example' }, { number: 1 })).status, 403);
  assert.equal((await ask({ Origin: site.viewer }, {})).status, 400);
  assert.equal((await ask({ Origin: site.viewer }, { number: 999 })).status, 404);
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults.filter((said) => !/status of 400/.test(said)), [], 'a refused correction is answered with 400');
});
