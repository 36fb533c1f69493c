// Where the work on a break point stands: open, assigned, fixed, verified; by whom. What is entered is a control record about its cell.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { ymd, dayKey } from './format.js';
import { section } from './aside.js';
import { inLang } from './figures.js';
import { actor, enter } from './control.js';

const STATUS = ['open', 'assigned', 'fixed', 'verified'];
export const statusWords = (status) => t('status_' + status);
export const statusTag = (cell) => cell.status && cell.status !== 'open' && h('em', { class: 'tag' }, statusWords(cell.status));

export function breakWork(cell) {
  const said = h('p', { role: 'status' });
  const status = h('select', { name: 'status', 'aria-label': t('work_status') }, STATUS.map((one) => h('option', { value: one, selected: one === (cell.status ?? 'open') }, statusWords(one))));
  const owner = h('input', { name: 'owner', maxlength: 200, 'aria-label': t('hb_owner'), placeholder: t('hb_owner'), value: cell.owner ? inLang(cell.owner) : actor() });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await enter('break', { cell: cell.cell, status: status.value, ...(owner.value.trim() ? { owner: owner.value.trim() } : {}) });
      replace(said, h('span', { class: 'soft' }, t('alert_entered')));
      document.dispatchEvent(new Event('entered'));
    } catch (e) {
      replace(said, h('span', { class: 'problem' }, e.message));
    }
  };
  return section(
    'work',
    h('p', { class: 'soft' }, t('work_now', { status: statusWords(cell.status ?? 'open') }), cell.since ? ' · ' + t('work_since', { day: ymd(typeof cell.since === 'number' ? dayKey(cell.since) : cell.since) }) : '', ' ', cell.work?.tags?.map((tag) => h('em', { class: 'tag' }, inLang(tag)))),
    h('form', { class: 'take', onsubmit: submit }, status, owner, h('button', { type: 'submit', class: 'more' }, t('imp_enter'))),
    said,
  );
}
