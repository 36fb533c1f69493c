// Who the customer is: tier, segments, consent, value, how contacts came about, what came of them; and their identities.
import { h } from './dom.js';
import { icon } from './icons.js';
import { t, tn, channelWords } from './i18n.js';
import { num, date, share, titleOf } from './format.js';
import { lang } from './prefs.js';

const titled = (one) => titleOf({ id: one.id, title: one.title }).text;

// Minor units are as many as the currency has; one we do not know has two.
function money(value) {
  try {
    const form = new Intl.NumberFormat(lang() === 'zh' ? 'zh-CN' : 'en-GB', { style: 'currency', currency: value.currency });
    return form.format(value.amount_minor / 10 ** form.resolvedOptions().maximumFractionDigits);
  } catch (e) {
    return num(value.amount_minor / 100) + ' ' + value.currency;
  }
}

function identity(one) {
  const words = t('identity_events', { kind: one.kind, n: num(one.events ?? 0), first: date(one.first) });
  return h(
    'li',
    { title: words },
    h('b', {}, one.kind),
    h('code', {}, String(one.hash ?? '').slice(0, 10)),
    h('span', { class: 'soft' }, num(one.events ?? 0)),
    one.shared && h('em', { class: 'tag tag-bad', title: t('c_shared_why') }, t('c_shared')),
  );
}

export const identities = (data) => h('ul', { class: 'identities', 'aria-label': t('identities') }, data.identities.map(identity));

export function chips(profile) {
  if (!profile) return null;
  const tier = profile.tier && (profile.tier_title?.[lang()] ?? profile.tier);
  return h(
    'ul',
    { class: 'chips' },
    tier && h('li', { class: 'chip chip-tier' }, profile.vip && h('b', {}, '★ ' + t('c_vip')), tier),
    profile.segments.map((one) => h('li', { class: 'chip' }, titled(one))),
    profile.value.map((one) => h('li', { class: 'chip' }, h('b', {}, money(one)), one.orders > 0 && h('span', { class: 'soft' }, tn('c_value', one.orders, num(one.orders))))),
    profile.consent.map((one) => h('li', { class: 'chip' + (one.granted ? '' : ' chip-off'), title: date(one.at) }, t(one.granted ? 'c_consent_yes' : 'c_consent_no', { what: one.purpose }))),
  );
}

// One row of shares: the parts of all contacts, each with its count; a bar for the eye, words for everyone.
function split(key, parts) {
  const whole = parts.reduce((sum, part) => sum + part.n, 0);
  if (!whole) return null;
  return h(
    'div',
    { class: 'split' },
    h('dt', {}, t(key)),
    h(
      'dd',
      {},
      h('span', { class: 'split-bar', 'aria-hidden': 'true' }, parts.filter((part) => part.n).map((part) => h('i', { class: part.cls, style: { 'flex-grow': part.n } }))),
      h('span', { class: 'split-words' }, parts.filter((part) => part.n).map((part) => h('span', { class: part.cls }, part.icon && icon(part.icon), part.words + ' ' + num(part.n), h('small', {}, share(part.n, whole))))),
    ),
  );
}

export function contacts(profile) {
  const c = profile?.contacts;
  if (!c || !(c.by_customer + c.by_company + c.by_unknown)) return null;
  const part = (key, n, cls) => ({ words: t(key), n, cls });
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('c_contacts_of', { n: num(profile.of) })),
    profile.cut > 0 && h('p', { class: 'soft' }, t('c_cut', { n: num(profile.cut) })),
    h(
      'dl',
      { class: 'splits' },
      split('c_channels', c.channels.map((one, i) => ({ words: channelWords(one.channel), n: one.n, cls: 'p' + (i % 6), icon: one.channel }))),
      split('c_who_began', [part('c_by_customer', c.by_customer, 'p0'), part('c_by_company', c.by_company, 'p1'), part('c_unknown', c.by_unknown, 'px')]),
      split('c_distance', [part('c_face', c.face, 'p0'), part('c_indirect', c.indirect, 'p1'), part('c_nonpersonal', c.nonpersonal, 'p2')]),
      split('c_direction', [part('c_in', c.inbound, 'p0'), part('c_out', c.outbound, 'p1')]),
    ),
  );
}

// Outcomes as they were met; of one that is an absence, what came averted it.
export function outcomes(data) {
  if (!data.outcomes?.length) return null;
  const of = new Map();
  for (const one of data.outcomes) of.set(one.id, { ...(of.get(one.id) ?? one), n: (of.get(one.id)?.n ?? 0) + 1 });
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('c_outcomes')),
    h(
      'ul',
      { class: 'plain' },
      [...of.values()].map((one) =>
        h('li', { class: one.bad && !one.absent ? 'is-bad' : false }, t(one.absent ? 'c_averted' : 'c_outcome', { what: one.title?.[lang()] ?? one.id, n: num(one.n), day: date(one.at) })),
      ),
    ),
  );
}
