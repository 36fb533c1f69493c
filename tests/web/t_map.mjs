// The map page against the real programs: every number on it is the number of journeys behind it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { catalogue, count, world } from './world.mjs';
import { number, open, settled, until } from './site.mjs';

let site;
let page;
let expected;
const events = world(Date.now() - 60000);

before(async () => {
  site = await open(catalogue);
  expected = count(events);
  for (let i = 0; i < events.length; i += 200) await site.send(events.slice(i, i + 200));
  await until('the map to hold every step', async () => (await site.api('/api/map?journey=order')).steps === expected.steps);
  page = await site.page('/?detail=100');
  await settled(page);
});
after(async () => {
  await site?.close();
});

const cardOf = (id) => page.locator(`.card[data-id="${id}"]`);
const flowOf = (from, to) => page.locator(`.flow[data-from="${from}"][data-to="${to}"]`);
const onCard = async (id) => ({
  journeys: number(await cardOf(id).locator('.card-n b').innerText()),
  steps: number(await cardOf(id).locator('.card-sub').innerText()),
});

// The panel's count, and the rows of all its pages.
async function listed() {
  await page.waitForSelector('#panel .count[data-count]');
  const said = Number(await page.locator('#panel .count').getAttribute('data-count'));
  for (;;) {
    const more = page.locator('#panel .more:not([hidden])');
    if (!(await more.count())) break;
    const rows = await page.locator('#panel tbody tr').count();
    await more.click();
    await until('another page', async () => (await page.locator('#panel tbody tr').count()) > rows);
  }
  return { said, rows: await page.locator('#panel tbody tr').count() };
}
async function closePanel() {
  await page.keyboard.press('Escape');
  await page.locator('#panel').waitFor({ state: 'hidden' });
}

test('the cards say what was sent', async () => {
  assert.equal(await page.locator('.card').count(), Object.keys(expected.nodes).length);
  for (const [id, node] of Object.entries(expected.nodes)) {
    assert.deepEqual(await onCard(id), { journeys: node.journeys, steps: node.steps }, id);
    const pill = cardOf(id).locator('.pill-end');
    assert.equal((await pill.count()) ? number(await pill.innerText()) : 0, node.ends, id + ' ends');
    const start = cardOf(id).locator('.pill-start');
    assert.equal((await start.count()) ? number(await start.innerText()) : 0, node.starts, id + ' starts');
  }
  assert.match(
    await page.locator('#summary').innerText(),
    new RegExp(`${expected.journeys} journeys[\\s\\S]*${expected.steps.toLocaleString('en')} steps[\\s\\S]*100\\s% drawn[\\s\\S]*Asia/Shanghai`),
  );
});

test('a click on any step lists exactly the journeys counted on it', async () => {
  for (const [id, node] of Object.entries(expected.nodes)) {
    await cardOf(id).click();
    assert.deepEqual(await listed(), { said: node.journeys, rows: node.journeys }, id);
    assert.equal(number(await page.locator('#panel .figure dd').first().innerText()), node.journeys);
    await closePanel();
  }
});

test('a click on any flow lists exactly the journeys counted on it', async () => {
  assert.equal(await page.locator('.flow').count(), Object.keys(expected.edges).length);
  for (const [key, edge] of Object.entries(expected.edges)) {
    const [from, to] = key.split(' → ');
    await flowOf(from, to).locator('.flow-hit').dispatchEvent('click');
    assert.deepEqual(await listed(), { said: edge.journeys, rows: edge.journeys }, key);
    assert.equal(number(await page.locator('#panel .figure dd').nth(1).innerText()), edge.steps, key);
    await closePanel();
  }
});

