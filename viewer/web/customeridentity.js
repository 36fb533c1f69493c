// How the identities are one customer: links with what proves them, what people said, and the form that says more. Identities are named by hash; the
// viewer's door puts the raw ones in.
import { h, replace } from './dom.js';
import { t, channelWords } from './i18n.js';
import { num, minute } from './format.js';
import { keepQuery } from './shell.js';
import { actor, enter } from './control.js';

const end = (one) => h('span', { class: 'id-end' }, h('b', {}, one.kind ?? '?'), h('code', {}, one.hash.slice(0, 8)));
const short = (one) => (one.kind ?? '?') + ' ' + one.hash.slice(0, 8);

function proof(link) {
  const told = [link.type, link.channel && channelWords(link.channel), link.place, link.origin].filter(Boolean).join(' · ');
  return h('span', { class: 'soft' }, minute(link.at), ' · ', link.manual && h('em', { class: 'tag' }, t('c_by_hand')), link.told > 0 && [h('bdi', {}, told), ' · ', t('c_told', { n: num(link.told) })]);
}

function said(one, data) {
  return h(
    'li',
    {},
    h('em', { class: 'tag' + (one.what === 'unlink' ? ' tag-bad' : '') }, t(one.what === 'link' ? 'c_linked' : 'c_unlinked')),
    end(one.a),
    end(one.b),
    one.other && h('a', { href: keepQuery('/customers/' + one.other) }, t('c_other')),
    h('span', { class: 'soft' }, minute(one.at), ' · ', h('bdi', {}, one.actor ?? '–'), !one.holds && ' · ' + t('c_superseded')),
    one.reason && h('q', {}, h('bdi', {}, one.reason)),
  );
}

export class Identity {
  // changed(): a record was entered; the page asks again.
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.status = h('p', { role: 'status' });
    this.lists = h('div');
    this.heading = h('h2');
    this.lang = null;
    replace(root, this.heading, this.lists);
  }

  async say(kind, body) {
    const { reason, you } = this.form.elements;
    if (you.value.trim()) actor(you.value.trim());
    try {
      const answer = await enter(kind, { ...body, ...(reason.value.trim() ? { reason: reason.value.trim() } : {}) });
      reason.value = '';
      this.form.elements.identity.value = '';
      replace(this.status, t(answer.seen ? 'c_entered' : 'c_entered_late'));
      this.changed();
    } catch (e) {
      replace(this.status, h('span', { class: 'problem' }, e.message));
    }
  }

  // What is half written survives new answers: the form is made once a language.
  makeForm() {
    const field = (name, key, more) => h('label', { class: 'field' }, h('span', {}, t(key)), h('input', { name, maxlength: 400, ...more }));
    this.form = h(
      'form',
      {
        class: 'take link-form',
        onsubmit: (event) => {
          event.preventDefault();
          const who = this.form.elements.identity.value.trim();
          const at = who.indexOf(':');
          if (at < 1 || at === who.length - 1) replace(this.status, h('span', { class: 'problem' }, t('c_say_kind')));
          else this.say('link', { a: { hash: this.data.identities[0].hash }, b: { kind: who.slice(0, at), value: who.slice(at + 1) } });
        },
      },
      field('identity', 'c_link', { placeholder: t('c_link_how'), autocomplete: 'off', spellcheck: 'false' }),
      field('reason', 'c_reason'),
      field('you', 'c_you', { value: actor() }),
      h('button', { type: 'submit', class: 'more' }, t('c_do_link')),
    );
    replace(this.root, this.heading, this.lists, this.form, this.status);
  }

  draw(data) {
    this.data = data;
    if (this.lang !== document.documentElement.lang) {
      this.lang = document.documentElement.lang;
      this.makeForm();
    }
    replace(this.heading, t('c_links'));
    const cut = (link) =>
      h('button', { type: 'button', class: 'plain-link', title: t('c_unlink_what', { a: short(link.a), b: short(link.b) }), onclick: () => this.say('unlink', { a: { hash: link.a.hash }, b: { hash: link.b.hash } }) }, t('c_unlink'));
    replace(
      this.lists,
      data.links.length ? h('ul', { class: 'links' }, data.links.map((link) => h('li', {}, end(link.a), h('i', { class: 'edge' + (link.manual ? ' edge-hand' : ''), 'aria-hidden': 'true' }), end(link.b), proof(link), cut(link)))) : h('p', { class: 'soft' }, t('c_links_none')),
      data.links_cut > 0 && h('p', { class: 'soft' }, t('c_history_cut', { n: num(data.links_cut) })),
      data.history.length > 0 && [h('h3', {}, t('c_history')), h('ul', { class: 'links' }, data.history.map((one) => said(one, data)))],
      data.history_cut > 0 && h('p', { class: 'soft' }, t('c_history_cut', { n: num(data.history_cut) })),
    );
  }
}
