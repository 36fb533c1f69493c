// Step 5: what the draft says, what it would change, and letting it hold.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, minute, num, ymd } from './format.js';
import { lang } from './prefs.js';
import { keepQuery } from './shell.js';
import { actor, enter } from './control.js';
import { changes, rowsOf, tally, titleIn, typeOf } from './setupdraft.js';
import { built, checkNow, flush, post, shareWords, stages, state, tell } from './setupstate.js';

const CELLS_SHOWN = 12;
const SECTIONS = ['touchpoints', 'journey_types', 'clocks'];
const now = { error: '', asked: null, publishing: null, done: null, diffOf: null };
let parts = null;

const word = (one) => one?.title?.[lang()] || one?.title?.zh || one?.title?.en || one?.id;

// ---- the map as it will be: stages with their touchpoints

function strip() {
  const seen = new Set();
  const all = rowsOf(state.draft, state.suggest)
    .sort((a, b) => (a.place ?? 2) - (b.place ?? 2))
    .filter(({ entry, role }) => entry && role === 'step' && !seen.has(entry.id) && seen.add(entry.id));
  const column = (title, mine) =>
    mine.length > 0 &&
    h(
      'li',
      {},
      h('h3', {}, title),
      h(
        'ul',
        {},
        mine.map(({ entry }) => {
          const said = titleIn(entry, lang());
          return h('li', { class: 'su-stop' }, h('bdi', { class: said ? false : 'raw-name', title: said ? false : t('su_untitled') }, said || entry.id));
        }),
      ),
    );
  const of = (id) => all.filter(({ entry }) => (entry.stage?.[state.draft.model] ?? null) === id);
  return h('ol', { class: 'su-strip', tabindex: 0, 'aria-label': t('su_preview') }, stages().map((stage) => column(word(stage), of(stage.id))), column(t('no_stage'), of(null)));
}

// ---- what it changes

function summary() {
  const made = changes(state.before, state.draft);
  const { classified, events, noZh, noEn } = tally(state.draft, state.suggest);
  const say = (section) => {
    const { added, changed, removed } = made[section];
    const name = SECTIONS.includes(section) ? t('su_sec_' + section) : section;
    return h('li', {}, h('b', {}, name), ' ', [added && t('su_added', { n: num(added) }), changed && t('su_changed', { n: num(changed) }), removed && t('su_removed', { n: num(removed) })].filter(Boolean).join(t('su_comma')));
  };
  return [
    h('ul', { class: 'su-changes' }, Object.keys(made).map(say), !Object.keys(made).length && h('li', { class: 'soft' }, t('su_no_changes'))),
    h('p', {}, t('su_classified', { x: shareWords(classified, events) }), noZh > 0 && [' · ', h('a', { href: '#names' }, t('su_no_zh') + ' ' + num(noZh))], noEn > 0 && [' · ', h('a', { href: '#names' }, t('su_no_en') + ' ' + num(noEn))]),
  ];
}

// The row that a note is about, by its words.
function about(note) {
  const { section, entry } = note.where ?? {};
  const step = { touchpoints: 'names', journey_types: 'journey', clocks: 'clocks' }[section];
  const name = entry ? word(entry) : note.file + ':' + note.line;
  return step ? h('a', { href: '#' + step }, h('bdi', {}, name)) : h('bdi', {}, name);
}

function checked() {
  const { check } = state;
  if (!check) return h('p', { role: 'status' }, t('su_checking'));
  if (check.failed) return h('p', { class: 'problem', role: 'alert' }, check.failed);
  const list = (kind) => check.notes.filter((note) => note.kind === kind);
  const items = (kind) => h('ul', { class: 'su-list' }, list(kind).map((note) => h('li', {}, about(note), ': ', h('bdi', {}, note.text))));
  return [
    check.mistakes > 0 && h('div', { role: 'alert' }, h('p', { class: 'problem' }, h('b', {}, t('su_mistakes', { n: num(check.mistakes) })), ' ', t('su_mistakes_lead')), items('mistake')),
    !check.mistakes && h('p', { class: 'su-ok' }, t('su_sound')),
    check.doubts > 0 && h('details', {}, h('summary', {}, t('su_doubts', { n: num(check.doubts) })), items('doubt')),
    check.left_out > 0 && h('p', { class: 'soft' }, t('su_more', { n: num(check.left_out) })),
  ];
}

// ---- the difference

const whole = () => ({ files: built().files, ...(state.about.days ? { from: state.about.days.first, to: state.about.days.last } : {}) });

