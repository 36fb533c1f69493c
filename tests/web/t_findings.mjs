// The break list and the moments page of the demo: what they say is what the viewer's answers say, and what is planted.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { DEMO, DEMO_AS_OF, open, until } from './site.mjs';

let site;
let breaks;
let moments;

before(async () => {
  site = await open(DEMO);
  breaks = await site.api('/api/breaks?journey=order&' + DEMO_AS_OF);
  moments = await site.api('/api/moments?journey=order&' + DEMO_AS_OF);
});
after(async () => {
  await site?.close();
});

const cellKey = (cell) => cell.id + '/' + cell.touchpoint;
const points = (x) => (x < 0 ? '−' : '+') + Math.abs(100 * x).toFixed(1);
const rowsOf = (page, caption) =>
  page.locator('.finding-table', { has: page.locator('caption', { hasText: caption }) }).locator('tbody tr').evaluateAll((rows) =>
    rows.map((row) => ({ key: row.querySelector('[data-pick]').dataset.pick, cells: [...row.querySelectorAll('td')].map((td) => td.innerText.replace(/\s+/g, ' ').trim()) })),
  );

test('two lists, never one ranking: every row says what the answer says', async () => {
  const page = await site.page('/breaks?' + DEMO_AS_OF);
  await page.waitForSelector('.finding-table');
  assert.deepEqual(breaks.unhappy.map(cellKey), ['handover_wait/handover', 'context_kept/call', 'note_executed/make', 'chat_reply/chat']);
  assert.deepEqual(breaks.unfinished.map(cellKey), ['drop_off/payment']);
  for (const [caption, list] of [['More unhappy customers', breaks.unhappy], ['More orders unfinished', breaks.unfinished]]) {
    const rows = await rowsOf(page, caption);
    assert.deepEqual(rows.map((row) => row.key), list.map(cellKey), caption);
    rows.forEach((row, i) => {
      const cell = list[i];
      assert.ok(row.cells[0].startsWith(`${cell.hits.toLocaleString('en')} of ${cell.n.toLocaleString('en')}`), row.cells[0]);
      assert.ok(row.cells[1].includes(`${(100 * cell.rate).toFixed(1)}\u202f%`.replace(/\s/g, ' ')) || row.cells[1].includes((100 * cell.rate).toFixed(1)), row.cells[1]);
      assert.ok(row.cells[1].includes(`${(100 * cell.lo).toFixed(1)}–${(100 * cell.hi).toFixed(1)}`), row.cells[1]);
      assert.ok(row.cells[3].includes('≥ ' + Math.floor(cell.excess)), row.cells[3]);
      if (cell.damage !== null) assert.ok(row.cells[4].includes(points(cell.damage)), row.cells[4]);
      assert.equal(row.cells.at(-1), cell.verdict.en);
    });
  }
  assert.match(await page.locator('#summary .tests').innerText(), new RegExp(`^${breaks.tests} tests`));
  assert.equal(await page.locator('.half-unhappy .mark').count(), 4);
  assert.equal(await page.locator('.half-unfinished .mark').count(), 1);
  assert.match(await page.locator('.finding-table').first().innerText(), /616 of 6,521[\s\S]*9\.4/);
  assert.match(await page.locator('tr', { hasText: 'Chat answered' }).innerText(), /often, no visible damage/);
  await page.locator('.rest summary').click();
  assert.equal(await page.locator('.rest tbody tr').count(), breaks.rest.length);
  await page.context().close();
});