test('a flow can be hit with the pointer, and a row of the list leads to its customer', async () => {
  await page.locator('.flow').first().hover({ force: true });
  const at = await page.evaluate(() => {
    for (const line of document.querySelectorAll('.flow-hit')) {
      const length = line.getTotalLength();
      const spot = line.getPointAtLength(length / 2).matrixTransform(line.getScreenCTM());
      if (document.elementFromPoint(spot.x, spot.y) === line) return { x: spot.x, y: spot.y, key: line.parentNode.dataset.flow };
    }
    return null;
  });
  assert.ok(at, 'no flow can be hit');
  await page.mouse.click(at.x, at.y);
  await page.waitForSelector('#panel .count[data-count]');
  assert.equal(new URL(page.url()).searchParams.get('edge'), at.key);
  const link = page.locator('#panel .customer-link').first();
  const href = await link.getAttribute('href');
  assert.match(href, /^\/customers\/[0-9a-f]{32}$/);
  await closePanel();
});

test('the balance of every step meets its count, folded or not', async () => {
  for (const detail of [30, 60, 100]) {
    await page.goto(site.viewer + '/?detail=' + detail);
    await settled(page);
    const ids = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.dataset.id));
    const flows = await page.locator('.flow').count();
    for (const id of ids) {
      await cardOf(id).click();
      await page.waitForSelector('#panel .balance');
      for (const side of await page.locator('#panel .balance-side').all()) {
        const parts = await side.locator('li:not(.total) b').allInnerTexts();
        assert.equal(
          parts.map(number).reduce((a, b) => a + b, 0),
          expected.nodes[id].steps,
          `${id} at ${detail} %`,
        );
      }
      await closePanel();
    }
    const other = page.locator('.other-card');
    if (detail === 100) assert.equal(await other.isVisible(), false);
    else {
      const [steps, moves] = [...(await other.innerText()).matchAll(/\d[\d,]*/g)].map((m) => number(m[0]));
      assert.equal(ids.length + steps, Object.keys(expected.nodes).length);
      assert.equal(flows + moves, Object.keys(expected.edges).length);
    }
  }
});

test('the ways of ending add up, and each lists its own journeys', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  const map = await site.api('/api/map?journey=order');
  const sum = { good: 0, bad: 0, lapsed: 0, open: 0 };
  for (const node of map.nodes) for (const kind of Object.keys(sum)) sum[kind] += node.ends[kind];
  assert.equal(
    Object.values(sum).reduce((a, b) => a + b),
    expected.journeys,
  );
  for (const kind of ['good', 'bad', 'lapsed']) assert.ok(sum[kind] > 0, kind);
  const node = map.nodes.find((one) => one.ends.lapsed > 0);
  await cardOf(node.touchpoint).click();
  await page
    .locator('#panel .balance-side')
    .nth(1)
    .getByRole('button', { name: /Gone silent/ })
    .click();
  await page.waitForSelector('#panel .narrowed');
  assert.deepEqual(await listed(), { said: node.ends.lapsed, rows: node.ends.lapsed });
  await closePanel();
});

test('"other" is counted, lists what was folded, and can be drawn', async () => {
  await page.goto(site.viewer + '/?detail=50');
  await settled(page);
  await page.locator('.other-card').click();
  await page.waitForSelector('#panel .folded-list');
  const rows = await page.locator('#panel .folded-list li').count();
  const [steps, flows] = [...(await page.locator('.other-card').innerText()).matchAll(/\d[\d,]*/g)].map((m) => number(m[0]));
  assert.equal(rows, steps + flows);
  await page.getByRole('button', { name: 'Draw everything' }).click();
  await until('all cards', async () => (await page.locator('.card').count()) === Object.keys(expected.nodes).length);
});

test('the slider redraws without losing a journey, and the address keeps it', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  const slider = page.locator('.slider');
  await slider.focus();
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft');
  await until('fewer flows', async () => (await page.locator('.flow').count()) < Object.keys(expected.edges).length);
  assert.equal(new URL(page.url()).searchParams.get('detail'), '70');
  const cards = await page.locator('.card').count();
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('.card').count(), cards);
  assert.equal(await page.locator('.slider').inputValue(), '70');
});

