// Looking at a page as readers see it: one load, then language, theme and width are changed in place, as a reader changes them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sleep } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HEIGHTS = { 390: 844 };
const LOOKS = [
  ['en', 'light'],
  ['zh', 'light'],
  ['zh', 'dark'],
  ['en', 'dark'],
];

// Pages keep what they do not show; the first one that is seen counts.
const drawn = (page, ready) => page.locator(ready).locator('visible=true').first().waitFor();

// where: a site; ready: what stands on the page once it is drawn; click: what to open then.
export async function load(where, path, ready, click) {
  const page = await where.page(path, { bypassCSP: true, reducedMotion: 'reduce' });
  await drawn(page, ready);
  if (click) await page.locator(click).first().click();
  return page;
}

const spoken = (page) => page.evaluate(() => document.documentElement.lang.slice(0, 2));

// Puts the page into one look, and waits until it is drawn so. The report says its language in its address and has no theme: it stays.
export async function look(page, { lang, theme, width }, ready) {
  await page.setViewportSize({ width, height: HEIGHTS[width] ?? 900 });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  const button = page.locator('.bar .lang');
  if ((await spoken(page)) !== lang && (await button.count())) {
    await button.click();
    await page.waitForFunction((want) => document.documentElement.lang.startsWith(want), lang);
  }
  await drawn(page, ready);
  await sleep(60);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// Every language and theme at each width, in an order that changes one thing at a time.
export const looksOf = (widths) => widths.flatMap((width) => LOOKS.map(([lang, theme]) => ({ lang, theme, width })));

// Two looks that have each language, theme and width once; another two for every second page.
export const twoLooks = (i) =>
  i % 2
    ? [
        { lang: 'zh', theme: 'light', width: 390 },
        { lang: 'en', theme: 'dark', width: 1440 },
      ]
    : [
        { lang: 'en', theme: 'light', width: 1440 },
        { lang: 'zh', theme: 'dark', width: 390 },
      ];

// What axe-core finds: [] on a page for everybody.
export async function violations(page) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axe);
  return page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`));
}
