// The states that are not a map: nothing yet, nothing found, not reachable.
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { keepQuery, storeWords } from './shell.js';

export function snippet(key, text) {
  const done = h('span', { class: 'done', role: 'status' });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'copy',
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
        } catch (e) {
          select(code);
          document.execCommand('copy');
        }
        replace(done, t('copied'));
        setTimeout(() => replace(done), 2000);
      },
    },
    icon('copy'),
    t('copy'),
  );
  const code = h('code', {}, text);
  return h('div', { class: 'snippet' }, h('div', { class: 'snippet-head' }, h('h3', {}, t(key)), done, button), h('pre', { tabindex: 0 }, code));
}

function select(el) {
  const range = document.createRange();
  range.selectNodeContents(el);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

export const firstEvent = (collector) =>
  `curl ${collector}/v1/events -H 'Content-Type: application/json' \\\n  -d '{"type":"page.viewed","channel":"web","ids":{"member":"10086"}}'`;

export const scriptTag = (collector) =>
  `<script src="${collector}/touchline.js"></script>\n<script>\n  var tl = touchline('web', { url: '${collector}' });\n  tl.identify('10086');\n  tl.track('order.placed');\n</script>`;

export function empty(root, about) {
  const collector = about.collector || 'http://127.0.0.1:8080';
  replace(
    root,
    h(
      'div',
      { class: 'state empty' },
      h('div', { class: 'empty-art', 'aria-hidden': 'true' }, h('i'), h('b'), h('i'), h('b'), h('i')),
      h('h2', {}, t('empty_title')),
      h('p', { class: 'lead' }, t('empty_lead')),
      h('p', { class: 'empty-way' }, h('a', { class: 'way', href: keepQuery('/setup') }, t('empty_setup'))),
      snippet('empty_curl', firstEvent(collector)),
      snippet('empty_script', scriptTag(collector)),
      snippet('empty_file', 'touchline import FILE.xes.gz'),
      h('p', { class: 'waiting-dot', role: 'status' }, h('i', { 'aria-hidden': 'true' }), t('empty_wait')),
      about.other_store && h('p', {}, t('empty_demo'), ' ', h('a', { href: about.other_store.url }, storeWords(about.other_store.title))),
    ),
  );
}

export function none(root, clear) {
  replace(
    root,
    h(
      'div',
      { class: 'state' },
      h('h2', {}, t('none_title')),
      h('p', { class: 'lead' }, t('none_lead')),
      h('button', { type: 'button', class: 'more', onclick: clear }, t('none_clear')),
    ),
  );
}

// Nothing to show, and why: words that the page gives.
export function quiet(root, title, lead, ...more) {
  replace(root, h('div', { class: 'state' }, h('h2', {}, t(title)), lead && h('p', { class: 'lead' }, t(lead)), more));
}

// clear: the way on when the question itself was refused; asking it again would be refused again.
export function problem(root, error, retry, clear) {
  const refused = clear && error.status >= 400 && error.status < 500;
  replace(
    root,
    h(
      'div',
      { class: 'state problem-state', role: 'alert' },
      h('h2', {}, t('error_title')),
      h('p', { class: 'lead' }, error.status === 0 ? t('error_away') : error.message),
      refused
        ? h('button', { type: 'button', class: 'more', onclick: clear }, t('none_clear'))
        : h('button', { type: 'button', class: 'more', onclick: retry }, t('retry')),
    ),
  );
}

export function loading(root) {
  replace(
    root,
    h(
      'div',
      { class: 'state loading', role: 'status' },
      h(
        'div',
        { class: 'skeleton', 'aria-hidden': 'true' },
        Array.from({ length: 10 }, () => h('i')),
      ),
      h('p', { class: 'soft' }, t('loading')),
    ),
  );
}
