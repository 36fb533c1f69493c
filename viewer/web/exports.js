// What is drawn, to take along: SVG and PNG of the map, CSV of its numbers, and the viewer's own files of the journeys asked about.
// The drawing is made again from its numbers: text stays text, nothing of the page's style sheet is needed to show it.
import { h, s } from './dom.js';
import { t } from './i18n.js';
import { num, share, titleOf } from './format.js';
import { lang } from './prefs.js';
import { flowKey } from './fold.js';
import { placeLabels } from './flows.js';
import { waitClass } from './waits.js';
import { overClass } from './overs.js';

const PNG_SCALE = 2;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const wait = (c) => token(c === 'none' ? '--wn' : '--w' + c);
const OVER = { 0: '--w0', 1: '--w3', 2: '--w4', 3: '--s3' };
const over = (c) => token(OVER[c] ?? '--wn');
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

// A title in at most two lines of a card.
function lines(words) {
  const wide = (c) => (c.charCodeAt(0) > 0x2e80 ? 2 : 1);
  const out = [''];
  let n = 0;
  for (const part of words.match(/[\u2e80-\uffff]|[^\u2e80-\uffff\s]+\s?|\s/g) ?? []) {
    const w = [...part].reduce((sum, c) => sum + wide(c), 0);
    if (n + w > 20 && n > 0) {
      if (out.length === 2) return [out[0], out[1].trimEnd() + '…'];
      out.push('');
      n = 0;
    }
    out[out.length - 1] += part;
    n += w;
  }
  return out;
}

function card(node, box, map, found) {
  const words = lines(titleOf(node).text);
  const at = (x, y, text, more) => s('text', { x: box.x + x, y: box.y + y, fill: token('--ink'), 'font-size': 12, ...more }, text);
  const worst = found?.worst;
  const top = found?.breaks[0];
  return s(
    'g',
    {},
    s('rect', { x: box.x, y: box.y, width: box.w, height: box.h, rx: 10, fill: token('--surface'), stroke: worst ? token('--s3') : token('--line-2'), 'stroke-width': worst ? 2.5 : 1 }),
    words.map((line, i) => at(10, 21 + 15 * i, line, { 'font-weight': 650, 'font-size': 13 })),
    at(10, box.h - 27, num(node.journeys), { 'font-weight': 700, 'font-size': 13.5 }),
    at(box.w - 10, box.h - 27, share(node.journeys, map.journeys), { 'text-anchor': 'end', fill: token('--ink-3') }),
    at(10, box.h - 12, t('steps_n', { n: num(node.steps) }), { fill: token('--ink-3'), 'font-size': 11.5 }),
    top && at(box.w - 10, 0, `▮ ${(100 * top.rate).toFixed(1)} %`, { 'text-anchor': 'end', 'font-weight': 700, fill: token('--s' + (top.severity || 1)), stroke: token('--surface'), 'stroke-width': 4, 'paint-order': 'stroke' }),
  );
}

// drawing: of route.js; summary: the line that says what it is of.
// overs: flow -> share over the limit, null where waits colour the flows.
export function mapSvg({ drawing, folded, map, marks, summary, overs }) {
  const nodes = new Map(folded.nodes.map((node) => [node.touchpoint, node]));
  const { width, height } = drawing;
  const foot = 34;
  return s(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height: height + foot, viewBox: `0 0 ${width} ${height + foot}`, 'font-family': FONT },
    s('rect', { width: '100%', height: '100%', fill: token('--surface') }),
    drawing.bands.map((band, i) => [
      s('rect', { x: band.x, y: band.y, width: band.w, height: band.h, fill: i % 2 ? token('--surface') : token('--band') }),
      s('text', { x: band.x + band.w / 2, y: 24, 'text-anchor': 'middle', 'font-size': 13, 'font-weight': 650, fill: token('--ink-2') }, band.stage.id === null ? t('no_stage') : (band.stage.title?.[lang()] ?? band.stage.id)),
    ]),
    [...drawing.flows]
      .sort((a, b) => b.edge.steps - a.edge.steps)
      .map((flow) => {
        const key = flowKey(flow.edge);
        const colour = overs ? over(overClass(overs.get(key))) : wait(waitClass(flow.edge.wait_ms?.p50));
        return [s('path', { d: flow.d, fill: 'none', stroke: colour, 'stroke-width': flow.w, opacity: 0.62, 'data-flow': key }), s('path', { d: flow.arrow, fill: colour })];
      }),
    [...drawing.cards].map(([id, box]) => card(nodes.get(id), box, map, marks?.get(id))),
    [...placeLabels(drawing.flows, drawing.cards, overs)].filter(([, label]) => label.shown).map(([flow, label]) => s('text', { x: label.at[0], y: label.at[1] + 4, 'text-anchor': 'middle', 'font-size': 11, 'font-weight': 600, fill: token('--ink'), stroke: token('--surface'), 'stroke-width': 3.5, 'paint-order': 'stroke' }, label.text)),
    s('text', { x: 16, y: height + 20, 'font-size': 12, fill: token('--ink-2') }, summary),
  );
}

