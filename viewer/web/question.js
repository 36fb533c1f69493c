// What a page of findings asks, from the address: the journey type, the days, the filters, the day of judgement.
import * as view from './store.js';
import { defaultJourney } from './controls.js';

export const question = (about, more) => ({
  journey: view.get('journey') || defaultJourney(about),
  filter: view.get('filter'),
  from: view.get('from'),
  to: view.get('to'),
  as_of: view.get('as_of'),
  ...more,
});
