// One event as it was sent: fetched when asked for, shown verbatim (numbers and escapes as they came), only indented.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { dur, stamp } from './format.js';
import { ask } from './api.js';

// The text of member "raw" of {"position":…,"raw":…}: never parsed, so that 30-digit numbers keep their digits.
function rawText(answer) {
  const from = answer.indexOf('"raw":');
  return from < 0 ? 'null' : answer.slice(from + 6, answer.lastIndexOf('}')).trim();
}

function indent(json) {
  let out = '';
  let depth = 0;
  const line = () => '\n' + '  '.repeat(depth);
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === '"') {
      let end = i + 1;
      while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
      out += json.slice(i, end + 1);
      i = end;
    } else if (c === '{' || c === '[') {
      const close = /^\s*[}\]]/.exec(json.slice(i + 1));
      if (close) {
        out += c + close[0].trim();
        i += close[0].length;
        continue;
      }
      depth++;
      out += c + line();
    } else if (c === '}' || c === ']') {
      depth--;
      out += line() + c;
    } else if (c === ',') out += c + line();
    else if (c === ':') out += ': ';
    else if (!/\s/.test(c)) out += c;
  }
  return out;
}

const row = (key, value) => h('div', {}, h('dt', {}, t(key)), h('dd', {}, h('bdi', {}, value ?? '–')));

export function details(customer, event) {
  const pre = h('pre', { tabindex: 0 }, t('loading'));
  const copy = h(
    'button',
    {
      type: 'button',
      class: 'copy',
      onclick: () => navigator.clipboard?.writeText(pre.textContent).then(() => replace(copy, icon('copy'), t('copied'))),
    },
    icon('copy'),
    t('copy'),
  );
  ask('/api/customers/' + encodeURIComponent(customer), { raw: event.position })
    .then((answer) => rawText(answer.text))
    .then((text) => replace(pre, text === 'null' ? t('raw_gone') : indent(text)))
    .catch((error) => replace(pre, error.message));
  const late = event.received_at - event.time;
  return h(
    'div',
    { class: 'raw' },
    h(
      'dl',
      {},
      row('raw_type', event.type),
      row('raw_origin', event.origin),
      row('raw_stream', event.stream),
      row('raw_received', stamp(event.received_at) + (late >= 1000 ? ' (+' + dur(late) + ')' : '')),
      row('raw_position', String(event.position)),
    ),
    h('div', { class: 'raw-json' }, copy, pre),
  );
}
