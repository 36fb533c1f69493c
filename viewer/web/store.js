// The view state: what is asked and what is selected. It lives in the URL and nowhere else, so a link reproduces the view.
// set() writes it and tells every listener which keys moved; back and forward do the same.

const FIELDS = {
  journey: '',
  from: '',
  to: '',
  filter: [],
  lifecycle: '',
  model: '',
  as_of: '',
  detail: '',
  node: '',
  edge: '',
  end: '',
  start: '',
  other: '',
  order: 'new',
  origin: '',
  q: '',
  pick: '',
  break: '',
  variant: '',
  colour: '',
  side: '',
  in: '',
  lanes: '',
  vs: '',
  by: '',
  outcome: '',
};
const KEPT = ['lang', 'theme'];
const listeners = new Set();
let state = read();

function read() {
  const asked = new URLSearchParams(location.search);
  const out = {};
  for (const [key, initial] of Object.entries(FIELDS)) {
    out[key] = Array.isArray(initial) ? asked.getAll(key) : (asked.get(key) ?? initial);
  }
  return out;
}

function write() {
  const asked = new URLSearchParams();
  const now = new URLSearchParams(location.search);
  for (const [key, initial] of Object.entries(FIELDS)) {
    if (Array.isArray(initial)) for (const value of state[key]) asked.append(key, value);
    else if (state[key] !== initial) asked.set(key, state[key]);
  }
  for (const key of KEPT) if (now.has(key)) asked.set(key, now.get(key));
  const text = asked.toString();
  return location.pathname + (text ? '?' + text : '');
}

const same = (a, b) => String(a) === String(b);

function tell(before) {
  const moved = new Set(Object.keys(FIELDS).filter((key) => !same(before[key], state[key])));
  if (moved.size) for (const listener of listeners) listener(moved);
}

export const get = (key) => state[key];

// How: 'push' makes a step that Back undoes (a selection, another journey); default replaces (a slider).
export function set(change, how) {
  const before = state;
  state = { ...state, ...change };
  if (Object.keys(change).every((key) => same(before[key], state[key]))) return;
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', write());
  tell(before);
}

export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

addEventListener('popstate', () => {
  const before = state;
  state = read();
  tell(before);
});
