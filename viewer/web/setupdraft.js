// A catalogue being drafted: pure, no page. The draft *is* the catalogue's sections; what the page shows as rows is read off them.
//
//   {v, log, base, model, type, docs: {touchpoints: [...], journey_types: [...], clocks: [...], ...}, off: {name: true}}
// log: id of the log it is for. base: hash of the version it began from. model: the stage model edited. type: id of the journey type edited. off: names left out on purpose.

import { GLOSSARY } from './glossary.js';

export const VERSION = 1;
const ID_BYTES = 120;
const bytes = (text) => new TextEncoder().encode(text).length;

// ---- reading a catalogue

// The files of a version as one object of sections: lists are joined in file order, objects merged.
export function merge(files) {
  const docs = {};
  for (const file of files) {
    for (const [key, value] of Object.entries(JSON.parse(file.text))) {
      if (Array.isArray(value)) (docs[key] ??= []).push(...value);
      else if (value && typeof value === 'object') docs[key] = { ...docs[key], ...value };
    }
  }
  return docs;
}

const list = (docs, section) => (docs[section] ??= []);
const matches = (entry) => [entry.match ?? []].flat();
const plain = (one) => Object.keys(one).length === 1 && typeof one.type === 'string';
const fits = (pattern, name) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name);

// name -> its touchpoint: whose rule names it, whose id it is, whose rule it fits under further conditions (partly); null: none.
function finder(draft) {
  const [named, ids, wide, under] = [new Map(), new Map(), [], []];
  const first = (map, key, entry) => map.has(key) || map.set(key, entry);
  for (const entry of list(draft.docs, 'touchpoints')) {
    first(ids, entry.id, entry);
    for (const one of matches(entry)) {
      if (typeof one.type !== 'string') continue;
      if (!plain(one)) under.push([one.type, entry]);
      else if (one.type.endsWith('*')) wide.push([one.type, entry]);
      else first(named, one.type, entry);
    }
  }
  const fitting = (pairs, name) => pairs.find(([type]) => fits(type, name))?.[1];
  return (name) => named.get(name) ?? ids.get(name) ?? fitting(wide, name) ?? fitting(under, name) ?? null;
}
export const entryOf = (draft, name) => finder(draft)(name);
const partly = (entry, name) => entry.id !== name && !matches(entry).some((one) => plain(one) && fits(one.type, name));

const side = (entry, lang) => (typeof entry.title === 'string' ? entry.title : (entry.title?.[lang] ?? ''));
// A title that only repeats the id in both languages is none.
export function titleIn(entry, lang) {
  const [zh, en] = [side(entry, 'zh'), side(entry, 'en')];
  return zh === entry.id && en === entry.id ? '' : lang === 'zh' ? zh : en;
}

// ---- suggestions

const HAN = /\p{Script=Han}/u;
// order.placed, orderPlaced, ORDER_PLACED -> Order placed; what is written in words stays.
export function readable(name) {
  if (/\s/.test(name) || HAN.test(name)) return name.trim();
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[._\-:/]+/g, ' ').trim();
  const low = words === words.toUpperCase() && /[A-Z]{4}/.test(words) ? words.toLowerCase() : words.replace(/\b[A-Z](?=[a-z])/g, (c) => c.toLowerCase());
  return low.charAt(0).toUpperCase() + low.slice(1);
}
// In both languages where the name is a usual one; else in the one that it is written in.
function suggestTitle(name) {
  const usual = Object.hasOwn(GLOSSARY, name) ? GLOSSARY[name] : null;
  if (usual) return { zh: usual[0], en: usual[1] };
  return HAN.test(name) ? { zh: readable(name) } : { en: readable(name) };
}

// The viewer's own draft, read once; copies, so that each may be edited.
const read = new WeakMap();
function parsed(suggest, section) {
  if (!read.has(suggest)) read.set(suggest, merge(suggest.files));
  return structuredClone(read.get(suggest)[section] ?? []);
}
const stageAt = (stages, place) => stages[Math.min(stages.length - 1, Math.floor(place * stages.length))]?.id;

// What is proposed for a name: the viewer's own entry, with the title in the language that the name is in.
function proposed(draft, row, suggest, models) {
  const found = (read.get(suggest) ?? (parsed(suggest), read.get(suggest))).touchpoints?.find((one) => one.id === row.name);
  if (!found) return null;
  const entry = structuredClone(found);
  entry.title = suggestTitle(row.name);
  stageIt(draft, entry, row, models);
  return entry;
}

