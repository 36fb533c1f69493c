// Step 2: a row for each event name that was seen. Suggestions are ticked; what is typed is in the draft at once.
import { h, replace } from './dom.js';
import { channelWords, t } from './i18n.js';
import { num } from './format.js';
import { lang } from './prefs.js';
import { csv, save } from './exports.js';
import { details } from './raw.js';
import { decode } from './csvfile.js';
import { assign, edit, newNames, rowsOf, setModel, setRole, tally, tick, titleIn } from './setupdraft.js';
import { COLUMNS, ROLES, rowsIn, rowsOut } from './setuptable.js';
import { changed, mistakesOf, models, readSuggest, replaceDraft, shareWords, stages, state } from './setupstate.js';

const CHANNELS = ['app', 'web', 'store', 'phone', 'chat', 'social', 'email', 'sms', 'kiosk', 'iot', 'mail'];
const PAGE = 100;
const PROBLEMS_SHOWN = 20;
const view = { only: '', sort: 'place', shown: PAGE, result: null, undo: null };
let root = null;
let lines = [];

const word = (pair) => pair?.title?.[lang()] || pair?.id;
const roleWords = (role) => t('su_role_' + role);
const stageWords = (id) => word(stages().find((one) => one.id === id)) ?? id;

// ---- which rows

const FILTERS = {
  '': () => true,
  zh: (row) => speaks(row) && !titleIn(row.entry, 'zh'),
  en: (row) => speaks(row) && !titleIn(row.entry, 'en'),
  stage: (row) => row.entry && row.role === 'step' && !row.entry.stage?.[state.draft.model],
  off: (row) => !row.entry,
  wrong: (row) => row.entry && mistakesOf(row.entry).length > 0,
};
const speaks = (row) => row.entry && row.role !== 'silent';

function rows() {
  const all = rowsOf(state.draft, state.suggest);
  if (view.sort === 'place') all.sort((a, b) => (a.place ?? 2) - (b.place ?? 2));
  if (view.sort === 'name') all.sort((a, b) => a.name.localeCompare(b.name));
  return all;
}

// ---- a row

function select(label, value, options, onchange, disabled) {
  return h('select', { 'aria-label': label, disabled, onchange: (event) => onchange(event.target.value) }, options.map(([id, text]) => h('option', { value: id, selected: id === value }, text)));
}

// The same column of the next row.
function below(input) {
  const cell = input.closest('td');
  const next = input.closest('tr').nextElementSibling;
  return next?.children[cell.cellIndex]?.querySelector('input') ?? null;
}

function typing(field) {
  return {
    onkeydown: (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      const next = below(event.target);
      next?.focus();
      next?.select();
    },
    // A column copied from a spreadsheet goes down the table.
    onpaste: (event) => {
      const parts = event.clipboardData.getData('text').replace(/\r?\n$/, '').split(/\r?\n/);
      if (parts.length < 2) return;
      event.preventDefault();
      let input = event.target;
      for (const part of parts) {
        if (!input) break;
        const next = below(input);
        if (!input.disabled) {
          input.value = part.trim();
          input.dispatchEvent(new Event(field === 'touchpoint' ? 'change' : 'input'));
        }
        input = next;
      }
    },
  };
}

function title(row, field, label) {
  const { entry } = row;
  return h('input', {
    'aria-label': label + ': ' + row.name,
    lang: field === 'zh' ? 'zh-CN' : 'en',
    dir: 'auto',
    class: entry && speaks(row) && !titleIn(entry, field) ? 'missing' : false,
    value: entry ? titleIn(entry, field) : '',
    disabled: !entry,
    placeholder: entry ? t('su_untitled') : '',
    oninput: (event) => {
      edit(state.draft, entry, field, event.target.value.trim());
      event.target.classList.toggle('missing', speaks(row) && !event.target.value.trim());
      follow(entry, event.target);
      changed();
    },
    ...typing(field),
  });
}

// Several names may be one touchpoint: its words are the same in all of their rows.
function follow(entry, but) {
  for (const line of lines) {
    if (line.row.entry !== entry || line.tr.contains(but)) continue;
    line.redraw();
  }
}

