// The draft of a catalogue and its table, without a browser: what is suggested, edited, written as files, and read back from a spreadsheet.
import { test } from 'node:test';
import assert from 'node:assert/strict';

const at = '../../viewer/web/';
const draft = await import(at + 'setupdraft.js');
const { decode, encodingOf, parse, unguard } = await import(at + 'csvfile.js');
const { rowsIn, rowsOut } = await import(at + 'setuptable.js');

const MODELS = [
  { id: 'A', stages: ['awareness', 'evaluation', 'purchase', 'use', 'loyalty'].map((id) => ({ id })) },
  { id: 'B', stages: ['attract', 'acquire', 'grow', 'retain', 'refer'].map((id) => ({ id })) },
];
const names = ['order.placed', 'Pay now', '取餐', 'survey.sent', 'star*'];
const roles = ['step', 'step', 'step', 'signal', 'step'];
function seen() {
  const touchpoints = names.map((name, i) => ({ name, events: 100 - i, role: roles[i], channel: null, place: roles[i] === 'step' ? i / 5 : null, first: 0, last: 0, ends: null, example: {} }));
  const entries = names.map((id, i) => ({ id, title: { zh: id, en: id }, role: roles[i], ...(roles[i] === 'step' ? { stage: { A: 'use' } } : {}), ...(id.endsWith('*') ? {} : { match: { type: id } }), suggestion: true }));
  const clocks = [{ start: 'order.placed', end: 'Pay now', key: 'order', n: 90, ended: 88, p50_ms: 1000, limit_ms: 332002827, over: 0.1 }];
  const made = [{ id: 'order.placed > Pay now', title: {}, start: 'order.placed', end: 'Pay now', key: 'order', limit_s: 332002.827, allowed: 0.1, on: 'Pay now', suggestion: true }];
  const files = [
    { name: 'touchpoints.json', text: JSON.stringify({ touchpoints: entries }) },
    { name: 'journeys.json', text: JSON.stringify({ journey_types: [{ id: 'all', gap_d: 30 }, { id: 'order', title: 'order', key: 'order', gap_d: 3 }] }) },
    { name: 'standards.json', text: JSON.stringify({ clocks: made }) },
  ];
  return { key: 'order', journey: 'order', events: 490, touchpoints, clocks, files };
}
const bare = { hash: 'h', log: 'l', files: [] };
const row = (suggest, name) => suggest.touchpoints.find((one) => one.name === name);
const entry = (d, name) => draft.entryOf(d, name);

test('nothing described yet: every suggestion is taken, with the words that are known', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  assert.deepEqual(draft.tally(d, suggest), { classified: 490, events: 490, names: 5, noZh: 2, noEn: 1, noStage: 0 });
  assert.deepEqual(entry(d, 'order.placed').title, { zh: '下单', en: 'Order placed' });
  assert.deepEqual(entry(d, '取餐').title, { zh: '取餐' });
  assert.equal(d.type, 'order');
  assert.equal(draft.clockRows(d, suggest).length, 1);
  assert.equal(draft.readable('OrderPlaced'), 'Order placed');
  assert.equal(draft.readable('ORDER_PLACED'), 'Order placed');
  assert.equal(draft.readable('T06'), 'T06');
});

test('a described store: what is there stays, new names wait to be ticked', () => {
  const suggest = seen();
  const files = [{ name: 'x.json', text: JSON.stringify({ touchpoints: [{ id: 'pay', title: 'Pay', match: [{ type: 'Pay now' }, { type: 'order.*', channel: 'app' }] }], blueprints: [{ id: 'b' }], promote: ['props.p'], roles: { x: 'silent' } }) }];
  const d = draft.begin({ ...bare, files }, suggest, MODELS);
  assert.equal(entry(d, 'Pay now').id, 'pay');
  assert.equal(entry(d, 'order.placed').id, 'pay');
  assert.ok(draft.rowsOf(d, suggest)[0].partly, 'by a rule with further conditions');
  assert.deepEqual(draft.newNames(d, suggest).map((one) => one.name), ['取餐', 'survey.sent', 'star*']);
  assert.equal(draft.tally(d, suggest).classified, 199);
  draft.tick(d, row(suggest, '取餐'), true, suggest, MODELS);
  const { files: out } = draft.compile(d);
  const rest = JSON.parse(out.find((one) => one.name === 'catalogue.json').text);
  assert.deepEqual(rest, { blueprints: [{ id: 'b' }], promote: ['props.p'], roles: { x: 'silent' } });
  assert.deepEqual(draft.changes(draft.merge(files), d).touchpoints, { added: 1, changed: 0, removed: 0 });
  assert.deepEqual(Object.keys(draft.changes(draft.merge(files), d)), ['touchpoints', 'journey_types']);
});