async function compare() {
  now.error = '';
  try {
    flush();
    await post('diff', whole());
    now.diffOf = state.check?.version ?? null;
  } catch (error) {
    now.error = error.message;
  }
  tell('poll');
  update();
}

const kn = (one) => num(one.hits) + ' / ' + num(one.n);
const link = (one) => h('a', { href: keepQuery('/customers/' + encodeURIComponent(one.customer)) }, h('code', {}, one.customer.slice(0, 8)));

function moved(one) {
  if (!one.journeys) return '–';
  return [num(one.journeys), one.examples.length > 0 && h('span', { class: 'soft' }, ' ', one.examples.slice(0, 2).map((each) => [link(each), ' ']))];
}

function typeDiff(type) {
  const cells = type.cells.filter((cell) => cell.changed);
  const found = (key) => type.findings[key].map((one) => h('li', {}, h('b', {}, t('su_find_' + key)), ' ', h('bdi', {}, one.title?.[lang()] || one.touchpoint), ' · ', h('bdi', {}, one.name?.[lang()] || one.id)));
  return h(
    'section',
    { class: 'su-type' },
    h('h3', {}, h('bdi', {}, type.journey === 'all' ? t('su_all_journeys') : word(state.draft.docs.journey_types?.find((one) => one.id === type.journey)) || type.journey), !type.known_before && h('span', { class: 'badge' }, t('su_type_new')), !type.known_after && h('span', { class: 'badge' }, t('su_type_gone'))),
    h('p', {}, t('su_diff_journeys', { a: num(type.journeys.before), b: num(type.journeys.after), from: ymd(type.from), to: ymd(type.to) })),
    h('ul', { class: 'su-list' }, found('appear'), found('vanish')),
    cells.length
      ? h(
          'div',
          { class: 'table-scroll' },
          h(
            'table',
            {},
            h('caption', { class: 'sr' }, t('su_diff')),
            h('thead', {}, h('tr', {}, ['su_col_touchpoint', 'su_standard', 'su_before', 'su_after', 'su_gaining', 'su_losing'].map((key, i) => h('th', { scope: 'col', class: i > 1 ? 'n' : false }, t(key))))),
            h(
              'tbody',
              {},
              cells.slice(0, CELLS_SHOWN).map((cell) =>
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, h('bdi', {}, cell.title?.[lang()] || cell.touchpoint)),
                  h('td', {}, h('bdi', {}, cell.name?.[lang()] || cell.id)),
                  h('td', { class: 'n' }, kn(cell.before)),
                  h('td', { class: 'n' }, kn(cell.after)),
                  h('td', { class: 'n' }, moved(cell.gaining)),
                  h('td', { class: 'n' }, moved(cell.losing)),
                ),
              ),
            ),
          ),
        )
      : h('p', { class: 'soft' }, t('su_diff_none')),
    cells.length > CELLS_SHOWN && h('p', { class: 'soft' }, t('su_more', { n: num(cells.length - CELLS_SHOWN) })),
  );
}

function diff() {
  const { chore } = state.setup;
  const mine = chore?.what === 'diff' ? chore : null;
  const stale = mine && state.check?.version && mine.about !== state.check.version;
  const button = (key) => h('button', { type: 'button', class: 'more', disabled: Boolean(state.check?.mistakes) || !built().files.length, onclick: compare }, t(key));
  if (mine?.state === 'runs') {
    return [
      h('p', { role: 'status' }, t('su_comparing', { took: dur(mine.took_ms) })),
      h('progress', { 'aria-label': t('su_diff') }),
      h('button', { type: 'button', class: 'plain-link', onclick: () => post('stop', {}).then(() => tell('poll')) }, t('su_stop')),
    ];
  }
  if (mine?.state === 'failed') return [h('div', { role: 'alert' }, h('p', { class: 'problem' }, t('su_diff_failed')), h('pre', { tabindex: 0 }, mine.said.trim().split('\n').slice(-3).join('\n'))), button('su_compare')];
  if (mine?.state !== 'done' || !mine.answer?.types) return [h('p', { class: 'soft' }, t('su_compare_lead')), button('su_compare')];
  return [stale && h('p', { class: 'su-notice' }, t('su_diff_stale')), mine.answer.types.map(typeDiff), button('su_compare_again')];
}

// ---- publishing

async function publish(event) {
  event.preventDefault();
  const { who, reason } = event.target.elements;
  actor(who.value.trim());
  now.error = '';
  now.publishing = { version: null, began: Date.now() };
  update();
  try {
    await checkNow();
    if (state.check.failed || state.check.mistakes) throw new Error(state.check.failed ?? t('su_mistakes', { n: num(state.check.mistakes) }));
    const body = { files: built().files, hash: state.check.version };
    if (reason.value.trim()) body.reason = reason.value.trim();
    const answer = await enter('catalogue', body);
    Object.assign(now.publishing, { version: state.check.version, same: answer.same });
  } catch (error) {
    now.publishing = null;
    now.error = error.message;
  }
  tell('poll');
  update();
}

