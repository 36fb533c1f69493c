// The unmodified server packages, each with every kind of call it has, pointed at a collector: each event arrives once, mapped as its protocol says; then
// once more with the collector down for two seconds in between.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { open, same, sleep, until } from './kit.mjs';

const require = createRequire(import.meta.url);
let door;
before(async () => { door = await open(); });
after(async () => { assert.equal(await door.metric('c_events_quarantined'), 1); await door.close(); });   // the last test's own

const clients = {
  async segment(id) {
    const { Analytics } = await import('@segment/analytics-node');
    const a = new Analytics({ writeKey: 'k', host: door.url, flushAt: 1, maxRetries: 10 });
    const who = { userId: id };
    return {
      send(n) {
        a.track({ ...who, event: 'order placed', properties: { n } });
        a.identify({ ...who, traits: { email: id + '@x.cn' } });
        a.page({ ...who, name: 'Menu' });
        a.screen({ ...who, name: 'Cart' });
        a.group({ ...who, groupId: 'g' });
        a.alias({ ...who, previousId: id + '-old' });
      },
      end: () => a.closeAndFlush({ timeout: 30000 }),
      expected: ['order placed', 'identity.link', 'view Menu', 'view Cart', 'group', 'identity.link'],
      also: ['email:' + id + '@x.cn', 'user:' + id + '-old'],
    };
  },
  async rudder(id) {
    const { default: Rudder } = await import('@rudderstack/rudder-sdk-node');
    const r = new Rudder('k', { dataPlaneUrl: door.url, flushAt: 1 });
    const who = { userId: id };
    return {
      send(n) {
        r.track({ ...who, event: 'order placed', properties: { n } });
        r.identify({ ...who, traits: { email: id + '@x.cn' } });
        r.page({ ...who, name: 'Menu' });
        r.screen({ ...who, name: 'Cart' });
        r.group({ ...who, groupId: 'g' });
        r.alias({ ...who, previousId: id + '-old' });
      },
      end: () => new Promise((done) => r.flush(() => done())),
      expected: ['order placed', 'identity.link', 'view Menu', 'view Cart', 'group', 'identity.link'],
      also: ['email:' + id + '@x.cn'],
    };
  },
  async snowplow(id) {
    const { newTracker, buildSelfDescribingEvent, buildPageView, buildPagePing, buildStructEvent, buildScreenView } = await import('@snowplow/node-tracker');
    const make = (namespace, more) => {
      const t = newTracker({ namespace, appId: 'shop', encodeBase64: more.encodeBase64 }, { endpoint: door.url, bufferSize: 1, ...more });
      t.setUserId(id);
      return t;
    };
    const post = make(id + 'p', { eventMethod: 'post', encodeBase64: true }), get = make(id + 'g', { eventMethod: 'get', encodeBase64: false });
    return {
      send(n) {
        post.track(buildPageView({ pageUrl: 'https://x.cn/menu', pageTitle: 'Menu' }));
        post.track(buildPagePing({ pageUrl: 'https://x.cn/menu', pageTitle: 'Menu' }));
        post.track(buildStructEvent({ category: 'shop', action: 'add', value: n }));
        post.track(buildSelfDescribingEvent({ event: { schema: 'iglu:com.acme/order_placed/jsonschema/1-0-0', data: { n } } }));
        post.track(buildScreenView({ name: 'Cart', id: 'c' }));
        get.track(buildPageView({ pageUrl: 'https://x.cn/pay?a=1', pageTitle: '' }));
        get.track(buildSelfDescribingEvent({ event: { schema: 'iglu:com.acme/paid/jsonschema/1-0-0', data: { n } } }));
        post.flush();
        get.flush();
      },
      async end() { await post.flush(); await get.flush(); },
      expected: ['view Menu', 'view Menu', 'shop.add', 'order_placed', 'screen_view', 'view /pay', 'paid'],
      also: [],
    };
  },
  async posthog(id) {
    const { PostHog } = await import('posthog-node');
    const p = new PostHog('k', { host: door.url, flushAt: 1, flushInterval: 0, fetchRetryCount: 5, fetchRetryDelay: 1000 });
    return {
      send(n) {
        p.capture({ distinctId: id, event: 'order placed', properties: { n } });
        p.identify({ distinctId: id, properties: { name: 'x' } });
        p.alias({ distinctId: id, alias: id + '-old' });
        p.groupIdentify({ groupType: 'company', groupKey: 'c', distinctId: id });
        p.capture({ distinctId: id, event: '$pageview', properties: { $pathname: '/menu' } });
      },
      end: () => p.shutdown(30000),
      expected: ['order placed', 'identity.link', 'identity.link', 'group', 'view /menu'],
      also: ['user:' + id + '-old'],
    };
  },
  async cloudevents(id) {
    const { CloudEvent, HTTP, Mode, emitterFor, httpTransport } = await import('cloudevents');
    const sent = [];
    const event = (n, kind) => new CloudEvent({ id: `${id}-${n}-${kind}`, source: '/till/7', type: 'order.' + kind, subject: 'user:' + id, data: { channel: 'store', order: 'o' + n } });
    const again = async (what) => { for (let i = 0; ; i++) try { return await what(); } catch (error) { if (i === 20) throw error; await sleep(300); } };   // it has no retry of its own
    return {
      send(n) {
        for (const [mode, kind] of [[Mode.BINARY, 'binary'], [Mode.STRUCTURED, 'structured']])
          sent.push(again(() => emitterFor(httpTransport(door.url + '/v1/events'), { mode })(event(n, kind))));
        sent.push(again(async () => {
          const body = '[' + [1, 2].map((k) => HTTP.structured(event(n, 'batch' + k)).body).join() + ']';
          const answer = await fetch(door.url + '/v1/cloudevents', { method: 'POST', headers: { 'content-type': 'application/cloudevents-batch+json' }, body });
          assert.equal(answer.status, 202);
        }));
      },
      end: () => Promise.all(sent),
      expected: ['order.binary', 'order.structured', 'order.batch1', 'order.batch2'],
      also: [],
    };
  },
  async sensors(id) {
    const SensorsAnalytics = require('sa-sdk-node');
    const cache = mkdtempSync(join(tmpdir(), 'touchline-sa-')), sa = new SensorsAnalytics();
    const sender = sa.initNWConsumer({ url: door.url + '/sa?project=shop', cachePath: cache, gzip: true, timeout: 3000 }, { count: 1, timeSpan: 200 });
    sender.catch?.(() => {});
    return {
      send(n) {
        sa.track(id + '-anon', 'OrderPlaced', { n });
        sa.trackSignup(id, id + '-anon');
        sa.profileSet(id, { name: 'x', $is_login_id: true });
        sa.profileIncrement(id, { visits: 1 });
      },
      async end() { await sleep(500); sa.onCompleted(); rmSync(cache, { recursive: true, force: true }); },
      expected: ['OrderPlaced', 'identity.link', 'identify', 'identify'],
      also: ['anonymous:' + id + '-anon'],
    };
  },
};

