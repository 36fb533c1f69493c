// The timeline: one lane a channel, one row an event, and one line that weaves through them in the order of time.
import { h, s, replace } from './dom.js';
import { icon } from './icons.js';
import { t, channelWords } from './i18n.js';
import { num, dur, day, clock, minute, dayKey } from './format.js';
import { titleEl } from './cards.js';
import { outcome, steps } from './journeys.js';
import { details } from './raw.js';
import { breakMark, breaksAt } from './customerbreaks.js';

const ROWS = 300;
const GAP_MS = 30 * 6e4;
const NONE = '';

// Which journey an event lies in: same touchpoint, inside the step's time.
function journeyOf(event, journeys) {
  return journeys.find(
    (one) =>
      event.time >= one.start &&
      event.time <= one.last &&
      one.steps.some((step) => step.touchpoint === event.touchpoint && event.time >= step.start && event.time <= (step.end ?? step.start)),
  );
}

export function lanes(events) {
  const first = new Map();
  for (const event of events) {
    const channel = event.channel ?? NONE;
    first.set(channel, Math.min(first.get(channel) ?? Infinity, event.time));
  }
  return [...first].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([channel]) => channel);
}

const score = ([kind, value]) => h('span', { class: 'event-score' }, kind + ' ' + num(value));

// What the event says beyond what happened: who began it, where, for what matter, how it was.
function said(event) {
  const told = event.told;
  if (!told) return null;
  const parts = [told.side && t('c_by_' + told.side), told.mode && t('c_' + told.mode), told.place, told.agent, told.case, told.outcome && told.outcome !== 'ok' && told.outcome, told.wait_ms && dur(told.wait_ms)];
  return [
    h('span', { class: 'event-said' }, parts.filter(Boolean).map((part) => h('bdi', {}, part)), Object.entries(told.scores ?? {}).map(score)),
    told.text && h('q', { class: 'event-text' }, h('bdi', {}, told.text.length > 140 ? told.text.slice(0, 140) + '…' : told.text)),
  ];
}

export class Timeline {
  // typeName(id): the title of a journey type.
  constructor(root, typeName) {
    this.typeName = typeName;
    this.open = new Map();
    this.shown = ROWS;
    this.line = s('svg', { class: 'weave', 'aria-hidden': 'true' });
    this.head = h('div', { class: 'lane-head' });
    this.list = h('ol', { class: 'rows' });
    this.more = h('button', {
      type: 'button',
      class: 'more',
      onclick: () => {
        this.shown += ROWS;
        this.draw(...this.args);
      },
    });
    this.body = h('div', { class: 'lanes' }, this.line, this.list);
    root.append(this.head, this.body, this.more);
    this.watch = new ResizeObserver(() => this.weave());
    this.watch.observe(this.body);
  }

