// A store with a collector of its own that can go down and come back on the same port, as real ones do; what a customer's page says of an identity.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openSite, until } from '../web/site.mjs';

export { sleep, until } from '../web/site.mjs';

const freePort = () => new Promise((done) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });

export async function open() {
  const site = await openSite();
  const bus = JSON.parse(readFileSync(join(site.data, 'run', 'aggregator.json'), 'utf8')).bus;
  const data = mkdtempSync(join(tmpdir(), 'touchline-door-')), port = await freePort();
  let child = null;
  const door = {
    ...site,
    url: `http://127.0.0.1:${port}`,
    async start() {
      child = spawn(join(process.env.BUILD, 'touchline-collector'), ['--data', data, '--collector.port', String(port), '--collector.aggregator', bus, '--debug-api'], { stdio: 'ignore' });
      await until('the collector', () => fetch(door.url + '/healthz').then(() => true, () => false));
    },
    async stop() {
      const ended = new Promise((done) => child.on('exit', done));
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    metric: async (name) => Number(new RegExp(`^touchline_${name} (\\d+)`, 'm').exec(await (await fetch(door.url + '/metrics')).text())?.[1]),
    // the events of whoever has this identity, once there are n of them, as "type touchpoint"
    async events(identity, n) {
      const found = async () => {
        const who = (await site.api('/api/customers?id=' + encodeURIComponent(identity))).customers?.[0];
        return who ? (await site.api('/api/customers/' + who.customer)).events : [];
      };
      const events = await until(`${n} events of ${identity}`, async () => { const all = await found(); return all.length >= n && all; }, 30000)
        .catch(async (error) => { throw new Error(`${error.message}; there are ${JSON.stringify((await found()).map((e) => e.type + ' ' + e.touchpoint))}`); });
      for (const event of events) assert.ok(Math.abs(event.time - Date.now()) < 600000, `${event.type} at ${event.time}`);
      return events;
    },
    async close() {
      await door.stop();
      await site.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
  await door.start();
  return door;
}

// Exactly these, whatever their order: "type" or "type touchpoint".
export function same(events, expected) {
  assert.deepEqual(events.map((e) => (e.touchpoint && e.touchpoint !== e.type ? `${e.type} ${e.touchpoint}` : e.type)).sort(), [...expected].sort());
}
