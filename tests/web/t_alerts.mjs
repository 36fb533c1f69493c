// A live alert: it drops in on any page, stands on the alerts page, and is taken on and closed there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { open, until } from './site.mjs';
import { catalogue } from './world.mjs';

let site;
before(async () => {
  site = await open({
    ...catalogue,
    clocks: [{ id: 'answer', title: { zh: '两秒内回复', en: 'Answered within 2 seconds' }, start: 'ask', end: 'answer', key: 'case', limit_s: 2, allowed: 0.05, on: 'chat', owner: '客服 Customer service' }],
  });
});
after(async () => {
  await site?.close();
});

const question = (number) => ({ id: 'q' + number, type: 'ask', touchpoint: 'chat', channel: 'chat', time: Date.now(), ids: { member: 'a' + number }, case: 'c' + number });

test('it drops in, is taken on by somebody, and closed', async () => {
  await site.send([question(1)]);
  const page = await site.page('/quarantine');
  await until('the viewer to know alerts', async () => (await site.api('/api/alerts')).counts !== undefined);
  await page.waitForTimeout(1000);
  await site.send([question(2)]);
  await page.locator('.drop').waitFor({ timeout: 30000 });
  assert.match(await page.locator('.drop').innerText(), /Answered within 2 seconds/);
  await page.locator('.drop a').click();
  await page.waitForSelector('.alert');
  const open = (await site.api('/api/alerts?state=open')).alerts;
  await until('every open alert', async () => (await page.locator('.alert').count()) === open.length);
  const mine = page.locator('.alert').first();
  const id = await mine.getAttribute('data-id');
  await mine.locator('input').fill('Ms Li');
  await mine.getByRole('button', { name: 'Take it on' }).click();
  await until('taken', async () => (await site.api('/api/alerts?state=acknowledged')).alerts.some((one) => one.id === id && one.owner === 'Ms Li'));
  await page.getByRole('button', { name: /^Taken/ }).click();
  await page.locator(`.alert[data-id="${id}"]`).getByText('with Ms Li').waitFor();
  await page.locator(`.alert[data-id="${id}"]`).getByRole('button', { name: 'Close it' }).click();
  await until('closed', async () => (await site.api('/api/alerts?state=resolved')).alerts.some((one) => one.id === id));
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
