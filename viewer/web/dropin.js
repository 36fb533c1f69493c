// A live alert drops in on every page: the gravest of what was raised since the page was opened, with a way to it. It goes by itself.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num } from './format.js';
import { lang } from './prefs.js';
import { get, poll } from './api.js';
import { pageLink } from './shell.js';
import { severity } from './figures.js';

const EVERY_MS = 3000;
const STAYS_MS = 25000;
const LIMIT = 100;
const here = { since: null, root: null, gone: 0, shown: null };

function leave() {
  clearTimeout(here.gone);
  here.shown = null;
  replace(here.root);
}

function show(alert, others) {
  here.shown = { alert, others };
  clearTimeout(here.gone);
  here.gone = setTimeout(leave, STAYS_MS);
  replace(
    here.root,
    h(
      'div',
      { class: 'drop', onpointerenter: () => clearTimeout(here.gone), onpointerleave: () => (here.gone = setTimeout(leave, STAYS_MS)) },
      severity(alert.severity),
      h(
        'div',
        {},
        h('p', { class: 'kicker' }, t('alert_live')),
        h('a', { href: pageLink('/alerts', { pick: alert.id }) }, h('bdi', {}, alert.text?.[lang()] ?? alert.rule)),
        others > 0 && h('p', { class: 'soft' }, t('alert_others', { n: num(others) })),
      ),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('panel_close'), onclick: leave }, icon('close')),
    ),
  );
}

async function step() {
  try {
    if (here.since === null) {
      here.since = (await get('/api/alerts', { limit: 1 })).next ?? 0;
      return;
    }
    const answer = await get('/api/alerts', { since: here.since, limit: LIMIT });
    here.since = answer.next ?? here.since;
    const raised = answer.alerts.filter((one) => one.state === 'open' && one.stream === 'live');
    raised.sort((a, b) => b.severity - a.severity || b.raised - a.raised);
    if (raised.length) show(raised[0], raised.length - 1);
  } catch (e) {
    if (e.status === 404) here.poller?.stop();
  }
}

export function dropIn() {
  here.root = h('div', { class: 'drops', role: 'status' });
  document.body.append(here.root);
  here.poller = poll(EVERY_MS, step);
}
export const redrawDrop = () => here.shown && show(here.shown.alert, here.shown.others);
