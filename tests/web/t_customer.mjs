// The customer page: what is sent shows on the open page (how soon is printed, not judged), each event as it was sent, hostile text stays text.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { catalogue } from './world.mjs';
import { open, sleep, until } from './site.mjs';

const HOSTILE = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '\u202egnp.exe',
  'W'.repeat(120),
  '双字\u2028行',
  '"]}\'--%00',
];
const DIGITS =
  '{"id":"h-raw","type":"raw.sent","ids":{"member":"raw"},"channel":"web","props":{"n":123456789012345678901234567890,"x":1.50,"e":"\\u00e9","<b>":"<img src=x onerror=window.pwned=1>","list":[],"deep":{"a":[1,{"b":null}]}}}';

let site;
before(async () => {
  site = await open(catalogue);
});
after(async () => {
  await site?.close();
});

const one = (id, member, more) => ({ id, type: 'menu', touchpoint: 'menu', channel: 'app', time: Date.now() - 1000, ids: { member }, ...more });
const rows = (page) => page.locator('.row').count();

test('an event sent over HTTP shows on the open page', async () => {
  await site.send([one('c1', 'anna')]);
  const page = await site.page('/customers/' + (await site.customer('anna')));
  await page.waitForSelector('.row');
  for (let i = 0; i < 5; i++) {
    const had = await rows(page);
    const sent = Date.now();
    await site.send([one('c-live' + i, 'anna', { time: Date.now(), touchpoint: 'handover', channel: 'store' })]);
    await until('the new row', async () => (await rows(page)) === had + 1, 5000);
    const ms = Date.now() - sent;
    console.log(`HTTP event to customer page: ${ms} ms`);
  }
  assert.ok((await page.locator('.new').count()) >= 1);
  assert.match(await page.locator('.row').first().innerText(), /Hand-over/);
  await page.context().close();
});

test("an event sent by the browser SDK shows on the customer's page", async () => {
  const shop = createServer((request, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end(
      `<!doctype html><title>shop</title><script src="${site.collector}/touchline.js"></script><script>var tl = touchline('shop', { url: '${site.collector}', wait: 50 }); tl.identify({ member: 'sdk' });</script><button onclick="tl.track('order.placed', { cups: 2 })">order</button>`,
    );
  }).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  const context = await site.browser.newContext();
  const tab = await context.newPage();
  await tab.goto('http://127.0.0.1:' + shop.address().port);
  await tab.locator('button').click();
  const page = await site.page('/customers/' + (await site.customer('sdk')));
  await page.waitForSelector('.row');
  for (let i = 0; i < 3; i++) {
    const had = await rows(page);
    const sent = Date.now();
    await tab.locator('button').click();
    await until('the row of the SDK', async () => (await rows(page)) > had, 5000);
    const ms = Date.now() - sent;
    console.log(`SDK event to customer page: ${ms} ms`);
  }
  assert.match(await page.locator('.row').first().innerText(), /order\.placed/);
  await page.context().close();
  await context.close();
  shop.close();
});

test('an event opens to what was sent, digit for digit', async () => {
  const answer = await fetch(site.collector + '/v1/events?key=test', { method: 'POST', body: DIGITS });
  assert.equal(answer.status, 202);
  const page = await site.page('/customers/' + (await site.customer('raw')));
  await page.locator('.event').first().click();
  await until('the raw event', async () => (await page.locator('.raw pre').innerText()).includes('raw.sent'));
  const shown = await page.locator('.raw pre').innerText();
  assert.ok(shown.includes('123456789012345678901234567890'));
  assert.ok(shown.includes('1.50'));
  assert.ok(shown.includes('"\\u00e9"'));
  assert.ok(shown.includes('"list": []'));
  assert.equal(shown.replace(/\s+/g, ''), DIGITS.replace(/\s+/g, '').trim());
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await page.locator('.event').first().click();
  assert.equal(await page.locator('.raw').count(), 0);
  await page.context().close();
});

