// Step cards: one button a step, kept by touchpoint between drawings so that they glide, keep focus and keep the pointer.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { num, share, titleOf } from './format.js';
import { endsOf } from './fold.js';
import { cellName, rate, severity } from './figures.js';

export const ENDS = ['good', 'bad', 'lapsed', 'open'];

function endsBar(ends, total) {
  return h(
    'span',
    { class: 'ends-bar', 'aria-hidden': 'true' },
    ENDS.filter((kind) => ends[kind] > 0).map((kind) => h('i', { class: 'end-' + kind, style: { 'flex-grow': ends[kind] / total } })),
  );
}

// Machine names may break after their separators, rather than anywhere.
const breakable = (text) =>
  text && (/\S{13}/.test(text) ? text.split(/(?<=[_.:/-])(?=\w)/) : [text]).flatMap((part, i) => (i ? [h('wbr'), part] : [part]));

export function titleEl(item, cls) {
  const { text, raw } = titleOf(item);
  return h('bdi', { class: (cls || '') + (raw ? ' raw-name' : ''), title: text }, breakable(text) || '–');
}

// words: what the number in the pill counts, for those who do not see the mark beside it.
const pill = (cls, words, ...kids) => h('span', { class: 'pill ' + cls }, kids, h('span', { class: 'sr' }, ' ' + words));

// What was found at this step: the worst break point with its rate, and the mark of a moment of truth.
function markPill({ breaks, moments, worst }) {
  const top = [...breaks].sort((a, b) => (b.severity ?? 0) - (a.severity ?? 0) || b.rate - a.rate)[0];
  return h(
    'span',
    { class: 'pill pill-mark' + (worst ? ' pill-worst' : '') },
    worst && h('b', {}, t('worst_here')),
    top && [severity(top.severity), rate(top.rate), h('span', { class: 'sr' }, ' ' + t('mark_break', { x: cellName(top) }) + ' ')],
    moments.length > 0 && h('i', { class: 'moment-mark', title: t('mark_moment') }, h('span', { class: 'sr' }, ' ' + t('mark_moment'))),
  );
}

function face(node, journeys, marks) {
  const ends = endsOf(node);
  return [
    h('span', { class: 'card-title' }, node.channel && icon(node.channel), titleEl(node)),
    ' ',
    h(
      'span',
      { class: 'card-n' },
      h('span', {}, h('b', {}, num(node.journeys)), h('span', { class: 'word' }, ' ', t(node.journeys === 1 ? 'journey_word' : 'journeys_word'))),
      ' ',
      h('span', { class: 'soft' }, share(node.journeys, journeys)),
    ),
    ' ',
    h('span', { class: 'card-sub' }, t(node.steps === 1 ? 'steps_1' : 'steps_n', { n: num(node.steps) })),
    h('span', { class: 'reach', 'aria-hidden': 'true' }, h('i', { style: { width: (100 * node.journeys) / Math.max(1, journeys) + '%' } })),
    node.starts > 0 && pill('pill-start', t('starts_here'), h('i', { class: 'start-mark', 'aria-hidden': 'true' }), num(node.starts)),
    ends > 0 && pill('pill-end', t('ends_here'), num(ends), endsBar(node.ends, ends)),
    marks && (marks.breaks.length || marks.moments.length) > 0 && markPill(marks),
    marks?.difference,
  ];
}

export class Cards {
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.known = new Map();
  }

  // marks: touchpoint -> {breaks, moments, worst, difference}, what was found there.
  draw(nodes, boxes, journeys, marks) {
    const seen = new Set();
    for (const node of nodes) {
      const id = node.touchpoint;
      seen.add(id);
      const el = this.known.get(id) || this.make(id);
      const box = boxes.get(id);
      Object.assign(el.style, { transform: `translate(${box.x}px, ${box.y}px)`, width: box.w + 'px', height: box.h + 'px' });
      const found = marks?.get(id);
      el.classList.toggle('worst', Boolean(found?.worst));
      el.classList.toggle('absent', !node.steps);
      replace(el, face(node, journeys, found));
    }
    for (const [id, el] of this.known) {
      if (seen.has(id)) continue;
      el.remove();
      this.known.delete(id);
    }
    // Reading order is drawing order, whatever order the cards were made in.
    const ordered = [...nodes].sort(
      (a, b) => boxes.get(a.touchpoint).g - boxes.get(b.touchpoint).g || boxes.get(a.touchpoint).y - boxes.get(b.touchpoint).y,
    );
    ordered.forEach((node, i) => {
      const el = this.known.get(node.touchpoint);
      if (this.root.children[i] !== el) this.root.insertBefore(el, this.root.children[i] || null);
    });
  }

  make(id) {
    const el = h('button', {
      class: 'card',
      type: 'button',
      tabindex: -1,
      'data-id': id,
      onclick: () => this.on.open({ node: id }),
      onpointerenter: () => this.on.hover({ node: id }),
      onpointerleave: () => this.on.hover(null),
      onfocus: () => this.on.focus({ node: id }),
    });
    this.known.set(id, el);
    this.root.append(el);
    return el;
  }
}
