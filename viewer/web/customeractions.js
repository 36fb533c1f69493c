// What can be done with one journey of a customer: played step by step, traced back to where it broke.
import { h } from './dom.js';
import { t } from './i18n.js';
import { keepQuery } from './shell.js';

const link = (key, path, more) => h('a', { class: 'more', href: keepQuery(path, more) }, t(key));

export const actions = (customer, journey) => [
  link('c_play', '/player', { customer, journey: journey.type, start: journey.start }),
  link('c_backtrack', '/backtrack', { customer, journey: journey.type, start: journey.start }),
];
