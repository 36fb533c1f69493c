// Do mystery visits see what customers see? The mark of a break point; what visits found stands beside customers' figures and never among them.
import { h } from './dom.js';
import { learn, t } from './i18n.js';
import { num } from './format.js';
import { lang } from './prefs.js';

learn({
  visits_hit: ['暗访 {k} / {n} 次未达标', 'Visits: {k} of {n} missed it'],
  visits_none: ['没有暗访到', 'No visit had the chance to see it'],
  visits_alone: ['仅暗访发现', 'Found by visits alone'],
});

// Hangs what visits found on the cells of an answer of /api/breaks, by the cell's name. Where nobody went on visits in the period, no cell is marked:
// "not visited" would say it of every one.
export function join(breaks, confirmed) {
  if (!confirmed?.visits) return;
  const known = new Map(confirmed.cells.map((one) => [one.cell, one]));
  for (const cell of breaks ? [...breaks.unhappy, ...breaks.unfinished] : []) cell.confirmed = known.get(cell.cell);
}

export const said = ({ visits }) => (visits.n ? t('visits_hit', { k: num(visits.hits), n: num(visits.n) }) : t('visits_none'));
export const markTag = (one) => one && h('em', { class: 'tag mark-' + one.mark.id, title: said(one) }, one.mark[lang()]);
