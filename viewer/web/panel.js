// The side panel: one step, one flow, or "other". Its numbers, the balance of moves, the waits, and the journeys behind it.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { figure, panelHead, section } from './aside.js';
import { t } from './i18n.js';
import { num, share, dur } from './format.js';
import { flowKey } from './fold.js';
import { ENDS, titleEl } from './cards.js';
import { histogram } from './histogram.js';
import { findingsAt } from './panelfindings.js';
import { rate, rateRange } from './figures.js';
import { grouped, looked, quoteEl, quotesAt } from './quotes.js';
import { journeyList, firstPage, outcome } from './journeys.js';

const QUOTES = 12;

export class Panel {
  // on: {open(change), close(), stale(count, pick) -> refreshed context or null}
  constructor(root, on) {
    this.root = root;
    this.on = on;
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        on.close();
      }
    });
  }

  hide() {
    this.abort?.abort();
    this.shown = null;
    this.root.hidden = true;
    replace(this.root);
  }

  // context: {map, folded, params}; pick: {node|edge|other, end, start}
  show(pick, context, focus) {
    const key = JSON.stringify(pick);
    const same = key === this.shown;
    this.shown = key;
    this.pick = pick;
    this.context = context;
    this.root.hidden = false;
    if (pick.other) this.other();
    else if (pick.node) this.step();
    else this.flow();
    if (!same) this.root.scrollTop = 0;
    if (focus) this.root.querySelector('h2')?.focus({ preventScroll: true });
  }

  head(kind, ...title) {
    return panelHead(t(kind), title, () => this.on.close());
  }

  node(id) {
    return this.context.map.nodes.find((node) => node.touchpoint === id);
  }

  name(id) {
    return titleEl(this.node(id) || { touchpoint: id });
  }

  lost(kind) {
    replace(this.root, this.head(kind, t('unknown_sel')));
  }

  step() {
    const node = this.node(this.pick.node);
    if (!node) return this.lost('panel_step');
    const { map } = this.context;
    const waits = h('div', { class: 'slot' }, t('loading'));
    const list = h('div', { class: 'slot' }, t('loading'));
    const count = h('span', { class: 'count' });
    replace(
      this.root,
      this.head('panel_step', node.channel && icon(node.channel), titleEl(node)),
      h(
        'dl',
        { class: 'figures' },
        figure('journeys', num(node.journeys), share(node.journeys, map.journeys)),
        figure('steps', num(node.steps), share(node.steps, map.steps)),
      ),
      findingsAt(node.touchpoint, this.context.front),
      this.quotes(node),
      section('balance', this.balance(node)),
      section('wait_before', waits),
      section('journeys_behind', this.narrowed(), count, list),
    );
    this.load({ ...this.context.params, node: this.pick.node, end: this.pick.end, start: this.pick.start }, { waits, list, count }, node.journeys);
  }

  flow() {
    const edge = this.context.map.edges.find((one) => flowKey(one) === this.pick.edge);
    if (!edge) return this.lost('panel_flow');
    const { map } = this.context;
    const waits = h('div', { class: 'slot' }, t('loading'));
    const list = h('div', { class: 'slot' }, t('loading'));
    const count = h('span', { class: 'count' });
    const end = (id) => h('button', { type: 'button', class: 'name-link', onclick: () => this.on.open({ node: id }) }, this.name(id));
    replace(
      this.root,
      this.head('panel_flow', end(edge.from), h('span', { class: 'to' }, ' → '), end(edge.to)),
      h('dl', { class: 'figures' }, figure('journeys', num(edge.journeys), share(edge.journeys, map.journeys)), figure('times', num(edge.steps)), this.over(edge)),
      section('wait_between', waits),
      section('journeys_behind', count, list),
    );
    this.load({ ...this.context.params, edge: [edge.from, edge.to] }, { waits, list, count }, edge.journeys);
  }

  // Of the journeys on this flow, the share beyond the limit of the step where it ends.
  over(edge) {
    const { front } = this.context;
    const over = front?.flows?.flows.find((flow) => flow.from === edge.from && flow.to === edge.to);
    if (!over?.n) return null;
    const limits = front.flows.limits.filter((limit) => limit.touchpoint === edge.to && !limit.promise).map((limit) => dur(limit.limit_ms));
    return figure('col_over', rate(over.rate), [rateRange(over.lo, over.hi), ' · ', t('k_of_n', { k: num(over.over), n: num(over.n) }), limits.length > 0 && ' · ' + t('over_limit', { limit: limits.join(' / ') })]);
  }

  quotes(node) {
    const list = grouped(quotesAt(this.context.front, node.touchpoint));
    return list.length > 0 && section('lane_quotes', h('div', { class: 'quotes' }, list.slice(0, QUOTES).map(quoteEl)), h('p', { class: 'soft' }, looked(this.context.front)));
  }

  // A list narrowed to one way of ending, or to starts, says so and can be widened again.
  narrowed() {
    const what = this.pick.start ? t('starts_here') : this.pick.end ? t('end_' + this.pick.end) : null;
    return (
      what &&
      h(
        'p',
        { class: 'narrowed' },
        h('span', {}, t('only', { what })),
        h('button', { type: 'button', class: 'plain-link', onclick: () => this.on.open({ node: this.pick.node }) }, t('only_drop')),
      )
    );
  }

  balance(node) {
    const { folded, map } = this.context;
    const flows = (mine, far) =>
      map.edges
        .filter((edge) => edge[mine] === node.touchpoint)
        .sort((a, b) => b.steps - a.steps)
        .map((edge) => this.balanceRow(this.name(edge[far]), edge.steps, node.steps, { edge: flowKey(edge) }, !folded.edges.includes(edge)));
    const ends = ENDS.filter((kind) => node.ends[kind] > 0).map((kind) =>
      this.balanceRow([t('ends_here'), ' · ', outcome(kind)], node.ends[kind], node.steps, { node: node.touchpoint, end: kind }),
    );
    const rest = (n) => n > 0 && this.balanceRow(t('in_other'), n, node.steps, null);
    const side = (key, rows) =>
      h(
        'div',
        { class: 'balance-side' },
        h('h4', {}, t(key)),
        h('ul', {}, rows, h('li', { class: 'total' }, h('span', {}, t('total')), h('b', {}, num(node.steps)))),
      );
    return h(
      'div',
      { class: 'balance' },
      side('comes_in', [
        node.starts > 0 && this.balanceRow(t('starts_here'), node.starts, node.steps, { node: node.touchpoint, start: '1' }),
        flows('to', 'from'),
        rest(node.other_in),
      ]),
      side('goes_out', [ends, flows('from', 'to'), rest(node.other_out)]),
    );
  }

  balanceRow(what, n, total, pick, folded) {
    const bar = h('i', { class: 'balance-bar', style: { width: Math.max(1, (100 * n) / total) + '%' }, 'aria-hidden': 'true' });
    const inner = [bar, h('span', { class: 'what' }, what), h('b', {}, num(n)), h('small', {}, share(n, total))];
    return h(
      'li',
      { class: folded ? 'folded' : false },
      pick ? h('button', { type: 'button', onclick: () => this.on.open(pick) }, inner) : h('span', { class: 'row' }, inner),
    );
  }

  other() {
    const { other } = this.context.folded;
    const rows = (list, what, pick) =>
      h(
        'ul',
        { class: 'folded-list' },
        list.map((one) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', onclick: () => this.on.open(pick(one)) },
              h('span', { class: 'what' }, what(one)),
              h('b', {}, num(one.steps)),
            ),
          ),
        ),
      );
    const nodes = [...other.nodes].sort((a, b) => b.steps - a.steps);
    const edges = [...other.edges].sort((a, b) => b.steps - a.steps);
    replace(
      this.root,
      this.head('other', t('other_moves', { n: num(other.moves) })),
      h('p', {}, t('other_line', { nodes: num(nodes.length + other.unlisted.nodes), edges: num(edges.length + other.unlisted.edges) })),
      h('button', { type: 'button', class: 'more', onclick: () => this.on.open({ detail: '100' }) }, t('draw_more')),
      nodes.length > 0 &&
        section(
          'folded_steps',
          rows(
            nodes,
            (node) => titleEl(node),
            (node) => ({ node: node.touchpoint }),
          ),
        ),
      edges.length > 0 &&
        section(
          'folded_flows',
          rows(
            edges,
            (edge) => [this.name(edge.from), ' → ', this.name(edge.to)],
            (edge) => ({ edge: flowKey(edge) }),
          ),
        ),
      other.unlisted.edges + other.unlisted.nodes > 0 &&
        h('p', { class: 'soft' }, t('folded_unlisted', { nodes: num(other.unlisted.nodes), edges: num(other.unlisted.edges) })),
    );
  }

  async load(params, { waits, list, count }, expected) {
    this.abort?.abort();
    const mine = new AbortController();
    this.abort = mine;
    let page;
    try {
      page = await firstPage(params, mine.signal);
    } catch (e) {
      if (e.name === 'AbortError') return;
      replace(list, h('p', { class: 'problem' }, e.message));
      replace(waits);
      return;
    }
    if (this.abort !== mine) return;
    // The store moved on since the map was drawn: draw the map again, so that card and list say the same number.
    if (!params.end && !params.start && page.count !== expected && (await this.on.stale())) return;
    replace(count, num(page.count));
    count.dataset.count = page.count;
    const wait = page.wait_ms && page.wait_ms.p50 !== null ? page.wait_ms : null;
    replace(
      waits,
      wait &&
        h(
          'dl',
          { class: 'figures three' },
          figure('median', dur(wait.p50)),
          figure('p90', dur(wait.p90)),
          figure('p95', dur(wait.p95)),
        ),
      histogram(page.histogram || [], wait),
    );
    journeyList(list, params, page);
  }
}
