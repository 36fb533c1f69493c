// axe-core finds nothing on pages in states that t_shots.mjs does not look at: opened, picked, empty, refused; in either language, theme and width.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { catalogue, count, world } from './world.mjs';
import { DEMO, DEMO_AS_OF, open, until } from './site.mjs';
import { load, look, twoLooks, violations } from './looks.mjs';

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
    ['a moment', demo, '/moments?pick=handover/bad&' + DEMO_AS_OF, '#panel .strata'],
    ['noting an idea', demo, '/?' + DEMO_AS_OF, '.idea-add', '.idea-add'],
    ['a flow over its limit', demo, '/?edge=ready,handover&' + DEMO_AS_OF, '#panel .histogram'],
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

for (const n of [0, 1])
  test(`axe-core finds nothing, look ${n + 1} of 2`, async () => {
    for (const [i, [name, where, path, ready, click]] of pages.entries()) {
      const page = await load(where, path, ready);
      const one = twoLooks(i)[n];
      await look(page, one, ready);
      if (click) await page.locator(click).first().click();
      assert.deepEqual(await violations(page), [], `${name}: ${JSON.stringify(one)}`);
      await page.context().close();
    }
  });
