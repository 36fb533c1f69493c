// The parts of a side panel: its head with the way out, sections, figures.
import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

export const panelHead = (kind, title, close) =>
  h(
    'header',
    { class: 'panel-head' },
    h('div', {}, h('p', { class: 'kicker' }, kind), h('h2', { tabindex: -1 }, title)),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': t('panel_close'), title: t('panel_close'), onclick: close }, icon('close')),
  );

export const section = (key, ...kids) => h('section', {}, h('h3', {}, t(key)), kids);

export const figure = (key, value, note) => h('div', { class: 'figure' }, h('dt', {}, t(key)), h('dd', {}, value, note && [' ', h('small', {}, note)]));
