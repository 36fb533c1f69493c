// axe-core finds nothing on any page, in either language, theme and width.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { catalogue, count, world } from './world.mjs';
import { DEMO, DEMO_AS_OF, open, sleep, until } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let site;
let empty;
let demo;
let pages;

before(async () => {
  site = await open(catalogue);
  empty = await open();
  demo = await open(DEMO);
  const events = world(Date.now() - 60000);
  for (let i = 0; i < events.length; i += 200) await site.send(events.slice(i, i + 200));
  await fetch(site.collector + '/v1/events?key=till', { method: 'POST', body: '{"type":"broken","x":nul}' });
  await until('the map to hold every step', async () => (await site.api('/api/map?journey=order')).steps === count(events).steps);
  pages = [
    ['map with its table', site, '/', '.card', '.data summary'],
    ['a step', site, '/?node=payment', '#panel .histogram'],
    ['a flow', site, '/?edge=customise,payment', '#panel .histogram'],
    ['other', site, '/?detail=40&other=1', '#panel .folded-list'],
    ['a customer', site, '/customers/' + (await site.customer('m1')), '.row', '.event'],
    ['no such customer', site, '/customers/' + 'ab'.repeat(16), '.state h1'],
    ['quarantine', site, '/quarantine', '.item'],
    ['nothing matches', site, '/?from=2001-01-01&to=2001-01-02', '.state h2'],
    ['the break list', demo, '/breaks?' + DEMO_AS_OF, '.finding-table', '.rest summary'],
    ['a break point', demo, '/breaks?pick=handover_wait/handover&' + DEMO_AS_OF, '#panel .journeys'],
    ['the front page', demo, '/?' + DEMO_AS_OF, '.front-moment'],
    ['a moment', demo, '/moments?pick=handover/bad&' + DEMO_AS_OF, '#panel .strata'],
    ...[
      ['/funnel', '.funnel-step'],
      ['/variants', '.way'],
      ['/dashboard', '.metric'],
      ['/coverage', '.finding-table'],
      ['/blueprint', '.bp-step'],
      ['/handbook', '.hb-entry'],
      ['/alerts', '.switch'],
      ['/heatmap', '.heat-tile'],
      ['/improvements', '.imp-enter'],
    ].map(([path, ready]) => [path, demo, path + '?' + DEMO_AS_OF, ready]),
    ['nothing tested', empty, '/breaks', '.state h2'],
    ['an empty store', empty, '/', '.snippet'],
    ['an empty quarantine', empty, '/quarantine', '.state h2'],
  ];
});
after(async () => {
  await site?.close();
  await empty?.close();
  await demo?.close();
});

// The pages of findings are looked at in two of the four: light and dark, wide and narrow.
for (const [lang, theme, width, half] of [
  ['en', 'light', 1440, 0],
  ['zh', 'dark', 1440, 1],
  ['zh', 'light', 390, 1],
  ['en', 'dark', 390, 0],
]) {
  test(`${lang}, ${theme}, ${width} px`, async () => {
    for (const [i, [name, where, path, ready, click]] of pages.entries()) {
      if (where === demo && i % 2 !== half) continue;
      const context = await where.browser.newContext({
        bypassCSP: true,
        viewport: { width, height: 900 },
        locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
        colorScheme: theme,
      });
      const page = await context.newPage();
      await page.goto(where.viewer + path);
      await page.waitForSelector(ready);
      if (click) await page.locator(click).first().click();
      await sleep(250);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`));
      assert.deepEqual(found, [], name);
      await context.close();
    }
  });
}
