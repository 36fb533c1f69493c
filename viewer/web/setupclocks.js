// Step 4: clocks between usual neighbours, with what was measured: the 90th percentile is a suggestion, not what is wanted.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, num, pct } from './format.js';
import { lang } from './prefs.js';
import { addClock, clockRows, editClock, inUnit, tickClock, unitSeconds } from './setupdraft.js';
import { changed, mistakesOf, state } from './setupstate.js';
import { nameWords } from './setupjourney.js';

const UNITS = ['s', 'min', 'h', 'd'];
const LEAST_S = 0.001;
let root = null;
let lines = [];

const picked = (pick) => (typeof pick === 'string' ? pick : (pick?.type ?? t('su_conditions')));
// Between two names of one touchpoint the events' own names say more.
function way({ entry }) {
  const [a, b] = [picked(entry.start), picked(entry.end)];
  const words = nameWords(a) === nameWords(b) ? (name) => name : nameWords;
  return words(a) + ' → ' + words(b);
}
const own = ({ entry }) => !entry.suggestion && (typeof entry.title === 'string' ? entry.title : entry.title?.[lang()]);
const title = (row) => own(row) || way(row);

// What was set by hand is no suggestion any more, nor is its name.
const unsuggest = (entry) => entry.suggestion && titled(entry);
function titled(entry) {
  const words = (code) => nameWords(picked(entry.start), code) + ' → ' + nameWords(picked(entry.end), code);
  entry.title = { zh: words('zh'), en: words('en') };
}

function limit(line) {
  const { entry, on } = line.row;
  const [value, unit] = inUnit(entry.limit_s);
  const number = h('input', { type: 'number', min: 0, step: 'any', value, disabled: !on, 'aria-label': t('su_limit') + ': ' + title(line.row) });
  const units = h('select', { disabled: !on, 'aria-label': t('su_unit') + ': ' + title(line.row) }, UNITS.map((one) => h('option', { value: one, selected: one === unit }, t('su_unit_' + one))));
  const set = () => {
    const seconds = Number(number.value) * unitSeconds(units.value);
    number.setCustomValidity(seconds >= LEAST_S ? '' : t('su_limit_bad'));
    if (!number.reportValidity()) return;
    unsuggest(entry);
    editClock(entry, { limit_s: Number(seconds.toFixed(3)) });
    changed();
    line.mark();
  };
  number.addEventListener('change', set);
  units.addEventListener('change', set);
  return h('span', { class: 'joined' }, number, units);
}

function allowed(line) {
  const { entry, on } = line.row;
  return h('input', {
    type: 'number',
    min: 0.1,
    max: 99.9,
    step: 'any',
    disabled: !on,
    value: Number((100 * (entry.allowed ?? 0.05)).toFixed(2)),
    'aria-label': t('su_allowed') + ': ' + title(line.row),
    onchange: (event) => {
      if (!event.target.reportValidity() || !event.target.value) return;
      unsuggest(entry);
      editClock(entry, { allowed: Number((event.target.value / 100).toFixed(4)) });
      changed();
      line.mark();
    },
  });
}

function lineOf(row) {
  const line = { row, tr: h('tr', { class: row.on ? false : 'off' }), notes: h('div', { class: 'su-notes' }), badge: h('span', {}) };
  const m = row.measured;
  line.mark = () => {
    replace(line.badge, row.entry.suggestion && h('span', { class: 'badge', title: t('su_p90_why') }, t('su_suggestion')));
    const wrong = row.on ? mistakesOf(row.entry) : [];
    line.tr.classList.toggle('wrong', wrong.length > 0);
    replace(line.notes, wrong.map((note) => h('p', { class: 'problem', role: 'alert' }, h('bdi', {}, note.text))));
  };
  const cell = (key, ...kids) => h('td', { class: 'n', 'data-col': t(key) }, kids);
  replace(
    line.tr,
    h('td', { class: 'su-tick' }, h('input', { type: 'checkbox', checked: row.on, 'aria-label': t('su_use') + ': ' + title(row), onchange: () => (tickClock(state.draft, row, !row.on), changed(), draw(root)) })),
    h('th', { scope: 'row' }, h('bdi', {}, title(row)), own(row) && h('span', { class: 'su-facts' }, h('bdi', {}, way(row))), line.notes),
    cell('su_n', m ? num(m.n) : '–'),
    cell('median', m ? dur(m.p50_ms) : '–'),
    cell('p90', m ? dur(m.limit_ms) : '–'),
    h('td', { 'data-col': t('su_limit') }, limit(line), ' ', line.badge),
    h('td', { 'data-col': t('su_allowed') }, allowed(line), ' %'),
    cell('su_over', m ? pct(m.over, 1) : '–'),
  );
  line.mark();
  return line;
}

function adding() {
  const names = state.suggest.touchpoints.filter((one) => one.role === 'step').map((one) => one.name);
  const select = (name) => h('select', { name, required: true, 'aria-label': t('su_clock_' + name) }, h('option', { value: '' }, t('su_clock_' + name)), names.map((one) => h('option', { value: one }, nameWords(one))));
  return h(
    'form',
    {
      class: 'su-add joined',
      onsubmit: (event) => {
        event.preventDefault();
        const { start, end } = event.target.elements;
        end.setCustomValidity(start.value === end.value ? t('su_clock_same') : '');
        if (!event.target.reportValidity()) return;
        titled(addClock(state.draft, start.value, end.value));
        changed();
        draw(root);
      },
    },
    select('start'),
    h('span', { 'aria-hidden': 'true' }, '→'),
    select('end'),
    h('button', { type: 'submit', class: 'more' }, t('su_clock_add')),
  );
}

export function update() {
  if (root?.isConnected) for (const line of lines) line.mark();
}

export function draw(at) {
  root = at;
  lines = clockRows(state.draft, state.suggest).map(lineOf);
  const heads = ['', 'su_clock', 'su_n', 'median', 'p90', 'su_limit', 'su_allowed', 'su_over'];
  replace(
    root,
    h('p', { class: 'soft su-how' }, t('su_clocks_lead')),
    lines.length
      ? h(
          'div',
          { class: 'table-scroll' },
          h(
            'table',
            { class: 'su-names su-clocks' },
            h('caption', { class: 'sr' }, t('su_clocks')),
            h('thead', {}, h('tr', {}, heads.map((key, i) => (key ? h('th', { scope: 'col', class: i > 1 && i !== 5 && i !== 6 ? 'n' : false }, t(key)) : h('td', {}))))),
            h('tbody', {}, lines.map((line) => line.tr)),
          ),
        )
      : h('div', { class: 'state' }, h('h2', {}, t('su_no_clocks')), h('p', { class: 'lead' }, t('su_no_clocks_lead'))),
    adding(),
  );
}
