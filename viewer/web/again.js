// A quarantined event, corrected and sent again. What is half written stays while the list is drawn anew.
import { h, replace } from './dom.js';
import { t, reasonWords } from './i18n.js';
import { get } from './api.js';
import { post } from './control.js';

const drafts = new Map();

async function begin(number) {
  const draft = { text: null, said: null, good: false };
  drafts.set(number, draft);
  try {
    const item = await get('/api/quarantine', { raw: number });
    draft.text = item.head;
    if (!item.whole) draft.said = () => t('again_cut');
  } catch (e) {
    draft.said = () => e.message;
  }
  return draft;
}

async function send(number, draft) {
  try {
    const answer = await post('/api/quarantine/again', { number, event: draft.text });
    const refused = answer.quarantined?.[0];
    draft.good = !refused;
    draft.said = refused
      ? () => t('again_refused', { reason: reasonWords(refused.reason) || refused.reason, field: refused.field ? ' · ' + refused.field : '' })
      : () => t('again_taken');
  } catch (e) {
    draft.good = false;
    draft.said = () => e.message;
  }
}

function form(number, draft, fill) {
  const area = h('textarea', { rows: 6, spellcheck: 'false', dir: 'ltr', 'aria-label': t('again_event'), oninput: () => (draft.text = area.value) });
  area.value = draft.text ?? '';
  const button = h('button', { type: 'submit', class: 'more', disabled: draft.text === null }, t('again_send'));
  return h(
    'form',
    {
      class: 'again',
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        await send(number, draft);
        fill();
      },
    },
    area,
    button,
    h('p', { role: 'status', class: draft.good ? 'good' : draft.said ? 'problem' : 'soft' }, draft.said ? draft.said() : t('again_hint')),
  );
}

// Items that stitching refused are in the log, under a negative number: nothing is to be sent again.
export function again(item) {
  if (item.number < 0) return h('p', { class: 'soft' }, t('again_log'));
  const room = h('div');
  const fill = () => replace(room, form(item.number, drafts.get(item.number), fill));
  const box = h(
    'details',
    {
      class: 'data',
      open: drafts.has(item.number),
      ontoggle: async () => {
        if (!box.open || drafts.has(item.number)) return;
        await begin(item.number);
        fill();
      },
    },
    h('summary', {}, t('again_open')),
    room,
  );
  if (drafts.has(item.number)) fill();
  return box;
}
