// A store of its own for one test file: `touchline up` on a new folder and free ports, chromium on it, both stopped at the end.
// TOUCHLINE_AT="VIEWER COLLECTOR" tests programs that run already instead (their store must be empty).
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const BUILD = process.env.BUILD;
export const SHOTS = join(BUILD ?? tmpdir(), 'web-shots');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Polls until check() gives something true; the error says what was waited for.
export async function until(what, check, ms = 15000) {
  const end = Date.now() + ms;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(50);
  }
}

// The demo of seed 155, as it ends on 2 March 2026: what its pages must say is known.
export const DEMO = { demo: true };
export const DEMO_AS_OF = 'as_of=2026-03-02T00:00:00%2B08:00';

async function up(catalogue, settings = []) {
  if (process.env.TOUCHLINE_AT) {
    const [viewer, collector] = process.env.TOUCHLINE_AT.split(' ');
    return { viewer, collector, stop() {} };
  }
  const made = mkdtempSync(join(tmpdir(), 'touchline-web-'));
  const data = catalogue === DEMO ? join(made, 'demo-data') : made;
  mkdirSync(join(data, 'catalogue'), { recursive: true });
  if (catalogue === DEMO && process.env.TOUCHLINE_DEMO) execFileSync('cp', ['-r', '--sparse=always', process.env.TOUCHLINE_DEMO + '/.', data]);
  else if (catalogue === DEMO)
    execFileSync(join(BUILD, 'touchline'), ['simulate', '--seed', '155', '--data', data, '--until', '2026-03-02'], {
      env: { ...process.env, TZ: 'Asia/Shanghai' },
      stdio: 'ignore',
    });
  else if (catalogue) writeFileSync(join(data, 'catalogue', 'world.json'), JSON.stringify(catalogue));
  const child = spawn(
    join(BUILD, 'touchline'),
    [
      'up',
      '--data',
      data,
      '--collector.port',
      '0',
      '--aggregator.port',
      '0',
      '--aggregator.bus',
      'tcp://127.0.0.1:*',
      '--viewer.port',
      '0',
      '--timezone',
      'Asia/Shanghai',
      ...settings,
    ],
    { env: { ...process.env, LC_ALL: 'C.UTF-8' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const out of [child.stdout, child.stderr])
    out.on('data', (bytes) => {
      said += bytes;
    });
  const ended = new Promise((done) => child.on('exit', done).on('error', done));
  child.on('error', (error) => {
    said += error;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(10000).then(() => child.kill('SIGKILL'))]);
    rmSync(made, { recursive: true, force: true });
  };
  try {
    await until('touchline up', () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error('touchline up ended: ' + said);
      return /page +http/.test(said) && /events to +http/.test(said);
    });
  } catch (error) {
    await stop();
    throw new Error(error.message + '\n' + said);
  }
  return { viewer: /page +(http\S+?)\/?\s/.exec(said)[1], collector: /events to +(http\S+?)\/v1/.exec(said)[1], data, stop };
}

export async function open(catalogue, settings) {
  const programs = await up(catalogue, settings);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const site = {
    ...programs,
    browser,
    faults: [],
    async send(events) {
      const answer = await fetch(programs.collector + '/v1/events?key=test', {
        method: 'POST',
        body: events.map((event) => JSON.stringify(event)).join('\n'),
      });
      const said = await answer.json();
      if (answer.status !== 202 || said.accepted !== events.length)
        throw new Error(`sent ${events.length}: ${answer.status} ${JSON.stringify(said).slice(0, 400)}`);
    },
    api: async (path) => (await fetch(programs.viewer + path)).json(),
    async page(path = '/', { width = 1440, height = 900, lang = 'en', theme = 'light', ...more } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: theme, ...more });
      const page = await context.newPage();
      page.on('pageerror', (error) => site.faults.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' && !/status of (404|304)|ERR_/.test(message.text())) site.faults.push(message.text());
      });
      await page.goto(programs.viewer + path);
      return page;
    },
    customer: async (member) =>
      (await until('customer ' + member, async () => (await site.api('/api/customers?id=member:' + member)).customers?.[0])).customer,
    async close() {
      await browser.close();
      await programs.stop();
    },
  };
  return site;
}

export const settled = (page) => page.waitForSelector('.card');
// The number that a text begins with, thousands separators aside.
export const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(',', ''));
