// Step 1: a file, or a tag on a page; and what has come, as it comes.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, num } from './format.js';
import { icon } from './icons.js';
import { firstEvent, scriptTag, snippet } from './states.js';
import { post, postPiece, state, tell } from './setupstate.js';
import { columnsOf, mappingForm } from './setupcolumns.js';

const RETRIES = 5;
const sending = { file: null, have: 0, error: '', mapping: null, running: '' };
let parts = null;

const mb = (bytes) => (bytes >= 1e9 ? t('su_gb', { n: num(Number((bytes / 1e9).toFixed(1))) }) : bytes < 1e6 ? t('su_kb', { n: num(Math.ceil(bytes / 1e3)) }) : t('su_mb', { n: num(Math.round(bytes / 1e6)) }));

// ---- handing a file over

async function hand(file) {
  const { piece_bytes: size, file_bytes: most } = state.setup.limits;
  Object.assign(sending, { file, have: 0, error: '', mapping: null });
  update();
  try {
    if (file.size > most) throw new Error(t('su_file_large', { name: file.name, most: mb(most) }));
    if (!file.size) throw new Error(t('su_file_empty', { name: file.name }));
    sending.mapping = await columnsOf(file);
    const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(10)), (b) => b.toString(16).padStart(2, '0')).join('');
    let id = newId();
    let failures = 0;
    while (sending.have < file.size) {
      try {
        const piece = file.slice(sending.have, sending.have + size);
        sending.have = (await postPiece({ id, name: file.name, bytes: file.size, at: sending.have }, piece)).have;
        failures = 0;
      } catch (error) {
        if ((error.status && error.status !== 503 && error.status !== 404) || ++failures > RETRIES) throw error;
        // The viewer was started again meanwhile and knows nothing of it: from the beginning.
        if (error.status === 404) {
          id = newId();
          sending.have = 0;
        }
        await new Promise((done) => setTimeout(done, 500 * failures));
      }
      update();
    }
    sending.id = id;
    if (sending.mapping) return void update();
    await start();
  } catch (error) {
    sending.error = error.message;
    update();
  }
}

async function start(map) {
  try {
    sending.mapping = null;
    await post('import', map ? { id: sending.id, map } : { id: sending.id });
    sending.file = null;
    sending.error = '';
  } catch (error) {
    sending.error = error.message;
  }
  tell('poll');
  update();
}

const asked = (word, body) => async () => {
  try {
    await post(word, body);
    sending.error = '';
  } catch (error) {
    sending.error = error.message;
  }
  tell('poll');
  update();
};

// ---- how it goes

const folderless = (text) => text.replaceAll(/\S*\/setup\/(file\/)?/g, '');

function imported(chore) {
  const { answer } = chore;
  return [
    h('p', { class: 'su-ok' }, h('b', {}, h('bdi', {}, chore.about)), ' ', t('su_imported', { n: num(answer.accepted), rows: num(answer.rows), took: dur(chore.took_ms) })),
    (answer.bad > 0 || answer.quarantined > 0) &&
      h('div', { class: 'su-bad' }, h('p', {}, t('su_imported_bad', { bad: num(answer.bad), q: num(answer.quarantined) })), h('ul', {}, answer.reasons.map((one) => h('li', {}, num(one.rows) + ' × ', h('bdi', {}, one.reason))))),
    answer.accepted === 0 && h('p', { class: 'problem' }, t('su_imported_none')),
    said(chore),
    h('button', { type: 'button', class: 'plain-link', onclick: asked('undo', { origin: answer.origin }) }, t('su_undo')),
  ];
}

const said = (chore) => chore.said.trim() && h('details', { class: 'su-said' }, h('summary', {}, t('su_said')), h('pre', { tabindex: 0 }, folderless(chore.said.trim())));

