// Hostile text in every field that anybody can fill: events, the catalogue, what people enter. On every page and in every export it is text.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO, DEMO_AS_OF, open, until } from './site.mjs';
import { load, look } from './looks.mjs';

const SCRIPT = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
const TEXTS = [
  SCRIPT,
  '"\'><svg onload=window.hit=1>{{7*7}}${7*7}',
  '=HYPERLINK("http://x","a")',
  '\u202Egnp.exe\u202C مرحبا بالعالم \u2066x',
  '👩‍👩‍👧‍👦🇨🇳 e\u0301\u0301\u0301\u0301 ﷽',
  'W'.repeat(240),
  'first line\nsecond line\ttab',
  "@SUM(1+1)*cmd|'/c calc'!A1",
];
const at = (i) => TEXTS[i % TEXTS.length];
// As much of a text as so many bytes hold, whole characters only.
function fit(text, bytes) {
  let out = '';
  for (const c of text) {
    if (Buffer.byteLength(out + c) > bytes) break;
    out += c;
  }
  return out;
}
const LONG = (SCRIPT + ' 字 👩‍👩‍👧‍👦 ').repeat(60).slice(0, 3000);
const PAGES = [
  ['/', '.lane-break'],
  ['/?vs=tier=gold&side=1', '.beside-side .card'],
  ['/breaks?pick=handover_wait/handover', '#panel .journeys'],
  ['/moments?pick=handover/bad', '#panel .strata'],
  ['/improvements', '.improvement'],
  ['/alerts', '.switch'],
  ['/heatmap', '.heat-tile'],
  ['/dashboard', '.metric'],
  ['/funnel', '.funnel-step'],
  ['/variants', '.way'],
  ['/blueprint', '.bp-step'],
  ['/coverage', '.finding-table'],
  ['/handbook', '.hb-entry'],
  ['/impact?pick=handover_wait/handover', '#panel .journeys'],
  ['/quarantine', '.item'],
  ['/report?week=2026-W08', 'h1'],
  ['/setup', 'main h1, main h2'],
];
let site;
let evil;

// Every title, owner and other words of a catalogue; ids and conditions stay, or nothing would match.
const WORDS = new Set(['zh', 'en', 'owner', 'script', 'visual', 'response', 'theme', 'goal', 'action', 'text']);
let turn = 0;
function poison(value, key) {
  if (Array.isArray(value)) return value.map((one) => poison(one, key));
  if (typeof value === 'string') return WORDS.has(key) ? (key === 'owner' ? fit(at(turn++), 60) : fit(at(turn++) + ' ' + value, 300)) : value;
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poison(one, name)]));
  return value;
}

