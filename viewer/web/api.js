// Questions to the viewer's JSON, and polling that costs nothing while nothing changes (If-None-Match answers 304).

import { newsIsOn, onNews } from './news.js';

class ApiError extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

function query(params) {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(params || {})) {
    for (const one of [value].flat()) if (one !== '' && one !== null && one !== undefined) asked.append(key, one);
  }
  const text = asked.toString();
  return text ? '?' + text : '';
}

// The refusal in the server's own words: {"error":{"text"}}, {"error":"..."} or {"text"}; plain text as it is.
function refusal(status, body) {
  try {
    const said = JSON.parse(body);
    return said.error?.text || said.error?.message || said.error || said.text || said.message || String(status);
  } catch (e) {
    return body.slice(0, 300) || String(status);
  }
}

// -> {status, text, etag, lag_ms}; 304 has no text. Throws ApiError; status 0 = the viewer was not reached.
export async function ask(path, params, { etag, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path + query(params), { cache: 'no-store', signal, headers: etag ? { 'If-None-Match': etag } : {} });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new ApiError(0, e.message);
  }
  const lag = answer.headers.get('X-Touchline-Lag-Ms');
  const out = { status: answer.status, etag: answer.headers.get('ETag'), lag_ms: lag === null ? null : Number(lag), text: '' };
  if (answer.status === 304) return out;
  out.text = await answer.text();
  if (!answer.ok) throw new ApiError(answer.status, String(refusal(answer.status, out.text)));
  return out;
}

// A question whose words do not belong into an address. Throws like ask().
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: 'POST', cache: 'no-store', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  } catch (e) {
    throw new ApiError(0, e.message);
  }
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(answer.status, String(refusal(answer.status, text)));
  return JSON.parse(text);
}

export async function get(path, params, options) {
  return JSON.parse((await ask(path, params, options)).text);
}

// poll(ms, step, news): awaits step() again and again; ten times slower in a hidden tab, at once when it is shown again. With news it is asked
// when the store says that it moved, at most every `news` ms, and else seldom.
const SELDOM_MS = 3000;
export function poll(every_ms, step, news) {
  let timer = 0;
  let stopped = false;
  let running = false;
  let again = false;
  let last = 0;
  const run = async () => {
    clearTimeout(timer);
    if (running || stopped) {
      again = running;
      return;
    }
    running = true;
    again = false;
    last = Date.now();
    try {
      await step();
    } finally {
      running = false;
    }
    const pause = news && newsIsOn() ? Math.max(every_ms, SELDOM_MS) : every_ms;
    if (!stopped) timer = setTimeout(run, again ? (news ?? 0) : document.hidden ? every_ms * 10 : pause);
  };
  const shown = () => {
    if (!document.hidden) run();
  };
  // News that come close together are one question.
  const told = () => {
    if (document.hidden) return;
    if (running) again = true;
    else {
      clearTimeout(timer);
      timer = setTimeout(run, Math.max(0, last + news - Date.now()));
    }
  };
  const forget = news ? onNews(told) : () => {};
  document.addEventListener('visibilitychange', shown);
  run();
  return {
    now: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
      forget();
      document.removeEventListener('visibilitychange', shown);
    },
  };
}
