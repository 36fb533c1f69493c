// What narrows a view: a choice for each key whose values are known, and a field for any other. All of it stands in the address as filter=KEY=VALUE.
import { h } from './dom.js';
import { t } from './i18n.js';
import { num } from './format.js';
import * as view from './store.js';
import { KEYS, facetsOf, filterWords, moreOf, valuesOf } from './facets.js';

const keyOf = (text) => text.split('=')[0];
let facets = null;

function choose(key, value) {
  const others = view.get('filter').filter((text) => keyOf(text) !== key);
  view.set({ filter: value ? [...others, key + '=' + value] : others }, 'push');
}

// Several values of one key (a link may say so) are alternatives: the choice shows how many.
function picker(key) {
  const chosen = view.get('filter').filter((text) => keyOf(text) === key).map((text) => text.slice(key.length + 1));
  const list = valuesOf(facets, key);
  const more = moreOf(facets, key);
  if (list.length < 2 && !chosen.length) return null;
  const unknown = chosen.filter((value) => !list.some((one) => one.value === value)).map((value) => ({ value, words: value }));
  return h(
    'label',
    { class: 'field facet' },
    h('span', {}, t('filter_' + key)),
    h(
      'select',
      { class: 'facet-' + key, onchange: (event) => event.target.value !== '\0' && choose(key, event.target.value) },
      h('option', { value: '', selected: !chosen.length }, t('filter_any')),
      chosen.length > 1 && h('option', { value: '\0', selected: true }, t('filter_several', { n: num(chosen.length) })),
      [...unknown, ...list].map((one) => h('option', { value: one.value, selected: chosen.length === 1 && chosen[0] === one.value }, one.words)),
      more > 0 && h('option', { value: '\0', disabled: true }, t('filter_more', { n: num(more) })),
    ),
  );
}

function other(about) {
  const input = h('input', { name: 'filter', placeholder: t('filter_hint'), 'aria-label': t('filter'), list: 'filter-keys', autocomplete: 'off', spellcheck: 'false' });
  const add = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    const good = /^[^=\s]+=.+$/.test(text);
    input.setCustomValidity(good || !text ? '' : t('filter_bad'));
    if (good) view.set({ filter: [...new Set([...view.get('filter'), text])] }, 'push');
    else input.reportValidity();
  };
  input.addEventListener('input', () => input.setCustomValidity(''));
  const keys = ['origin=', 'any.touchpoint=', ...(about.channels || []).map((one) => 'any.channel=' + one), ...KEYS.map((key) => key + '=')];
  return h(
    'form',
    { class: 'field filters', onsubmit: add },
    h('span', {}, t('filter')),
    h('span', { class: 'joined' }, input, h('button', { type: 'submit' }, t('filter_add'))),
    h('datalist', { id: 'filter-keys' }, keys.map((value) => h('option', { value }))),
  );
}

// journey: whose values; then(): draw again, they are known now.
export function filters(about, journey, then) {
  facets = facetsOf(journey, then);
  return [KEYS.map(picker), other(about)];
}

function chip(text, drop) {
  return h('span', { class: 'chip' }, h('bdi', {}, text), h('button', { type: 'button', 'aria-label': t('filter_drop', { what: text }), onclick: drop }, '×'));
}

// What narrows the view, each with a way to drop it; a break point is called by its cell.
export const chips = () => [
  view.get('break') && chip(t('only_break', { what: view.get('break').replace(/^[^:]*:/, '') }), () => view.set({ break: '' }, 'push')),
  view.get('variant') && chip(t('only_variant'), () => view.set({ variant: '' }, 'push')),
  view.get('filter').map((text) => chip(filterWords(text, facets), () => view.set({ filter: view.get('filter').filter((one) => one !== text) }, 'push'))),
];