function progress() {
  const { chore } = state.setup;
  const { file, have, error } = sending;
  if (error) return h('div', { role: 'alert' }, h('p', { class: 'problem' }, error), h('p', { class: 'soft' }, t('su_again')));
  if (file && sending.mapping && have >= file.size) return mappingForm(sending.mapping, start);
  if (file) return [h('p', { role: 'status' }, t('su_handing', { name: file.name, have: mb(have), all: mb(file.size) })), h('progress', { max: file.size, value: have, 'aria-label': file.name })];
  if (!chore || chore.what === 'diff') return null;
  if (chore.state === 'runs') {
    return [
      h('p', { role: 'status' }, t(chore.what === 'undo' ? 'su_undoing' : 'su_importing', { name: chore.about })),
      h('progress', { 'aria-label': chore.about }),
      h('button', { type: 'button', class: 'plain-link', onclick: asked('stop', {}) }, t('su_stop')),
    ];
  }
  if (chore.state === 'done') return chore.what === 'undo' ? h('p', { class: 'su-ok' }, t('su_undone', { name: chore.about })) : imported(chore);
  if (chore.state === 'stopped') return h('p', {}, t('su_stopped', { name: chore.about }));
  return h('div', { role: 'alert' }, h('p', { class: 'problem' }, t('su_failed', { name: chore.about })), h('pre', { tabindex: 0 }, folderless(chore.said.trim()).split('\n').slice(-3).join('\n')), h('p', { class: 'soft' }, t('su_again')));
}

function counters() {
  const { setup, suggest } = state;
  const one = (key, n) => h('div', {}, h('dd', {}, num(n)), h('dt', {}, t(key)));
  return [
    h('dl', { class: 'su-counts' }, one('su_count_events', setup.events), one('su_count_customers', setup.customers), one('su_count_names', setup.events ? (suggest?.touchpoints.length ?? 0) + (suggest?.names_left_out ?? 0) : 0)),
    setup.events ? h('p', { class: 'soft' }, t('su_live')) : h('p', { class: 'waiting-dot', role: 'status' }, h('i', { 'aria-hidden': 'true' }), t('empty_wait')),
  ];
}

export function update() {
  if (!parts?.progress.isConnected) return;
  const { chore } = state.setup;
  // A command ends with the viewer that ran it.
  if (sending.running && !chore) sending.error = t('su_vanished', { name: sending.running });
  sending.running = chore?.state === 'runs' ? chore.about : '';
  const now = JSON.stringify([state.setup, sending, state.suggest?.touchpoints.length, document.documentElement.lang]);
  if (parts.now === now) return;
  parts.now = now;
  replace(parts.counts, counters());
  // A form that somebody fills in stays.
  const form = parts.progress.querySelector('form');
  if (!form || sending.error || !sending.mapping) replace(parts.progress, progress());
}

function drop() {
  const input = h('input', { type: 'file', id: 'su-file', class: 'sr', accept: '.csv,.tsv,.xes,.xml,.ndjson,.jsonl,.json,.gz,.txt', onchange: () => input.files[0] && hand(input.files[0]) });
  const zone = h(
    'div',
    { class: 'su-drop' },
    h('label', { class: 'more primary', for: 'su-file' }, t('su_choose')),
    input,
    h('p', {}, t('su_drop')),
    h('p', { class: 'soft' }, t('su_formats', { most: mb(state.setup.limits.file_bytes) })),
  );
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle('over', on);
  };
  zone.addEventListener('dragover', over(true));
  zone.addEventListener('dragleave', over(false));
  zone.addEventListener('drop', (event) => {
    over(false)(event);
    if (event.dataTransfer.files[0]) hand(event.dataTransfer.files[0]);
  });
  return zone;
}

export function draw(root) {
  const collector = state.about.collector || 'http://127.0.0.1:8080';
  parts = { counts: h('div', { class: 'su-live' }), progress: h('div', { class: 'su-progress' }) };
  replace(
    root,
    h(
      'div',
      { class: 'su-data' },
      h('section', { class: 'su-card' }, h('h2', {}, icon('link'), t('su_file')), drop(), parts.progress),
      h('section', { class: 'su-card' }, h('h2', {}, icon('web'), t('su_script')), h('p', { class: 'soft' }, t('su_script_lead')), snippet('empty_script', scriptTag(collector)), snippet('empty_curl', firstEvent(collector))),
      h('section', { class: 'su-card su-received' }, h('h2', {}, t('su_received')), parts.counts),
    ),
  );
  update();
}