test('several names become one touchpoint, and part again', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  draft.assign(d, row(suggest, 'Pay now'), 'order.placed', suggest, MODELS);
  assert.equal(entry(d, 'Pay now'), entry(d, 'order.placed'));
  assert.equal(d.docs.touchpoints.length, 4);
  assert.equal(JSON.parse(draft.compile(d).files.find((one) => one.name === 'standards.json').text).clocks[0].on, 'order.placed', 'a suggested clock follows its end');
  draft.assign(d, row(suggest, 'Pay now'), '支付', suggest, MODELS);
  assert.equal(entry(d, 'Pay now').id, '支付');
  assert.notEqual(entry(d, 'order.placed').id, '支付');
  draft.tick(d, row(suggest, 'Pay now'), false, suggest, MODELS);
  assert.equal(entry(d, 'Pay now'), null);
  draft.tick(d, row(suggest, 'order.placed'), false, suggest, MODELS);
  assert.equal(entry(d, 'order.placed'), null);
  draft.tick(d, row(suggest, 'order.placed'), true, suggest, MODELS);
  assert.equal(entry(d, 'order.placed').id, 'order.placed');
});

test('a role is its touchpoint\'s, or of one name among several', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  const of = (name) => draft.rowsOf(d, suggest).find((one) => one.name === name);
  draft.setRole(d, of('Pay now'), 'signal', suggest);
  assert.deepEqual([entry(d, 'Pay now').role, d.docs.roles], ['signal', undefined]);
  draft.assign(d, row(suggest, '取餐'), 'order.placed', suggest, MODELS);
  draft.setRole(d, of('取餐'), 'silent', suggest);
  assert.deepEqual([of('取餐').role, of('order.placed').role, d.docs.roles], ['silent', 'step', { 取餐: 'silent' }]);
});

test('another stage model keeps what was said of the first', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  draft.setModel(d, 'B', suggest, MODELS);
  assert.deepEqual(entry(d, 'star*').stage, { A: 'use', B: 'refer' });
  assert.equal(entry(d, 'survey.sent').stage, undefined);
  draft.edit(d, entry(d, 'star*'), 'stage', '');
  assert.deepEqual(entry(d, 'star*').stage, { A: 'use' });
  assert.equal(draft.tally(d, suggest).noStage, 1);
});

test('an entry a line: what is said of a line is said of its entry', () => {
  const d = draft.begin(bare, seen(), MODELS);
  const { files, at: where } = draft.compile(d);
  for (const file of files) {
    file.text.split('\n').forEach((line, i) => {
      const found = where(file.name, i + 1);
      assert.equal(Boolean(found), line.startsWith('  {'), line);
      if (found) assert.equal(JSON.parse(line.replace(/,$/, '')).id, found.entry.id);
    });
    assert.ok(!file.text.includes('"made"'));
  }
  assert.equal(draft.clockRows(d, seen())[0].entry.limit_s, 336960, '3.84 days, upwards to 3.9');
  assert.deepEqual(draft.inUnit(90), [1.5, 'min']);
});

