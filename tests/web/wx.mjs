// A stand-in of what touchline-mini.js uses of the wx API: a phone whose storage outlives the programs launched on it, with the limits of the real one (1 MB a
// value, 10 MB in all), a network that can be off, lose answers or be answered by somebody else, and a clock that can be set. launch() runs the script anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const MB = 1024 * 1024;

export function phone() {
  const stored = new Map();
  const my = { stored, online: true, room: 10 * MB, clock: 0, sent: [], answer: null, loseAnswers: 0, route: 'pages/menu', writes: 0 };
  const used = () => [...stored].reduce((n, [k, v]) => n + k.length + v.length, 0);
  my.used = used;
  my.launch = () => {
    const timers = new Set(), on = { hide: [], show: [], network: [] };
    let alive = true;
    const later = (ms, f, ...a) => { const t = setTimeout(() => { timers.delete(t); if (alive) f(...a); }, ms); timers.add(t); return t; };
    const wx = {
      getStorageInfoSync: () => ({ keys: [...stored.keys()], currentSize: Math.ceil(used() / 1024), limitSize: my.room / 1024 }),
      getStorageSync: (k) => (stored.has(k) ? JSON.parse(stored.get(k)) : ''),
      setStorageSync(k, v) {
        const text = JSON.stringify(v), had = stored.has(k) ? k.length + stored.get(k).length : 0;
        if (text.length > MB) throw new Error('setStorageSync:fail entry size limit reached');
        if (used() - had + k.length + text.length > my.room) throw new Error('setStorageSync:fail exceed storage max size');
        my.writes++;
        stored.set(k, text);
      },
      removeStorageSync: (k) => { stored.delete(k); },
      onAppHide: (f) => on.hide.push(f),
      onAppShow: (f) => on.show.push(f),
      onNetworkStatusChange: (f) => on.network.push(f),
      request({ url, method, data, header, success, fail }) {
        if (typeof data !== 'string' || method !== 'POST') throw new Error('not what the SDK sends');
        if (!my.online) return later(1, fail, { errMsg: 'request:fail' });
        my.sent.push(...data.trim().split('\n').map((line) => JSON.parse(line)));
        const own = my.answer?.();
        const lost = my.loseAnswers-- > 0;
        (own ? Promise.resolve(own) : fetch(url, { method, body: data, headers: header }).then(async (r) => ({ statusCode: r.status, header: Object.fromEntries(r.headers), data: await r.text() })))
          .then((r) => (lost ? Promise.reject(new Error('lost')) : r))
          .then((r) => { if (alive) success(r); }, (e) => { if (alive) fail({ errMsg: 'request:fail ' + e.message }); });
      },
    };
    const scope = createContext({
      wx, module: {}, getCurrentPages: () => [{ route: my.route }], setTimeout: (f, ms, ...a) => later(ms, f, ...a), clearTimeout: (t) => { clearTimeout(t); timers.delete(t); },
      Date: class extends Date { constructor(...a) { if (a.length) super(...a); else super(Date.now() + my.clock); } static now() { return Date.now() + my.clock; } },
    });
    runInContext(readFileSync(join(process.env.BUILD, 'sdk', 'touchline-mini.js'), 'utf8'), scope);
    return {
      touchline: scope.module.exports,
      hide: () => on.hide.forEach((f) => f()),
      show: () => on.show.forEach((f) => f()),
      network: (isConnected) => { my.online = isConnected; on.network.forEach((f) => f({ isConnected, networkType: isConnected ? 'wifi' : 'none' })); },
      kill: () => { alive = false; timers.forEach(clearTimeout); },
    };
  };
  return my;
}
