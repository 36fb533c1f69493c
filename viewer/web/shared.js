// Identities that are everybody's: how many, where they were found out, and why they link nobody.
import { h, replace } from './dom.js';
import { t, channelWords } from './i18n.js';
import { num, minute } from './format.js';
import { get } from './api.js';

export async function sharedNote(root) {
  const answer = await get('/api/shared').catch(() => null);
  root.hidden = !answer?.count;
  if (!answer?.count) return;
  replace(
    root,
    h('summary', {}, t('shared_n', { n: num(answer.count) })),
    h('p', { class: 'soft' }, t('shared_why', { homes: num(answer.homes_max), others: num(answer.others_max) })),
    h(
      'ul',
      { class: 'facts' },
      answer.shared.map((one) => h('li', {}, h('b', {}, one.kind), ' ', h('code', {}, one.hash.slice(0, 12)), ' · ', minute(one.at), ' · ', h('bdi', {}, [one.type, one.channel && channelWords(one.channel), one.place, one.origin].filter(Boolean).join(' · ')))),
    ),
  );
}
