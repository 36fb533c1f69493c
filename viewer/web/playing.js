// What happens when in one journey: its steps, the clocks that run, the breaks, what a shopper noted. Pure: answers in, moments out.

const within = (t, lo, hi) => Math.min(hi, Math.max(lo, t));

// A wait with a limit breaks when the limit passes, whenever it ends.
const breaksAt = (one) => one.broken ?? (one.unit === 'ms' && one.expected !== null ? one.at + one.expected : one.at);

// A break stands at the step where it shows: the next one at its touchpoint, else the one it began at.
function stepOf(one, steps) {
  const shows = steps.findIndex((step) => step.touchpoint === one.touchpoint && (step.end ?? step.start) >= one.at);
  return shows >= 0 ? shows : one.step;
}

// Clocks run from a moment until another, against a limit: those of the visit, kept ones too; those that broke; and the waits that the plan limits.
function clocks(journey, plan, timings) {
  const out = timings
    .filter((one) => one.from !== null && one.took_ms !== null && one.limit_ms > 0)
    .map((one) => ({ id: one.id, name: one.name, item: one, from: one.from, until: one.is === 'running' ? null : one.from + one.took_ms, limit: one.limit_ms }));
  const has = (brk) => out.some((one) => one.id === brk.id && one.from === (brk.at ?? brk.start));
  for (const one of journey.waits ?? [])
    if (['running', 'kept', 'late', 'over'].includes(one.is) && one.due > one.start && !has(one))
      out.push({ id: one.id, name: one.name, item: one, from: one.start, until: one.ended ?? null, limit: one.due - one.start });
  for (const one of journey.breaks)
    if (one.unit === 'ms' && one.at !== null && one.expected > 0 && !has(one))
      out.push({ id: one.id, name: one.name, item: one, from: one.at, until: one.open || one.actual === null ? null : one.at + one.actual, limit: one.expected });
  const known = new Set(out.map((one) => one.item.touchpoint));
  const limits = new Map(plan.filter((step) => step.max_wait_ms > 0).map((step) => [step.touchpoint, step.max_wait_ms]));
  journey.steps.forEach((step, i) => {
    if (!i || known.has(step.touchpoint) || !limits.has(step.touchpoint)) return;
    const from = Math.max(...journey.steps.slice(0, i).map((one) => one.end ?? one.start));
    if (from < step.start) out.push({ id: 'plan', name: null, item: step, from, until: step.start, limit: limits.get(step.touchpoint) });
    known.add(step.touchpoint);
  });
  return out.sort((a, b) => a.from - b.from);
}

// What a shopper noted; without a time of its own it is there from the end on.
function notes(visit, last) {
  const items = (visit?.sections ?? []).flatMap((section) => section.items);
  const answers = items.filter((one) => one.answer).map((one) => ({ kind: 'answer', at: one.time ?? last, one }));
  const stamps = (visit?.stamps ?? []).map((one) => ({ kind: 'stamp', at: one.time ?? last, one }));
  return [...stamps, ...answers].sort((a, b) => a.at - b.at);
}

export function story(journey, plan = [], visit = null) {
  const breaks = journey.breaks.map((one) => ({ ...one, moment: breaksAt(one) })).sort((a, b) => a.moment - b.moment);
  const running = clocks(journey, plan, visit?.timings ?? []);
  const noted = notes(visit, journey.last);
  const steps = journey.steps.map((step, i) => ({ ...step, index: i, breaks: [] }));
  for (const one of breaks) steps[stepOf(one, steps)]?.breaks.push(one);
  const ends = [journey.last, ...steps.map((one) => one.end ?? one.start), ...breaks.map((one) => one.moment), ...noted.map((one) => one.at)];
  const start = Math.min(journey.start, ...noted.map((one) => one.at));
  return { start, last: Math.max(...ends), steps, breaks, clocks: running, noted, plan };
}

// The step that the journey is at: the last one that has begun; -1 before the first.
export function stepAt(tale, at) {
  let found = -1;
  for (const step of tale.steps) if (step.start <= at) found = step.index;
  return found;
}

// Where between two steps: {from, to, share}; share 0 while a step goes on, 1 when the next begins.
export function between(tale, at) {
  const i = stepAt(tale, at);
  const [here, next] = [tale.steps[i], tale.steps[i + 1]];
  if (!here || !next) return { from: here ?? tale.steps[0], to: null, share: 0 };
  const left = Math.min(here.end ?? here.start, next.start);
  return { from: here, to: next, share: next.start > left ? within((at - left) / (next.start - left), 0, 1) : 0 };
}

// Clocks at a moment: {clock, ms, over, running}; those that have not begun are left out.
export const clocksAt = (tale, at) =>
  tale.clocks
    .filter((one) => one.from <= at)
    .map((clock) => {
      const ms = Math.min(at, clock.until ?? Infinity) - clock.from;
      return { clock, ms, over: ms > clock.limit, running: clock.until === null || at < clock.until };
    });

// The moments that one jumps between, and the next or the one before.
export const moments = (tale) => [...new Set([tale.start, ...tale.steps.map((one) => one.start), ...tale.breaks.map((one) => one.moment), tale.last])].sort((a, b) => a - b);
export function jump(list, at, way) {
  return way > 0 ? (list.find((one) => one > at + 0.5) ?? list[list.length - 1]) : ([...list].reverse().find((one) => one < at - 0.5) ?? list[0]);
}

// The first break that playing from one moment to the next comes upon.
export const breakBetween = (tale, from, to) => tale.breaks.find((one) => one.moment > from && one.moment <= to) ?? null;

export const SPEEDS = [1, 10, 60, 300, 1800, 7200];
// As fast as makes the whole about half a minute.
export function paceOf(tale) {
  const wanted = (tale.last - tale.start) / 30000;
  return SPEEDS.find((speed) => speed >= wanted) ?? SPEEDS[SPEEDS.length - 1];
}

// A planned step at a moment: reached, when; missed, when the journey is over or a later planned step was reached and this is required.
export function planAt(tale, at) {
  const first = (touchpoint) => tale.steps.find((step) => step.touchpoint === touchpoint && step.start <= at);
  const reached = tale.plan.map((step) => first(step.touchpoint));
  const furthest = reached.findLastIndex(Boolean);
  const groups = new Set(tale.plan.filter((step, i) => step.one_of && reached[i]).map((step) => step.one_of));
  return tale.plan.map((step, i) => {
    const brk = tale.breaks.find((one) => one.touchpoint === step.touchpoint && one.moment <= at);
    if (brk) return { step, state: 'broken', at: brk.moment };
    if (reached[i]) return { step, state: 'reached', at: reached[i].start };
    const gone = i < furthest || at >= tale.last;
    return { step, state: gone && step.need === 'required' && !groups.has(step.one_of) ? 'missed' : 'ahead', at: null };
  });
}
