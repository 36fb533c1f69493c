// The break list: two plots and two tables (what makes unhappy, what stays unfinished), never one ranking; what was tested and not found.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, minute, ymd } from './format.js';
import * as view from './store.js';
import { chips, defaultJourney, wholeWeeks } from './controls.js';
import { breakPlot } from './breakplot.js';
import { breakTable, restTable } from './breaktable.js';
import { breakPanel, cellKey } from './breakpanel.js';
import { join, said as visitsSaid, markTag } from './confirmed.js';
import { grid } from './grid.js';
import { titleEl } from './cards.js';
import { cellName } from './figures.js';

const asked = (about) => ({
  journey: view.get('journey') || defaultJourney(about),
  filter: view.get('filter'),
  from: view.get('from'),
  to: view.get('to'),
  as_of: view.get('as_of'),
});

const listed = (answer) => (answer ? [...answer.unhappy, ...answer.unfinished, ...answer.rest] : []);
const pick = (cell) => view.set({ pick: cellKey(cell) }, 'push');

// What the figures are figures of: tests made, found, journeys, days compared, when judged.
export function breaksSummary(a) {
  const found = a.unhappy.length + a.unfinished.length;
  const part = (text, cls) => h('span', { class: cls || false }, text);
  return [
    part(tn('breaks', found, num(found)), 'strong'),
    part(t('tests_made', { n: num(a.tests) }), 'tests'),
    part(tn('journeys', a.journeys, num(a.journeys))),
    part(t('started_between', { from: ymd(a.from), to: ymd(a.to) })),
    part(t('compared_with', { from: ymd(a.previous_from), to: ymd(a.previous_to) })),
    part(t('as_of', { time: minute(a.as_of) }), 'soft'),
    chips(),
  ];
}

function half(list, which, answer) {
  const headed = [h('h2', {}, t('list_' + which)), h('p', { class: 'soft' }, t('list_' + which + '_how'))];
  if (!list.length) return h('section', { class: 'half half-' + which }, headed, h('p', { class: 'nothing' }, t('list_nothing', { n: num(answer.tests) })));
  const plot = h('div', { class: 'plot' });
  queueMicrotask(() => replace(plot, breakPlot(list, which, plot.clientWidth, pick)));
  return h('section', { class: 'half half-' + which }, headed, plot);
}

// What visits alone found stands apart: it is no figure of customers.
const alone = (confirmed) => {
  const list = confirmed?.cells.filter((one) => one.mark.id === 'visits') ?? [];
  return (
    list.length > 0 &&
    grid(
      t('visits_alone'),
      [
        ['col_break', (one) => [cellName(one), ' ', markTag(one)]],
        ['col_step', (one) => titleEl(one), 'text'],
        ['nav_visits', (one) => visitsSaid(one), 'text'],
      ],
      list,
    )
  );
};

function draw(root, { breaks, confirmed }) {
  join(breaks, confirmed);
  const table = (list, which) => list.length > 0 && breakTable(list, which, pick);
  replace(
    root,
    h('div', { class: 'halves' }, half(breaks.unhappy, 'unhappy', breaks), half(breaks.unfinished, 'unfinished', breaks)),
    table(breaks.unhappy, 'unhappy'),
    table(breaks.unfinished, 'unfinished'),
    alone(confirmed),
    breaks.rest.length > 0 && restTable(breaks.rest, pick),
  );
}

export const page = {
  key: 'nav_breaks',
  lead: 'breaks_lead',
  parts: ['period', 'filters'],
  presets: wholeWeeks,
  ask(about) {
    const base = asked(about);
    const out = { breaks: ['/api/breaks', base], confirmed: ['/api/confirmed', base, true] };
    if (view.get('pick')) Object.assign(out, { places: ['/api/breaks', { ...base, by: 'place' }], dayparts: ['/api/breaks', { ...base, by: 'daypart' }], confirmedPlaces: ['/api/confirmed', { ...base, by: 'place' }, true], confirmedDayparts: ['/api/confirmed', { ...base, by: 'daypart' }, true] });
    return out;
  },
  empty: ({ breaks }) => (breaks.tests ? null : ['breaks_none', 'breaks_none_lead']),
  summary: ({ breaks }) => breaksSummary(breaks),
  draw,
  panel(root, data, close) {
    const id = view.get('pick');
    if (!id) return false;
    join(data.breaks, data.confirmed);
    join(data.places, data.confirmedPlaces);
    join(data.dayparts, data.confirmedDayparts);
    const whole = listed(data.breaks).find((one) => cellKey(one) === id.split('/').slice(0, 2).join('/'));
    const cell = [data.breaks, data.places, data.dayparts].flatMap(listed).find((one) => cellKey(one) === id);
    const waiting = !cell && !data.places && id.split('/').length > 2;
    breakPanel(root, waiting ? whole : cell, whole, data, { close, open: pick });
    return true;
  },
};