function example(row) {
  const slot = h('div', { class: 'su-example' });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'plain-link',
      'aria-expanded': 'false',
      'aria-label': t('su_example') + ': ' + row.name,
      onclick: () => {
        const open = button.getAttribute('aria-expanded') !== 'true';
        button.setAttribute('aria-expanded', String(open));
        replace(slot, open && details(row.example.customer, { type: row.name, position: row.example.position }));
      },
    },
    t('su_example'),
  );
  return { button, slot };
}

function cells(line) {
  const { row } = line;
  const { entry } = row;
  const change = (field) => (value) => {
    edit(state.draft, entry, field, value);
    follow(entry, line.tr);
    changed();
    line.marks();
  };
  const { button, slot } = example(row);
  const cell = (key, ...kids) => h('td', { 'data-col': t('su_col_' + key) }, kids);
  return [
    h('td', { class: 'su-tick' }, h('input', { type: 'checkbox', checked: Boolean(entry), disabled: row.partly, 'aria-label': t('su_use') + ': ' + row.name, title: row.partly ? t('su_partly') : false, onchange: (event) => ticked(line, event.target.checked) })),
    h('th', { scope: 'row' }, h('bdi', {}, row.name), h('span', { class: 'su-facts' }, h('span', {}, t('su_times', { n: num(row.events) })), ' · ', button, entry?.suggestion && h('span', { class: 'badge', title: t('su_suggestion_why') }, t('su_suggestion')), row.partly && h('span', {}, ' · ', t('su_partly'))), slot, line.notes),
    cell('role', select(t('su_col_role') + ': ' + row.name, row.role, ROLES.map((id) => [id, roleWords(id)]), roleSet(line), !entry)),
    cell('touchpoint', h('input', { 'aria-label': t('su_col_touchpoint') + ': ' + row.name, value: entry?.id ?? '', list: 'su-touchpoints', dir: 'auto', placeholder: t('su_left_out'), onchange: (event) => assigned(line, event.target.value.trim()), ...typing('touchpoint') })),
    cell('zh', title(row, 'zh', t('su_col_zh'))),
    cell('en', title(row, 'en', t('su_col_en'))),
    cell('stage', select(t('su_col_stage') + ': ' + row.name, entry?.stage?.[state.draft.model] ?? '', [['', '–'], ...stages().map((one) => [one.id, word(one)])], change('stage'), !entry)),
    cell('channel', select(t('su_col_channel') + ': ' + row.name, (entry ? entry.channel : row.channel) ?? '', [['', '–'], ...CHANNELS.map((id) => [id, channelWords(id)])], change('channel'), !entry)),
  ];
}

function roleSet(line) {
  return (role) => {
    setRole(state.draft, line.row, role, state.suggest);
    changed();
    line.redraw();
    line.tr.querySelector('select').focus();
  };
}

function lineOf(row) {
  const line = { row, tr: h('tr', { 'data-name': row.name }), notes: h('div', { class: 'su-notes' }) };
  line.marks = () => {
    const wrong = line.row.entry ? mistakesOf(line.row.entry) : [];
    line.tr.classList.toggle('wrong', wrong.length > 0);
    line.tr.classList.toggle('off', !line.row.entry);
    replace(line.notes, wrong.map((note) => h('p', { class: 'problem', role: 'alert' }, h('bdi', {}, note.text))));
  };
  line.redraw = () => {
    line.row = { ...line.row, ...rowsOf(state.draft, state.suggest).find((one) => one.name === row.name) };
    replace(line.tr, cells(line));
    line.marks();
  };
  replace(line.tr, cells(line));
  line.marks();
  return line;
}

function ticked(line, on) {
  tick(state.draft, line.row, on, state.suggest, models());
  changed();
  line.redraw();
  line.tr.querySelector('input').focus();
}

function assigned(line, id) {
  assign(state.draft, line.row, id, state.suggest, models());
  changed();
  line.redraw();
  touchpointList();
}

// ---- above the table

function touchpointList() {
  const at = root?.querySelector('#su-touchpoints');
  if (at) replace(at, (state.draft.docs.touchpoints ?? []).map((one) => h('option', { value: one.id }, word(one))));
}

