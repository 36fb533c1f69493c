// The shopper's page, as a chat app's browser opens it: everything that was tapped survives a reload, is sent once though the line breaks, and the end says "received" alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHOTS, open, until } from './site.mjs';
import { catalogue } from './world.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WECHAT =
  'Mozilla/5.0 (Linux; Android 12; PFEM10 Build/SKQ1.211019.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600 Language/zh_CN ABI/arm64';
const HOSTILE = '</script><img src=x onerror="document.title=1">';
const scenario = {
  id: 'pickup',
  title: { zh: '午间下单自提', en: 'Order and pick up' },
  persona: { zh: '赶时间的会员', en: 'A member in a hurry' },
  goal: { zh: '8 分钟内取到', en: 'The drink within 8 minutes' },
  stamps: [
    { id: 'enter', title: { zh: '进店', en: 'Came in' } },
    { id: 'order', title: { zh: '下单', en: 'Ordered' }, touchpoint: 'payment' },
    { id: 'receive', title: { zh: '取到', en: 'Received' }, touchpoint: 'handover' },
    { id: 'leave', title: { zh: '离店', en: 'Left' } },
  ],
  steps: [
    {
      touchpoint: 'handover',
      action: { zh: '取到饮品', en: 'Take the drink' },
      items: [
        { id: 'greeting', title: { zh: '有称呼问候吗?', en: 'Were you greeted?' }, critical: true },
        { id: 'note', title: { zh: '备注做到了吗?', en: 'Made as noted?' }, na: true },
        { id: 'tidy', title: { zh: `店面整洁吗?${HOSTILE}`, en: `Was it tidy?${HOSTILE}` }, evidence: true },
      ],
    },
  ],
};
let site;
let phones;
const run = promisify(execFile);
const touchline = async (...args) =>
  (await run(join(process.env.BUILD, 'touchline'), [...args, '--data', site.data], { env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'Asia/Shanghai' } })).stdout;

before(async () => {
  site = await open({ ...catalogue, scenarios: [scenario] }, ['--viewer.visit_bind', '127.0.0.1', '--viewer.visit_port', '0']);
  await touchline('visits', 'plan', 'pickup', '--place', 'S01,S02,S03,S04', '--from', '2026-12-01', '--to', '2026-12-20');
});
after(async () => {
  await site?.close();
});

const planned = async (place) => (await site.api('/api/visits')).visits.find((one) => one.place === place).id;
async function link(place) {
  const url = (await touchline('visits', 'link', await planned(place), '--text')).trim();
  phones = new URL(url).origin;
  return url;
}
async function phone(url, { width = 390, height = 844, lang = 'zh-CN', theme = 'light' } = {}) {
  const context = await site.browser.newContext({ viewport: { width, height }, locale: lang, colorScheme: theme, userAgent: WECHAT, hasTouch: true, isMobile: width < 500, deviceScaleFactor: 2, bypassCSP: false });
  await context.addInitScript(() => {
    delete window.Notification;
    delete Object.getPrototypeOf(navigator).serviceWorker;
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_|status of/.test(message.text())) page.faults.push(message.text());
  });
  await page.goto(url);
  return page;
}
// A picture too large to be sent as it is: noise does not compress.
const picture = (page) =>
  page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = 1600;
    canvas.height = 1200;
    const g = canvas.getContext('2d');
    const data = g.createImageData(1600, 1200);
    let seed = 7;
    for (let i = 0; i < data.data.length; i++) data.data[i] = (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 24;
    g.putImageData(data, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
    const url = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(blob);
    });
    return url.slice(url.indexOf(',') + 1);
  });
