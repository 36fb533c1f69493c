// Moments of truth: where the crude comparison points (hollow dot), where the comparison with like customers does (filled dot), with its interval.
import { h, replace } from './dom.js';
import { t, tn } from './i18n.js';
import { num, minute, dur } from './format.js';
import * as view from './store.js';
import { chips, defaultJourney } from './controls.js';
import { lang } from './prefs.js';
import { momentPlot } from './momentplot.js';
import { momentTable } from './momenttable.js';
import { momentKey, momentPanel, outcomeWords } from './momentpanel.js';

const pick = (moment) => view.set({ pick: momentKey(moment) }, 'push');

// Found or not, a comparison that could be made is drawn; what could not is listed with what is missing.
const drawable = (list) => list.filter((one) => one.adjusted_rd !== null);

function side(answer, which) {
  const found = drawable(answer.moments.filter((one) => one.side === which));
  const rest = drawable(answer.rest.filter((one) => one.side === which));
  if (!found.length && !rest.length) return null;
  const plot = h('div', { class: 'plot' });
  queueMicrotask(() => replace(plot, momentPlot(found, rest, answer, plot.clientWidth, pick)));
  return h(
    'section',
    { class: 'half' },
    h('h2', {}, t('side_' + which)),
    h('p', { class: 'soft' }, t('side_' + which + '_how', { outcome: outcomeWords(answer) })),
    plot,
  );
}

function legend() {
  return h(
    'p',
    { class: 'moment-legend' },
    h('span', { class: 'key' }, h('i', { class: 'dot-hollow', 'aria-hidden': 'true' }), t('crude')),
    h('span', { class: 'key' }, h('i', { class: 'dot-filled', 'aria-hidden': 'true' }), t('adjusted')),
    h('span', { class: 'key' }, h('i', { class: 'dot-range', 'aria-hidden': 'true' }), t('interval_95')),
  );
}

function summary({ moments }) {
  const part = (text, cls) => h('span', { class: cls || false }, text);
  return [
    part(tn('moments', moments.moments.length, num(moments.moments.length)), 'strong'),
    part(t('tests_made', { n: num(moments.tests) }), 'tests'),
    part(t('moment_outcome', { outcome: outcomeWords(moments) })),
    moments.strata_by.length > 0 && part(t('strata_by', { names: moments.strata_by.join(lang() === 'zh' ? '、' : ', ') })),
    part(t('moment_waiting', { d: dur(moments.horizon_ms) })),
    part(t('as_of', { time: minute(moments.as_of) }), 'soft'),
    chips(),
  ];
}

function draw(root, { moments }) {
  const all = [...moments.moments, ...moments.rest];
  replace(
    root,
    legend(),
    h('div', { class: 'sides' }, side(moments, 'bad'), side(moments, 'good')),
    momentTable(all, moments, pick),
  );
}

export const page = {
  key: 'nav_moments',
  lead: 'moments_lead',
  parts: ['filters'],
  ask: (about) => ({
    moments: ['/api/moments', { journey: view.get('journey') || defaultJourney(about), filter: view.get('filter'), as_of: view.get('as_of') }],
  }),
  empty: ({ moments }) => (moments.moments.length + moments.rest.length ? null : ['moments_none', 'moments_none_lead']),
  summary,
  draw,
  panel(root, { moments }, close) {
    const id = view.get('pick');
    if (!id) return false;
    momentPanel(root, [...moments.moments, ...moments.rest].find((one) => momentKey(one) === id), moments, close);
    return true;
  },
};