for (const name of Object.keys(clients)) {
  test(name, async () => {
    const id = 'n-' + name, client = await clients[name](id);
    client.send(1);
    const first = client.expected.length;
    const events = await door.events('user:' + id, first);
    same(events, client.expected);
    if (name === 'sensors') return client.end();        // it keeps unsent events in a file for its next start only
    // nobody at the door for two seconds. RudderStack's client gives up after 1.4 s of refusals: for it the door stays open, as a held listening socket is
    const [leave, come] = name === 'rudder' ? [door.pause, door.resume] : [door.stop, door.start];
    await leave();
    client.send(2);
    await sleep(2000);
    await come();
    await client.end();
    same(await door.events('user:' + id, 2 * first), [...client.expected, ...client.expected]);
    for (const other of client.also) same(await door.events(other, 2 * first), [...client.expected, ...client.expected]);
  });
}

test('a picture with too much in its address is refused, not cut', async () => {
  const many = Array.from({ length: 129 }, (_, i) => `props.p${i}=1`).join('&');
  assert.equal((await fetch(`${door.url}/pixel.gif?${many}`)).status, 400);
});

// A slow first batch and a fast second one, both about one person: order is the events' own, not the bodies'.
test('an interleaved slow batch', async () => {
  const body = (events) => JSON.stringify({ api_key: 'k', batch: events.map(([event, at]) => ({ event, distinct_id: 'slow-1', uuid: event, timestamp: new Date(Date.now() - 60000 + at).toISOString() })) });
  const slow = body([['one', 0], ['three', 2000]]), fast = body([['two', 1000], ['four', 3000]]);
  const half = new ReadableStream({ async start(c) { c.enqueue(new TextEncoder().encode(slow.slice(0, 40))); await sleep(700); c.enqueue(new TextEncoder().encode(slow.slice(40))); c.close(); } });
  const first = fetch(door.url + '/batch/', { method: 'POST', body: half, duplex: 'half' });
  assert.equal((await fetch(door.url + '/batch/', { method: 'POST', body: fast })).status, 200);
  assert.equal((await first).status, 200);
  const events = await door.events('user:slow-1', 4);
  assert.deepEqual(events.toSorted((a, b) => a.time - b.time).map((e) => e.type), ['one', 'two', 'three', 'four']);
  const journey = (await until('the journey', async () => (await door.api('/api/customers/' + (await door.api('/api/customers?id=user:slow-1')).customers[0].customer)).journeys));
  assert.deepEqual(journey[0].steps.map((s) => s.touchpoint), ['one', 'two', 'three', 'four']);
});

test('what came in last can be looked at', async () => {
  await fetch(door.url + '/debug/reset', { method: 'POST' });
  const answer = await fetch(door.url + '/v1/events?key=k', { method: 'POST', body: '{"type":"seen","ids":{"user":"d-1"}}\n{"type":"odd","ids":{"user":"d-1"},"channel":"smoke","id":"x"}' });
  assert.equal((await answer.json()).accepted, 1);
  const good = await (await fetch(door.url + '/debug/good')).json(), bad = await (await fetch(door.url + '/debug/bad')).json();
  assert.equal(good.count, 1);
  assert.equal(good.items[0].event.type, 'seen');
  assert.deepEqual([bad.count, bad.items[0].reason, bad.items[0].field, bad.items[0].id], [1, 'field_range', 'channel', 'x']);
  await fetch(door.url + '/debug/reset', { method: 'POST' });
  assert.equal((await (await fetch(door.url + '/debug/bad')).json()).count, 0);
  assert.equal((await fetch(door.collector + '/debug/good')).status, 404);            // not unless it was asked for
});
