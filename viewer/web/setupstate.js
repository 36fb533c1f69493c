// What the pages of setting up share: what is known of the store, the draft, and what the check says of it. The draft lives in this browser, under the store's name.
import { get } from './api.js';
import { pct } from './format.js';
import { begin, compile, merge, modelsOf, VERSION } from './setupdraft.js';

const SAVE_MS = 150;
const CHECK_MS = 500;

export const state = { about: null, setup: null, suggest: null, catalogue: null, before: {}, draft: null, built: null, check: null, kept: true, error: null };
const listeners = new Set();
export const onState = (listener) => listeners.add(listener);
export const tell = (what) => listeners.forEach((listener) => listener(what));

const key = () => 'touchline-setup:' + (state.about?.store ?? '');
export const models = () => modelsOf(state.draft, state.setup?.models ?? []);
export const stages = () => models().find((one) => one.id === state.draft?.model)?.stages ?? [];

// 97.2 %; all is 100 %, and nothing less is.
export const shareWords = (k, n) => (n ? pct(k / n, k === n ? 0 : 1) : '–');

// ---- posting

async function reading(answer) {
  const text = await answer.text();
  let said = null;
  try {
    said = JSON.parse(text);
  } catch (e) {
    /* not JSON: as it is */
  }
  if (!answer.ok) throw Object.assign(new Error(said?.error?.text ?? (text.slice(0, 300) || String(answer.status))), { status: answer.status });
  return said;
}
export const post = async (word, body) => reading(await fetch('/api/setup/' + word, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }));
export const postPiece = async (asked, piece) =>
  reading(await fetch('/api/setup/file?' + new URLSearchParams(asked), { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: piece }));

// ---- the draft

function stored() {
  try {
    const draft = JSON.parse(localStorage.getItem(key()));
    return draft?.v === VERSION && draft.docs && draft.base && draft.log === state.setup.log ? draft : null;
  } catch (e) {
    return null;
  }
}

let timer = 0;
export function flush() {
  clearTimeout(timer);
  timer = 0;
  try {
    if (state.draft?.touched) localStorage.setItem(key(), JSON.stringify(state.draft));
    else localStorage.removeItem(key());
    state.kept = true;
  } catch (e) {
    state.kept = false; // full, or a private window: the draft lasts as long as the page, and the page says so
  }
}

// Something was edited: it is kept at once, and checked when the hand rests.
export function changed() {
  state.draft.touched = true;
  state.built = null;
  clearTimeout(timer);
  timer = setTimeout(flush, SAVE_MS);
  checkSoon();
  tell('edit');
}

const anew = () => begin({ ...state.catalogue, log: state.setup.log }, state.suggest, state.setup.models);
export function fresh() {
  state.draft = anew();
  state.built = null;
  flush();
  checkSoon();
}

export function replaceDraft(draft) {
  state.draft = draft;
  changed();
}

// As it is published: files, and what each line is of.
export const built = () => (state.built ??= compile(state.draft));

let checking = 0;
let asked = 0;
function checkSoon() {
  clearTimeout(checking);
  checking = setTimeout(checkNow, CHECK_MS);
}

export async function checkNow() {
  clearTimeout(checking);
  const turn = ++asked;
  const { files, at } = built();
  let check = null;
  try {
    const answer = files.length ? await post('check', { files }) : { mistakes: 0, doubts: 0, left_out: 0, version: null, notes: [] };
    check = { ...answer, notes: answer.notes.map((note) => ({ ...note, where: at(note.file, note.line) })) };
  } catch (error) {
    check = { failed: error.message, notes: [] };
  }
  if (turn !== asked) return;
  state.check = check;
  tell('check');
}

// What is wrong with one entry.
export const mistakesOf = (entry) => (state.check?.notes ?? []).filter((note) => note.kind === 'mistake' && note.where?.entry === entry);

// ---- what is known of the store

// The version that holds, and a draft upon it: the one kept here, or a new one.
async function readCatalogue() {
  state.catalogue = await get('/api/catalogue');
  state.before = merge(state.catalogue.files);
}

let suggestAt = -1;
let suggestMs = 0;
let suggestTook = 0;
const busy = () => state.setup?.chore?.state === 'runs' || Boolean(state.setup?.making);

let asking = null;

// What was seen, asked for when it moved: it reads every event, so not at every look, and nothing else waits for it.
export function readSuggest(force) {
  const { events, position } = state.setup;
  const due = position !== suggestAt && Date.now() - suggestMs > Math.max(3000, 20 * suggestTook) && !busy();
  if (asking || !events || !(force || due || (!state.suggest && !busy()))) return asking;
  const began = Date.now();
  asking = get('/api/suggest')
    .then((suggest) => {
      state.suggest = suggest;
      state.trouble = null;
      suggestAt = position;
      upon();
      tell('seen');
    })
    .catch((error) => {
      const news = state.trouble?.message !== error.message;
      state.trouble = error;
      if (news && !state.suggest) tell('seen');
    })
    .finally(() => {
      suggestMs = Date.now();
      suggestTook = suggestMs - began;
      asking = null;
    });
  return asking;
}

// A draft upon what was seen: the one kept in this browser, or a new one; one that nobody has touched follows what comes.
function upon() {
  if (!state.suggest || state.draft?.touched) return;
  state.draft = (state.draft ? null : stored()) ?? anew();
  state.built = null;
  checkSoon();
}

// -> whether something moved
export async function look() {
  const before = JSON.stringify([state.setup, state.about?.catalogue]);
  state.about = await get('/api/about');
  state.setup = await get('/api/setup');
  if (!state.catalogue || (state.catalogue.hash !== state.about.catalogue.hash && !state.about.catalogue.next)) {
    await readCatalogue();
    upon();
    if (state.draft) tell('seen');
  }
  readSuggest(false);
  return JSON.stringify([state.setup, state.about.catalogue]) !== before;
}

// Another page of this browser has edited the same draft.
addEventListener('storage', (event) => {
  if (!state.about || event.key !== key() || document.hasFocus()) return;
  state.draft = stored() ?? state.draft;
  state.built = null;
  checkSoon();
  tell('draft');
});
addEventListener('pagehide', () => timer && flush());