function stageIt(draft, entry, row, models) {
  const stages = models.find((one) => one.id === draft.model)?.stages;
  if (!stages?.length || row.place === null || entry.role === 'signal' || entry.role === 'silent' || entry.stage?.[draft.model]) return;
  entry.stage = { ...entry.stage, [draft.model]: stageAt(stages, row.place) };
}

const TYPE_TITLES = { order: ['订单旅程', 'Order journey'], case: ['工单旅程', 'Case journey'], journey: ['客户旅程', 'Customer journey'], visit: ['到访', 'Visit'] };

// A draft from the version that holds and what was seen. Where nothing is described yet, every suggestion is taken; else new names wait to be ticked.
export function begin(catalogue, suggest, models) {
  const docs = merge(catalogue.files);
  const bare = !docs.touchpoints?.length;
  const own = (docs.journey_types ?? []).find((one) => one.id !== 'all');
  const model = docs.touchpoints?.map((one) => Object.keys(one.stage ?? {})[0]).find(Boolean) ?? docs.stage_models?.[0]?.id ?? 'A';
  const draft = { v: VERSION, log: catalogue.log, base: catalogue.hash, model, type: own?.id ?? suggest.journey, docs, off: {} };
  if (!own) {
    const types = parsed(suggest, 'journey_types').filter((one) => !list(docs, 'journey_types').some((known) => known.id === one.id));
    for (const one of types) if (TYPE_TITLES[one.id]) one.title = { zh: TYPE_TITLES[one.id][0], en: TYPE_TITLES[one.id][1] };
    list(docs, 'journey_types').push(...types);
    draft.type = list(docs, 'journey_types').find((one) => one.id !== 'all')?.id ?? 'all';
  }
  if (bare) {
    for (const row of suggest.touchpoints) tick(draft, row, true, suggest, models);
    if (!docs.clocks?.length) for (const clock of clockRows(draft, suggest)) tickClock(draft, clock, true);
  }
  return draft;
}

// Names that have come since, of a draft that has taken every suggestion: they are offered, not taken.
export function newNames(draft, suggest) {
  const find = finder(draft);
  return suggest.touchpoints.filter((row) => !draft.off[row.name] && !find(row.name));
}

// ---- rows

// What a name is: as the catalogue says of it, else of its touchpoint, else as suggested.
const roleOf = (draft, entry, row) => draft.docs.roles?.[row.name] ?? entry?.role ?? row.role;

// {name, events, place, ..., entry, role, partly}: what the table shows; entry null: left out.
export function rowsOf(draft, suggest) {
  const find = finder(draft);
  return suggest.touchpoints.map((row) => {
    const entry = find(row.name);
    return { ...row, entry, role: roleOf(draft, entry, row), partly: Boolean(entry && partly(entry, row.name)) };
  });
}

// {classified, events, noZh, noEn, noStage}: of the events seen, and of the touchpoints drafted for them. Silent ones need no words.
export function tally(draft, suggest) {
  const seen = new Set();
  const out = { classified: 0, events: suggest.events, names: suggest.touchpoints.length, noZh: 0, noEn: 0, noStage: 0 };
  for (const { entry, events, role } of rowsOf(draft, suggest)) {
    if (!entry) continue;
    out.classified += events;
    if (seen.has(entry.id) || role === 'silent') continue;
    seen.add(entry.id);
    out.noZh += !titleIn(entry, 'zh');
    out.noEn += !titleIn(entry, 'en');
    out.noStage += role === 'step' && !entry.stage?.[draft.model];
  }
  return out;
}

const edited = (entry) => {
  delete entry.suggestion;
  return entry;
};

function release(draft, name) {
  for (const entry of [...list(draft.docs, 'touchpoints')]) {
    const before = matches(entry);
    const left = before.filter((one) => !(plain(one) && one.type === name));
    if (left.length === before.length && entry.id !== name) continue;
    // An entry that is this name, or was made for it, goes with it; another that the catalogue had stays.
    if (!left.length && (entry.made || entry.id === name)) draft.docs.touchpoints = draft.docs.touchpoints.filter((one) => one !== entry);
    else if (left.length !== before.length) {
      if (left.length) entry.match = left;
      else delete entry.match;
    }
  }
}

export function tick(draft, row, on, suggest, models) {
  delete draft.off[row.name];
  if (!on) {
    draft.off[row.name] = true;
    release(draft, row.name);
    return;
  }
  if (entryOf(draft, row.name)) return;
  const entry = proposed(draft, row, suggest, models);
  if (!entry) return;
  entry.made = true;
  list(draft.docs, 'touchpoints').push(entry);
}