function summary() {
  const { classified, events, names, noZh, noEn, noStage } = tally(state.draft, state.suggest);
  const all = rowsOf(state.draft, state.suggest);
  const off = all.filter((row) => !row.entry).length;
  const wrong = all.filter(FILTERS.wrong).length;
  const fresh = newNames(state.draft, state.suggest).length;
  const chip = (only, key, n, must) =>
    (n > 0 || must || view.only === only) &&
    h('button', { type: 'button', class: 'su-chip' + (only === 'wrong' ? ' bad' : ''), 'aria-pressed': String(view.only === only), onclick: () => show(only) }, t(key), ' ', h('b', {}, num(n)));
  return [
    h('p', { class: 'su-share', role: 'status' }, h('strong', {}, t('su_classified', { x: shareWords(classified, events) })), h('span', { class: 'soft' }, t('su_classified_n', { k: num(classified), n: num(events) }))),
    h('meter', { class: 'su-meter', min: 0, max: Math.max(events, 1), value: classified, 'aria-label': t('su_classified', { x: shareWords(classified, events) }) }),
    h('div', { class: 'su-chips' }, chip('', 'su_all', names, true), chip('zh', 'su_no_zh', noZh, true), chip('en', 'su_no_en', noEn, true), chip('stage', 'su_no_stage', noStage), chip('off', 'su_off', off), chip('wrong', 'su_wrong', wrong)),
    fresh > 0 && h('p', { class: 'su-notice' }, t('su_new_names', { n: num(fresh) }), ' ', h('button', { type: 'button', class: 'plain-link', onclick: takeNew }, t('su_take_new'))),
    state.suggest.cut && h('p', { class: 'problem' }, t('su_cut', { n: num(state.setup.limits.events_read) })),
    state.suggest.names_left_out > 0 && h('p', { class: 'problem' }, t('su_names_left', { n: num(state.suggest.names_left_out), k: num(state.suggest.events_left_out), most: num(state.setup.limits.names) })),
  ];
}

function show(only) {
  Object.assign(view, { only, shown: PAGE });
  draw(root);
}

function takeNew() {
  for (const row of newNames(state.draft, state.suggest)) tick(state.draft, row, true, state.suggest, models());
  changed();
  draw(root);
}

// ---- CSV

const columnNames = (id) => ({ event: ['事件', 'event'], count: ['次数', 'count'], use: ['采用', 'use'], role: ['角色', 'role'], touchpoint: ['触点', 'touchpoint'], zh: ['中文名', 'zh', 'Chinese'], en: ['英文名', 'en', 'English'], stage: ['阶段', 'stage'], channel: ['渠道', 'channel'] })[id];

function csvOut() {
  const words = { column: (id) => t('su_csv_' + id), role: roleWords, stage: stageWords, channel: channelWords, yes: t('yes'), no: t('no') };
  save('touchpoints.csv', new Blob([csv(rowsOut(state.draft, state.suggest, words))], { type: 'text/csv' }));
}

function known() {
  const map = (pairs) => new Map(pairs.flatMap(([id, ...names]) => [id, ...names].filter(Boolean).map((name) => [name.toLowerCase(), id])));
  const both = { 是: true, yes: true, y: true, 1: true, true: true, 否: false, no: false, n: false, 0: false, false: false };
  return {
    names: columnNames,
    role: map([['step', '步骤', 'Step'], ['signal', '信号', 'Signal'], ['silent', '静默', 'Silent']]),
    stage: map(stages().map((one) => [one.id, one.title?.zh, one.title?.en])),
    channel: map([...CHANNELS.map((id) => [id, channelWords(id)]), ['app', '应用'], ['web', '网站'], ['store', '门店'], ['phone', '电话'], ['chat', '在线客服'], ['social', '社交'], ['email', '邮件'], ['sms', '短信'], ['kiosk', '自助机'], ['iot', '设备', 'Device'], ['mail', '信件', 'Letter']]),
    use: new Map(Object.entries(both)),
  };
}

async function csvIn(file) {
  const before = structuredClone(state.draft);
  try {
    view.result = rowsIn(state.draft, state.suggest, decode(await file.arrayBuffer()), known(), models());
    view.undo = view.result.applied ? before : null;
    if (view.result.applied) changed();
  } catch (error) {
    view.result = { applied: 0, same: 0, problems: [{ line: 0, code: 'file', what: error.message }] };
  }
  draw(root);
  root.querySelector('.su-result')?.focus();
}

