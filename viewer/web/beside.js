// The two maps of a comparison side by side: what each is of, its numbers, its drawing. Click anything on either: the journeys behind it, of that side.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, pct } from './format.js';
import { MapView } from './mapview.js';
import { sides } from './sides.js';

const STACKED_PX = 760;

export class Beside {
  // on: {open(pick), hover(pick|null)}; a pick of the other side says in: '1'
  constructor(root, on) {
    this.root = root;
    this.parts = ['', '1'].map((inside) => {
      const head = h('header', { class: 'beside-head' });
      const box = h('div', { class: 'map' });
      const map = new MapView(box, { open: (pick) => on.open({ ...pick, in: inside }), hover: on.hover });
      return { head, map, el: h('section', { class: 'beside-side' }, head, box) };
    });
    root.append(...this.parts.map((part) => part.el));
  }

  // other: of compare.js; words: [what this side is, what the other is]
  draw(other, words, { share, stages, keep, picked }) {
    const all = this.root.clientWidth;
    const width = (all < STACKED_PX ? all : (all - 16) / 2) - 2;
    const made = sides(other.here, other.there, { share, stages, width, keep });
    [other.here, other.there].forEach((map, i) => {
      const { drawing, folded } = i ? made.there : made.here;
      const { map: view, head } = this.parts[i];
      replace(
        head,
        h('h2', {}, h('bdi', {}, words[i])),
        h('p', {}, h('b', {}, tn('journeys', map.journeys, num(map.journeys))), ' · ', tn('steps', map.steps, num(map.steps)), ' · ', t('drawn', { share: pct(folded.coverage) })),
      );
      view.lay(drawing, folded, map, { vertical: made.vertical, width, marks: i ? null : keep, overs: null });
      view.select(Boolean(picked.in) === Boolean(i) ? picked : {});
    });
  }

  words() {
    for (const part of this.parts) part.map.words();
  }
}
