// What width, colour and marks mean; only the classes of waiting that the drawing uses.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { ENDS } from './cards.js';
import { waitClass, waitClasses, waitWords } from './waits.js';

export function legend(root, folded) {
  const used = new Set(folded.edges.map((edge) => waitClass(edge.wait_ms?.p50)));
  const ends = ENDS.filter((kind) => folded.nodes.some((node) => node.ends[kind] > 0));
  replace(
    root,
    h('span', { class: 'legend-part' }, h('b', {}, t('legend_width'))),
    h(
      'span',
      { class: 'legend-part' },
      h('b', {}, t('legend_wait')),
      [...waitClasses, 'none']
        .filter((c) => used.has(c))
        .map((c) => h('span', { class: 'key' }, h('i', { class: 'swatch wait-' + c }), waitWords(c))),
    ),
    ends.length > 0 &&
      h(
        'span',
        { class: 'legend-part' },
        h('b', {}, t('legend_ends')),
        ends.map((kind) => h('span', { class: 'key' }, h('i', { class: 'swatch end-' + kind }), t('end_' + kind))),
      ),
  );
}