const control = async (kind, body) => {
  const answer = await fetch(site.viewer + '/api/control/' + kind, { method: 'POST', headers: { Origin: site.viewer, 'X-Touchline-Actor': encodeURIComponent(SCRIPT), 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, kind + ' ' + (await answer.text()));
};

before(async () => {
  site = await open(DEMO);
  const made = join(site.data, '..', 'hostile');
  mkdirSync(made);
  for (const name of readdirSync(join(site.data, 'catalogue'))) writeFileSync(join(made, name), JSON.stringify(poison(JSON.parse(readFileSync(join(site.data, 'catalogue', name), 'utf8')), name)));
  execFileSync(join(process.env.BUILD, 'touchline'), ['activate', made, '--data', site.data], { timeout: 60000 });
  const time = Date.parse('2026-02-20T04:00:00Z');
  const events = TEXTS.flatMap((_, i) =>
    ['menu', fit(at(i), 100), 'feedback.text', 'complaint.opened'].map((type, k) => ({
      id: `h${i}-${k}`,
      type,
      touchpoint: k === 1 ? fit(at(i), 100) : undefined,
      channel: 'app',
      time: time + 1000 * k,
      ids: { member: fit(at(i), 90) },
      order: 'o' + fit(at(i), 80),
      case: fit(at(i + 1), 80),
      session: fit(at(i + 2), 80),
      place: fit(at(i + 3), 80),
      agent: fit(at(i + 4), 80),
      tier: fit(at(i), 40),
      text: k === 2 ? LONG : at(i),
      scores: k === 2 ? { csat5: 1 } : undefined,
      props: { page: at(i), [fit(at(i), 40)]: at(i + 1) },
    })),
  );
  const answer = await fetch(site.collector + '/v1/events?key=' + encodeURIComponent('web<b>"x"'), { method: 'POST', body: events.map((event) => JSON.stringify(event)).join('\n') + '\n{"type":"' + SCRIPT.replaceAll('"', '\\"') + '","ids":{"member":"x"},"nope":nul}' });
  const said = await answer.json();
  assert.ok(said.accepted >= 28, JSON.stringify(said).slice(0, 400));
  await until('them to be seen', async () => (await site.api('/api/facets?journey=order')).place.values.some((one) => one.value === SCRIPT), 30000);
  evil = (await site.api('/api/customers?id=' + encodeURIComponent('member:' + SCRIPT))).customers[0].customer;
  await control('opportunity', { id: SCRIPT, text: fit(LONG, 300), touchpoint: 'handover', owner: at(3), status: 'open', journey: 'order' });
  await control('break', { cell: 'order:handover_wait/handover', status: 'assigned', owner: SCRIPT, note: fit(LONG, 300) });
  await control('improvement', { id: SCRIPT, title: at(1), cell: 'order:handover_wait/handover', cause: at(3), action: SCRIPT, owner: at(4), start: '2026-02-02', places: ['S03'], comparison: ['S07'] });
  await control('visit', { id: SCRIPT, identities: [{ kind: 'member', value: at(1) }], from: '2026-02-01T00:00:00Z', to: '2026-02-02T00:00:00Z', place: SCRIPT, scenario: at(2), slot: at(3), note: fit(LONG, 300) });
});
after(async () => {
  await site?.close();
});

// What of it ran, or became an element; whether something is wider than the window.
const harm = (page) =>
  page.evaluate(() => ({
    hit: window.hit ?? null,
    elements: [...document.querySelectorAll('img:not([src="/icon.svg"]), iframe, object, embed, [onerror], [onload], [onclick], script:not([src])')].map((el) => el.outerHTML.slice(0, 120)),
    links: [...document.querySelectorAll('a[href]')].map((el) => el.getAttribute('href')).filter((href) => /^\s*(javascript|data|vbscript):/i.test(href)),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth ? [...document.querySelectorAll('main *, header *')].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest('.table-scroll, .map-scroll, .lanes-scroll, .sr, .nav-list')).slice(0, 5).map((el) => `${el.tagName}.${el.className} ${Math.round(el.getBoundingClientRect().right)}`) : [],
  }));
const HARMLESS = { hit: null, elements: [], links: [], wide: [] };

test('every page, wide in English and narrow in Chinese: text', async () => {
  const wrong = [];
  for (const [path, ready] of [...PAGES, ['/customers/' + evil, '.row']]) {
    const page = await load(site, path + (path.includes('?') ? '&' : '?') + (path.startsWith('/setup') ? '' : DEMO_AS_OF), ready);
    for (const one of [{ lang: 'en', theme: 'light', width: 1440 }, { lang: 'zh', theme: 'dark', width: 390 }]) {
      await look(page, one, ready);
      const done = await harm(page);
      if (JSON.stringify(done) !== JSON.stringify(HARMLESS)) wrong.push([path, one.width, done]);
      const words = await page.evaluate(() => document.body.textContent);
      if (!/^\/(setup|alerts)/.test(path)) assert.ok(TEXTS.some((text) => words.includes(text.slice(0, 30))) || words.includes('onerror'), 'nothing hostile stands on ' + path);
    }
    await page.context().close();
  }
  assert.deepEqual(wrong, []);
});

test('exports: no formula in CSV, whole XML, text in the drawing', async () => {
  const file = async (format) => (await fetch(`${site.viewer}/api/export?journey=order&format=${format}&filter=tier=${encodeURIComponent(at(2))}`)).text();
  // a table is read cell by cell: none begins with what a spreadsheet would run
  const csv = (await file('csv')).replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const cells = [...csv.matchAll(/(?:^|,|\n)(?:"((?:[^"]|"")*)"|([^",\n]*))/g)].map((found) => found[1] ?? found[2]);
  assert.ok(cells.some((cell) => cell.startsWith("'=HYPERLINK")), csv.slice(0, 600));
  assert.deepEqual(cells.filter((cell) => /^[=+@\t\r]|^-[^0-9]/.test(cell)), []);
  const page = await site.page('/?detail=100');
  await page.locator('.card').first().waitFor();
  const all = await (await fetch(`${site.viewer}/api/export?journey=order&format=xes&filter=place=${encodeURIComponent(fit(at(3), 80))}`)).text();
  const read = await page.evaluate((text) => {
    const doc = new DOMParser().parseFromString(text, 'application/xml');
    return { wrong: doc.querySelectorAll('parsererror').length, scripts: doc.getElementsByTagName('script').length, traces: doc.getElementsByTagName('trace').length, values: [...doc.getElementsByTagName('string')].map((el) => el.getAttribute('value')) };
  }, all);
  assert.deepEqual([read.wrong, read.scripts], [0, 0], all.slice(0, 400));
  assert.ok(read.traces > 0 && read.values.includes(SCRIPT), `${read.traces} traces, ${JSON.stringify(read.values.slice(0, 12))}`);
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