// In force: the draft has done its work, and the next one begins from what holds.
function arrived() {
  const { publishing } = now;
  if (!publishing?.version || state.about.catalogue.hash !== publishing.version || state.about.catalogue.next || state.catalogue.hash !== publishing.version) return;
  now.publishing = null;
  now.done = { version: publishing.version, type: state.draft.type, model: state.draft.model, same: publishing.same };
  state.draft.touched = false;
  state.draft.base = publishing.version;
  flush();
}

function done() {
  const { type, model, version } = now.done;
  return h(
    'div',
    { class: 'su-done', role: 'status' },
    h('h2', {}, t('su_published')),
    h('p', {}, t('su_published_at', { time: minute(state.about.catalogue.activated ?? Date.now()), version: version.slice(0, 8) })),
    h('a', { class: 'more primary', href: keepQuery('/', { journey: type, model }) }, t('su_to_map')),
    ' ',
    h('a', { class: 'more', href: keepQuery('/coverage') }, t('nav_coverage')),
    h('p', { class: 'soft' }, t('su_folder')),
  );
}

function publishing() {
  const { making } = state.setup;
  if (now.done && now.done.version === state.check?.version) return done();
  if (now.publishing || state.about.catalogue.next) {
    return [
      h('p', { role: 'status' }, making?.total ? t('su_making', { k: num(making.done), n: num(making.total) }) : t('su_publishing')),
      h('progress', { 'aria-label': t('su_publishing'), max: making?.total || false, value: making?.total ? making.done : null }),
      making?.trouble && h('p', { class: 'problem', role: 'alert' }, making.trouble),
    ];
  }
  const same = state.check?.version && state.check.version === state.about.catalogue.hash && state.about.catalogue.activated;
  if (same) return h('p', { class: 'su-ok' }, t('su_holds', { time: minute(state.about.catalogue.activated) }));
  const wrong = !state.check || state.check.mistakes > 0 || state.check.failed;
  return h(
    'form',
    { class: 'su-publish', onsubmit: publish },
    h('label', { class: 'field' }, h('span', {}, t('su_who')), h('input', { name: 'who', maxlength: 100, value: actor() })),
    h('label', { class: 'field su-reason' }, h('span', {}, t('su_reason')), h('input', { name: 'reason', maxlength: 400 })),
    h('button', { type: 'submit', class: 'more primary', disabled: Boolean(wrong) }, t('su_publish')),
  );
}

// ---- the step

export function update() {
  if (!parts?.root.isConnected) return;
  arrived();
  const forms = parts.publish.contains(document.activeElement) && document.activeElement.tagName === 'INPUT';
  const stand = JSON.stringify([state.check, state.setup.chore, state.setup.making, state.about.catalogue, now, document.documentElement.lang]);
  if (stand === parts.stand) return;
  parts.stand = stand;
  replace(parts.summary, summary());
  replace(parts.check, checked());
  replace(parts.diff, diff());
  replace(parts.error, now.error && h('p', { class: 'problem', role: 'alert' }, now.error));
  if (!forms || now.publishing || now.done) {
    replace(parts.publish, publishing());
    return;
  }
  const button = parts.publish.querySelector('button[type="submit"]');
  if (button) button.disabled = !state.check || state.check.mistakes > 0 || Boolean(state.check.failed);
}

export function draw(root) {
  parts = { root, summary: h('div', {}), check: h('div', {}), diff: h('div', { class: 'su-diff' }), publish: h('div', {}), error: h('div', {}) };
  if (now.done && state.draft.touched) now.done = null;
  const type = typeOf(state.draft);
  replace(
    root,
    h(
      'div',
      { class: 'su-last' },
      h('section', { class: 'su-card su-wide' }, h('h2', {}, t('su_preview'), type && [' · ', h('bdi', {}, titleIn(type, lang()) || type.id)]), strip()),
      h('section', { class: 'su-card' }, h('h2', {}, t('su_draft')), parts.summary, parts.check),
      h('section', { class: 'su-card su-act' }, h('h2', {}, t('su_publish')), h('p', { class: 'soft' }, t('su_publish_lead')), parts.error, parts.publish),
      h('section', { class: 'su-card su-wide' }, h('h2', {}, t('su_diff')), parts.diff),
    ),
  );
  update();
}
