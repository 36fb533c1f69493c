// One customer whole: who they are, waits that grow, breaks with what proves them, ratings, matters, action items, identities linked and cut on the page; in both
// languages and themes, by keyboard, without anything for axe to find.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { open, sleep, until } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = '<img src=x onerror="window.pwned=1">\u202e';
const catalogue = {
  touchpoints: [
    { id: 'chat', title: { zh: '在线客服', en: 'Chat' }, channel: 'chat', match: [{ type: 'service.request' }, { type: 'service.response' }], owner: '客服部 Service' },
    { id: 'pay', title: { zh: '支付', en: 'Payment' }, match: { type: 'order.placed' } },
  ],
  journey_types: [{ id: 'matter', title: { zh: '求助', en: 'Help' }, key: 'case', gap_d: 30, good: ['service.resolved'] }],
  clocks: [{ id: 'reply', title: { zh: '一分钟内答复', en: 'Answered within a minute' }, start: 'service.request', end: 'service.response', key: 'case', limit_s: 60, allowed: 0.05, on: 'chat' }],
  tiers: [{ id: 'gold', title: { zh: '金卡', en: 'Gold' }, rank: 1, vip: true }],
  segments: [{ id: 'best', title: { zh: '金卡会员', en: 'Gold members' }, when: { tier: 'gold' } }],
};
let site;
let who;
let page;
const now = Date.now();

const event = (id, type, seconds, more) => ({ id, type, ids: { member: 'M-9' }, channel: 'chat', tier: 'gold', time: now + seconds * 1000, ...more });

before(async () => {
  site = await open(catalogue);
  await site.send([
    event('p1', 'order.placed', -7200, { channel: 'app', order: 'O-1', value: { amount_minor: 123450, currency: 'CNY' }, consent: { marketing: true, sms: false } }),
    event('s1', 'service.request', -3600, { case: 'K-1', initiator: 'customer', direction: 'in', mode: 'indirect' }),
    event('s2', 'service.response', -3450, { case: 'K-1', direction: 'out', agent: 'ann', scores: { emotion: -2 } }),
    event('s3', 'service.resolved', -3000, { case: 'K-1', channel: 'store', place: 'S01', scores: { csat5: 5 }, text: HOSTILE }),
    event('t1', 'task.created', -2900, { case: 'K-2', props: { task: 'T1', title: HOSTILE, due: new Date(now - 6e5).toISOString(), department: '客服部 Service' } }),
    event('t2', 'task.created', -2800, { case: 'K-2', props: { task: 'T2', title: 'call back', due: new Date(now + 6e6).toISOString() } }),
    event('t3', 'task.done', -2700, { case: 'K-2', props: { task: 'T2' } }),
    event('m1', 'promise.made', -2600, { case: 'K-2', promise: { what: 'refund', due: now + 36e5 } }),
    event('w1', 'service.request', -48, { case: 'K-3' }),
    { id: 'x1', type: 'visit', ids: { phone: '+8613912345678' }, channel: 'store', time: now - 5000 },
  ]);
  who = await site.customer('M-9');
  page = await site.page('/customers/' + who);
  await page.waitForSelector('.row');
});
after(async () => {
  await site?.close();
});

