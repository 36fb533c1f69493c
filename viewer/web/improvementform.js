// Entering what was done: a control record, judged from then on. Refusals are shown in the door's own words.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { actor, enter } from './control.js';

const field = (key, input) => h('label', { class: 'field' }, h('span', {}, t(key)), input);
const words = (text) => text.split(/[\s,，、]+/).filter(Boolean);

function body(form) {
  const value = (name) => form.elements[name].value.trim();
  const out = { id: 'I' + Date.now().toString(36), title: value('title'), cell: value('cell'), action: value('action'), start: value('start') };
  for (const name of ['cause', 'owner']) if (value(name)) out[name] = value(name);
  for (const name of ['places', 'comparison']) if (value(name)) out[name] = words(value(name));
  if (value('expected')) out.expected_points = Number(value('expected'));
  return out;
}

let kept = null;

// The same form as long as the page lives: what is half written survives new answers.
export function improvementForm() {
  if (kept?.lang === document.documentElement.lang) return kept.details;
  const said = h('p', { role: 'status' });
  const input = (name, more) => h('input', { name, maxlength: 400, ...more });
  const form = h(
    'form',
    {
      class: 'improvement-form',
      onsubmit: async (event) => {
        event.preventDefault();
        if (form.elements.owner.value.trim()) actor(form.elements.owner.value.trim());
        try {
          await enter('improvement', body(form));
          form.reset();
          replace(said, t('imp_entered'));
        } catch (e) {
          replace(said, h('span', { class: 'problem' }, e.message));
        }
      },
    },
    field('imp_what', input('title', { required: true })),
    field('imp_cell', input('cell', { required: true, placeholder: 'order:handover_wait/handover' })),
    field('imp_action', input('action', { required: true })),
    field('imp_cause', input('cause')),
    field('hb_owner', input('owner', { value: actor() })),
    field('imp_start', input('start', { type: 'date', required: true })),
    field('imp_places', input('places', { placeholder: 'S03' })),
    field('imp_rest', input('comparison', { placeholder: 'S07' })),
    field('imp_expected', input('expected', { type: 'number', step: 'any', min: 0, max: 100 })),
    h('button', { type: 'submit', class: 'more' }, t('imp_enter')),
    said,
  );
  kept = { lang: document.documentElement.lang, details: h('details', { class: 'data imp-enter' }, h('summary', {}, t('imp_new')), form) };
  return kept.details;
}