// Gives the name to a touchpoint: one that is there (several names, one touchpoint), or a new one with what was said so far.
export function assign(draft, row, id, suggest, models) {
  const from = entryOf(draft, row.name);
  if (from?.id === id) return;
  if (!id) return void tick(draft, row, false, suggest, models);
  delete draft.off[row.name];
  const there = list(draft.docs, 'touchpoints').find((one) => one.id === id);
  const like = from ?? proposed(draft, row, suggest, models) ?? { title: suggestTitle(row.name), role: row.role };
  const { match, suggestion, made, ...said } = structuredClone(like);
  release(draft, row.name);
  if (there) there.match = [...matches(there), { type: row.name }];
  else list(draft.docs, 'touchpoints').push({ ...said, id, match: [{ type: row.name }], made: true });
}

// The role of one name: its touchpoint's where it is the only one there, else its own.
export function setRole(draft, row, role, suggest) {
  const rows = rowsOf(draft, suggest).filter((one) => one.entry === row.entry);
  if (rows.length === 1 && !draft.docs.roles?.[row.name]) return void edit(draft, row.entry, 'role', role);
  edited(row.entry);
  draft.docs.roles = { ...draft.docs.roles, [row.name]: role };
}

// field: zh, en, role, channel, stage
export function edit(draft, entry, field, value) {
  edited(entry);
  if (field === 'stage') {
    entry.stage = { ...entry.stage };
    if (value) entry.stage[draft.model] = value;
    else delete entry.stage[draft.model];
    if (!Object.keys(entry.stage).length) delete entry.stage;
  } else if (field === 'zh' || field === 'en') {
    const title = { zh: titleIn(entry, 'zh'), en: titleIn(entry, 'en') };
    title[field] = value;
    for (const lang of ['zh', 'en']) if (!title[lang]) delete title[lang];
    if (Object.keys(title).length) entry.title = title;
    else delete entry.title;
  } else if (value) entry[field] = value;
  else delete entry[field];
}

// Another stage model: those that say no stage of it get the one of where they stand.
export function setModel(draft, model, suggest, models) {
  draft.model = model;
  for (const row of rowsOf(draft, suggest)) if (row.entry && row.role === 'step') stageIt(draft, row.entry, row, models);
}

// The stage models that may be chosen: those built in, and those of the catalogue in their place or beside them.
export function modelsOf(draft, builtIn) {
  const own = draft?.docs.stage_models ?? [];
  return [...builtIn.map((one) => own.find((mine) => mine.id === one.id) ?? one), ...own.filter((mine) => !builtIn.some((one) => one.id === mine.id))];
}

// ---- the journey type

export const typeOf = (draft) => list(draft.docs, 'journey_types').find((one) => one.id === draft.type) ?? null;

export function editType(draft, change) {
  const type = typeOf(draft);
  if (!type) return;
  edited(type);
  for (const [key, value] of Object.entries(change)) {
    if (value === '' || value === null || (Array.isArray(value) && !value.length)) delete type[key];
    else type[key] = value;
  }
}

export function titleType(draft, lang, value) {
  const type = typeOf(draft);
  const title = { zh: side(type, 'zh'), en: side(type, 'en'), [lang]: value };
  for (const key of ['zh', 'en']) if (!title[key]) delete title[key];
  editType(draft, { title: Object.keys(title).length ? title : '' });
}

// ---- clocks

const picked = (pick) => (typeof pick === 'string' ? pick : (pick?.type ?? ''));
const sameClock = (a, b) => picked(a.start) === picked(b.start) && picked(a.end) === picked(b.end);

// Those of the draft, then what else was measured: {entry, on, measured: {n, ended, p50_ms, limit_ms, over} or null}
export function clockRows(draft, suggest) {
  const made = parsed(suggest, 'clocks');
  const measured = (entry) => suggest.clocks.find((one) => one.start === picked(entry.start) && one.end === picked(entry.end)) ?? null;
  const mine = list(draft.docs, 'clocks');
  const rest = made.filter((one) => !mine.some((known) => sameClock(known, one)));
  return [...mine.map((entry) => ({ entry, on: true, measured: measured(entry) })), ...rest.map((entry) => ({ entry: rounded(entry), on: false, measured: measured(entry) }))];
}

const UNITS = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];
// seconds -> [value, unit]: the largest unit in which it is 1 or more
export function inUnit(seconds) {
  const [size, unit] = UNITS.find(([at]) => seconds >= at) ?? UNITS[3];
  return [Number((seconds / size).toPrecision(6)), unit];
}
export const unitSeconds = (unit) => UNITS.find(([, name]) => name === unit)[0];