const shot = (page, name) => page.screenshot({ path: join(SHOTS, name + '.png'), fullPage: true });
const violations = async (page) => {
  const context = await site.browser.newContext({ bypassCSP: true, viewport: page.viewportSize(), userAgent: WECHAT, locale: 'zh-CN', colorScheme: page.theme ?? 'light' });
  const copy = await context.newPage();
  await copy.goto(page.url());
  await copy.evaluate(axe);
  const found = await copy.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`));
  await context.close();
  return found;
};

test('tapped, reloaded, offline, sent once', async () => {
  mkdirSync(SHOTS, { recursive: true });
  const id = await planned('S01');
  const url = await link('S01');
  const page = await phone(url);
  assert.equal(await page.evaluate(() => typeof Notification + 'serviceWorker' in navigator), false);
  await page.locator('#stamp-enter').click();
  await page.locator('#stamp-order').click();
  const at = await page.locator('#stamp-order time').textContent();
  await page.locator('#answer-greeting-no').check({ force: true });
  await page.locator('#note-greeting').fill('没有称呼');
  await page.locator('#answer-note-na').check({ force: true });
  await page.locator('#order').fill(' A-1042 ');
  await until('the visit to have begun', async () => (await site.api('/api/visits')).visits.find((one) => one.id === id).state === 'started');

  await page.reload();
  assert.equal(await page.locator('#stamp-order time').textContent(), at);
  assert.equal(await page.locator('#answer-greeting-no').isChecked(), true);
  assert.equal(await page.locator('#note-greeting').inputValue(), '没有称呼');
  assert.equal((await page.locator('#order').inputValue()).trim(), 'A-1042');
  assert.equal(await page.title(), '到店记录');       // hostile text stays text
  assert.equal(await page.locator('main img').count(), 0);
  assert.match(await page.locator('#item-tidy legend').textContent(), /<\/script><img/);

  // undone, and stamped again
  await page.locator('#stamp-receive').click();
  await page.locator('#undo-receive').click();
  await page.locator('#undo-receive').click();
  assert.equal(await page.locator('#stamp-receive time').count(), 0);
  await page.locator('#stamp-receive').click();
  await page.locator('#stamp-leave').click();

  // a large photo, taken while there is no network; then a reload's worth of waiting, and all of it goes
  const big = Buffer.from(await picture(page), 'base64');
  assert.ok(big.length > 4e6);
  await page.context().setOffline(true);
  await page.locator('#photo-tidy').setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: big });
  await page.locator('.thumb.waits').waitFor();
  await page.locator('#answer-tidy-yes').check({ force: true });
  await page.locator('#send').click();
  await until('the page to say that there is no network', async () => /没有网络/.test(await page.locator('#said').textContent()));
  await shot(page, 'visit-offline-390');
  await page.context().setOffline(false);
  await page.reload();
  await page.locator('#received').waitFor({ timeout: 30000 });
  assert.equal((await page.locator('main').innerText()).replace(/\s+/g, ' ').trim(), '已收到 谢谢,可以关闭本页。');
  await shot(page, 'visit-received-390');
  assert.deepEqual(page.faults, []);

  const said = await touchline('visits', 'show', id);
  for (const line of [/state: finished/, /orders: A-1042/, /no +greeting: 没有称呼/, /na +note/, /yes +tidy/, /enter/, /receive/, /leave/, /\.jpg \(\d+ KB\) as it was taken/]) assert.match(said, line);
  assert.ok(Number(/\.jpg \((\d+) KB\)/.exec(said)[1]) <= 977, said);
  assert.equal((said.match(/\.jpg/g) ?? []).length, 1);

  // what is sent again changes nothing, and writes nothing
  const position = async () => (await site.api('/api/about')).position;
  const before = await position();
  const again = await fetch(url + '/send', { method: 'POST', body: JSON.stringify({ stamps: [], answers: [{ item: 'greeting', value: 'yes' }] }) });
  assert.deepEqual([again.status, await again.json()], [200, { received: true }]);
  assert.equal(await position(), before);
  assert.equal(await touchline('visits', 'show', id), said);
  await page.context().close();
});

test('a send that comes twice at once is one visit', async () => {
  const id = await planned('S02');
  const url = await link('S02');
  const now = Date.now();
  const body = JSON.stringify({ now: now - 7200000, stamps: [{ what: 'enter', time: now - 7800000 }, { what: 'leave', time: now - 7200000 }], answers: [{ item: 'greeting', value: 'yes', time: now - 7200000 }] });
  await until('both to be taken', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => fetch(url + '/send', { method: 'POST', body })));
    return answers.every((one) => one.status === 200);
  });
  await until('the visit to be finished', async () => (await site.api('/api/visits')).visits.find((one) => one.id === id).state === 'finished');
  const visit = (await site.api('/api/visits')).visits.find((one) => one.id === id);
  assert.equal(visit.to - visit.from, 600000);
  assert.ok(Math.abs(visit.to - now) < 60000, 'a phone two hours slow is set right');
});

test('what may not be is refused in words', async () => {
  const url = await link('S03');
  const post = async (path, body, headers) => {
    const answer = await fetch(url + path, { method: 'POST', body, headers });
    return [answer.status, (await answer.json()).error?.text ?? ''];
  };
  for (const [path, body, status, words] of [
    ['/send', '{"answers":[{"item":"other","value":"yes"}]}', 400, /does not ask "other"/],
    ['/send', '{"answers":[{"item":"greeting","value":"na"}]}', 400, /yes or no/],
    ['/send', '{"stamps":[{"what":"fly","time":1}]}', 400, /no stamp "fly"/],
    ['/send', '{', 400, /JSON/],
    ['/photo?item=tidy', '<html>', 400, /picture/],
    ['/photo?item=other', 'x', 400, /no photo/],
    ['/send', '{"note":"' + 'x'.repeat(100000) + '"}', 413, /96 KB/],
    ['/other', '{}', 404, /nothing here/],
  ]) {
    const [got, text] = await post(path, body);
    assert.equal(got, status, path + ' ' + body.slice(0, 60) + ' ' + text);
    assert.match(text, words);
  }
  assert.equal((await fetch(url + '/send')).status, 404);
  const page = await fetch(url);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'; style-src 'sha256-/);

  // only /visit/ is there for phones
  for (const path of ['/', '/api/map', '/api/visits', '/healthz', '/metrics', '/visit', '/api/control/visit', '/visit.html']) assert.equal((await fetch(phones + path)).status, 404, path);
  assert.equal((await fetch(phones + '/api/control/visit', { method: 'POST', body: '{}' })).status, 404);
  // a new link ends the one before; a withdrawn visit has none; guesses are answered so often
  const next = await link('S03');
  assert.equal((await fetch(url)).status, 404);
  assert.equal((await fetch(next)).status, 200);
  const statuses = [];
  for (let i = 0; i < 150; i++) statuses.push((await fetch(phones + '/visit/' + String(i).padStart(43, 'A'))).status);
  assert.ok(statuses.includes(429), 'guesses are slowed down');
  assert.equal((await fetch(next)).status, 200, 'the true link is not');
  await touchline('visits', 'withdraw', await planned('S03'));
  await until('the link to be over', async () => (await fetch(next)).status !== 200);
});

test('narrow and wide, light and dark, zh and en', async () => {
  const url = await link('S04');
  for (const [lang, theme, width] of [['zh-CN', 'light', 390], ['en-GB', 'dark', 390], ['zh-CN', 'dark', 1440]]) {
    const page = await phone(url, { width, lang, theme });
    page.theme = theme;
    await page.locator('#stamp-enter').waitFor();
    assert.match(await page.locator('.where').textContent(), /S04 · 2026-12-\d\d$/);
    assert.match(await page.locator('h1').textContent(), lang === 'zh-CN' ? /午间下单自提/ : /Order and pick up/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'nothing is wider than the page');
    for (const box of await page.locator('button:visible, .choice label:visible').all()) {
      const { height } = await box.boundingBox();
      assert.ok(height >= 44, 'large enough for a thumb');
    }
    assert.deepEqual(await violations(page), []);
    await page.locator('#answer-greeting-yes').focus();
    await page.keyboard.press('Space');
    assert.equal(await page.locator('#answer-greeting-yes').isChecked(), true);
    await shot(page, `visit-${lang.slice(0, 2)}-${theme}-${width}`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('planned and linked from a page', async () => {
  const page = await site.page('/visits', { lang: 'zh' });
  await page.locator('.imp-enter summary').click();
  await page.locator('.imp-enter [name=scenario] option').first().waitFor({ state: 'attached' });
  for (const [name, value] of [['places', 'S08,S09'], ['from', '2026-12-01'], ['to', '2026-12-05'], ['who', 'm900']]) await page.locator(`.imp-enter [name=${name}]`).fill(value);
  await page.getByRole('button', { name: '生成日程' }).click();
  await page.getByText('请写成 member:M-900').waitFor();
  await page.locator('.imp-enter [name=who]').fill('member:M-900');
  await page.getByRole('button', { name: '生成日程' }).click();
  await page.evaluate(() => (window.before = true));
  await page.getByRole('button', { name: '登记这 2 次' }).click();
  await until('both to be entered', async () => (await site.api('/api/visits')).visits.filter((one) => one.place === 'S08' || one.place === 'S09').length === 2);
  await page.waitForFunction(() => !window.before);        // the list opens anew
  const id = await planned('S08');
  await page.goto(site.viewer + '/visit?id=' + encodeURIComponent(id));
  await page.getByRole('button', { name: '生成神秘客链接' }).click();
  await page.locator('svg[role=img][aria-label]').waitFor();
  const url = await page.locator('section code').textContent();
  assert.equal(new URL(url).origin, phones);
  assert.equal((await fetch(url)).status, 200);
  await shot(page, 'visit-link-1440');
  // a finished one shows its photo, and says so when the file was changed
  await page.goto(site.viewer + '/visit?id=' + encodeURIComponent(await planned('S01')));
  await page.locator('.vp-photos img').waitFor();
  await until('the photo to be drawn', () => page.evaluate(() => document.querySelector('.vp-photos img').naturalWidth > 0));
  assert.match(await page.locator('.vp-photos figcaption').textContent(), /与记录一致/);
  await page.goto(site.viewer + '/visits');
  await page.locator('.imp-enter summary').click();
  await shot(page, 'visit-plan-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
  await shot(page, 'visit-plan-390');
  assert.deepEqual(site.faults, []);
  await page.context().close();
});