test('a link reproduces the selection, Back takes it away', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  await cardOf('payment').click();
  const link = page.url();
  const copy = await site.page(link.slice(site.viewer.length));
  await copy.waitForSelector('#panel .count[data-count]');
  assert.match(await copy.locator('#panel h2').innerText(), /Payment/);
  await copy.context().close();
  await page.goBack();
  await page.locator('#panel').waitFor({ state: 'hidden' });
});

test('language and theme switch in place', async () => {
  await page.evaluate(() => {
    window.kept = 'yes';
  });
  const paper = () => page.evaluate(() => getComputedStyle(document.body.parentNode).backgroundColor);
  const light = await paper();
  await page.locator('.theme').click();
  assert.notEqual(await paper(), light);
  await page.locator('.lang').click();
  await page.getByText('段旅程').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  assert.match(await cardOf('payment').innerText(), /支付/);
  const words = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(words, /\b[a-z]+_[a-z_]+\b/, 'a word without a translation');
  assert.equal(await page.evaluate(() => window.kept), 'yes');
  await page.reload();
  await settled(page);
  assert.match(await page.locator('#summary').innerText(), /段旅程/);
  await page.locator('.lang').click();
  await page.locator('.theme').click();
  assert.equal(await paper(), light);
});

test('a step without a title shows its raw name, marked', async () => {
  const name = cardOf('kitchen ticket, 50%').locator('.raw-name');
  assert.match(await name.innerText(), /kitchen ticket, 50%/);
  assert.match(await name.evaluate((el) => getComputedStyle(el).textDecoration), /dotted/);
  assert.equal(await cardOf('payment').locator('.raw-name').count(), 0);
});

test('everything by keyboard: Tab, arrows, Enter, Escape', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  const focus = () =>
    page.evaluate(() => ({
      card: document.activeElement.dataset.id,
      flow: document.activeElement.dataset.flow,
      tag: document.activeElement.tagName,
      id: document.activeElement.closest('[id]')?.id,
    }));
  await page.locator('.slider').focus();
  await until('Tab to reach a card or flow', async () => {
    await page.keyboard.press('Tab');
    const at = await focus();
    return at.card || at.flow;
  });
  for (let i = 0; i < 4 && !(await focus()).card; i++) await page.keyboard.press('Tab');
  const first = (await focus()).card;
  assert.ok(first);
  await page.keyboard.press('ArrowRight');
  const second = (await focus()).card;
  assert.ok(second && second !== first);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#panel .count[data-count]');
  assert.equal((await focus()).tag, 'H2');
  await page.keyboard.press('Tab');
  assert.equal((await focus()).id, 'panel');
  await page.keyboard.press('Escape');
  await page.locator('#panel').waitFor({ state: 'hidden' });
  assert.equal((await focus()).card, second);
  await page.locator('.flow[tabindex="0"]').focus();
  const flow = (await focus()).flow;
  await page.keyboard.press('ArrowDown');
  assert.notEqual((await focus()).flow, flow);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#panel .count[data-count]');
  await page.keyboard.press('Escape');
  await page.locator('#panel').waitFor({ state: 'hidden' });
});

test('cards and flows say their numbers to a screen reader, and a table holds them all', async () => {
  assert.match(
    await cardOf('payment').evaluate((el) => el.textContent.replace(/\s+/g, ' ')),
    new RegExp(`Payment ${expected.nodes.payment.journeys} journeys .* ${expected.nodes.payment.steps} steps.*Ends here`),
  );
  await page.locator('.data summary').click();
  const tables = page.locator('.data table');
  await until('two tables', async () => (await tables.count()) === 2);
  assert.equal(await tables.nth(0).locator('tbody tr').count(), Object.keys(expected.nodes).length);
  assert.equal(await tables.nth(1).locator('tbody tr').count(), Object.keys(expected.edges).length);
});

