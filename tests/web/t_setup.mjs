// /setup: from a log that nobody has seen to a staged map in two languages, in at most 40 things that a person does; and what goes wrong on the way.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHOTS, number, open, until } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PATIENCE = 60000;
const ACTIONS_MOST = 40;
let site;
let work;

// A log of a permit office: 24 kinds of events, mostly in their order, some skipped, some again.
const HOSTILE = ['<img src=x onerror=alert(1)>', '=cmd|"/c calc"!A1', '\u202Egnp.exe', '"quoted", and\na line', 'star*', '颜文字 😀 名'];
export function unknownLog(cases = 200, extra = []) {
  let seed = 7;
  const u = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const kinds = [...Array.from({ length: 24 }, (_, i) => `S${String(i + 1).padStart(2, '0')} handle part ${String.fromCharCode(65 + i)}`), ...extra];
  const xml = (text) => text.replace(/[&<>"\n\u202E]/g, (c) => `&#${c.charCodeAt(0)};`);
  const traces = Array.from({ length: cases }, (_, c) => {
    let time = Date.UTC(2024, 0, 1) + c * 36e5;
    const events = kinds.filter((_, i) => i === 0 || i >= 24 || u() < 0.5).map((kind) => {
      time += Math.round(36e5 * (0.2 + 20 * u() ** 3));
      return `<event><string key="concept:name" value="${xml(kind)}"/><date key="time:timestamp" value="${new Date(time).toISOString()}"/></event>`;
    });
    return `<trace><string key="concept:name" value="case-${c}"/>${events.join('')}</trace>`;
  });
  return gzipSync(`<?xml version="1.0" encoding="UTF-8"?><log>${traces.join('\n')}</log>`);
}

// The published log where there is one, else one of our own.
function log() {
  const real = join(process.env.REAL_LOGS ?? join(root, '../shared/data'), 'receipt.xes.gz');
  if (existsSync(real)) return { path: real, titles: 27 };
  const path = join(work, 'permits.xes.gz');
  writeFileSync(path, unknownLog());
  return { path, titles: 24 };
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  site = await open();
  work = join(site.data ?? SHOTS, 'test-files');
  mkdirSync(work, { recursive: true });
});
after(async () => {
  await site?.close();
});

const quiet = (page) => page.waitForFunction(() => !document.querySelector('progress'), null, { timeout: PATIENCE });
async function clean(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`));
  assert.deepEqual(found, [], name);
}
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The cells of a table that we wrote ourselves: quotes doubled, no line breaks within the names of this log.
const cellsOf = (text) =>
  text
    .replace(/^\ufeff/, '')
    .trim()
    .split('\r\n')
    .map((line) => [...line.matchAll(/"((?:[^"]|"")*)"|([^,]+)/g)].map((m) => (m[1] ?? m[2]).replaceAll('""', '"')));
const tableOf = (rows) => '\ufeff' + rows.map((row) => row.map((cell) => '"' + String(cell).replaceAll('"', '""') + '"').join(',')).join('\r\n') + '\r\n';
async function csvOf(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV out' }).click()]);
  return readFileSync(await download.path());
}

test('from an unknown log to a staged map in two languages, in at most 40 actions', async () => {
  const { path, titles } = log();
  const page = await site.page('/setup');
  let actions = 1;
  const act = async (what) => {
    actions++;
    return what;
  };
  await page.getByText('Waiting for the first event').waitFor();
  await act(page.setInputFiles('#su-file', path));
  await page.locator('.su-ok').waitFor({ timeout: PATIENCE });
  const { events } = await site.api('/api/setup');
  assert.ok(events > 1000);
  await page.waitForFunction((n) => Number(document.querySelector('.su-counts dd').textContent.replaceAll(',', '')) === n, events);
  // touchpoints: everything is classified, nothing has a Chinese name
  await act(page.getByRole('link', { name: 'Next: Touchpoints' }).click());
  await page.locator('.su-names tbody tr').first().waitFor();
  assert.equal(await page.locator('.su-names tbody tr').count(), titles);
  assert.match(await page.locator('.su-share').textContent(), /100/);
  assert.equal(number(await page.getByRole('button', { name: 'No Chinese name' }).textContent()), titles);
  // the table goes to a spreadsheet and back
  const bytes = await act(csvOf(page));
  assert.deepEqual([...(await bytes).subarray(0, 3)], [0xef, 0xbb, 0xbf], 'byte order mark');
  const [head, ...rows] = cellsOf((await bytes).toString('utf8'));
  assert.equal(rows.length, titles);
  rows.forEach((row, i) => (row[head.indexOf('zh')] = `步骤${i + 1}`));
  const back = join(work, 'back.csv');
  writeFileSync(back, tableOf([head, ...rows]));
  await act(); // somebody typed the names there
  await act(page.setInputFiles('#su-csv', back));
  await page.locator('.su-result').waitFor();
  assert.equal(number(await page.locator('.su-result p').first().textContent()), titles);
  assert.equal(number(await page.getByRole('button', { name: 'No Chinese name' }).textContent()), 0);
  // the journey: a goal, and a silence
  await act(page.getByRole('link', { name: 'Next: Journey' }).click());
  const goal = page.locator('.su-good select');
  await act(goal.selectOption({ index: 1 }));
  await page.locator('.su-good .chip').waitFor();
  await act(page.locator('.su-gaps button').nth(3).click());
  assert.equal(await page.locator('.su-gaps button').count(), 5);
  // clocks: measured, suggested
  await act(page.getByRole('link', { name: 'Next: Clocks' }).click());
  await page.locator('.su-clocks tbody tr').first().waitFor();
  assert.ok((await page.locator('.su-clocks .badge').count()) > 3);
  const limit = page.locator('.su-clocks tbody tr').first().getByRole('spinbutton').first();
  await act(limit.fill('2'));
  await act(limit.press('Tab'));
  assert.equal(await page.locator('.su-clocks tbody tr').first().locator('.badge').count(), 0, 'what was set by hand is no suggestion');
  // the difference, and publishing
  await act(page.getByRole('link', { name: 'Next: Publish' }).click());
  await page.getByText('Nothing is wrong with it').waitFor();
  assert.equal(await page.locator('.su-stop').count(), titles);
  assert.ok((await page.locator('.su-strip > li').count()) >= 4, 'stages');
  await act(page.getByRole('button', { name: 'See what would change' }).click());
  await page.locator('.su-type').first().waitFor({ timeout: PATIENCE });
  await act(page.getByLabel('Your name').fill('王设计'));
  await act(page.getByRole('button', { name: 'Publish' }).click());
  await page.getByRole('link', { name: 'See the map' }).waitFor({ timeout: PATIENCE });
  await act(page.getByRole('link', { name: 'See the map' }).click());
  await page.locator('.card').first().waitFor();
  console.log(`${actions} actions`);
  assert.ok(actions <= ACTIONS_MOST, `${actions} actions`);
  // the map speaks both languages and has its stages
  const map = await site.api('/api/map?journey=' + new URL(page.url()).searchParams.get('journey'));
  assert.equal(map.unassigned.nodes, 0);
  assert.ok(map.nodes.every((node) => node.stage !== null && /^步骤/.test(node.title.zh) && node.title.en));
  const bands = await page.locator('.band-title').allTextContents();
  assert.ok(bands.length >= 3, bands.join());
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.locator('.card', { hasText: '步骤' }).first().waitFor();
  await page.context().close();
});

test('a reload in the middle loses nothing, not even a word being typed', async () => {
  const page = await site.page('/setup#names');
  const field = page.getByLabel(/^Chinese: /).first();
  await field.waitFor();
  await field.fill('重载之前写的');
  await page.reload();
  await page.getByLabel(/^Chinese: /).first().waitFor();
  assert.equal(await page.getByLabel(/^Chinese: /).first().inputValue(), '重载之前写的');
  await page.getByText('The draft is kept in this browser').waitFor();
  // a column from a spreadsheet fills downwards
  await page.getByLabel(/^English: /).first().focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text', 'First\r\nSecond\r\nThird\r\n');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  for (const [i, word] of ['First', 'Second', 'Third'].entries()) assert.equal(await page.getByLabel(/^English: /).nth(i).inputValue(), word);
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await page.waitForFunction(() => document.querySelector('.su-names input[lang="zh-CN"]').value !== '重载之前写的');
  await page.context().close();
});

test('a catalogue that is wrong is refused at its row, and cannot be published', async () => {
  const page = await site.page('/setup#names');
  const row = page.locator('.su-names tbody tr').nth(2);
  await row.waitFor();
  const title = row.getByLabel(/^English: /);
  await title.fill('x'.repeat(1200));
  await row.locator('.problem').waitFor();
  assert.match(await row.locator('.problem').textContent(), /1000|1,000/);
  assert.equal(await page.locator('.su-names tr.wrong').count(), 1);
  await page.getByRole('button', { name: /Mistakes/ }).click();
  assert.equal(await page.locator('.su-names tbody tr').count(), 1);
  await page.goto(site.viewer + '/setup#publish');
  await page.getByText('cannot be published').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Publish', exact: true }).isDisabled());
  await page.context().close();
});

test('what cannot be taken from a table is said with its line; the rest is taken', async () => {
  const page = await site.page('/setup#names');
  await page.locator('.su-names tbody tr').first().waitFor();
  const [head, ...rows] = cellsOf((await csvOf(page)).toString('utf8'));
  const at = (name) => head.indexOf(name);
  rows[0][at('zh')] = '第一步';
  rows[1][at('stage')] = 'nowhere';
  rows[2][at('channel')] = 'pigeon';
  rows[3][at('event')] = 'never seen';
  // as Excel in China saves it: GB 18030, and a semicolon
  const line = (cells) => cells.map((cell) => `"${cell}"`).join(';');
  const gb = Buffer.concat([head, ...rows].map((cells) => Buffer.concat([...line(cells)].map((c) => (c === '第' ? Buffer.from([0xb5, 0xda]) : c === '一' ? Buffer.from([0xd2, 0xbb]) : c === '步' ? Buffer.from([0xb2, 0xbd]) : c === '骤' ? Buffer.from([0xd6, 0xe8]) : Buffer.from(c, 'latin1'))).concat(Buffer.from('\r\n')))));
  const path = join(work, 'bad.csv');
  writeFileSync(path, gb);
  await page.setInputFiles('#su-csv', path);
  await page.locator('.su-result li').nth(2).waitFor();
  const said = await page.locator('.su-result li').allTextContents();
  assert.equal(said.length, 3);
  assert.match(said[0], /Line 3: .*nowhere/);
  assert.match(said[1], /Line 4: .*pigeon/);
  assert.match(said[2], /Line 5: .*never seen/);
  assert.equal(await page.getByLabel('Chinese: ' + rows[0][at('event')], { exact: true }).inputValue(), '第一步');
  await page.getByRole('button', { name: 'Undo this' }).click();
  assert.notEqual(await page.getByLabel('Chinese: ' + rows[0][at('event')], { exact: true }).inputValue(), '第一步');
  await page.context().close();
});

test('a file that is none says so, and another can follow', async () => {
  const page = await site.page('/setup');
  const bad = join(work, 'none.xes');
  writeFileSync(bad, 'this is not XML <<<');
  await page.setInputFiles('#su-file', bad);
  await page.locator('.su-progress .problem').waitFor({ timeout: PATIENCE });
  const table = join(work, 'tickets.csv');
  writeFileSync(table, Buffer.from('Vorgang;Schritt;Wann\n1;\xb4\xf2\xbf\xaa;2024-03-01 10:00:00\n1;geschlossen;2024-03-02 10:00:00\n2;\xb4\xf2\xbf\xaa;2024-03-01 11:00:00\n', 'latin1')); // 打开, as GB 18030
  await page.setInputFiles('#su-file', table);
  await page.getByText('What are these columns?').waitFor();
  await page.getByLabel('What happened *').selectOption('Schritt');
  await page.getByLabel('Time *').selectOption('Wann');
  await page.getByLabel('Journey number').selectOption('Vorgang');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('3 events accepted').waitFor({ timeout: PATIENCE });
  const { events } = await site.api('/api/setup');
  assert.ok((await site.api('/api/suggest')).touchpoints.some((one) => one.name === '打开'));
  // and it can be taken back
  await page.getByRole('button', { name: 'Take this import back' }).click();
  await page.getByText('is taken back').waitFor({ timeout: PATIENCE });
  await until('the events to be gone', async () => (await site.api('/api/setup')).events === events - 3, PATIENCE);
  await page.context().close();
});

test('what cannot be counted is said, and asked again; an example is shown as it was sent', async () => {
  const page = await site.page('/quarantine');
  await page.route('**/api/suggest*', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"text":"the answer is too large for its memory"}}' }));
  await page.goto(site.viewer + '/setup#names');
  await page.getByText('too large for its memory').waitFor();
  await page.unroute('**/api/suggest*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.su-names tbody tr').first().waitFor();
  await page.getByRole('button', { name: /^Example: / }).first().click();
  await page.waitForFunction(() => document.querySelector('.su-example pre')?.textContent.includes('"type"'));
  await page.context().close();
});

test('only the pages of this viewer may hand files over or publish', async () => {
  const ask = (word, headers) => fetch(`${site.viewer}/api/setup/${word}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: '{}' });
  assert.equal((await ask('stop', {})).status, 403);
  assert.equal((await ask('stop', { Origin: 'http://elsewhere.example' })).status, 403);
  assert.equal((await ask('nothing', { Origin: site.viewer })).status, 404);
  assert.equal((await fetch(`${site.viewer}/api/control/catalogue`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: 'http://elsewhere.example' }, body: '{"files":[]}' })).status, 403);
  const up = (query, body) => fetch(`${site.viewer}/api/setup/file?${new URLSearchParams(query)}`, { method: 'POST', headers: { Origin: site.viewer }, body });
  assert.equal((await up({ id: 'abcdefgh', name: 'x.csv', bytes: String(3e9), at: '0' }, 'x')).status, 413);
  const escaped = await up({ id: 'abcdefgh', name: '../../../etc/../.hidden', bytes: '4', at: '0' }, 'ab');
  assert.deepEqual(await escaped.json(), { id: 'abcdefgh', name: '_hidden', bytes: 4, have: 2 });
  // a piece that does not follow is not taken; the one that does is
  assert.equal((await (await up({ id: 'abcdefgh', name: 'x', bytes: '4', at: '3' }, 'z')).json()).have, 2);
  assert.equal((await up({ id: 'ijklmnop', name: 'x', bytes: '4', at: '0' }, 'z')).status, 503, 'one at a time');
  assert.equal((await (await up({ id: 'abcdefgh', name: 'x', bytes: '4', at: '2' }, 'cd')).json()).have, 4);
});

