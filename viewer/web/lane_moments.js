// Moments of truth at each step: points among like customers, and which way; declared ones that the data do not show are said too.
import { h } from './dom.js';
import { t } from './i18n.js';
import { pageLink } from './shell.js';
import { points, pointsRange } from './figures.js';
import { momentKey } from './momentpanel.js';

function one(moment) {
  const found = moment.verdict.id === 'supported';
  if (!found && !moment.declared) return null;
  return h(
    'a',
    { class: 'lane-moment' + (found ? '' : ' unseen'), href: pageLink('/moments', { pick: momentKey(moment) }) },
    h('i', { class: 'moment-mark', 'aria-hidden': 'true' }),
    found ? [h('b', {}, points(moment.adjusted_rd)), h('small', {}, pointsRange(moment.lo, moment.hi)), h('span', {}, t('side_word_' + moment.side))] : h('small', {}, t('declared_unseen')),
  );
}

export const moments = {
  key: 'moments',
  cell: (step, data) => (data.moments ? [...data.moments.moments, ...data.moments.rest].filter((moment) => moment.touchpoint === step.touchpoint).map(one) : null),
};
