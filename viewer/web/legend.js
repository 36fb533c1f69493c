// What width, colour and marks mean; only the classes that the drawing uses. Where limits hold, a switch says what colours the flows.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import * as view from './store.js';
import { flowKey } from './fold.js';
import { ENDS } from './cards.js';
import { waitClass, waitClasses, waitWords } from './waits.js';
import { byWait, limited, overClass, overClasses, oversOf, overWords } from './overs.js';

const key = (cls, words) => h('span', { class: 'key' }, h('i', { class: 'swatch ' + cls }), words);

function waits(folded) {
  const used = new Set(folded.edges.map((edge) => waitClass(edge.wait_ms?.p50)));
  return [...waitClasses, 'none'].filter((c) => used.has(c)).map((c) => key('wait-' + c, waitWords(c)));
}

function overs(folded, front) {
  const of = oversOf(front);
  const used = new Set(folded.edges.map((edge) => overClass(of.get(flowKey(edge)))));
  return overClasses.filter((c) => used.has(c)).map((c) => key('over-' + c, overWords(c)));
}

function colours(front) {
  const wait = byWait(front);
  if (!limited(front)) return h('b', {}, t('legend_wait'));
  const pick = (value, words, on) => h('button', { type: 'button', id: 'colour-' + (value || 'over'), 'aria-pressed': String(on), onclick: () => view.set({ colour: value }) }, t(words));
  return h('span', { class: 'switch', role: 'group', 'aria-label': t('legend_colour') }, pick('', 'legend_over', !wait), pick('wait', 'legend_wait', wait));
}

export function legend(root, folded, front) {
  const ends = ENDS.filter((kind) => folded.nodes.some((node) => node.ends[kind] > 0));
  const focused = document.activeElement?.id;
  replace(
    root,
    h('span', { class: 'legend-part' }, h('b', {}, t('legend_width'))),
    h('span', { class: 'legend-part' }, colours(front), byWait(front) ? waits(folded) : overs(folded, front)),
    ends.length > 0 && h('span', { class: 'legend-part' }, h('b', {}, t('legend_ends')), ends.map((kind) => key('end-' + kind, t('end_' + kind)))),
  );
  if (focused?.startsWith('colour-')) document.getElementById(focused)?.focus({ preventScroll: true });
}