export const svgText = (svg) => '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(svg);

// Text that a spreadsheet would run gets a ' before it; quotes are doubled; a byte order mark lets WPS and Excel read Chinese.
const csvCell = (value) => {
  if (typeof value === 'number') return String(value);
  const text = String(value ?? '');
  return '"' + (/^[\s]*[=+\-@\t\r|%]/.test(text) ? "'" + text : text).replaceAll('"', '""') + '"';
};
export const csv = (rows) => '\ufeff' + rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';

export function mapCsv(map) {
  const title = (id) => titleOf(map.nodes.find((node) => node.touchpoint === id) ?? { touchpoint: id }).text;
  return csv([
    ['kind', 'from', 'from_title', 'to', 'to_title', 'journeys', 'times', 'wait_p50_ms', 'wait_p90_ms', 'starts', 'good', 'bad', 'lapsed', 'open'],
    ...map.nodes.map((node) => ['step', node.touchpoint, title(node.touchpoint), '', '', node.journeys, node.steps, '', '', node.starts, node.ends.good, node.ends.bad, node.ends.lapsed, node.ends.open]),
    ...map.edges.map((edge) => ['flow', edge.from, title(edge.from), edge.to, title(edge.to), edge.journeys, edge.steps, edge.wait_ms?.p50 ?? '', edge.wait_ms?.p90 ?? '', '', '', '', '', '']),
  ]);
}

export function save(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// The drawing as pixels, shape by shape: the content policy lets no picture be made from the SVG's text.
function paint(c, el) {
  const get = (name, initial) => el.getAttribute(name) ?? initial;
  const n = (name) => Number(get(name, 0));
  const [fill, stroke] = [get('fill', 'black'), get('stroke', 'none')];
  c.globalAlpha = Number(get('opacity', 1));
  c.lineWidth = Number(get('stroke-width', 1));
  c.lineJoin = 'round';
  if (fill !== 'none') c.fillStyle = fill;
  if (stroke !== 'none') c.strokeStyle = stroke;
  if (el.tagName === 'rect' || el.tagName === 'path') {
    const shape = el.tagName === 'path' ? new Path2D(get('d', '')) : new Path2D();
    if (el.tagName === 'rect') shape.roundRect(n('x'), n('y'), parseFloat(get('width', '0')), parseFloat(get('height', '0')), n('rx'));
    if (fill !== 'none') c.fill(shape);
    if (stroke !== 'none') c.stroke(shape);
  } else if (el.tagName === 'text') {
    c.font = `${get('font-weight', 400)} ${get('font-size', 12)}px ${FONT}`;
    c.textAlign = { middle: 'center', end: 'right' }[get('text-anchor', '')] ?? 'left';
    if (stroke !== 'none') c.strokeText(el.textContent, n('x'), n('y'));
    c.fillText(el.textContent, n('x'), n('y'));
  } else for (const kid of el.children) paint(c, kid);
}

function png(svg) {
  const [width, height] = ['width', 'height'].map((name) => Number(svg.getAttribute(name)));
  const canvas = document.createElement('canvas');
  canvas.width = PNG_SCALE * width;
  canvas.height = PNG_SCALE * height;
  const c = canvas.getContext('2d');
  c.scale(PNG_SCALE, PNG_SCALE);
  svg.firstChild.setAttribute('width', width);
  svg.firstChild.setAttribute('height', height);
  paint(c, svg);
  return new Promise((done) => canvas.toBlob(done, 'image/png'));
}

// what(): {drawing, folded, map, marks, summary, params}, asked for when somebody presses.
export function exportMenu(what) {
  const name = (ending) => `touchline-${what().params.journey}-${new Date().toISOString().slice(0, 10)}.${ending}`;
  const link = (format) => () => {
    const { params } = what();
    const asked = new URLSearchParams({ format });
    for (const [key, value] of Object.entries(params)) for (const one of [value].flat()) if (one && key !== 'model') asked.append(key, one);
    location.href = '/api/export?' + asked;
  };
  const item = (key, act) => h('button', { type: 'button', onclick: act }, t(key));
  const menu = h(
    'details',
    { class: 'export-menu' },
    h('summary', {}, t('export')),
    h(
      'div',
      { class: 'nav-list' },
      item('export_svg', () => save(name('svg'), new Blob([svgText(mapSvg(what()))], { type: 'image/svg+xml' }))),
      item('export_png', async () => save(name('png'), await png(mapSvg(what())))),
      item('export_csv', () => save(name('csv'), new Blob([mapCsv(what().map)], { type: 'text/csv' }))),
      item('export_json', () => save(name('json'), new Blob([JSON.stringify(what().map, null, 1)], { type: 'application/json' }))),
      item('export_xes', link('xes')),
      item('export_steps', link('csv')),
      item('export_print', () => print()),
    ),
  );
  menu.addEventListener('focusout', (event) => !menu.contains(event.relatedTarget) && (menu.open = false));
  menu.addEventListener('keydown', (event) => event.key === 'Escape' && (menu.open = false));
  return menu;
}
