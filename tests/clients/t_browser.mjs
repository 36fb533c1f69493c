// The unmodified browser packages in headless Chromium, each with every kind of call it has: preflights answered, each event there once, mapped as its
// protocol says.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { open, same } from './kit.mjs';

const packages = join(import.meta.dirname, 'node_modules');
let door, shop, shopUrl;
before(async () => {
  door = await open();
  shop = createServer((request, response) => {
    if (!request.url.startsWith('/packages/')) return response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Menu</title><button>Order</button>');
    const file = createReadStream(join(packages, normalize(decodeURI(request.url.slice(9)))));
    file.on('error', () => response.writeHead(404).end());
    file.pipe(response.setHeader('Content-Type', 'text/javascript'));
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  shopUrl = `http://127.0.0.1:${shop.address().port}/menu`;
});
after(async () => {
  shop.close();
  assert.equal(await door.metric('c_events_quarantined'), 0);
  await door.close();
});

// A page of a shop on another origin, with the package's script in it.
async function page(script) {
  const context = await door.browser.newContext();
  const tab = await context.newPage();
  await tab.goto(shopUrl);
  if (script) await tab.addScriptTag({ url: '/packages/' + script });
  return tab;
}

for (const mode of ['default', 'batching'])
  test('@segment/analytics-next, ' + mode, async () => {
    const tab = await page('@segment/analytics-next/dist/umd/index.js'), id = 'b-segment-' + mode;
    await tab.evaluate(async ([url, id, mode]) => {
      const how = mode === 'batching' ? { deliveryStrategy: { strategy: 'batching', config: { size: 6, timeout: 500 } } } : {};
      const [analytics] = await window.AnalyticsNext.AnalyticsBrowser.load({ writeKey: 'k', cdnURL: url }, { integrations: { 'Segment.io': how } });
      await analytics.identify(id, { email: id + '@x.cn' });
      await analytics.track('order placed', { n: 1 });
      await analytics.page('Menu');
      await analytics.screen('Cart');
      await analytics.group('g');
      await analytics.alias(id, id + '-old');
    }, [door.url, id, mode]);
    same(await door.events('user:' + id, 6), ['identity.link', 'order placed', 'view Menu', 'view Cart', 'group', 'identity.link']);
    await tab.context().close();
  });

test('@rudderstack/analytics-js', async () => {
  const tab = await page('@rudderstack/analytics-js/dist/npm/legacy/bundled/umd/index.js'), id = 'b-rudder';
  await tab.evaluate(async ([url, id]) => {
    const Rudder = window.RudderAnalytics ?? window.rudderanalytics?.RudderAnalytics ?? window.rudderanalytics;
    if (!Rudder) throw new Error('no client in the page: ' + Object.keys(window).filter((k) => /udder/.test(k)));
    const r = typeof Rudder === 'function' ? new Rudder() : Rudder;
    r.load('k', url, { configUrl: url, plugins: [], queueOptions: { minRetryDelay: 200 }, sendAdblockPage: false });
    await new Promise((done) => r.ready(done));
    r.identify(id, { email: id + '@x.cn' });
    r.track('order placed', { n: 1 });
    r.page('Menu');
    r.group('g');
    r.alias(id, id + '-old');
  }, [door.url, id]);
  const events = await door.events('user:' + id, 5);
  same(events, ['identity.link', 'order placed', 'view Menu', 'group', 'identity.link']);
  await tab.context().close();
});

test('@snowplow/browser-tracker', async () => {
  const tab = await page('@snowplow/browser-tracker/dist/index.umd.js'), id = 'b-snowplow';
  await tab.evaluate(([url, id]) => {
    const s = Object.values(window).find((v) => v && typeof v === 'object' && v.newTracker && v.trackPageView) ?? window.snowplow;
    s.newTracker('sp', url, { appId: 'shop', encodeBase64: true, bufferSize: 1 });
    s.setUserId(id);
    s.trackPageView({ title: 'Menu' });
    s.trackStructEvent({ category: 'shop', action: 'add' });
    s.trackSelfDescribingEvent({ event: { schema: 'iglu:com.acme/order_placed/jsonschema/1-0-0', data: { n: 1 } } });
  }, [door.url, id]);
  same(await door.events('user:' + id, 3), ['view Menu', 'shop.add', 'order_placed']);
  await tab.context().close();
});

test('posthog-js', async () => {
  const tab = await page('posthog-js/dist/array.full.no-external.js'), id = 'b-posthog';
  await tab.evaluate(([url, id]) => {
    const p = window.posthog;
    p.init('k', { api_host: url, opt_out_useragent_filter: true, autocapture: false, capture_pageview: false, capture_pageleave: false, disable_session_recording: true, disable_surveys: true, request_batching: true, advanced_disable_flags: true });
    p.capture('$pageview');
    p.identify(id, { name: 'x' });
    p.capture('order placed', { n: 1 });
    p.alias(id + '-old');
    p.group('company', 'c');
  }, [door.url, id]);
  same(await door.events('user:' + id, 5), ['view /menu', 'identity.link', 'order placed', 'identity.link', 'group']);
  await tab.context().close();
});

test('sa-sdk-javascript', async () => {
  for (const how of ['image', 'ajax', 'beacon']) {
    const tab = await page('sa-sdk-javascript/sensorsdata.min.js'), id = 'b-sensors-' + how;
    await tab.evaluate(([url, id, how]) => {
      const sa = window.sensorsDataAnalytic201505 ?? window.sensors;
      sa.init({ server_url: url + (how === 'image' ? '/sa.gif' : '/sa') + '?project=shop', send_type: how, heatmap: { clickmap: 'not_collect', scroll_notice_map: 'not_collect' }, is_track_single_page: false, batch_send: false });
      sa.quick('autoTrackWithoutProfile');
      sa.login(id);
      sa.track('OrderPlaced', { n: 1 });
      sa.setProfile({ name: 'x' });
    }, [door.url, id, how]);
    const events = await door.events('user:' + id, 4);
    same(events, ['view /menu', 'identity.link', 'OrderPlaced', 'identify']);
    await tab.context().close();
  }
});

test('a pixel in a mail', async () => {
  const tab = await page();
  await tab.evaluate((url) => new Promise((done, fail) => { const i = new Image(); i.onload = done; i.onerror = fail; i.src = url + '/pixel.gif?key=mail&type=mail.opened&channel=mail&user=b-pixel&id=m1&props.campaign=spring'; document.body.append(i); }), door.url);
  same(await door.events('user:b-pixel', 1), ['mail.opened']);
  await tab.context().close();
});
