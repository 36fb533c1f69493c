// What customers wrote, with its context: where, over which channel, when, and the score they gave with it. Texts come with numbers and addresses covered.
import { h } from './dom.js';
import { icon } from './icons.js';
import { t, channelWords } from './i18n.js';
import { fixed, minute, num } from './format.js';
import { keepQuery } from './shell.js';

const SCALES = { nps: [0, 10], csat5: [1, 5], csat7: [1, 7], ces7: [1, 7], emotion: [-2, 2] };

// 0 the worst that can be said, 1 the best; without a score in the middle.
function tone({ score }) {
  const scale = score && SCALES[score.kind];
  return scale ? (score.value - scale[0]) / (scale[1] - scale[0]) : 0.5;
}

function scoreWords({ kind, value }) {
  const scale = SCALES[kind];
  if (kind === 'emotion') return (value > 0 ? '+' : value < 0 ? '−' : '') + fixed(Math.abs(value), 0);
  return (kind === 'nps' ? 'NPS ' : '') + num(value) + (scale ? '/' + num(scale[1]) : ' ' + kind);
}

// The same words are said once, with how often; the lowest scores first, then the newest.
export function grouped(quotes) {
  const groups = new Map();
  for (const quote of quotes) {
    const known = groups.get(quote.text + ' ' + (quote.score?.value ?? ''));
    if (known) known.n++;
    else groups.set(quote.text + ' ' + (quote.score?.value ?? ''), { quote, n: 1 });
  }
  return [...groups.values()].sort((a, b) => tone(a.quote) - tone(b.quote) || b.n - a.n || b.quote.time - a.quote.time);
}

export function quoteEl({ quote, n }) {
  const low = quote.score && tone(quote) < 0.5;
  return h(
    'figure',
    { class: 'quote' + (low ? ' low' : '') },
    h('blockquote', {}, h('bdi', { dir: 'auto' }, quote.text, quote.cut && '…'), n > 1 && h('b', {}, ' ×' + num(n))),
    h(
      'figcaption',
      {},
      quote.score && h('b', {}, scoreWords(quote.score)),
      quote.channel && h('span', {}, icon(quote.channel), channelWords(quote.channel)),
      quote.place && h('bdi', {}, quote.place),
      h('a', { href: keepQuery('/customers/' + encodeURIComponent(quote.customer), { journey: '', start: quote.start }) }, minute(quote.time)),
    ),
  );
}

export const quotesAt = (front, id) => (front?.quotes?.quotes ?? []).filter((quote) => quote.touchpoint === id);
export const looked = ({ quotes }) => quotes && t(quotes.more ? 'quotes_newest' : 'quotes_all', { n: num(quotes.journeys) });
