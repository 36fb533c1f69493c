// The map as two tables: for screen readers, for copying, for whoever trusts rows more than ribbons.
import { h, replace } from './dom.js';
import { t, channelWords } from './i18n.js';
import { num, dur } from './format.js';
import { flowKey } from './fold.js';
import { rate } from './figures.js';
import { lang } from './prefs.js';
import { ENDS, titleEl } from './cards.js';

const head = (keys, plain) =>
  h(
    'thead',
    {},
    h(
      'tr',
      {},
      keys.map((key, i) => h('th', { scope: 'col', class: i >= plain ? 'n' : false }, t(key))),
    ),
  );
const cells = (values) => values.map((value) => h('td', { class: 'n' }, value));

function stepTable(map, folded, stages) {
  const stage = (id) => stages?.find((one) => one.id === id);
  const drawn = new Set(folded.nodes.map((node) => node.touchpoint));
  return h(
    'table',
    {},
    h('caption', {}, t('table_steps')),
    head(['col_step', 'col_stage', 'col_channel', 'steps', 'col_journeys', 'col_starts', ...ENDS.map((kind) => 'end_' + kind), 'col_drawn'], 3),
    h(
      'tbody',
      {},
      [...map.nodes]
        .sort((a, b) => b.steps - a.steps)
        .map((node) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, titleEl(node)),
            h('td', {}, stage(node.stage)?.title?.[lang()] ?? node.stage ?? '–'),
            h('td', {}, node.channel ? channelWords(node.channel) : '–'),
            cells([
              num(node.steps),
              num(node.journeys),
              num(node.starts),
              ...ENDS.map((kind) => num(node.ends[kind])),
              t(drawn.has(node.touchpoint) ? 'yes' : 'no'),
            ]),
          ),
        ),
    ),
  );
}

const overWords = (flow) => (flow?.n ? `${rate(flow.rate)} (${t('k_of_n', { k: num(flow.over), n: num(flow.n) })})` : '–');

// overs: flow -> {n, over, rate} of those with a limit where they end.
function flowTable(map, folded, overs) {
  const names = new Map(map.nodes.map((node) => [node.touchpoint, node]));
  const name = (id) => titleEl(names.get(id) || { touchpoint: id });
  const drawn = new Set(folded.edges);
  return h(
    'table',
    {},
    h('caption', {}, t('table_flows')),
    head(['col_from', 'col_to', 'col_times', 'col_journeys', 'col_median', 'col_p90', overs.size > 0 && 'col_over', 'col_drawn'].filter(Boolean), 2),
    h(
      'tbody',
      {},
      [...map.edges]
        .sort((a, b) => b.steps - a.steps)
        .map((edge) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, name(edge.from)),
            h('td', {}, name(edge.to)),
            cells([
              num(edge.steps),
              num(edge.journeys),
              dur(edge.wait_ms?.p50),
              dur(edge.wait_ms?.p90),
              ...(overs.size ? [overWords(overs.get(flowKey(edge)))] : []),
              t(drawn.has(edge) ? 'yes' : 'no'),
            ]),
          ),
        ),
    ),
  );
}

// Built when opened, and again whenever the map under it changes while it is open.
export class DataTable {
  constructor(root) {
    this.summary = h('summary', {});
    this.body = h('div', { class: 'data-tables' });
    this.details = h('details', { class: 'data', ontoggle: () => this.fill() }, this.summary, this.body);
    root.append(this.details);
  }

  draw(map, folded, stages, front) {
    this.args = [map, folded, stages, new Map((front?.flows?.flows ?? []).map((flow) => [flowKey(flow), flow]))];
    replace(this.summary, t('table'));
    this.fill();
  }

  fill() {
    if (!this.details.open || !this.args) return replace(this.body);
    const [map, folded, stages, overs] = this.args;
    return replace(
      this.body,
      h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': t('table_steps') }, stepTable(map, folded, stages)),
      h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': t('table_flows') }, flowTable(map, folded, overs)),
    );
  }
}
