// The table of touchpoints as a file for a spreadsheet, and back. Pure but for the words of the reader's language, which the page gives.
import { assign, edit, entryOf, rowsOf, setRole, tick, titleIn } from './setupdraft.js';
import { parse, unguard } from './csvfile.js';

export const COLUMNS = ['event', 'count', 'use', 'role', 'touchpoint', 'zh', 'en', 'stage', 'channel'];
export const ROLES = ['step', 'signal', 'silent'];
const MUST = ['event'];
const TITLE_BYTES = 1000;
const ID_BYTES = 120;
const bytes = (text) => new TextEncoder().encode(text).length;

// words: {column(id), role(id), stage(id), channel(id), yes, no}: how the reader's language calls them
export function rowsOut(draft, suggest, words) {
  return [
    COLUMNS.map(words.column),
    ...rowsOf(draft, suggest).map((row) => {
      const { entry } = row;
      const stage = entry?.stage?.[draft.model];
      const channel = entry ? entry.channel : row.channel;
      return [
        row.name,
        row.events,
        entry ? words.yes : words.no,
        words.role(row.role),
        entry?.id ?? '',
        entry ? titleIn(entry, 'zh') : '',
        entry ? titleIn(entry, 'en') : '',
        stage ? words.stage(stage) : '',
        channel ? words.channel(channel) : '',
      ];
    }),
  ];
}

const low = (text) => text.trim().toLowerCase();

// Which column is which: by its id, or its name in any language that `names` gives for it.
function header(cells, names) {
  const at = {};
  cells.forEach((cell, i) => {
    const id = COLUMNS.find((one) => low(one) === low(cell) || names(one).some((name) => low(name) === low(cell)));
    if (id && !(id in at)) at[id] = i;
  });
  return at;
}

// known: {names(column), role: Map(word -> id), stage: Map, channel: Map, use: Map(word -> boolean)}, words in lower case.
// -> {applied, same, problems: [{line, code, what}]}; a row with a problem changes nothing, the others do.
export function rowsIn(draft, suggest, text, known, models) {
  const [head, ...rows] = parse(text);
  const at = head ? header(head.cells, known.names) : {};
  const out = { applied: 0, same: 0, problems: [] };
  const missing = MUST.filter((one) => !(one in at));
  if (missing.length) return { ...out, problems: [{ line: 1, code: 'columns', what: known.names(missing[0]).join(' / ') }] };
  const seen = new Set();
  const was = new Map(rowsOf(draft, suggest).map((row) => [row.name, said(draft, row)]));
  for (const { line, cells } of rows) {
    const cell = (id) => (id in at ? unguard(cells[at[id]] ?? '').trim() : null);
    const name = cells[at.event] ?? '';
    const row = suggest.touchpoints.find((one) => one.name === name) ?? suggest.touchpoints.find((one) => one.name === unguard(name)) ?? suggest.touchpoints.find((one) => one.name.trim() === unguard(name).trim());
    const wrong = !row ? ['event', name] : seen.has(row.name) ? ['twice', name] : fault(cell, known);
    if (wrong) {
      out.problems.push({ line, code: wrong[0], what: String(wrong[1]).slice(0, 120) });
      continue;
    }
    seen.add(row.name);
    if (apply(draft, suggest, row, cell, was.get(row.name), known, models)) out.applied++;
    else out.same++;
  }
  return out;
}

function fault(cell, known) {
  for (const id of ['use', 'role', 'stage', 'channel']) if (cell(id) && !known[id].has(low(cell(id)))) return [id, cell(id)];
  if (bytes(cell('touchpoint') ?? '') > ID_BYTES) return ['touchpoint', cell('touchpoint')];
  for (const id of ['zh', 'en']) if (bytes(cell(id) ?? '') > TITLE_BYTES) return [id, cell(id)];
  return null;
}

const said = (draft, { entry, role }) => ({
  zh: entry ? titleIn(entry, 'zh') : '',
  en: entry ? titleIn(entry, 'en') : '',
  role,
  stage: entry?.stage?.[draft.model] ?? '',
  channel: entry?.channel ?? '',
});

// Only cells that say something else than the table did change the draft: of several names at one touchpoint the one that was edited counts. An empty cell empties
// a title, a stage, a channel.
function apply(draft, suggest, row, cell, was, known, models) {
  const now = () => JSON.stringify([entryOf(draft, row.name), draft.off[row.name], draft.docs.roles]);
  const before = now();
  const use = cell('use') ? known.use.get(low(cell('use'))) : null;
  if (use === false) tick(draft, row, false, suggest, models);
  else if (use || (cell('touchpoint') && !draft.off[row.name])) tick(draft, row, true, suggest, models);
  if (use !== false && cell('touchpoint')) assign(draft, row, cell('touchpoint'), suggest, models);
  const entry = entryOf(draft, row.name);
  if (entry) {
    const set = (field, value) => value !== null && value !== was[field] && edit(draft, entry, field, value);
    const word = (id) => (cell(id) === null ? null : (known[id].get(low(cell(id))) ?? ''));
    set('zh', cell('zh'));
    set('en', cell('en'));
    if (cell('role') && word('role') !== was.role) setRole(draft, { ...row, entry }, word('role'), suggest);
    set('stage', word('stage'));
    set('channel', word('channel'));
  }
  return now() !== before;
}
