// From nothing to a map, in five steps: data, touchpoints, the journey, clocks, publishing. Each step is a module {draw(root), update?()}.
import { h, replace } from './dom.js';
import { learn, t } from './i18n.js';
import { num, setZone } from './format.js';
import { poll } from './api.js';
import { shell, know, live } from './shell.js';
import { loading, problem } from './states.js';
import { SETUP } from './words_setup.js';
import { clockRows, tally, titleIn, typeOf } from './setupdraft.js';
import { checkNow, flush, fresh, look, onState, readSuggest, shareWords, state } from './setupstate.js';
import * as data from './setupdata.js';
import * as names from './setupnames.js';
import * as journey from './setupjourney.js';
import * as clocks from './setupclocks.js';
import * as publish from './setuppublish.js';

learn(SETUP);
const EVERY_MS = 1000;
const NEWS_MS = 300;
const QUICK_MS = 400;
const STEPS = { data, names, journey, clocks, publish };
const el = (id) => document.getElementById(id);
const here = () => (Object.hasOwn(STEPS, location.hash.slice(1)) ? location.hash.slice(1) : 'data');
let poller = null;
let drawn = '';
let later = false; // there is something new to draw, once nobody is writing

// ---- the way: five steps, and how each stands

function standing(step) {
  const { setup, suggest, draft, check } = state;
  if (step === 'data') return setup ? t('su_events', { n: num(setup.events) }) : '';
  if (!draft || !suggest) return '';
  if (step === 'names') return t('su_classified', { x: share() });
  if (step === 'journey') {
    const type = typeOf(draft);
    return type ? titleIn(type, document.documentElement.lang === 'zh-CN' ? 'zh' : 'en') || type.id : '';
  }
  if (step === 'clocks') return t('su_clocks_n', { n: num(clockRows(draft, suggest).filter((row) => row.on).length) });
  if (check?.mistakes) return t('su_mistakes', { n: num(check.mistakes) });
  return draft.touched || state.before.touchpoints === undefined ? t('su_unpublished') : t('su_in_force');
}

const share = () => {
  const { classified, events } = tally(state.draft, state.suggest);
  return shareWords(classified, events);
};

// Drawn anew when it says something else; who stands on it with the keyboard stays there.
let stood = '';
function drawSteps() {
  const now = here();
  const stand = JSON.stringify([now, document.documentElement.lang, Boolean(state.check?.mistakes), Object.keys(STEPS).map(standing)]);
  if (stand === stood) return;
  stood = stand;
  const focused = [...el('steps').querySelectorAll('a')].indexOf(document.activeElement);
  el('steps').setAttribute('aria-label', t('su_steps'));
  replace(
    el('steps'),
    h(
      'ol',
      {},
      Object.keys(STEPS).map((step, i) =>
        h(
          'li',
          {},
          h(
            'a',
            { href: '#' + step, 'aria-current': step === now ? 'step' : false, class: (step === 'publish' && state.check?.mistakes) || (step !== 'data' && !state.draft) ? 'off' : false },
            h('b', { 'aria-hidden': 'true' }, i + 1),
            h('span', {}, t('su_' + step)),
            h('small', {}, standing(step)),
          ),
        ),
      ),
    ),
  );
  if (focused >= 0) el('steps').querySelectorAll('a')[focused].focus();
}

function drawFoot() {
  const order = Object.keys(STEPS);
  const next = order[order.indexOf(here()) + 1];
  const saved = !state.draft ? '' : !state.kept ? t('su_not_kept') : state.draft.touched ? t('su_kept') : '';
  replace(
    el('foot'),
    h('span', { class: state.kept ? 'soft' : 'problem', role: 'status' }, saved),
    state.draft?.touched && h('button', { type: 'button', class: 'plain-link', onclick: restart }, t('su_restart')),
    h('span', { class: 'space' }),
    next && state.draft && h('a', { class: 'more primary', href: '#' + next }, t('su_next', { what: t('su_' + next) }), ' →'),
  );
}

function restart() {
  if (!confirm(t('su_restart_sure'))) return;
  fresh();
  draw();
}

// The version that holds is another one than the draft began from.
function drawNotice() {
  const { draft, catalogue } = state;
  const apart = draft?.touched && catalogue && draft.base !== catalogue.hash && !state.about.catalogue.next;
  replace(
    el('notice'),
    apart &&
      h(
        'div',
        { class: 'su-notice', role: 'alert' },
        h('p', {}, t('su_apart')),
        h('button', { type: 'button', class: 'more', onclick: restart }, t('su_apart_restart')),
        h(
          'button',
          {
            type: 'button',
            class: 'more',
            onclick: () => {
              draft.base = catalogue.hash;
              flush();
              drawNotice();
            },
          },
          t('su_apart_keep'),
        ),
      ),
  );
}

// ---- the step

function drawBody() {
  const step = here();
  const instead = state.error && !state.setup ? (root) => problem(root, state.error, () => poller.now()) : !state.setup ? loading : step !== 'data' && !state.draft ? waiting : null;
  el('state').hidden = !instead;
  el('body').hidden = Boolean(instead);
  if (instead) instead(el('state'));
  else STEPS[step].draw(el('body'));
  drawn = step;
}

function waiting(root) {
  if (state.trouble) return problem(root, state.trouble, () => readSuggest(true));
  if (state.setup.events) return loading(root);
  return replace(root, h('div', { class: 'state' }, h('h2', {}, t('su_nothing')), h('p', { class: 'lead' }, t('su_nothing_lead')), h('a', { class: 'more primary', href: '#data' }, t('su_to_data'))));
}

function draw() {
  later = false;
  document.title = t('nav_setup') + ' · Touchline';
  replace(el('title'), t('su_title'));
  replace(el('lead'), t('su_lead'));
  drawSteps();
  drawNotice();
  drawBody();
  drawFoot();
}

// Someone is writing: what is drawn stays until they are done.
const writing = () => el('body').contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);

async function step() {
  try {
    const first = !state.setup;
    const moved = await look();
    const recovered = state.error;
    state.error = null;
    live({ lag_ms: null });
    if (first) {
      setZone(state.about.timezone);
      know(state.about);
    }
    if (first || recovered || (later && !writing())) draw();
    else if (moved) {
      drawSteps();
      drawNotice();
      if (drawn === here()) STEPS[here()].update?.();
    }
    if (state.setup.chore?.state === 'runs' || state.setup.making || state.about.catalogue.next) setTimeout(() => poller.now(), QUICK_MS);
  } catch (error) {
    live({ lost: !error.status || error.status >= 500 });
    const before = state.error?.message;
    state.error = error;
    if (!state.setup && before !== error.message) draw();
  }
}

onState((what) => {
  if (what === 'poll') return void poller.now();
  if (what === 'draft') return void draw();
  if (what === 'seen') {
    later = writing();
    if (!later) return void draw();
  }
  drawSteps();
  drawFoot();
  STEPS[here()].update?.(what);
});
addEventListener('hashchange', () => {
  draw();
  scrollTo(0, 0);
  if (here() === 'publish' && state.draft) checkNow();
});
shell('/setup', draw);
poller = poll(EVERY_MS, step, NEWS_MS);