test('period, filter and type narrow the map, and clearing brings it back', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  await page.locator('.filters input').fill('channel=app');
  await page.locator('.filters button').click();
  await page.locator('.chip').waitFor();
  await until('the filtered map', async () => number(await page.locator('#summary .strong').innerText()) === expected.journeys);
  await page.locator('.chip button').click();
  await page.goto(site.viewer + '/?from=2001-01-01&to=2001-01-31');
  await page.getByText('No journeys match').waitFor();
  await page.getByRole('button', { name: 'Clear the conditions' }).click();
  await settled(page);
  await page.locator('select.journey').selectOption('all');
  await until('another type in the address', () => new URL(page.url()).searchParams.get('journey') === 'all');
  await settled(page);
});

test('chosen days ask for the journeys that start in them', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  const { days } = await site.api('/api/about');
  await page.locator('.period select').selectOption('own');
  await page.locator('.period input').first().fill(days.first);
  await until('from in the address', () => new URL(page.url()).searchParams.get('from') === days.first);
  await page.locator('.period input').nth(1).fill(days.first);
  await until('to in the address', () => new URL(page.url()).searchParams.get('to') === days.first);
  const { journeys } = await site.api(`/api/map?journey=order&from=${days.first}&to=${days.first}`);
  assert.ok(journeys > 0 && journeys < expected.journeys);
  await until('the map of that day', async () => number(await page.locator('#summary .strong').innerText()) === journeys);
  await page.locator('.period select').selectOption('0');
  await until('all again', async () => number(await page.locator('#summary .strong').innerText()) === expected.journeys);
});

test('stages make columns; without stages the order does', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  assert.ok((await page.locator('.band').count()) >= 4);
  const left = async (id) => (await cardOf(id).boundingBox()).x;
  assert.ok((await left('menu')) < (await left('payment')) && (await left('payment')) < (await left('handover')));
  const offered = () => page.locator('.controls label', { hasText: 'Stages' }).locator('option').evaluateAll((all) => all.map((one) => one.value));
  await until('the one stage model that covers the steps', async () => (await offered()).join() === 'A,none');
  await page.goto(site.viewer + '/?detail=100&model=none');
  await settled(page);
  await until('no bands', async () => (await page.locator('.band').count()) === 0);
  assert.ok((await left('menu')) < (await left('payment')));
});

test('a new event moves the map within a second; under the pointer it waits with a badge', async () => {
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  await page.mouse.move(2, 2);
  const total = async () => number(await page.locator('#summary .strong').innerText());
  const one = (n) => ({
    id: 'live' + n,
    type: 'menu',
    touchpoint: 'menu',
    channel: 'app',
    time: Date.now(),
    ids: { member: 'live' },
    order: 'live-' + n,
  });
  const begun = await total();
  const sent = Date.now();
  await site.send([one(1)]);
  await until('the live journey', async () => (await total()) === begun + 1);
  console.log(`event sent to map drawn: ${Date.now() - sent} ms`);
  await cardOf('payment').hover();
  await site.send([one(2)]);
  await page.locator('.fresh', { hasText: '+1 new journeys' }).waitFor();
  assert.equal(await total(), begun + 1);
  await page.locator('.fresh').click();
  await until('the map after the badge', async () => (await total()) === begun + 2);
  await cardOf('menu').click();
  await site.send([one(3)]);
  await page.locator('.fresh').waitFor();
  assert.equal(await total(), begun + 2);
  await closePanel();
  await until('thawed', async () => (await total()) === begun + 3);
});

test('the card and its list say the same number even when events came in between', async () => {
  await page.mouse.move(2, 2);
  await page.goto(site.viewer + '/?detail=100');
  await settled(page);
  await cardOf('payment').hover();
  const before = (await onCard('menu')).journeys;
  await site.send([{ id: 'late', type: 'menu', touchpoint: 'menu', channel: 'app', time: Date.now(), ids: { member: 'late' }, order: 'late-1' }]);
  await page.locator('.fresh').waitFor();
  await cardOf('menu').click();
  await until('the same number twice', async () => {
    const said = Number(await page.locator('#panel .count').getAttribute('data-count'));
    return said === before + 1 && (await onCard('menu')).journeys === said;
  });
  await closePanel();
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
