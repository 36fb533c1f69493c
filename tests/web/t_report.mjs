// The weekly report on paper: one A4 sheet, landscape, in both languages, also when every list is overfull; nothing is cut off, nothing but the sheet is needed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SHOTS, open, until } from './site.mjs';

const CLOCKS = 8;
const ORDERS = 240; // a week
const DAY = 864e5;
const clocks = [...Array(CLOCKS).keys()];
// The Monday five weeks ago: two weeks of orders, long enough ago for their journeys to have had their time.
const monday = () => {
  const day = Math.floor(Date.now() / DAY) - 35;
  return (day - ((day + 3) % 7)) * DAY;
};
const catalogue = {
  touchpoints: clocks.map((c) => ({
    id: 'p' + c,
    title: { zh: `第 ${c + 1} 个名字相当长的触点`, en: `Touchpoint ${c + 1} with rather a long name` },
    stage: { A: 's' + (c >> 1) },
    match: { type: 'end' + c },
  })),
  stage_models: [
    { id: 'A', title: { zh: '四', en: 'Four' }, stages: [0, 1, 2, 3].map((s) => ({ id: 's' + s, title: { zh: '阶段' + s, en: 'Stage ' + s } })) },
  ],
  journey_types: [{ id: 'order', title: { zh: '下单 <b>', en: 'Order <b>' }, key: 'order', gap_d: 2, good: ['done'] }],
  clocks: clocks.map((c) => ({
    id: 'clock' + c,
    title: { zh: `第 ${c + 1} 项标准:在规定的时间之内完成`, en: `Standard ${c + 1}: finished within the time that was set` },
    start: 'start' + c,
    end: 'end' + c,
    key: 'order',
    limit_s: 60,
    allowed: 0.05,
    on: 'p' + c,
    owner: '部门 Department ' + (c % 3),
  })),
  roles: Object.fromEntries(clocks.map((c) => ['start' + c, 'signal'])),
};

function events() {
  const list = [];
  for (let week = 0; week < 2; week++)
    for (let i = 0; i < ORDERS; i++) {
      const who = `w${week}o${i}`;
      const from = monday() + week * 7 * DAY + (i % 7) * DAY + 36e5 * 3;
      const say = (type, at, more) =>
        list.push({ id: who + type, type, ids: { member: who }, order: who, place: 'S0' + (i % 3), channel: 'app', time: new Date(from + at * 1000).toISOString(), ...more });
      for (const c of clocks) {
        if (c === 5 && i % 10 < (week ? 5 : 1)) break; // more stop here than the week before
        say('start' + c, c * 600);
        say('end' + c, c * 600 + ((i + c) % 4 ? 30 : 90), { scores: { emotion: ((i + c) % 5) - 2, nps: (i * 7 + c) % 11, csat5: 1 + ((i + c) % 5) } });
        if (c === CLOCKS - 1) say('done', 9000);
      }
    }
  return list;
}

let site, week;
before(async () => {
  site = await open(catalogue);
  const all = events();
  for (let i = 0; i < all.length; i += 1500) await site.send(all.slice(i, i + 1500));
  await until('all journeys', async () => (await site.api('/api/metrics?journey=all&from=2000-01-01')).journeys === 2 * ORDERS);
  const page = await site.page('/quarantine');
  for (let i = 0; i < 6; i++) {
    const status = await page.evaluate(async (n) => {
      const body = {
        id: 'I' + n,
        title: '改进 Improvement ' + n,
        cell: 'order:clock0/p0',
        action: '把取餐台与下单台分开,高峰时再加一名叫号员,并在屏幕上显示预计的时间 a counter of its own and somebody who calls the numbers',
        owner: '部门 Department 0',
        start: '2020-01-06',
      };
      return (await fetch('/api/control/improvement', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).status;
    }, i);
    assert.ok(status < 300, 'improvement: ' + status);
  }
  await page.context().close();
  const thursday = new Date(monday() + 10 * DAY); // of the second week
  const first = new Date(Date.UTC(thursday.getUTCFullYear(), 0, 1));
  week = `${thursday.getUTCFullYear()}-W${String(Math.floor((thursday - first) / DAY / 7) + 1).padStart(2, '0')}`;
  await until('the improvements', async () => (await site.api(`/api/report?week=${week}&stream=all`)).report?.work.improvements.length === 6);
});
after(async () => {
  await site?.close();
});

for (const lang of ['zh', 'en'])
  test(`one sheet, nothing cut off: ${lang}`, async () => {
    const page = await site.page(`/report?week=${week}&lang=${lang}`, { width: 1180, height: 860, lang });
    const seen = await page.evaluate(() => {
      const mm = 96 / 25.4;
      const sheet = document.querySelector('.sheet').getBoundingClientRect();
      const cut = [];
      for (const box of document.querySelectorAll('.sheet, .upper > *, .lower > *, .right > *, .figure, .is'))
        if (box.scrollHeight > box.clientHeight + 1) cut.push(`${box.className}: ${box.scrollHeight} in ${box.clientHeight}`);
      for (const line of document.querySelectorAll('.numbers, .range, .change, .places, .big, h1, .made'))
        if (line.scrollWidth > line.clientWidth + 1) cut.push(`${line.className}: ${line.textContent}`);
      return {
        width: sheet.width / mm,
        height: sheet.height / mm,
        cut,
        breaks: document.querySelectorAll('.break').length,
        lists: [...document.querySelectorAll('.more')].length,
        points: document.querySelectorAll('.curve circle').length,
        bold: document.querySelectorAll('h1 b').length,
        scripts: document.scripts.length,
        wide: document.documentElement.scrollWidth > innerWidth,
      };
    });
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `report-${lang}.png`) });
    assert.deepEqual(seen.cut, []);
    assert.ok(Math.abs(seen.width - 297) < 0.5 && Math.abs(seen.height - 210) < 0.5, `${seen.width} x ${seen.height} mm`);
    assert.equal(seen.breaks, 5);
    assert.ok(seen.lists >= 2, 'overfull lists say how many more there are');
    assert.equal(seen.points, CLOCKS);
    assert.equal(seen.bold + seen.scripts, 0);
    assert.ok(!seen.wide);
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1, 'pages');
    assert.match(pdf, /MediaBox\s*\[0 0 84[12][\d.]* 59[456]/);
    await page.context().close();
  });

test('the same bytes later, in the language of the browser', async () => {
  const ask = async (lang) => (await fetch(`${site.viewer}/report?week=${week}`, { headers: { 'Accept-Language': lang } })).text();
  const zh = await ask('zh-CN');
  assert.match(zh, /lang="zh-CN"/);
  assert.equal(await ask('zh-CN'), zh);
  assert.match(await ask('en-GB'), /lang="en"/);
  assert.equal((await site.api(`/api/report?week=${week}`)).kept.final, true);
});

test('nothing was written to the console', () => {
  assert.deepEqual(site.faults, []);
});
