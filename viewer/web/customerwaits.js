// Waits against their limits: what runs now grows as one looks at it; what ended, against its standard, in a table.
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { dur, minute, num } from './format.js';
import { lang } from './prefs.js';
import { titleEl } from './cards.js';

const SHOWN = 5;
const TICK_MS = 1000;
const running = (wait) => wait.is === 'running' || wait.is === 'over';

// A wait stands in a journey of its own type and in that of `all`: told once.
export function waitsOf(journeys) {
  const seen = new Map();
  for (const one of journeys) for (const wait of one.waits ?? []) seen.set(wait.id + ' ' + wait.start + ' ' + wait.touchpoint, wait);
  return [...seen.values()].sort((a, b) => running(b) - running(a) || b.start - a.start);
}

const name = (wait) => (wait.name?.[lang()] ? h('bdi', {}, wait.name[lang()]) : titleEl(wait));
const limitOf = (wait) => (wait.due === null ? null : wait.due - wait.start);

// The bar is twice the limit wide: the tick in the middle is where it is due.
function bar(wait, took) {
  const limit = limitOf(wait);
  const part = limit > 0 ? Math.min(1, took / (2 * limit)) : 1;
  return h('span', { class: 'wait-bar wait-' + wait.is, 'aria-hidden': 'true' }, h('i', { style: { width: 100 * part + '%' } }), h('b'));
}

function row(wait) {
  const took = wait.ended === null ? null : wait.ended - wait.start;
  return h(
    'tr',
    {},
    h('td', {}, name(wait)),
    h('td', {}, minute(wait.start)),
    h('td', { class: 'n' }, dur(took)),
    h('td', { class: 'n' }, dur(limitOf(wait))),
    h('td', {}, bar(wait, took ?? 0), h('span', { class: 'wait-word wait-' + wait.is }, t('c_wait_' + wait.is))),
  );
}

function growing(wait, now) {
  const took = Math.max(0, now - wait.start);
  const is = wait.due !== null && now > wait.due ? 'over' : 'running';
  const told = { ...wait, is };
  return h(
    'li',
    { class: 'grows grows-' + is },
    h('b', {}, name(told)),
    bar(told, took),
    h('span', {}, t('c_wait_of', { took: dur(took), limit: dur(limitOf(wait)) }), ' · ', t('c_wait_' + is)),
    h('small', { class: 'soft' }, minute(wait.start)),
  );
}

export class Waits {
  constructor(root) {
    this.root = root;
    this.all = false;
    this.timer = 0;
    this.list = h('ul', { class: 'growing' });
  }

  // live: the store is judged as of now, so what runs goes on running.
  draw(journeys, live, as_of) {
    this.args = [journeys, live, as_of];
    const waits = waitsOf(journeys);
    this.open = waits.filter(running);
    const over = waits.filter((wait) => !running(wait));
    this.root.hidden = !waits.length;
    clearInterval(this.timer);
    const tick = () => replace(this.list, this.open.map((wait) => growing(wait, live ? Date.now() : as_of)));
    tick();
    if (live && this.open.length) this.timer = setInterval(tick, TICK_MS);
    const shown = this.all ? over : over.slice(0, SHOWN);
    const heads = ['c_wait_standard', 'c_wait_began', 'c_wait_took', 'c_wait_limit', 'c_wait_is'];
    replace(
      this.root,
      h('h2', {}, t('c_waits')),
      this.open.length > 0 && [h('h3', {}, t('c_waits_now')), this.list],
      over.length > 0 &&
        h(
          'div',
          { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': t('c_waits') },
          h('table', { class: 'plain-table' }, h('thead', {}, h('tr', {}, heads.map((key, i) => h('th', { scope: 'col', class: i === 2 || i === 3 ? 'n' : false }, t(key))))), h('tbody', {}, shown.map(row))),
        ),
      over.length > shown.length &&
        h('button', { type: 'button', class: 'more', onclick: () => ((this.all = true), this.draw(...this.args)) }, t('q_more', { n: num(over.length - shown.length) })),
    );
  }
}
