// Every page in zh and en, light and dark, 390 to 2560 px: screenshots to look at, and what a program can see of them:
// nothing wider than the window, no card over another, no control or card text cut off, enough contrast, nothing that axe-core finds.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, count, world } from './world.mjs';
import { DEMO, DEMO_AS_OF, SHOTS, open, until } from './site.mjs';
import { load, look, looksOf, twoLooks, violations } from './looks.mjs';

const WIDTHS = [768, 1024, 2560];

let site;
let demo;
let pages;
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  site = await open(catalogue);
  demo = await open(DEMO);
  const events = world(Date.now() - 60000, 120);
  for (let i = 0; i < events.length; i += 200) await site.send(events.slice(i, i + 200));
  await fetch(site.collector + '/v1/events?key=till', { method: 'POST', body: '{"type":"broken","x":nul}\n{"id":"q2","type":"menu"}' });
  await until('the map to hold every step', async () => (await site.api('/api/map?journey=order')).steps === count(events).steps);
  await until('the quarantine', async () => (await site.api('/api/quarantine')).count === 2);
  const busiest =
    Object.entries(Object.groupBy ? Object.groupBy(events, (event) => event.ids.member) : {}).sort((a, b) => b[1].length - a[1].length)[0]?.[0] ??
    'm1';
  pages = [
    ['map', site, '/?detail=85', '.card'],
    ['step', site, '/?detail=100&node=payment', '#panel .histogram'],
    ['customer', site, '/customers/' + (await site.customer(busiest)), '.row'],
    ['quarantine', site, '/quarantine', '.item'],
    ['breaks', demo, '/breaks?' + DEMO_AS_OF, '.finding-table'],
    ['break', demo, '/breaks?pick=handover_wait/handover&' + DEMO_AS_OF, '#panel .journeys'],
    ['front', demo, '/?' + DEMO_AS_OF, '.front-moment'],
    ['moments', demo, '/moments?' + DEMO_AS_OF, '.moment-plot'],
    ['sides', demo, '/?vs=tier=gold&side=1&lanes=none&' + DEMO_AS_OF, '.beside-side .card'],
    ...[
      ['improvements', '/improvements', '.improvement'],
      ['alerts', '/alerts', '.switch'],
      ['heatmap', '/heatmap', '.heat-tile'],
      ['metrics', '/dashboard', '.metric'],
      ['funnel', '/funnel', '.funnel-step'],
      ['variants', '/variants', '.way'],
      ['blueprint', '/blueprint', '.bp-step'],
      ['coverage', '/coverage', '.finding-table'],
      ['handbook', '/handbook', '.hb-entry'],
      ['impact', '/impact', '.finding-table'],
      ['visits', '/visits', '.finding-table'],
      ['backtrack', '/backtrack', '.pareto'],
    ].map(([name, path, ready]) => [name, demo, path + '?' + DEMO_AS_OF, ready]),
    ['scorecard', demo, '/visit?id=visit-02&' + DEMO_AS_OF, '.finding-table'],
  ];
});
after(async () => {
  await site?.close();
  await demo?.close();
});

// What is wrong with a page, seen from inside it.
function seen() {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) wrong.push(`${wide} px wider than the window`);
  const cards = [...document.querySelectorAll('.card')].map((el) => [el.dataset.id, el.getBoundingClientRect()]);
  cards.forEach(([a, p], i) =>
    cards.slice(i + 1).forEach(([b, q]) => {
      if (p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom) wrong.push(`${a} lies over ${b}`);
    }),
  );
  for (const el of document.querySelectorAll('.card-n, .card-sub, .pill, .band-title, .figure dd, .chip, .field, .lane-name')) {
    if (el.offsetParent && el.scrollWidth > el.clientWidth + 1) wrong.push(`cut off: ${el.className} ${el.textContent}`);
  }
  const light = (rgb) =>
    rgb
      .map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const colour = (text) =>
    /rgba?\(([^)]+)\)/
      .exec(text)?.[1]
      .split(/[,\s/]+/)
      .map(Number);
  const behind = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const c = colour(getComputedStyle(at).backgroundColor);
      if (c && (c[3] === undefined || c[3] > 0.95)) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  for (const el of document.querySelectorAll('main *, header *')) {
    const own = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !el.offsetParent || el.closest('svg, .lighting, option, .sr')) continue;
    const ink = colour(getComputedStyle(el).color).slice(0, 3);
    const [a, b] = [light(ink), light(behind(el))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${el.className || el.tagName} "${el.textContent.slice(0, 30)}"`);
  }
  return [...new Set(wrong)];
}

// Each page is loaded once and looked at in every language, theme and width; what axe-core says of two of the looks, which have each of them once.
test('every page, zh and en, light and dark, 390 to 2560 px', async (t) => {
  for (const [i, [name, where, path, ready, click]] of pages.entries())
    await t.test(name, async () => {
      const page = await load(where, path, ready, click);
      const asked = twoLooks(i).map((one) => JSON.stringify(one));
      for (const one of [...looksOf([1440, 390]), ...WIDTHS.map((width) => ({ lang: 'en', theme: 'dark', width }))]) {
        await look(page, one, ready);
        const shot = [name, one.width, ...(WIDTHS.includes(one.width) ? [] : [one.lang, one.theme])].join('-');
        await page.screenshot({ path: join(SHOTS, shot + '.png') });
        assert.deepEqual(await page.evaluate(seen), [], shot);
        if (asked.includes(JSON.stringify(one))) assert.deepEqual(await violations(page), [], shot);
      }
      await page.context().close();
    });
});

test('nothing was written to the console', () => {
  assert.deepEqual([...site.faults, ...demo.faults], []);
});