test('lanes by channel, the line through every event, journeys, order', async () => {
  const now = Date.now();
  const path = [
    ['menu', 'app'],
    ['payment', 'app'],
    ['making', 'store'],
    ['handover', 'store'],
    ['chat', 'chat'],
    ['call', 'phone'],
  ];
  await site.send(
    path.map(([touchpoint, channel], i) =>
      one('lane' + i, 'lanes', { touchpoint, type: touchpoint, channel, order: 'lane-1', time: now - 36e5 + i * 6e4 }),
    ),
  );
  const page = await site.page('/customers/' + (await site.customer('lanes')));
  await until('all rows', async () => (await rows(page)) === path.length);
  assert.deepEqual(await page.locator('.lane-name').allInnerTexts(), ['App', 'Store', 'Chat', 'Phone']);
  const left = async (i) => Math.round((await page.locator('.row .event').nth(i).boundingBox()).x);
  assert.equal(await left(4), await left(5));
  assert.ok((await left(0)) > (await left(2)));
  assert.match(await page.locator('.weave path').getAttribute('d'), /^M.*C/);
  assert.match(await page.locator('.row').first().innerText(), /Call centre/);
  await page.getByRole('button', { name: 'Oldest first' }).click();
  assert.match(await page.locator('.row').first().innerText(), /Menu/);
  assert.equal(new URL(page.url()).searchParams.get('order'), 'old');
  assert.equal(await page.locator('.journey-card').count(), 1);
  assert.match(await page.locator('.journey-card').innerText(), /Order and pick-up/);
  await page.locator('.lang').click();
  assert.match(await page.locator('.row').first().innerText(), /菜单/);
  await page.context().close();
});

test('hostile text is text, on every page', async () => {
  await site.send(
    HOSTILE.map((text, i) => ({
      id: 'bad' + i,
      type: text.slice(0, 100),
      touchpoint: text.slice(0, 100),
      time: Date.now() - 6e4 + i,
      ids: { member: 'mallory' },
      props: { text, [text]: text },
    })),
  );
  const page = await site.page('/customers/' + (await site.customer('mallory')));
  await until('rows', async () => (await rows(page)) === HOSTILE.length);
  for (const event of await page.locator('.event').all()) await event.click();
  await until('every raw event', async () => !(await page.locator('.raw pre').allInnerTexts()).some((text) => text.includes('Loading')));
  const tooWide = (p) => p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok((await page.locator('.event-title').allInnerTexts()).some((text) => text.includes('<script>')));
  assert.equal(await tooWide(page), 0);
  const map = await site.page('/?journey=all&detail=100');
  await map.waitForSelector('.card');
  assert.ok((await map.locator('.card').allInnerTexts()).some((text) => text.includes('<img')));
  await map.locator('.card').filter({ hasText: '<img' }).click();
  await map.waitForSelector('#panel .count[data-count]');
  assert.match(await map.locator('#panel h2').innerText(), /<img/);
  assert.equal(await tooWide(map), 0);
  for (const p of [page, map]) {
    assert.equal(await p.evaluate(() => window.pwned), undefined);
    assert.equal(await p.locator('main img, main script').count(), 0);
    await p.context().close();
  }
});

test('a long history comes in pages, all of it counted', async () => {
  const now = Date.now();
  const many = Array.from({ length: 1100 }, (_, i) => one('long' + i, 'long', { time: now - 20 * 864e5 + i * 6e5, touchpoint: i % 2 ? 'menu' : 'detail' }));
  for (let i = 0; i < many.length; i += 500) await site.send(many.slice(i, i + 500));
  const page = await site.page('/customers/' + (await site.customer('long')));
  await page.getByText('1,100 events').waitFor();
  assert.equal(await rows(page), 300);
  for (let shown = 600; shown <= 1100; shown += 300) {
    await page.locator('#timeline .more').click();
    await until(shown + ' rows', async () => (await rows(page)) === Math.min(shown, 1100));
  }
  await page.locator('#timeline .more').click();
  await until('every row', async () => (await rows(page)) === 1100);
  assert.equal(await page.locator('#timeline .more').isVisible(), false);
  await page.context().close();
});

test('a customer that is not there is said so, and appears when the first event comes', async () => {
  const page = await site.page('/customers/' + 'ab'.repeat(16));
  await page.getByText('No such customer').waitFor();
  await page.context().close();
});

test('the search finds a customer by identity', async () => {
  const id = await site.customer('anna');
  const page = await site.page('/');
  await page.locator('.find input').fill('member:anna');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/customers/' + id + '**');
  await page.goBack();
  await page.locator('.find input').fill('member:nobody');
  await page.keyboard.press('Enter');
  await page.getByText('No such customer').waitFor();
  await page.context().close();
});

test('nothing was written to the console', async () => {
  await sleep(100);
  assert.deepEqual(site.faults, []);
});
