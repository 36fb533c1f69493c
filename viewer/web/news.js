// The store's own word that it has moved (server-sent events): what polls asks at once then, and seldom otherwise. Closed in hidden tabs,
// because a browser keeps few connections to one address.
const listeners = new Set();
let source = null;
let alive = false;

function listen() {
  if (source || document.hidden || !globalThis.EventSource) return;
  source = new EventSource('/api/live');
  source.onmessage = () => {
    alive = true;
    for (const listener of listeners) listener();
  };
  // It closes after each event and comes back by itself; a refusal ends it, and polling goes on as before.
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    alive = false;
    setTimeout(listen, 10000);
  };
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return listen();
  source?.close();
  source = null;
  return undefined;
});

// Whether somebody says when to ask; without, polling is as often as it was.
export const newsIsOn = () => alive;

export function onNews(listener) {
  listeners.add(listener);
  listen();
  return () => listeners.delete(listener);
}