test('tables as spreadsheets save them', () => {
  const cells = (text) => parse(text).map((one) => one.cells);
  assert.deepEqual(cells('\ufeffa,b\r\n"1,2","x ""y"""\r\n'), [['a', 'b'], ['1,2', 'x "y"']]);
  assert.deepEqual(cells('a;b\n"two\nlines";2'), [['a', 'b'], ['two\nlines', '2']]);
  assert.deepEqual(cells('a\tb\n\n,\n'), [['a', 'b'], [',']]);
  assert.deepEqual(parse('a\n"b\nc"\nd').map((one) => one.line), [1, 2, 4]);
  assert.deepEqual(cells('"never closed'), [['never closed']]);
  assert.deepEqual(cells(''), []);
  const gb = new Uint8Array([0xd6, 0xd0, 0xce, 0xc4]);
  assert.equal(decode(gb.buffer), '中文');
  assert.equal(encodingOf(new TextEncoder().encode('中').slice(0, 2).buffer), 'utf-8', 'cut in the middle of a character');
  assert.equal(decode(new Uint8Array([0xff, 0xfe, 0x2d, 0x4e]).buffer), '中');
  for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', '|x', '%0']) assert.equal(unguard("'" + text), text);
  for (const text of ["'tis", 'x', "''=1"]) assert.equal(unguard(text), text);
});

const words = { column: (id) => id, role: (id) => id, stage: (id) => id, channel: (id) => id, yes: 'yes', no: 'no' };
const map = (...ids) => new Map(ids.map((id) => [id, id]));
const known = { names: (id) => [id], role: map('step', 'signal', 'silent'), stage: map('awareness', 'use', 'loyalty'), channel: map('app', 'phone'), use: new Map([['yes', true], ['no', false]]) };
const text = (rows) => rows.map((cells) => cells.map((cell) => '"' + String(cell).replaceAll('"', '""') + '"').join(',')).join('\r\n');

test('the table goes out and comes in; what was not edited is not touched', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  draft.assign(d, row(suggest, 'Pay now'), 'order.placed', suggest, MODELS);
  const rows = rowsOut(d, suggest, words);
  const same = structuredClone(d);
  assert.deepEqual(rowsIn(d, suggest, text(rows), known, MODELS), { applied: 0, same: 5, problems: [] });
  assert.deepEqual(d, same);
  // one of two rows of the same touchpoint was edited: that one counts
  rows[1][rows[0].indexOf('zh')] = '下单支付';
  rows[3][rows[0].indexOf('use')] = 'no';
  rows[5][rows[0].indexOf('stage')] = 'loyalty';
  rows[5][rows[0].indexOf('channel')] = 'phone';
  assert.equal(rowsIn(d, suggest, text(rows), known, MODELS).problems.length, 0);
  assert.equal(draft.titleIn(entry(d, 'Pay now'), 'zh'), '下单支付');
  assert.equal(entry(d, '取餐'), null);
  assert.deepEqual([entry(d, 'star*').stage.A, entry(d, 'star*').channel], ['loyalty', 'phone']);
});

test('a row that is wrong changes nothing and is named', () => {
  const suggest = seen();
  const d = draft.begin(bare, suggest, MODELS);
  const head = rowsOut(d, suggest, words)[0];
  const line = (change) => head.map((id) => ({ event: 'Pay now', ...change })[id] ?? '');
  const bad = [{ event: 'nobody' }, { stage: 'nowhere' }, { channel: 'pigeon' }, { role: 'king' }, { use: 'maybe' }, { touchpoint: 'x'.repeat(121) }, { en: '字'.repeat(334) }];
  const before = structuredClone(d);
  for (const change of bad) {
    const { applied, problems } = rowsIn(d, suggest, text([head, line(change)]), known, MODELS);
    assert.deepEqual([applied, problems.length, problems[0].line], [0, 1, 2], JSON.stringify(change).slice(0, 60));
  }
  assert.deepEqual(d, before);
  assert.equal(rowsIn(d, suggest, text([['x', 'y']]), known, MODELS).problems[0].code, 'columns');
  assert.equal(rowsIn(d, suggest, '', known, MODELS).problems[0].code, 'columns');
  assert.equal(rowsIn(d, suggest, text([head, line({}), line({})]), known, MODELS).problems[0].code, 'twice');
});
