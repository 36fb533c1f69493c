// The SDK of mini programs against a stand-in of the wx API (wx.mjs) and the real programs: offline, killed, storage full, a storm of 429, lost answers, a clock
// set back. Every event arrives, and counts once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, sleep, until } from './site.mjs';
import { phone } from './wx.mjs';

let site;
before(async () => { site = await open(); });
after(() => site.close());

const eventsOf = async (identity) => {
  const who = (await site.api('/api/customers?id=' + encodeURIComponent(identity))).customers?.[0];
  return who ? (await site.api('/api/customers/' + who.customer + '?limit=1000')).events : [];
};
const arrive = async (identity, n) => {
  const events = await until(`${n} events of ${identity}`, async () => { const e = await eventsOf(identity); return e.length >= n && e; }, 40000);
  assert.equal(events.length, n, identity);
  return events.toSorted((a, b) => a.time - b.time);
};
const begin = (p, openid, options) => {
  const app = p.launch();
  app.t = app.touchline('mini', { url: site.collector, wait: 50, ...options });
  if (openid) app.t.identify({ openid });
  return app;
};
const track = (app, n, from = 0) => { for (let i = 0; i < n; i++) app.t.track('tap.' + (from + i)); };
const waiting = (p) => [...p.stored.keys()].filter((k) => k.startsWith('tl:mini:e:')).length;

test('openid, unionid and a member are one customer; a page is its route', async () => {
  const p = phone(), app = begin(p, 'o-1');
  assert.equal(app.touchline('mini', {}), app.t, 'every page of the program has the same handle');
  app.t.page();
  app.t.identify({ unionid: 'u-1', member: 'm-1' });
  app.t.start('queue');
  app.t.end('queue');
  app.t.rate('nps', 9);
  const events = await arrive('openid:o-1', 6);
  assert.equal((await eventsOf('unionid:u-1')).length, 6);
  assert.equal((await eventsOf('member:m-1')).length, 6);
  assert.deepEqual(events.map((e) => e.type).sort(), ['identity.link', 'identity.link', 'survey.response', 'view', 'wait.end', 'wait.start']);
  assert.equal(events.find((e) => e.type === 'view').touchpoint, 'pages/menu');
  assert.deepEqual(p.sent.map((e) => e.seq), [1, 2, 3, 4, 5, 6]);
  assert.equal(new Set(p.sent.map((e) => e.session)).size, 1);
  app.kill();
});

test('offline with 500 events, then killed; the next launch sends them', async () => {
  const p = phone();
  let app = begin(p, 'offline');
  await arrive('openid:offline', 1);
  app.network(false);
  track(app, 500);
  await sleep(200);
  app.kill();
  assert.equal(waiting(p), 500);
  p.online = true;
  app = begin(p, null);
  const events = await arrive('openid:offline', 501);
  assert.equal(new Set(events.map((e) => e.type)).size, 501);
  await until('an empty queue', () => waiting(p) === 0);
  app.kill();
});

test('killed while an answer is under way: sent again, counted once', async () => {
  const p = phone();
  let app = begin(p, 'killed');
  track(app, 30);
  await until('something sent', () => p.sent.length >= 20);
  app.kill();                                                      // the answer finds nobody
  app = begin(p, null);
  await arrive('openid:killed', 31);
  await until('an empty queue', () => waiting(p) === 0);
  app.kill();
});

test('answers that are lost', async () => {
  const p = phone(), app = begin(p, null, { wait: 10 });
  p.loseAnswers = 2;
  app.t.identify({ openid: 'lost' });
  track(app, 25);
  await arrive('openid:lost', 26);
  await until('an empty queue', () => waiting(p) === 0, 30000);
  assert.ok(p.sent.length > 26);
  assert.doesNotMatch(JSON.stringify(await site.api('/api/quarantine')), /dup_conflict/, 'sent again is the same bytes again');
  await arrive('openid:lost', 26);
  app.kill();
});

test('storage that the program itself has filled', async () => {
  const p = phone();
  p.room = 900;
  const app = begin(p, 'full');
  track(app, 60);
  await arrive('openid:full', 61);
  app.kill();
});

test('of the 10 MB it takes 2 at most, and of an event 32 KB', async () => {
  const p = phone();
  p.online = false;
  const app = begin(p, 'share');
  for (let i = 0; i < 180; i++) app.t.track('big.' + i, { text: '茶'.repeat(5000) });   // 15 KB in UTF-8
  assert.equal(app.t.track('larger', { text: '茶'.repeat(11000) }), null);
  assert.equal(app.t.dropped, 1);
  const bytes = [...p.stored].reduce((n, [k, v]) => n + Buffer.byteLength(k) + Buffer.byteLength(JSON.parse(v)), 0);
  assert.ok(bytes <= 2e6 && bytes > 1.9e6, `${bytes}`);
  app.network(true);
  await arrive('openid:share', 181);
  await until('an empty queue', () => waiting(p) === 0);
  app.kill();
});

test('a storm of 429: it waits as long as it is told', async () => {
  const p = phone();
  let refused = 0;
  p.answer = () => (refused++ < 3 ? { statusCode: 429, header: { 'retry-After': '1' }, data: '{}' } : null);
  const app = begin(p, 'storm', { batch: 10 });
  const began = Date.now();
  track(app, 100);
  await arrive('openid:storm', 101);
  assert.ok(Date.now() - began >= 3000);
  assert.equal(app.t.dropped, 0);
  app.kill();
});

test('hidden: what there is goes out at once, but not while it is told to wait', async () => {
  const p = phone(), app = begin(p, null, { wait: 60000 });
  app.t.identify({ openid: 'hide' });
  track(app, 3);
  assert.equal(p.sent.length, 0);
  app.hide();
  await arrive('openid:hide', 4);
  p.answer = () => ({ statusCode: 503, header: { 'Retry-After': '3600' }, data: '' });
  track(app, 1, 3);
  app.hide();
  await until('the refusal', () => p.sent.length === 5);
  p.answer = null;
  await sleep(100);
  app.hide();
  app.show();
  await sleep(300);
  assert.equal(p.sent.length, 5);
  app.kill();
  const next = begin(p, null);
  await arrive('openid:hide', 5);
  next.kill();
});

test('a clock set back keeps the order, and stops nothing', async () => {
  const p = phone(), app = begin(p, 'clock');
  track(app, 5);
  p.clock = -600000;
  track(app, 5, 5);
  await arrive('openid:clock', 11);
  const journey = (await site.api('/api/customers/' + (await site.api('/api/customers?id=openid:clock')).customers[0].customer)).journeys[0];
  assert.deepEqual(journey.steps.map((s) => s.touchpoint), Array.from({ length: 10 }, (_, i) => 'tap.' + i));
  app.kill();
});

test('nothing before consent, nothing after a revoke', async () => {
  const p = phone(), app = begin(p, 'asked', { consent: true });
  app.t.track('before');
  await sleep(200);
  assert.equal(p.stored.size + p.sent.length, 0);
  app.t.consent({ analytics: true });
  await arrive('openid:asked', 3);
  app.t.consent({ analytics: false });
  assert.equal(app.t.track('after'), null);
  await arrive('openid:asked', 4);
  app.kill();
});