function result() {
  if (!view.result) return null;
  const { applied, same, problems } = view.result;
  return h(
    'div',
    { class: 'su-result', role: 'status', tabindex: -1 },
    h('p', {}, t('su_csv_done', { n: num(applied), same: num(same) }), problems.length > 0 && ' ' + t('su_csv_problems', { n: num(problems.length) })),
    problems.length > 0 && h('ul', {}, problems.slice(0, PROBLEMS_SHOWN).map((one) => h('li', { class: 'problem' }, t('su_line', { n: one.line }), t('su_csv_bad_' + one.code), one.what && [' ', h('bdi', {}, '“' + one.what + '”')]))),
    problems.length > PROBLEMS_SHOWN && h('p', { class: 'soft' }, t('su_more', { n: num(problems.length - PROBLEMS_SHOWN) })),
    view.undo &&
      h(
        'button',
        {
          type: 'button',
          class: 'plain-link',
          onclick: () => {
            replaceDraft(view.undo);
            Object.assign(view, { undo: null, result: null });
            draw(root);
          },
        },
        t('su_csv_undo'),
      ),
    h('button', { type: 'button', class: 'plain-link', onclick: () => ((view.result = null), draw(root)) }, t('su_close')),
  );
}

function tools() {
  const input = h('input', { type: 'file', id: 'su-csv', class: 'sr', accept: '.csv,.tsv,.txt', onchange: () => input.files[0] && csvIn(input.files[0]) });
  const field = (key, control) => h('label', { class: 'field' }, h('span', {}, t(key)), control);
  return h(
    'div',
    { class: 'su-tools' },
    field('model', select(t('model'), state.draft.model, models().map((one) => [one.id, one.id + ' · ' + word(one)]), (id) => {
      setModel(state.draft, id, state.suggest, models());
      changed();
      draw(root);
    })),
    field('su_sort', select(t('su_sort'), view.sort, ['place', 'events', 'name'].map((id) => [id, t('su_sort_' + id)]), (id) => ((view.sort = id), draw(root)))),
    h('span', { class: 'space' }),
    h('button', { type: 'button', class: 'more', onclick: () => readSuggest(true) }, t('su_recount')),
    h('button', { type: 'button', class: 'more', onclick: csvOut }, t('su_csv_out')),
    h('label', { class: 'more', for: 'su-csv' }, t('su_csv_in')),
    input,
  );
}

// ---- the step

// What the summary hangs on: it is drawn anew only when that moved, so that focus stays.
const standing = () => JSON.stringify([tally(state.draft, state.suggest), view.only, newNames(state.draft, state.suggest).length, rowsOf(state.draft, state.suggest).filter(FILTERS.wrong).length, document.documentElement.lang]);

export function update() {
  if (!root?.isConnected) return;
  const at = root.querySelector('.su-summary');
  const stand = standing();
  if (at && at.dataset.stand !== stand) {
    replace(at, summary());
    at.dataset.stand = stand;
  }
  for (const line of lines) line.marks();
}

export function draw(at) {
  root = at;
  const chosen = rows().filter(FILTERS[view.only]);
  lines = chosen.slice(0, view.shown).map(lineOf);
  replace(
    root,
    h('div', { class: 'su-summary' }, summary()),
    tools(),
    result(),
    h('p', { class: 'soft su-how' }, t('su_how')),
    h('datalist', { id: 'su-touchpoints' }),
    h(
      'div',
      { class: 'table-scroll' },
      h(
        'table',
        { class: 'su-names' },
        h('caption', { class: 'sr' }, t('su_names')),
        h('thead', {}, h('tr', {}, h('td', {}), ['event', ...COLUMNS.slice(3)].map((key) => h('th', { scope: 'col' }, t('su_col_' + key))))),
        h('tbody', {}, lines.map((line) => line.tr)),
      ),
    ),
    !chosen.length && h('p', { class: 'soft su-none' }, t('su_none')),
    chosen.length > view.shown && h('button', { type: 'button', class: 'more', onclick: () => ((view.shown += PAGE), draw(root)) }, t('su_show_more', { n: num(chosen.length - view.shown) })),
  );
  touchpointList();
}