// A limit that people can say: two figures in its unit, upwards.
function rounded(entry) {
  const [value, unit] = inUnit(entry.limit_s);
  const step = value >= 10 ? 1 : 0.1;
  return { ...entry, limit_s: Number((Math.ceil(Number((value / step).toFixed(6))) * step * unitSeconds(unit)).toFixed(3)) };
}

export function tickClock(draft, row, on) {
  const all = list(draft.docs, 'clocks');
  if (on) all.push(row.entry);
  else draft.docs.clocks = all.filter((one) => one !== row.entry);
}

export function addClock(draft, start, end) {
  const key = typeOf(draft)?.key ?? 'journey';
  let id = start + ' > ' + end;
  if (bytes(id) > ID_BYTES) id = 'clock_' + Date.now().toString(36);
  const entry = { id, start, end, key, limit_s: 86400, allowed: 0.1 };
  list(draft.docs, 'clocks').push(entry);
  return entry;
}

export function editClock(entry, change) {
  Object.assign(edited(entry), change);
}

// ---- as files

const SECTIONS = { 'touchpoints.json': ['touchpoints'], 'journeys.json': ['journey_types'], 'standards.json': ['clocks', 'checks', 'promises', 'outcomes'] };

function clean(draft, section, entry) {
  if (!entry || typeof entry !== 'object') return entry;
  const { made, ...out } = entry;
  if (section !== 'clocks' || !out.suggestion) return out;
  const name = (type, lang) => {
    const at = entryOf(draft, type);
    return (at && (titleIn(at, lang) || titleIn(at, lang === 'zh' ? 'en' : 'zh'))) || type;
  };
  const [a, b] = [picked(out.start), picked(out.end)];
  return { ...out, title: { zh: `${name(a, 'zh')}→${name(b, 'zh')}（建议值）`.slice(0, 300), en: `${name(a, 'en')} → ${name(b, 'en')} (suggestion)`.slice(0, 300) } };
}

// -> {files: [{name, text}], at(file, line): {section, entry} or null}. An entry a line: what is said of a line is said of that entry.
export function compile(draft) {
  const files = [];
  const where = new Map();
  const named = new Set(Object.values(SECTIONS).flat());
  const rest = Object.keys(draft.docs).filter((section) => !named.has(section));
  for (const [name, sections] of [...Object.entries(SECTIONS), ['catalogue.json', rest]]) {
    const used = sections.filter((section) => (Array.isArray(draft.docs[section]) ? draft.docs[section].length : draft.docs[section]));
    if (!used.length) continue;
    const lines = ['{'];
    used.forEach((section, i) => {
      const comma = i + 1 < used.length ? ',' : '';
      const value = draft.docs[section];
      if (!Array.isArray(value)) return void lines.push(`${JSON.stringify(section)}: ${JSON.stringify(value)}${comma}`);
      lines.push(`${JSON.stringify(section)}: [`);
      value.forEach((entry, k) => {
        const said = withOn(draft, section, clean(draft, section, entry));
        lines.push('  ' + JSON.stringify(said) + (k + 1 < value.length ? ',' : ''));
        where.set(name + ':' + lines.length, { section, entry });
      });
      lines.push(']' + comma);
      return undefined;
    });
    lines.push('}');
    files.push({ name, text: lines.join('\n') + '\n' });
  }
  return { files, at: (file, line) => where.get(file + ':' + line) ?? null };
}

// A suggested clock counts where its end is, wherever that name has been put.
function withOn(draft, section, entry) {
  if (section !== 'clocks' || !entry.suggestion) return entry;
  const on = entryOf(draft, picked(entry.end))?.id;
  const { on: _, ...out } = entry;
  return on ? { ...out, on } : out;
}

// What a draft changes against the version it began from: {section: {added, changed, removed}}
export function changes(before, draft) {
  const out = {};
  const key = (one) => one?.id ?? JSON.stringify(one);
  for (const section of new Set([...Object.keys(before), ...Object.keys(draft.docs)])) {
    const was = new Map([before[section] ?? []].flat().map((one) => [key(one), JSON.stringify(one)]));
    const is = new Map([draft.docs[section] ?? []].flat().map((one) => [key(one), JSON.stringify(clean(draft, section, one))]));
    const count = { added: 0, changed: 0, removed: 0 };
    for (const [id, text] of is) if (!was.has(id)) count.added++;
    else if (was.get(id) !== text) count.changed++;
    for (const id of was.keys()) if (!is.has(id)) count.removed++;
    if (count.added || count.changed || count.removed) out[section] = count;
  }
  return out;
}
