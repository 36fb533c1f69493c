// Step 3: what one journey is: what threads it, what begins it, what is its goal, what is a bad end, and how long a silence ends it.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, num } from './format.js';
import { lang } from './prefs.js';
import { editType, entryOf, titleIn, titleType, typeOf } from './setupdraft.js';
import { changed, mistakesOf, state } from './setupstate.js';

const DAY_MS = 864e5;
const KEYS = ['', 'order', 'case', 'journey'];
const SIDES = ['start', 'good', 'bad'];
let root = null;

export const nameWords = (name, code = lang()) => {
  const entry = entryOf(state.draft, name);
  return (entry && titleIn(entry, code)) || name;
};

// ---- start, goal, bad end: lists of names

// What usually stands first, or where many journeys end: worth offering first.
function likely(side) {
  const all = state.suggest.touchpoints.filter((one) => one.role === 'step');
  const score = (one) => (side === 'start' ? one.first : one.last + (one.ends === side ? 1e15 : 0));
  return all.sort((a, b) => score(b) - score(a));
}

function ends(side) {
  const type = typeOf(state.draft);
  const mine = type[side] ?? [];
  const set = (value) => {
    editType(state.draft, { [side]: value });
    changed();
    redraw(side);
  };
  const rest = likely(side).filter((one) => !mine.includes(one.name));
  return h(
    'div',
    { class: 'su-side su-' + side, 'data-side': side },
    h('h3', {}, t('su_' + side)),
    h('p', { class: 'soft' }, t(`su_${side}_why`)),
    h(
      'ul',
      { class: 'su-picks' },
      mine.map((name) =>
        h('li', { class: 'chip' }, h('bdi', {}, nameWords(name)), h('button', { type: 'button', 'aria-label': t('su_drop_pick', { what: nameWords(name) }), onclick: () => set(mine.filter((one) => one !== name)) }, '×')),
      ),
    ),
    h(
      'select',
      { 'aria-label': t('su_add_to', { what: t('su_' + side) }), onchange: (event) => event.target.value && set([...mine, event.target.value]) },
      h('option', { value: '' }, t('su_add')),
      rest.map((one) => h('option', { value: one.name }, nameWords(one.name) + ' · ' + t(side === 'start' ? 'su_first_n' : 'su_last_n', { n: num(side === 'start' ? one.first : one.last) }))),
    ),
  );
}

function redraw(side) {
  const old = root.querySelector(`[data-side="${side}"]`);
  const next = ends(side);
  old.replaceWith(next);
  next.querySelector('select').focus();
  update();
}

// ---- the silence

function gapBars(days) {
  const { choices } = state.suggest.gap;
  const most = Math.max(...choices.map((one) => one.journeys), 1);
  return h(
    'ul',
    { class: 'su-gaps' },
    choices.map((one) => {
      const n = one.ms / DAY_MS;
      return h(
        'li',
        {},
        h(
          'button',
          { type: 'button', 'aria-pressed': String(n === days), onclick: () => setGap(n) },
          h('span', {}, t('su_days', { n: num(n) })),
          h('i', { 'aria-hidden': 'true', style: { width: (100 * one.journeys) / most + '%' } }),
          h('b', {}, t('su_cut_journeys', { n: num(one.journeys) })),
        ),
      );
    }),
  );
}

function setGap(days) {
  editType(state.draft, { gap_d: days });
  changed();
  const at = root.querySelector('.su-gap');
  at.replaceWith(gap());
}

function gap() {
  const type = typeOf(state.draft);
  const { ms, valley } = state.suggest.gap;
  const days = type.gap_d ?? 30;
  return h(
    'div',
    { class: 'su-gap' },
    h('h3', {}, t('su_gap')),
    h('p', { class: 'soft' }, t(type.key ? 'su_gap_why_key' : 'su_gap_why')),
    h(
      'label',
      { class: 'field' },
      h('span', {}, t('su_gap_days')),
      h('input', {
        type: 'number',
        min: 0.01,
        max: 3650,
        step: 'any',
        value: Number(days.toFixed(4)),
        onchange: (event) => event.target.value > 0 && setGap(Number(event.target.value)),
      }),
    ),
    h('p', {}, h('span', { class: 'badge' }, t('su_suggestion')), ' ', t(valley ? 'su_gap_valley' : 'su_gap_default', { x: dur(ms) })),
    h('p', { class: 'soft' }, t('su_gap_bars')),
    gapBars(days),
  );
}

// ---- the step

function words() {
  const type = typeOf(state.draft);
  const title = (code) =>
    h(
      'label',
      { class: 'field' },
      h('span', {}, t('su_col_' + code)),
      h('input', {
        lang: code === 'zh' ? 'zh-CN' : 'en',
        value: titleIn(type, code),
        oninput: (event) => {
          titleType(state.draft, code, event.target.value.trim());
          changed();
        },
      }),
    );
  const others = (state.draft.docs.journey_types ?? []).filter((one) => one.id !== 'all');
  return h(
    'div',
    { class: 'su-fields' },
    others.length > 1 && h('label', { class: 'field' }, h('span', {}, t('journey_type')), h('select', { onchange: (event) => ((state.draft.type = event.target.value), draw(root)) }, others.map((one) => h('option', { value: one.id, selected: one.id === type.id }, titleIn(one, lang()) || one.id)))),
    title('zh'),
    title('en'),
    type.id !== 'all' &&
      h(
        'label',
        { class: 'field' },
        h('span', {}, t('su_key')),
        h(
          'select',
          {
            onchange: (event) => {
              editType(state.draft, { key: event.target.value });
              changed();
              draw(root);
            },
          },
          KEYS.map((key) => h('option', { value: key, selected: key === (type.key ?? '') }, t('su_key_' + (key || 'gap')))),
        ),
      ),
  );
}

function notes() {
  const wrong = mistakesOf(typeOf(state.draft));
  return wrong.map((note) => h('p', { class: 'problem', role: 'alert' }, h('bdi', {}, note.text)));
}

export function update() {
  const at = root?.querySelector('.su-notes');
  if (at && typeOf(state.draft)) replace(at, notes());
}

export function draw(at) {
  root = at;
  const { key, journeys } = state.suggest;
  replace(
    root,
    h(
      'div',
      { class: 'su-journey' },
      h('section', { class: 'su-card' }, h('h2', {}, t('su_journey')), h('p', { class: 'soft' }, t(key === 'gap' ? 'su_found_gap' : 'su_found_key', { key: t('su_key_' + key), n: num(journeys) })), words(), h('div', { class: 'su-notes' }, notes())),
      h('section', { class: 'su-card su-sides' }, SIDES.filter((side) => side !== 'start' || typeOf(state.draft).id !== 'all').map(ends)),
      h('section', { class: 'su-card' }, gap()),
    ),
  );
}
