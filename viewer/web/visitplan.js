// Visits to come: days and slots proposed and entered, a link for the shopper's phone with its code to scan, and the photos of one visit with their proof.
import { h, replace } from './dom.js';
import { learn, t } from './i18n.js';
import { minute, num } from './format.js';
import { lang } from './prefs.js';
import { enter, post } from './control.js';
import { grid } from './grid.js';
import { VISIT_PLAN } from './words_visitplan.js';

learn(VISIT_PLAN);

const field = (key, input) => h('label', { class: 'field' }, h('span', {}, t(key)), input);
const words = (text) => text.split(/[\s,，、]+/).filter(Boolean);
const problem = (error) => h('span', { class: 'problem' }, error.message);

async function get(path) {
  const answer = await fetch(path);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error?.text ?? String(answer.status));
  return said;
}

// "member:M-1, phone:+86…" -> [{kind, value}]
function identities(text) {
  return words(text).map((one) => {
    const at = one.indexOf(':');
    if (at < 1) throw new Error(t('vp_identity_form', { x: one }));
    return { kind: one.slice(0, at), value: one.slice(at + 1) };
  });
}

// ---- planning

function proposed(plan, who, said, done) {
  const button = h('button', { type: 'button', class: 'more', disabled: plan.visits.length === 0 }, t('vp_enter', { n: num(plan.visits.length) }));
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      for (const [i, v] of plan.visits.entries()) {
        replace(said, t('vp_entering', { k: num(i + 1), n: num(plan.visits.length) }));
        await enter('visit', { id: v.id, state: 'planned', scenario: plan.scenario, place: v.place, ...(v.slot ? { slot: v.slot } : {}), from: v.from, to: v.to, ...(who.length ? { identities: who } : {}) });
      }
      replace(said, t('vp_entered', { n: num(plan.visits.length) }));
      done();
    } catch (error) {
      button.disabled = false;
      replace(said, problem(error));
    }
  });
  return [
    plan.visits.length > 0 &&
      grid(
        t('vp_proposed'),
        [
          ['vp_place', (v) => h('bdi', {}, v.place)],
          ['vp_day', (v) => v.day, 'text'],
          ['vp_slot', (v) => v.slot ?? t('vp_whole_day'), 'text'],
          ['vp_from', (v) => minute(v.from), 'text'],
        ],
        plan.visits,
      ),
    plan.missing.map((m) => h('p', { class: 'soft' }, t('vp_missing', { place: m.place, had: num(m.had), found: num(m.found), wanted: num(m.wanted) }))),
    button,
  ];
}

let kept = null;

// The same form as long as the page lives: what is half written survives new answers. done: called when visits were entered.
export function planForm(done) {
  if (kept?.lang === lang()) return kept.details;
  const said = h('p', { role: 'status' });
  const shown = h('div', {});
  const select = h('select', { name: 'scenario', required: true });
  const form = h(
    'form',
    {
      class: 'improvement-form',
      onsubmit: async (event) => {
        event.preventDefault();
        const value = (name) => form.elements[name].value.trim();
        replace(shown);
        try {
          const who = identities(value('who'));
          const query = new URLSearchParams({ scenario: value('scenario') });
          for (const place of words(value('places'))) query.append('place', place);
          for (const name of ['each', 'from', 'to']) if (value(name)) query.set(name, value(name));
          replace(said);
          replace(shown, ...proposed(await get('/api/visit-plan?' + query), who, said, done));
        } catch (error) {
          replace(said, problem(error));
        }
      },
    },
    field('vp_scenario', select),
    field('vp_places', h('input', { name: 'places', required: true, placeholder: 'S01, S03' })),
    field('vp_each', h('input', { name: 'each', type: 'number', min: 1, max: 100 })),
    field('vp_first', h('input', { name: 'from', type: 'date' })),
    field('vp_last', h('input', { name: 'to', type: 'date' })),
    field('vp_who', h('input', { name: 'who', placeholder: 'member:M-900' })),
    h('button', { type: 'submit', class: 'more' }, t('vp_propose')),
    said,
  );
  get('/api/scenarios').then(
    (a) => replace(select, ...a.scenarios.map((s) => h('option', { value: s.id }, s.title?.[lang()] ?? s.id))),
    (error) => replace(said, problem(error)),
  );
  kept = { lang: lang(), details: h('details', { class: 'data imp-enter' }, h('summary', {}, t('vp_new')), form, shown) };
  return kept.details;
}

// ---- the shopper's link

export function linkForm(visit) {
  if (visit.reader !== 'qa' || (visit.state !== 'planned' && visit.state !== 'started')) return null;
  const shown = h('div', { role: 'status' });
  const button = h('button', { type: 'button', class: 'more' }, t('vp_link'));
  button.addEventListener('click', async () => {
    try {
      const link = await post('/api/visit-link', { id: visit.id });
      const code = document.importNode(new DOMParser().parseFromString(link.svg, 'image/svg+xml').documentElement, true);
      code.setAttribute('role', 'img');
      code.setAttribute('aria-label', t('vp_code'));
      code.setAttribute('width', '240');
      code.setAttribute('height', '240');
      replace(shown, code, h('p', {}, h('code', {}, link.url)), h('p', { class: 'soft' }, t('vp_expires', { time: minute(link.expires) })), link.here_only && h('p', { class: 'problem' }, t('vp_here_only')));
    } catch (error) {
      replace(shown, problem(error));
    }
  });
  return h('section', { class: 'vp-link' }, button, shown);
}

// ---- photos

export function photos(visit) {
  const list = [...visit.sections.flatMap((s) => s.items.flatMap((i) => i.evidence)), ...(visit.evidence_other ?? [])].filter((one) => one.href);
  if (!list.length) return null;
  return h(
    'section',
    { class: 'vp-photos' },
    list.map((one, i) =>
      h(
        'figure',
        {},
        one.state === 'whole' && one.type?.startsWith('image/') && h('a', { href: one.href }, h('img', { src: one.href, alt: t('vp_photo', { n: i + 1 }), width: 160, loading: 'lazy' })),
        one.state === 'whole' && !one.type?.startsWith('image/') && h('a', { href: one.href }, one.name),
        h('figcaption', { class: one.state === 'whole' ? 'soft' : 'problem' }, t('vp_file_' + one.state)),
      ),
    ),
  );
}
