// The head of the map page: what is asked (type, period, lifecycle, stages, filters, detail) and the sentence that sums it up.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, pct, ymd, minute, dayKey } from './format.js';
import { lang } from './prefs.js';
import * as view from './store.js';
import { compareField } from './compare.js';
import { chips, filters } from './filters.js';

export { chips };

const field = (key, control) => h('label', { class: 'field' }, h('span', {}, t(key)), control);
const option = (value, text, chosen) => h('option', { value, selected: value === chosen }, text);
const titled = (one) => one.title?.[lang()] || one.id;

function daysBack(end, days) {
  return new Date(Date.parse(end) - (days - 1) * 864e5).toISOString().slice(0, 10);
}

// The chosen period among the offered ones; the end is the day of as_of, so "last 4 weeks" of an old log is its last 4 weeks.
let periodOpen = false;
let last = null;

function choosePeriod(preset) {
  periodOpen = !preset;
  if (preset) view.set({ from: preset[1], to: preset[2] }, 'push');
  controls(...last);
}

function periods(about) {
  const end = dayKey(about.as_of ?? Date.now());
  return [
    ['period_all', '', ''],
    ['period_28', daysBack(end, 28), end],
    ['period_56', daysBack(end, 56), end],
  ];
}

// Findings are judged over whole weeks, Monday to Sunday, that have ended; the viewer's own default are the last four.
export function wholeWeeks(about) {
  const asked = Date.parse(view.get('as_of'));
  const today = Date.parse(dayKey(Number.isNaN(asked) ? (about.as_of ?? Date.now()) : asked));
  const sunday = new Date(today - ((new Date(today).getUTCDay() + 6) % 7) * 864e5 - 864e5).toISOString().slice(0, 10);
  return [
    ['period_weeks_4', '', ''],
    ['period_weeks_8', daysBack(sunday, 56), sunday],
  ];
}

function period(about, presets = periods(about)) {
  const from = view.get('from');
  const to = view.get('to');
  const found = presets.findIndex(([, a, b]) => a === from && b === to);
  const own = found < 0 || periodOpen;
  const date = (key) =>
    h('input', {
      type: 'date',
      value: view.get(key),
      'aria-label': t(key),
      max: key === 'from' ? to || false : false,
      min: key === 'to' ? from || false : false,
      onchange: (event) => view.set({ [key]: event.target.value }, 'push'),
    });
  return h(
    'div',
    { class: 'field period' },
    h('span', {}, t('period')),
    h(
      'span',
      { class: 'joined' },
      h(
        'select',
        { 'aria-label': t('period'), onchange: (event) => choosePeriod(presets[event.target.value]) },
        presets.map(([key], i) => h('option', { value: i, selected: i === found && !own }, t(key))),
        h('option', { value: 'own', selected: own }, t('period_own')),
      ),
      own && [date('from'), h('span', { class: 'soft', 'aria-hidden': 'true' }, '–'), date('to')],
    ),
  );
}

function lifecycle() {
  const chosen = view.get('lifecycle');
  return field(
    'lifecycle',
    h(
      'select',
      { onchange: (event) => view.set({ lifecycle: event.target.value }, 'push') },
      option('', t('lifecycle_auto'), chosen),
      option('complete', t('lifecycle_complete'), chosen),
      option('all', t('lifecycle_all'), chosen),
    ),
  );
}

function model(about) {
  if (!about.models?.length) return null;
  const chosen = view.get('model') || about.models[0].id;
  return field(
    'model',
    h(
      'select',
      { onchange: (event) => view.set({ model: event.target.value }, 'push') },
      about.models.map((one) => option(one.id, titled(one), chosen)),
      option('none', t('model_none'), chosen),
    ),
  );
}

// chosen: the share that is drawn while nobody has said another.
export function detail(chosen) {
  const out = h('output', {}, chosen + ' %');
  const input = h('input', {
    type: 'range',
    min: 20,
    max: 100,
    step: 1,
    value: chosen,
    'aria-label': t('detail'),
    class: 'slider',
    oninput: (event) => {
      replace(out, event.target.value + ' %');
      view.set({ detail: event.target.value });
    },
  });
  return h('label', { class: 'field detail' }, h('span', {}, t('detail')), h('span', { class: 'joined' }, input, out));
}

// parts: which of them a page has; presets: the periods that it offers.
export function controls(root, about, parts = ['period', 'lifecycle', 'model', 'filters', 'compare'], presets = undefined) {
  last = [root, about, parts, presets];
  const many = about.journeys?.length ? about.journeys : [{ id: 'all' }];
  const chosen = view.get('journey') || defaultJourney(about);
  replace(
    root,
    field(
      'journey_type',
      h(
        'select',
        {
          class: 'journey',
          onchange: (event) => view.set({ journey: event.target.value, node: '', edge: '', other: '', end: '', start: '', pick: '' }, 'push'),
        },
        many.map((one) => option(one.id, titled(one), chosen)),
      ),
    ),
    parts.includes('period') && period(about, presets),
    parts.includes('lifecycle') && lifecycle(),
    parts.includes('model') && model(about),
    parts.includes('filters') && filters(about, chosen, () => root.isConnected && controls(...last)),
    parts.includes('compare') && compareField(about, chosen, () => root.isConnected && controls(...last)),
  );
}

// The first type that the catalogue names says more than `all`.
export const defaultJourney = (about) => (about.journeys?.find((one) => one.id !== 'all') ?? about.journeys?.[0] ?? { id: 'all' }).id;

export function summary(root, map, folded, asOf, days) {
  const [from, to] = [map.from ?? days?.first, map.to ?? days?.last];
  const part = (text, cls, why) => h('span', { class: cls || false, title: why || false }, text);
  replace(
    root,
    part(tn('journeys', map.journeys, num(map.journeys)), 'strong'),
    part(tn('steps', map.steps, num(map.steps))),
    part(tn('customers', map.customers, num(map.customers))),
    from && to && part(t('started_between', { from: ymd(from), to: ymd(to) })),
    part(t('drawn', { share: pct(folded.coverage) }), 'drawn', t('drawn_why')),
    part(t('as_of', { time: minute(asOf) }), 'soft'),
    part(map.timezone, 'soft'),
    chips(),
  );
}