  // fresh: positions that arrived since the page was opened.
  draw(customer, events, journeys, newest, fresh) {
    this.args = [customer, events, journeys, newest, fresh];
    const ordered = [...events].sort((a, b) => (newest ? -1 : 1) * (a.time - b.time || a.position - b.position));
    const channels = lanes(events);
    this.body.style.setProperty('--lanes', channels.length);
    this.head.style.setProperty('--lanes', channels.length);
    replace(
      this.head,
      h('span'),
      channels.map((channel) => h('span', { class: 'lane-name' }, icon(channel), channel ? channelWords(channel) : t('no_channel'))),
    );
    const rows = [];
    const broken = breaksAt(journeys);
    let before = null;
    for (const event of ordered.slice(0, this.shown)) {
      const inside = journeyOf(event, journeys);
      rows.push(...this.marks(event, before, inside), this.row(customer, event, channels.indexOf(event.channel ?? NONE), fresh.has(event.position)));
      rows.push(...(broken.get(event.position) ?? []).map((one) => breakMark(one, (position) => this.show(position))));
      before = { event, inside };
    }
    const focused = document.activeElement?.dataset?.position;
    replace(this.list, rows);
    if (focused) this.list.querySelector(`[data-position="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const left = ordered.length - this.shown;
    this.more.hidden = left <= 0;
    replace(this.more, t('more_events', { n: num(Math.min(ROWS, left)) }));
    this.weave();
  }

  // An event that is not among those drawn is one of the older ones: they are drawn first.
  show(position) {
    if (!this.at(position)) {
      this.shown = Infinity;
      this.draw(...this.args);
    }
    const at = this.at(position);
    at?.scrollIntoView({ block: 'center' });
    at?.focus({ preventScroll: true });
  }

  at(position) {
    return this.list.querySelector(`[data-position="${CSS.escape(position)}"]`);
  }

  marks(event, before, inside) {
    const out = [];
    const newDay = !before || dayKey(before.event.time) !== dayKey(event.time);
    const apart = before ? Math.abs(event.time - before.event.time) : 0;
    if (apart >= GAP_MS) out.push(h('li', { class: 'gap', title: t('gap', { d: dur(apart) }) }, h('span', {}, dur(apart))));
    if (newDay) out.push(h('li', { class: 'day' }, h('h3', {}, day(event.time))));
    if (inside && inside !== before?.inside) {
      out.push(
        h(
          'li',
          { class: 'inside' },
          h('b', {}, this.typeName(inside.type)),
          outcome(inside.outcome),
          h('span', { class: 'soft' }, steps(inside.steps.length, inside.cut) + ' · ' + dur(inside.last - inside.start)),
        ),
      );
    }
    return out;
  }

  row(customer, event, lane, fresh) {
    const slot = h('div', { class: 'slot' });
    const open = this.open.has(event.position);
    const button = h(
      'button',
      {
        type: 'button',
        class: 'event',
        'aria-expanded': String(open),
        'data-position': event.position,
        title: minute(event.time),
        onclick: () => this.toggle(customer, event, button, slot),
      },
      h('i', { class: 'dot', 'aria-hidden': 'true' }, icon(event.channel)),
      h(
        'span',
        { class: 'event-words' },
        h('span', { class: 'event-title' }, titleEl(event), fresh && h('em', { class: 'new' }, t('new_event'))),
        event.type && event.type !== event.touchpoint && h('bdi', { class: 'event-type' }, event.type),
        said(event),
      ),
    );
    button.style.setProperty('--lane', lane + 2);
    if (open) replace(slot, this.open.get(event.position));
    return h(
      'li',
      { class: 'row' + (fresh ? ' is-new' : ''), 'data-at': event.position },
      h('time', { datetime: new Date(event.time).toISOString() }, clock(event.time)),
      button,
      slot,
    );
  }

  toggle(customer, event, button, slot) {
    const open = button.getAttribute('aria-expanded') === 'true';
    button.setAttribute('aria-expanded', String(!open));
    if (open) {
      this.open.delete(event.position);
      replace(slot);
      return;
    }
    const shown = details(customer, event);
    this.open.set(event.position, shown);
    replace(slot, shown);
  }

  // The line runs from dot to dot: straight down inside a lane, an S-curve when the customer changes the channel.
  weave() {
    const box = this.body.getBoundingClientRect();
    const points = [...this.list.querySelectorAll('.dot')].map((dot) => {
      const at = dot.getBoundingClientRect();
      return [Math.round(at.left - box.left + at.width / 2), Math.round(at.top - box.top + at.height / 2)];
    });
    this.line.setAttribute('viewBox', `0 0 ${Math.max(1, Math.round(box.width))} ${Math.max(1, Math.round(box.height))}`);
    const d = points
      .map(([x, y], i) => {
        if (!i) return `M${x} ${y}`;
        const [px, py] = points[i - 1];
        if (px === x) return `V${y}`;
        const turn = Math.min(y - py, 60);
        return `V${y - turn}C${px} ${y - turn / 2} ${x} ${y - turn / 2} ${x} ${y}`;
      })
      .join('');
    replace(this.line, d && s('path', { d }));
  }
}
