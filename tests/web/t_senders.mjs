// curl, the C SDK's till and the unchanged @segment/analytics-node: what each sends shows on the customer's page. How fast is printed, not judged.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Analytics } from '@segment/analytics-node';
import { open, until } from './site.mjs';

const run = promisify(execFile);
let site;
before(async () => { site = await open(); });
after(async () => { await site.close(); assert.deepEqual(site.faults, []); });

const customerOf = async (identity) => (await until('customer ' + identity, async () => (await site.api('/api/customers?id=' + encodeURIComponent(identity))).customers?.[0])).customer;
const rows = (page) => page.locator('.row').count();

// Sends once so that the customer exists, opens the page, sends again and waits until the page has more rows.
async function shows(name, identity, send, type) {
  await send();
  const page = await site.page('/customers/' + await customerOf(identity));
  await page.waitForSelector('.row');
  const had = await rows(page), began = Date.now();
  await send();
  await until(`${name}'s event on the page`, async () => (await rows(page)) > had, 10000);
  console.log(`${name}: sent and shown within ${Date.now() - began} ms`);
  assert.match(await page.locator('main').innerText(), type);
  await page.context().close();
}

test('curl', async () => {
  await shows('curl', 'member:curl', () => run('curl', ['-sS', '-f', '-H', 'Authorization: Bearer shop', site.collector + '/v1/events', '-d', '{"type":"order.placed","channel":"app","ids":{"member":"curl"}}']), /order\.placed/);
});

test('the till of the C SDK', async () => {
  await shows('till', 'member:m7', () => run(join(process.env.BUILD, 'examples', 'till'), [site.collector, 'm7']), /order\.fulfilled/);
});

test('@segment/analytics-node, unchanged', async () => {
  const analytics = new Analytics({ writeKey: 'shop', host: site.collector, flushAt: 1 });
  const errors = [];
  analytics.on('error', (error) => errors.push(error));
  let n = 0;
  await shows('analytics-node', 'user:seg-1', async () => { analytics.track({ userId: 'seg-1', event: 'Order Completed', properties: { n: ++n } }); await analytics.flush(); }, /Order Completed/);
  analytics.identify({ userId: 'seg-1', traits: { email: 'Seg@Example.com' } });
  analytics.page({ userId: 'seg-1', name: 'Menu' });
  analytics.screen({ userId: 'seg-1', name: 'Cart' });
  analytics.group({ userId: 'seg-1', groupId: 'g1' });
  analytics.alias({ userId: 'seg-1', previousId: 'old-1' });
  await analytics.closeAndFlush();
  assert.deepEqual(errors, []);
  // one person, once the links are stitched
  const byMail = await until('one customer', async () => {
    const found = await Promise.all(['email:seg@example.com', 'user:seg-1', 'user:old-1'].map(customerOf));
    return found.every((hash) => hash === found[0]) && found[0];
  });
  const events = (await site.api('/api/customers/' + byMail)).events;
  assert.equal(events.filter((e) => e.type === 'Order Completed').length, n);
  assert.equal(events.length, n + 5);
});
