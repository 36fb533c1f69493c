// An opportunity, entered or changed: a note at a step, with owner and status. A control record, like everything that people enter.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { actor, enter } from './control.js';

export const STATUS = ['open', 'assigned', 'done', 'dropped'];
const field = (key, input) => h('label', { class: 'field' }, h('span', {}, t(key)), input);

// one: the opportunity to change, or {touchpoint, journey} of a new one; where: what its step is called.
export function opportunityForm(one, where) {
  const said = h('p', { role: 'status', class: 'problem' });
  const text = h('textarea', { name: 'text', required: true, maxlength: 300, rows: 3 }, one.text ?? '');
  const owner = h('input', { name: 'owner', maxlength: 100, value: one.owner ?? actor() });
  const status = h('select', { name: 'status' }, STATUS.map((word) => h('option', { value: word, selected: word === (one.status ?? 'open') }, t('opp_' + word))));
  const send = async (body) => {
    try {
      await enter('opportunity', body);
      dialog.close();
      document.dispatchEvent(new Event('entered'));
    } catch (e) {
      replace(said, e.message);
    }
  };
  const id = one.id ?? 'O' + Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
  const submit = (event) => {
    event.preventDefault();
    const who = owner.value.trim();
    const body = { id, text: text.value.trim(), touchpoint: one.touchpoint, stage: one.stage, journey: one.journey, owner: who, status: status.value };
    if (who) actor(who);
    if (body.text) send(Object.fromEntries(Object.entries(body).filter(([, value]) => value)));
  };
  const button = (key, act) => h('button', { type: 'button', class: 'more', onclick: act }, t(key));
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-label': t('lane_opportunities'), onclose: () => dialog.remove() },
    h(
      'form',
      { onsubmit: submit },
      h('h2', {}, t(one.id ? 'opp_change' : 'opp_new')),
      where && h('p', { class: 'soft' }, h('bdi', {}, where)),
      field('opp_text', text),
      field('hb_owner', owner),
      field('work_status', status),
      said,
      h('div', { class: 'dialog-tools' }, one.id && button('opp_remove', () => send({ id, withdrawn: true })), button('opp_cancel', () => dialog.close()), h('button', { type: 'submit', class: 'more primary' }, t('imp_enter'))),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  text.focus();
}
