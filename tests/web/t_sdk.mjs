// The browser SDK where things go wrong: offline, killed, a clock set back, no storage, a storm of 429, two tabs. Every event arrives, each goes out once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { open, until } from './site.mjs';

let site, shop, shopUrl;
before(async () => {
  site = await open();
  shop = createServer((request, response) => response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>shop</title><script src="${site.collector}/touchline.js"></script>`));
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  shopUrl = `http://127.0.0.1:${shop.address().port}/menu`;
});
after(async () => {
  shop.close();
  await site.close();
});

// A browser of its own with an empty storage; sent: how often each event id went out.
async function visitor(init) {
  const context = await site.browser.newContext(), sent = new Map();
  if (init) await context.addInitScript(init);
  context.on('request', (r) => {
    if (r.method() === 'POST' && r.url().includes('/v1/events')) for (const line of r.postData().trim().split('\n')) sent.set(JSON.parse(line).id, (sent.get(JSON.parse(line).id) ?? 0) + 1);
  });
  const tab = async (member, options = {}) => {
    const page = await context.newPage();
    await page.goto(shopUrl);
    await page.evaluate(([url, member, options]) => {
      window.t = window.touchline('shop', { url, wait: 50, ...options });
      if (member) window.t.identify({ member });
    }, [site.collector, member, options]);
    return page;
  };
  return { context, sent, tab };
}
const eventsOf = async (member) => {
  const who = (await site.api('/api/customers?id=member:' + member)).customers?.[0];
  return who ? (await site.api('/api/customers/' + who.customer + '?limit=1000')).events : [];
};
const arrive = async (member, n) => {
  const events = await until(`${n} events of ${member}`, async () => { const e = await eventsOf(member); return e.length >= n && e; }, 40000);
  assert.equal(events.length, n, member);
  return events.toSorted((a, b) => a.time - b.time);
};
const track = (page, n, from = 0) => page.evaluate(([n, from]) => { for (let i = 0; i < n; i++) window.t.track('tap.' + (from + i)); }, [n, from]);

test('it is small', () => {
  const bytes = gzipSync(readFileSync(join(process.env.BUILD, 'sdk', 'touchline.js')), { level: 9 }).length;
  assert.ok(bytes <= 3072, `${bytes} bytes gzipped, 3072 at the most`);
});

test('offline with 500 events, then the tab is killed', async () => {
  const v = await visitor();
  const page = await v.tab('offline');
  await arrive('offline', 1);
  await v.context.setOffline(true);
  await track(page, 500);
  await page.close({ runBeforeUnload: false });
  await v.context.setOffline(false);
  await v.tab(null);
  const events = await arrive('offline', 501);
  assert.equal(new Set(events.map((e) => e.type)).size, 501);
  await v.context.close();
});

test('a clock set back keeps the order', async () => {
  const v = await visitor(() => { const real = Date; let back = 0; window.setBack = (ms) => { back = ms; }; window.Date = class extends real { constructor(...a) { if (a.length) super(...a); else super(real.now() - back); } static now() { return real.now() - back; } }; });
  const page = await v.tab('clock');
  await track(page, 5);
  await page.evaluate(() => window.setBack(600000));
  await track(page, 5, 5);
  await arrive('clock', 11);
  const journey = (await site.api('/api/customers/' + (await site.customer('clock')))).journeys[0];
  assert.deepEqual(journey.steps.map((s) => s.touchpoint), Array.from({ length: 10 }, (_, i) => 'tap.' + i));
  await v.context.close();
});

test('storage that is full', async () => {
  const v = await visitor(() => { let room = 3; const put = Storage.prototype.setItem; Storage.prototype.setItem = function (...a) { if (room-- <= 0) throw new DOMException('full', 'QuotaExceededError'); put.apply(this, a); }; });
  const page = await v.tab('full');
  await track(page, 60);
  await arrive('full', 61);
  await v.context.close();
});

test('a storm of 429', async () => {
  const v = await visitor();
  let refused = 0;
  await v.context.route('**/v1/events**', (route) => (refused++ < 4 ? route.fulfill({ status: 429, headers: { 'Retry-After': '1', 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' }, body: '{}' }) : route.continue()));
  const page = await v.tab('storm', { batch: 10 });
  const began = Date.now();
  await track(page, 100);
  await arrive('storm', 101);
  assert.ok(Date.now() - began >= 3000, 'it waits as long as it is told');
  assert.equal(await page.evaluate(() => window.t.dropped), 0);
  await v.context.close();
});

test('two tabs send each event once', async () => {
  const v = await visitor();
  const pages = await Promise.all([v.tab('tabs'), v.tab(null)]);
  await Promise.all(pages.map((page, i) => track(page, 100, 100 * i)));
  await arrive('tabs', 201);
  assert.deepEqual([...v.sent.values()].filter((n) => n > 1), []);
  await v.context.close();
});

test('consent, do-not-track, waits, ratings, aliases', async () => {
  const v = await visitor();
  const page = await v.tab(null, { consent: true });
  await page.evaluate(() => { window.t.identify({ member: 'asked' }); window.t.track('before'); });
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  assert.equal(v.sent.size, 0);
  await page.evaluate(() => {
    window.t.consent({ analytics: true });
    window.t.start('queue');
    window.t.end('queue', { place: 'S01' });
    window.t.rate('nps', 9, { text: '好喝' });
    window.t.alias({ phone: '+8613800000000' });
  });
  const events = await arrive('asked', 7);
  assert.deepEqual(events.map((e) => e.type).sort(), ['before', 'consent.grant', 'identity.link', 'identity.link', 'survey.response', 'wait.end', 'wait.start']);
  await until('the phone', async () => (await site.api('/api/customers?id=phone:' + encodeURIComponent('+8613800000000'))).customers?.length === 1);
  const before = v.sent.size;
  await page.evaluate(() => { window.t.consent({ analytics: false }); window.t.track('after'); window.t.flush(); });
  assert.deepEqual((await arrive('asked', 8)).filter((e) => e.type === 'after'), []);
  assert.equal(v.sent.size, before + 1);
  await v.context.close();
  const quiet = await visitor(() => Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' }));
  const silent = await quiet.tab('silent');
  assert.equal(await silent.evaluate(() => window.t.track('x')), null);
  assert.equal(await silent.evaluate(() => localStorage.length), 0);
  assert.equal(quiet.sent.size, 0);
  await quiet.context.close();
});