test('a break point opens: places, a sentence, by pointer and by keyboard, and the address keeps it', async () => {
  const places = (await site.api('/api/breaks?journey=order&by=place&' + DEMO_AS_OF)).unhappy.filter((cell) => cell.id === 'handover_wait');
  const page = await site.page('/breaks?' + DEMO_AS_OF);
  await page.locator('[data-mark="handover_wait/handover"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('#panel .place-grid');
  assert.equal(new URL(page.url()).searchParams.get('pick'), 'handover_wait/handover');
  for (const place of places) {
    const words = await page.locator('#panel .place-grid tr', { has: page.getByText(place.place, { exact: true }) }).innerText();
    assert.ok(words.includes(`${place.hits} of ${place.n}`), words);
  }
  const lunch = page.locator('#panel .place-grid tr', { hasText: 'S08' }).locator('td').nth(1);
  assert.match(await lunch.innerText(), /25\.0\s%\s*4 of 16[\s\S]*too little data/);
  assert.match(await page.locator('#panel .say').innerText(), /616 of 6,521.*at least 232.*17\.6 points.*at least 35 more unhappy/s);
  const copy = await site.page(page.url().slice(site.viewer.length));
  await copy.waitForSelector('#panel .place-grid');
  await copy.context().close();
  await page.locator('#panel .place-grid tr', { hasText: 'S07' }).locator('td').nth(1).getByRole('button').click();
  await page.locator('#panel .panel-where', { hasText: 'S07 · lunch' }).waitFor();
  await page.locator('#panel .count[data-count="302"]').waitFor();
  for (let rows = 0; rows < 302;) {
    await until('another page of journeys', async () => (await page.locator('#panel .journeys tbody tr').count()) > rows);
    rows = await page.locator('#panel .journeys tbody tr').count();
    if (rows < 302) await page.locator('#panel .slot > .more:not([hidden])').click();
  }
  assert.equal(await page.locator('#panel .journeys tbody tr').count(), 302);
  await page.keyboard.press('Escape');
  await page.locator('#panel').waitFor({ state: 'hidden' });
  await page.context().close();
});

test('a break point is assigned on its panel, and the list says so', async () => {
  const page = await site.page('/breaks?pick=note_executed/make&' + DEMO_AS_OF);
  await page.waitForSelector('#panel .take');
  await page.locator('#panel [name="status"]').selectOption('assigned');
  await page.locator('#panel [name="owner"]').fill('Ms Li');
  await page.locator('#panel .take button').click();
  await until('the record', async () => (await site.api('/api/breaks?journey=order&' + DEMO_AS_OF)).unhappy.some((cell) => cell.id === 'note_executed' && cell.status === 'assigned' && cell.owner === 'Ms Li'));
  await page.locator('tr', { hasText: 'Note carried out' }).first().locator('.tag', { hasText: 'assigned' }).waitFor();
  await page.context().close();
});

test('the moment whose crude sign lies: hollow and filled dot, and one plain sentence', async () => {
  const page = await site.page('/moments?' + DEMO_AS_OF);
  await page.waitForSelector('.moment-plot');
  const m1 = moments.moments.find((one) => one.touchpoint === 'handover');
  const dots = await page.locator('[data-mark="handover/bad"]').evaluate((el) => ({
    crude: Number(el.querySelector('.moment-crude').getAttribute('cx')),
    adjusted: Number(el.querySelector('.moment-adjusted').getAttribute('cx')),
    zero: Number(el.ownerSVGElement.querySelector('.zero').getAttribute('x1')),
    arrow: Boolean(el.querySelector('.moment-tip')),
  }));
  assert.ok(dots.crude < dots.zero && dots.zero < dots.adjusted && dots.arrow, JSON.stringify(dots));
  assert.ok(m1.crude_rd.value < 0 && m1.adjusted_rd > 0);
  const said = await page.locator('.say', { hasText: 'Hand-over' }).innerText();
  assert.match(said, /7\.8 points less often; compared with customers like them it is 8\.8 points more often.*\+5\.9 … \+11\.7/s);
  const rows = await page.locator('.finding-table tbody tr').count();
  assert.equal(rows, moments.moments.length + moments.rest.length);
  await page.locator('[data-pick="handover/bad"]').click();
  await page.waitForSelector('#panel .strata');
  assert.match(await page.locator('#panel .strata').innerText(), /75 of 522/);
  await page.locator('.lang').click();
  await until('Chinese', async () => /表面看/.test(await page.locator('.half .say').first().innerText()));
  assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /\b[a-z]+_[a-z_]+\b/, 'a word without a translation');
  await page.context().close();
});

test('too little is said, not shown as nothing: a period without journeys', async () => {
  const page = await site.page('/breaks?from=2020-01-06&to=2020-02-02');
  await page.getByText('Nothing to test yet').waitFor();
  await page.context().close();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
