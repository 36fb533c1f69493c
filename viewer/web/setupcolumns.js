// Which column of a table is what: guessed from the file's head in the browser, shown, and sent as a mapping where somebody says otherwise.
import { h } from './dom.js';
import { t } from './i18n.js';
import { decode, encodingOf, parse } from './csvfile.js';

const HEAD_BYTES = 65536;
const SHOWN = 3;
// As `touchline import` guesses them: in any case, blanks, _ - : . left out.
const split = (text) => text.split(' ');
const GUESS = {
  type: split('conceptname activity activityname event eventname eventtype type action 活动 事件 事件名称 事件类型 行为'),
  time: split('timetimestamp timestamp time datetime eventtime eventtimestamp completetimestamp starttimestamp starttime createdat occurredat date ts 时间 时间戳 发生时间 日期'),
  case: split('caseconceptname caseid case traceid trace journeyid journey 案例 案例编号 旅程 旅程编号 流程编号'),
  who: split('memberid member 会员号 会员编号 userid uid customerid customer clientid 客户编号 客户 用户编号 email mail 邮箱 phone phonenumber mobile 手机 手机号 电话'),
  channel: split('channel 渠道'),
  order: split('orderid order 订单号'),
  place: split('place store storeid branch 门店'),
};
const KINDS = { user: split('userid uid customerid customer clientid 客户编号 客户 用户编号'), email: split('email mail 邮箱'), phone: split('phone phonenumber mobile 手机 手机号 电话') };
const kindOf = (column) => Object.keys(KINDS).find((kind) => KINDS[kind].includes(plain(column))) ?? 'member';
const ASK = Object.keys(GUESS);
const MUST = ['type', 'time'];
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9\u0080-\uffff]/g, '');

async function head(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.buffer;
  const out = [];
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      out.push(value);
    }
  } catch (e) {
    /* cut off in the middle, as it must be */
  }
  return new Blob(out).arrayBuffer();
}

// -> null for what is no table; {columns, rows, chosen: {what: column}, encoding}
export async function columnsOf(file) {
  if (!/\.(csv|tsv|txt)(\.gz)?$/i.test(file.name)) return null;
  const bytes = await head(file).catch(() => null); // a browser that cannot inflate: as the import guesses
  if (!bytes) return null;
  const [first, ...rows] = parse(decode(bytes)).map((row) => row.cells);
  if (!first) return null;
  const chosen = {};
  for (const [what, names] of Object.entries(GUESS)) {
    const found = names.map((name) => first.find((column) => plain(column) === name)).find((column) => column !== undefined);
    if (found !== undefined) chosen[what] = found;
  }
  return { columns: first, rows: rows.slice(0, SHOWN), chosen, encoding: encodingOf(bytes) };
}

// undefined: as the columns' names say by themselves.
function mapping(form, chosen, encoding) {
  const others = ['time_format', 'timezone'].filter((name) => form.elements[name].value.trim());
  if (encoding === 'utf-8' && !others.length && ASK.every((what) => form.elements[what].value === (chosen[what] ?? ''))) return undefined;
  const fields = {};
  const ids = {};
  for (const what of ASK) {
    const column = form.elements[what].value;
    if (column && what === 'case') fields.journey = column;
    else if (column && what === 'who') ids[kindOf(column)] = column;
    else if (column) fields[what] = column;
  }
  const out = { fields };
  if (Object.keys(ids).length) out.ids = ids;
  if (encoding !== 'utf-8') out.encoding = encoding.toUpperCase();
  for (const name of others) out[name] = form.elements[name].value.trim();
  return JSON.stringify(out);
}

// start(mapping as text) when the form is sent.
export function mappingForm({ columns, rows, chosen, encoding }, start) {
  const select = (what) =>
    h(
      'label',
      { class: 'field' },
      h('span', {}, t('su_col_' + what), MUST.includes(what) && ' *'),
      h('select', { name: what, required: MUST.includes(what) }, h('option', { value: '' }, '–'), columns.map((column) => h('option', { value: column, selected: chosen[what] === column }, column))),
    );
  return h(
    'form',
    {
      class: 'su-columns',
      onsubmit: (event) => {
        event.preventDefault();
        const { elements } = event.target;
        elements.case.setCustomValidity(elements.case.value || elements.who.value ? '' : t('su_col_none'));
        if (event.target.reportValidity()) start(mapping(event.target, chosen, encoding));
      },
    },
    h('h3', {}, t('su_columns')),
    h('p', { class: 'soft' }, t('su_columns_lead')),
    h('div', { class: 'table-scroll' }, h('table', {}, h('thead', {}, h('tr', {}, columns.map((column) => h('th', { scope: 'col' }, h('bdi', {}, column))))), h('tbody', {}, rows.map((row) => h('tr', {}, columns.map((_, i) => h('td', {}, h('bdi', {}, (row[i] ?? '').slice(0, 60))))))))),
    h('div', { class: 'su-fields' }, ASK.map(select), h('label', { class: 'field' }, h('span', {}, t('su_col_format')), h('input', { name: 'time_format', placeholder: '%d.%m.%Y %H:%M:%S' })), h('label', { class: 'field' }, h('span', {}, t('su_col_zone')), h('input', { name: 'timezone', placeholder: 'Asia/Shanghai' }))),
    h('button', { type: 'submit', class: 'more primary' }, t('su_import')),
  );
}
