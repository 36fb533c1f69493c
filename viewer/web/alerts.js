// The alerts: what somebody should look at now, who took it on, and what became of it.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t, tn } from './i18n.js';
import { brief, dur, num } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { keepQuery } from './shell.js';
import { actor, enter } from './control.js';
import { ownerName, severity } from './figures.js';

const STATES = ['open', 'acknowledged', 'resolved'];
const LIMIT = 200;
const state = () => (STATES.includes(view.get('q')) ? view.get('q') : 'open');

// A field for who takes it, filled with the name used last; what is refused is said under it.
function takeForm(alert) {
  const said = h('p', { class: 'problem', role: 'status' });
  const name = h('input', { name: 'owner', required: true, maxlength: 200, placeholder: t('alert_owner'), 'aria-label': t('alert_owner'), value: alert.owner ?? actor() });
  const submit = async (event) => {
    event.preventDefault();
    const status = event.submitter?.value ?? 'acknowledged';
    actor(name.value.trim());
    try {
      await enter('alert', { id: alert.id, status, owner: name.value.trim() });
      replace(said, h('span', { class: 'soft' }, t('alert_entered')));
    } catch (e) {
      replace(said, e.message);
    }
  };
  return h(
    'form',
    { class: 'take', onsubmit: submit },
    name,
    alert.state === 'open' && h('button', { type: 'submit', class: 'more', value: 'acknowledged' }, t('alert_take')),
    alert.state === 'acknowledged' && h('button', { type: 'submit', class: 'more', value: 'done' }, t('alert_done')),
    said,
  );
}

function due(alert) {
  if (alert.due === null) return null;
  const left = alert.due - Date.now();
  return h('span', { class: left < 0 ? 'late' : '' }, left < 0 ? t('alert_late', { d: dur(-left) }) : t('alert_left', { d: dur(left) }));
}

function row(alert) {
  const fact = (words) => words && h('span', {}, words);
  return h(
    'li',
    { class: 'alert alert-' + alert.state + (view.get('pick') === alert.id ? ' picked' : ''), 'data-id': alert.id },
    severity(alert.severity),
    h(
      'div',
      { class: 'alert-words' },
      h('p', { class: 'alert-text' }, h('bdi', {}, alert.text?.[lang()] ?? alert.text?.en ?? alert.rule)),
      h(
        'p',
        { class: 'facts' },
        fact(t('alert_raised', { time: brief(alert.raised) })),
        alert.state === 'open' && due(alert),
        fact(ownerName(alert.department)),
        alert.tier && h('bdi', {}, alert.tier),
        alert.customer && h('a', { href: keepQuery('/customers/' + encodeURIComponent(alert.customer)) }, icon('link'), t('customer')),
        alert.owner && h('b', {}, t('alert_with', { who: alert.owner })),
        alert.what && fact(h('bdi', {}, alert.what)),
      ),
    ),
    alert.state !== 'resolved' && takeForm(alert),
  );
}

function tabs(counts) {
  return h(
    'div',
    { class: 'switch', role: 'group', 'aria-label': t('alert_state') },
    STATES.map((one) =>
      h('button', { type: 'button', 'aria-pressed': String(one === state()), onclick: () => view.set({ q: one === 'open' ? '' : one, pick: '' }, 'push') }, t('alerts_' + one), ' ', num(counts[one] ?? 0)),
    ),
  );
}

function draw(root, { alerts }) {
  replace(
    root,
    tabs(alerts.counts),
    alerts.alerts.length ? h('ul', { class: 'alerts' }, alerts.alerts.map(row)) : h('p', { class: 'nothing' }, t('alerts_none_' + state())),
    alerts.more && h('p', { class: 'soft' }, t('alerts_more', { n: num(alerts.alerts.length) })),
  );
}

export const page = {
  key: 'nav_alerts',
  lead: 'alerts_lead',
  parts: null,
  every_ms: 1500,
  holds: (body) => body.contains(document.activeElement) && document.activeElement.tagName === 'INPUT',
  ask: () => ({ alerts: ['/api/alerts', { state: state(), limit: LIMIT }] }),
  summary: ({ alerts }) => h('span', { class: 'strong' }, tn('alerts', alerts.counts.open, num(alerts.counts.open))),
  draw,
};