test('an empty store comes alive when the first event arrives', async () => {
  const other = await open();
  try {
    const page = await other.page('/');
    await page.getByRole('link', { name: 'Choose a log file' }).click();
    await page.getByText('Waiting for the first event').waitFor();
    await page.goto(other.viewer + '/setup#names');
    await page.getByText('No events yet').waitFor();
    await page.getByRole('link', { name: 'To step 1' }).click();
    await other.send([{ id: 'first', type: 'order.placed', ids: { member: 'm1' } }]);
    await page.getByText('Counting live').waitFor({ timeout: PATIENCE });
    assert.equal(await page.locator('.su-counts dd').first().textContent(), '1');
    await page.getByRole('link', { name: 'Next: Touchpoints' }).click();
    assert.equal(await page.getByLabel('Chinese: order.placed').inputValue(), '下单', 'a usual name is known in both languages');
    assert.deepEqual(other.faults, []);
  } finally {
    await other.close();
  }
});

test('hostile names are text, in the table and in the file', async () => {
  const other = await open();
  try {
    const path = join(work, 'hostile.xes.gz');
    writeFileSync(path, unknownLog(40, HOSTILE));
    const page = await other.page('/setup');
    let alerts = 0;
    page.on('dialog', (dialog) => (alerts++, dialog.dismiss()));
    await page.setInputFiles('#su-file', path);
    await page.locator('.su-ok').waitFor({ timeout: PATIENCE });
    await page.goto(other.viewer + '/setup#names');
    await page.locator('.su-names tbody tr').first().waitFor();
    assert.equal(await page.locator('.su-names img').count(), 0);
    assert.equal(await page.locator('.su-names tbody tr').count(), 24 + HOSTILE.length);
    const csv = (await csvOf(page)).toString('utf8');
    assert.ok(csv.includes(`"'=cmd|""/c calc""!A1"`), 'guarded');
    const back = join(work, 'hostile.csv');
    writeFileSync(back, csv.replace('"=cmd', '"=cmd'));
    await page.setInputFiles('#su-csv', back);
    await page.locator('.su-result').waitFor();
    assert.match(await page.locator('.su-result').textContent(), /^0 rows changed, 30 as they were\./, 'a round trip changes nothing');
    await page.goto(other.viewer + '/setup#publish');
    await page.getByText('Nothing is wrong with it').waitFor({ timeout: PATIENCE });
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('link', { name: 'See the map' }).waitFor({ timeout: PATIENCE });
    assert.equal((await other.api('/api/map')).unassigned.nodes, 0);
    assert.equal(alerts, 0);
    assert.deepEqual(other.faults, []);
  } finally {
    await other.close();
  }
});

for (const [lang, theme, width] of [
  ['en', 'light', 1440],
  ['zh', 'dark', 1440],
  ['zh', 'light', 390],
  ['en', 'dark', 390],
]) {
  test(`every step: ${lang}, ${theme}, ${width} px`, async () => {
    const context = await site.browser.newContext({ bypassCSP: true, viewport: { width, height: 900 }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: theme });
    const page = await context.newPage();
    for (const step of ['data', 'names', 'journey', 'clocks', 'publish']) {
      await page.goto('about:blank');
      await page.goto(`${site.viewer}/setup#${step}`);
      await page.locator('#body > *').first().waitFor();
      await quiet(page);
      await page.screenshot({ path: join(SHOTS, `setup-${step}-${width}-${lang}-${theme}.png`), fullPage: step !== 'names' });
      assert.ok((await wide(page)) <= 0, `${step} is wider than the window`);
      await clean(page, step);
    }
    await context.close();
  });
}

test('nothing was written to the console', () => {
  rmSync(work, { recursive: true, force: true });
  assert.deepEqual(
    site.faults.filter((text) => !/status of (40|50)/.test(text)),
    [],
  );
});
