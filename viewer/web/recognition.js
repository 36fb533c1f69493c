// How well customers are recognised, channel by channel: at the contact itself, and by what was linked since.
import { h } from './dom.js';
import { learn, t, channelWords } from './i18n.js';
import { num, ymd } from './format.js';
import { known, rate, rateRange } from './figures.js';
import { icon } from './icons.js';

learn({
  recognition: ['各渠道的客户识别率', 'Recognition by channel'],
  recognition_lead: ['{from} 至 {to} 的接触，能认出是谁的占比：当场（这次接触自带会员、手机号等身份），以及到现在（后来关联上的也算）。', 'Contacts from {from} to {to} whose customer is known by name: at once (the contact itself told it), and by now (linked since).'],
  recognition_contacts: ['接触', 'Contacts'],
  recognition_customers: ['客户', 'Customers'],
  recognition_at_once: ['当场识别', 'At once'],
  recognition_by_now: ['到现在', 'By now'],
  recognition_other: ['另有 {n} 次接触来自其余渠道', '{n} contacts of further channels'],
});

const cell = (key, ...content) => h('td', { class: 'n', 'data-label': t(key) }, ...content);
const share = (key, one) => cell(key, ...(known(one.rate) ? [h('b', {}, rate(one.rate)), h('small', {}, rateRange(one.lo, one.hi))] : ['–']));

function row(one) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, one.channel && icon(one.channel), ' ', one.channel ? channelWords(one.channel) : '–'),
    cell('recognition_contacts', num(one.n)),
    cell('recognition_customers', num(one.customers)),
    share('recognition_at_once', one.at_once),
    share('recognition_by_now', one.by_now),
  );
}

// answer: of /api/channels
export function recognition(answer) {
  if (!answer?.channels.length) return null;
  const keys = ['col_channel', 'recognition_contacts', 'recognition_customers', 'recognition_at_once', 'recognition_by_now'];
  return h(
    'div',
    { class: 'table-scroll finding-table', role: 'region', tabindex: 0, 'aria-label': t('recognition') },
    h(
      'table',
      {},
      h('caption', {}, t('recognition'), h('small', { class: 'soft' }, ' ', t('recognition_lead', { from: ymd(answer.from), to: ymd(answer.to) }), answer.other > 0 && ' ' + t('recognition_other', { n: num(answer.other) }))),
      h('thead', {}, h('tr', {}, keys.map((key, i) => h('th', { scope: 'col', class: i ? 'n' : false }, t(key))))),
      h('tbody', {}, answer.channels.map(row)),
    ),
  );
}
