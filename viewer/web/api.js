// Questions to the viewer's JSON, and polling that costs nothing while nothing changes (If-None-Match answers 304).

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

export async function get(path, params, options) {
  return JSON.parse((await ask(path, params, options)).text);
}

// poll(ms, step): awaits step() again and again; ten times slower in a hidden tab, at once when it is shown again.
export function poll(every_ms, step) {
  let timer = 0;
  let stopped = false;
  let running = false;
  const run = async () => {
    clearTimeout(timer);
    if (running || stopped) return;
    running = true;
    try {
      await step();
    } finally {
      running = false;
    }
    if (!stopped) timer = setTimeout(run, document.hidden ? every_ms * 10 : every_ms);
  };
  const shown = () => {
    if (!document.hidden) run();
  };
  document.addEventListener('visibilitychange', shown);
  run();
  return {
    now: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    },
  };
}
