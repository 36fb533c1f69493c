// Matters (cases and orders) with whose turn it is, and action items with who owes what by when.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t, channelWords } from './i18n.js';
import { num, minute } from './format.js';
import { inLang } from './figures.js';

const SHOWN = 5;

const state = (kind, word) => h('span', { class: 'turn turn-' + word }, t('c_' + kind + '_' + word));

function table(label, heads, rows) {
  return h(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': t(label) },
    h('table', { class: 'plain-table' }, h('thead', {}, h('tr', {}, heads.map((key) => h('th', { scope: 'col' }, t(key))))), h('tbody', {}, rows)),
  );
}

function thread(one, pick) {
  return h(
    'tr',
    {},
    h('td', {}, h('button', { type: 'button', class: 'plain-link', onclick: () => pick(one) }, h('small', {}, t('c_' + one.kind)), ' ', h('bdi', {}, one.id))),
    h('td', {}, state('state', one.state)),
    h('td', {}, minute(one.last)),
    h('td', {}, h('span', { class: 'icons' }, one.channels.map((channel) => h('span', { title: channelWords(channel) }, icon(channel), h('span', { class: 'sr' }, channelWords(channel) + ' '))))),
    h('td', {}, num(one.events)),
  );
}

function action(one) {
  return h(
    'tr',
    {},
    h('td', {}, h('small', {}, t('c_' + one.kind)), ' ', h('bdi', {}, one.what ?? one.ref ?? '–')),
    h('td', {}, state('action', one.state)),
    h('td', {}, one.due === null ? '–' : minute(one.due)),
    h('td', {}, one.done === null ? '–' : minute(one.done)),
    h('td', {}, h('bdi', {}, one.owner ? inLang(one.owner) : '–')),
    h('td', {}, h('bdi', {}, one.thread ?? '–')),
  );
}

export class Matters {
  // pick(thread): somebody wants to see the events of a matter.
  constructor(root, pick) {
    this.root = root;
    this.pick = pick;
    this.all = false;
  }

  draw(data) {
    this.data = data;
    const { threads = [], actions = [] } = data;
    const shown = this.all ? threads : threads.slice(0, SHOWN);
    const left = threads.length - shown.length;
    this.root.hidden = !threads.length && !actions.length;
    replace(
      this.root,
      h('h2', {}, t('c_matters')),
      threads.length > 0 && table('c_matters', ['c_matters', 'c_state', 'c_since', 'c_channels', 'c_events'], shown.map((one) => thread(one, this.pick))),
      left > 0 && h('button', { type: 'button', class: 'more', onclick: () => ((this.all = true), this.draw(this.data)) }, t('q_more', { n: num(left) })),
      this.all && data.threads_cut > 0 && h('p', { class: 'soft' }, t('c_history_cut', { n: num(data.threads_cut) })),
      h('h3', {}, t('c_actions')),
      actions.length ? table('c_actions', ['c_action', 'c_state', 'c_due', 'c_done', 'c_owner', 'c_matters'], actions.map(action)) : h('p', { class: 'soft' }, t('c_no_actions')),
      data.actions_cut > 0 && h('p', { class: 'soft' }, t('c_history_cut', { n: num(data.actions_cut) })),
    );
  }
}
