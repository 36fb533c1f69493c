// How many journeys come to each of a list of touchpoints, in order: share of the step before, and of the start. The list is in the address.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { num, pct, titleOf } from './format.js';
import * as view from './store.js';
import { rateRange } from './figures.js';
import { question } from './question.js';
import { get } from './api.js';

const MOST = 12;
const here = { key: '', curve: [], chosen: [] };

// Without a list in the address: the busiest touchpoint and the key ones that many come by, as the customer sees them, in their order.
async function touchpoints(asked) {
  const key = JSON.stringify(asked);
  if (here.key === key) return;
  const { curve } = await get('/api/emotion', asked);
  Object.assign(here, { key, curve });
  const seen = curve.filter((point) => point.journeys > 0 && !point.backstage);
  const most = Math.max(0, ...seen.map((point) => point.journeys));
  const first = seen.find((point) => point.journeys === most);
  const main = seen.filter((point) => point === first || (point.key && point.journeys >= most / 4));
  const busy = [...seen].sort((a, b) => b.journeys - a.journeys).slice(0, 5);
  here.chosen = (main.length > 1 ? main : seen.filter((point) => busy.includes(point))).map((point) => point.touchpoint);
}

const chosen = () => (view.get('q') ? view.get('q').split(',') : here.chosen).slice(0, MOST);

function bar(step, i, steps, known) {
  const first = steps[0].journeys || 1;
  const point = known.get(step.touchpoint);
  return h(
    'li',
    { class: 'funnel-step' },
    h('span', { class: 'funnel-name' }, h('b', {}, i + 1), ' ', h('bdi', {}, point ? titleOf(point).text : step.touchpoint)),
    h('span', { class: 'funnel-bar', 'aria-hidden': 'true' }, h('i', { style: { width: (100 * step.journeys) / first + '%' } })),
    h('span', { class: 'funnel-n' }, h('b', {}, num(step.journeys)), ' ', h('small', {}, t('funnel_of_start', { x: pct(step.journeys / first, 1) }))),
    h('span', { class: 'funnel-n' }, i ? [h('b', {}, t('funnel_of_before', { x: step.conversion === null ? '–' : pct(step.conversion, 1) })), ' ', step.conversion !== null && h('small', {}, `(${rateRange(step.lo, step.hi)})`)] : h('small', {}, t('funnel_start'))),
  );
}

// Any of the touchpoints can be in the list; they keep the order of the journey.
function picker() {
  const on = chosen();
  const set = (id) => {
    const next = here.curve.map((point) => point.touchpoint).filter((one) => (one === id ? !on.includes(id) : on.includes(one)));
    if (next.length) view.set({ q: next.join() }, 'push');
  };
  return h(
    'div',
    { class: 'lane-switches', role: 'group', 'aria-label': t('funnel_steps') },
    here.curve
      .filter((point) => point.journeys > 0)
      .map((point) => h('button', { type: 'button', id: 'funnel-' + point.touchpoint, 'aria-pressed': String(on.includes(point.touchpoint)), onclick: () => set(point.touchpoint) }, h('bdi', {}, titleOf(point).text))),
  );
}

export const page = {
  key: 'nav_funnel',
  lead: 'funnel_lead',
  parts: ['period', 'filters'],
  prepare: (about) => touchpoints(question(about)),
  ask: (about) => ({ funnel: ['/api/funnel', question(about, { steps: chosen().length ? chosen() : ['-'] })] }),
  empty: ({ funnel }) => (funnel.journeys && funnel.steps.length ? null : ['none_title', 'none_lead']),
  summary: ({ funnel }) => h('span', { class: 'strong' }, t('journeys_n', { n: num(funnel.journeys) })),
  draw(root, { funnel }) {
    const known = new Map(here.curve.map((point) => [point.touchpoint, point]));
    replace(root, picker(), h('ol', { class: 'funnel' }, funnel.steps.map((step, i, steps) => bar(step, i, steps, known))));
  },
};