const texts = async (selector) => (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
const cells = async (selector) => Promise.all((await page.locator(selector).all()).map(async (row) => (await row.locator('td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())));

test('the answer tells it all', async () => {
  const answer = await site.api('/api/customers/' + who);
  assert.equal(answer.profile.tier, 'gold');
  assert.equal(answer.profile.vip, true);
  assert.deepEqual(answer.profile.segments.map((one) => one.id), ['best']);
  assert.deepEqual(answer.profile.value, [{ currency: 'CNY', amount_minor: 123450, orders: 1 }]);
  assert.deepEqual(Object.fromEntries(answer.profile.consent.map((one) => [one.purpose, one.granted])), { marketing: true, sms: false });
  assert.deepEqual(answer.threads.map((one) => [one.kind, one.id, one.state]), [
    ['case', 'K-3', 'waiting_company'],
    ['case', 'K-2', 'waiting_customer'],
    ['order', 'O-1', 'waiting_company'],
    ['case', 'K-1', 'closed'],
  ]);
  assert.deepEqual(answer.actions.map((one) => [one.ref ?? one.what, one.kind, one.state]), [
    ['T1', 'task', 'overdue'],
    ['refund', 'promise', 'open'],
    ['T2', 'task', 'done'],
  ]);
  const matters = answer.journeys.filter((one) => one.type === 'matter');
  assert.match(matters.flatMap((one) => one.waits.map((wait) => wait.is)).sort().join(), /^late,(running|over)$/);
  const told = answer.events.find((one) => one.told.agent === 'ann').told;
  assert.deepEqual([told.side, told.mode, told.direction, told.scores.emotion], ['company', 'indirect', 'out', -2]);
});

test('who they are, matters and action items', async () => {
  assert.deepEqual(await texts('.chip'), ['★ VIP Gold', 'Gold members', 'CN¥1,234.50 1 order', 'marketing: granted', 'sms: withdrawn']);
  assert.deepEqual((await cells('#matters tbody tr')).map((row) => row.slice(0, 2)), [
    ['Case K-3', 'waiting for the company'],
    ['Case K-2', 'waiting for the customer'],
    ['Order O-1', 'waiting for the company'],
    ['Case K-1', 'closed'],
    [('Task ' + HOSTILE).replace(/\s+/g, ' '), 'overdue'],
    ['Promise refund', 'open'],
    ['Task call back', 'done in time'],
  ]);
  await page.getByRole('button', { name: 'Case K-1' }).click();
  assert.equal(await page.locator('.row').count(), 3);
  await page.goBack();
  await until('everything again', async () => (await page.locator('.row').count()) === 9);
});

test('a wait that runs grows, and turns when it is over; what ended stands against its limit', async () => {
  const said = () => page.locator('.grows').first().innerText();
  const first = await said();
  assert.match(first, /Answered within a minute/);
  await until('the wait to grow', async () => (await said()) !== first, 15000);
  assert.deepEqual((await cells('#waits tbody tr')).map((row) => [row[0], row[2], row[3], row[4]]), [['Answered within a minute', '2.5 min', '1 min', 'late']]);
  await until('the wait to be over', async () => (await page.locator('.grows-over').count()) === 1, 90000);
});

test('a break stands at what proves it, with what should have been', async () => {
  const broke = page.locator('.broke').filter({ hasText: '2.5 min' });
  assert.equal(await broke.count(), 1);
  assert.match((await broke.innerText()).replace(/\s+/g, ' '), /Answered within a minute should be ≤ 1 min, was 2.5 min/);
  assert.match(await broke.evaluate((li) => li.previousElementSibling.innerText), /service\.response/);
  await broke.getByRole('button', { name: /service\.request/ }).click();
  assert.match(await page.evaluate(() => document.activeElement.innerText), /service\.request/);
});

test('ratings along time, with their table', async () => {
  assert.equal(await page.locator('.score-chart circle').count(), 2);
  await page.locator('#scores summary').click();
  assert.deepEqual((await cells('#scores tbody tr')).map((row) => row.slice(2)), [
    ['emotion', '-2'],
    ['csat5', '5'],
  ]);
});

test('identities are linked and cut on the page; the journeys follow', async () => {
  const form = page.locator('.link-form');
  const events = () => page.locator('.row').count();
  await form.locator('[name=identity]').fill('nonsense');
  await form.locator('[name=you]').fill('李 Wei');
  await page.keyboard.press('Enter');
  await page.getByText('Write kind:value').waitFor();
  await form.locator('[name=identity]').fill('phone:0086 139-1234-5678');
  await form.locator('[name=reason]').fill(HOSTILE);
  await page.keyboard.press('Enter');
  await page.getByText('Entered; the journeys follow').first().waitFor();
  await until('the visit to be theirs', async () => (await events()) === 10, 15000);
  assert.match((await texts('#identity .links li'))[0], /^member \w+ phone \w+ .*by hand.*Cut$/);
  await page.locator('#identity .links button').first().click();
  await until('the visit to be another customer again', async () => (await events()) === 9, 15000);
  const said = await texts('#identity .links li');
  assert.equal(said.length, 2);
  assert.match(said[0], /^cut .*the other customer .*李 Wei/);
  assert.match(said[1], /^linked .*superseded.*<img/);
  const other = await site.page(await page.locator('#identity .links a').first().getAttribute('href'));
  await other.waitForSelector('.row');
  assert.equal(await other.locator('.row').count(), 1);
  await other.context().close();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

for (const [lang, theme, width] of [
  ['en', 'light', 1440],
  ['zh', 'dark', 390],
  ['zh', 'light', 1440],
  ['en', 'dark', 390],
])
  test(`axe: ${lang} ${theme} ${width}`, async () => {
    const one = await site.page(`/customers/${who}?lang=${lang}&theme=${theme}`, { width, lang, theme });
    await one.waitForSelector('.broke');
    if (lang === 'zh') assert.match(await one.locator('#matters').innerText(), /等企业[^]*逾期[^]*客服部/);
    await one.locator('#scores summary').click();
    await one.evaluate(axe);
    const found = await one.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', ')), []);
    assert.equal(await one.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await one.context().close();
  });

test('nothing was written to the console', async () => {
  await sleep(100);
  assert.deepEqual(site.faults, []);
});
