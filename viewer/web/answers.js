// Several questions asked again and again as one: unchanged answers (304) cost nothing and are told apart from new ones.
import { ask } from './api.js';

// In a live store the moment of judgement moves on with every question: an answer that differs in nothing else is the same.
const plain = (text) => text.replace(/"as_of":\d+/g, '').replace(/as_of=\d+/g, '');

export class Answers {
  constructor() {
    this.known = new Map();
  }

  async one(name, [address, params, optional]) {
    const key = address + JSON.stringify(params);
    const known = this.known.get(name);
    const kept = known?.key === key ? known : null;
    if (kept?.gone) return { ...kept, same: true };
    let answer;
    try {
      answer = await ask(address, params, { etag: kept?.etag });
    } catch (error) {
      if (!optional || error.status === 0 || error.status >= 500) throw error;
      this.known.set(name, { key, etag: null, data: null, lag_ms: null, gone: error.status === 404 });
      return { ...this.known.get(name), same: kept?.data === null };
    }
    if (answer.status === 304) return { ...kept, lag_ms: answer.lag_ms, same: true };
    const fresh = { key, etag: answer.etag, data: JSON.parse(answer.text), plain: plain(answer.text), lag_ms: answer.lag_ms };
    this.known.set(name, fresh);
    return { ...fresh, same: fresh.plain === kept?.plain };
  }

  // asked: {name: [address, parameters, optional]}; an optional one that is refused answers null.
  // -> {data: {name: answer}, moved: whether any differs from the last time, lag_ms}
  async read(asked) {
    const names = Object.keys(asked);
    const got = await Promise.all(names.map((name) => this.one(name, asked[name])));
    return {
      data: Object.fromEntries(names.map((name, i) => [name, got[i].data])),
      moved: got.some((answer) => !answer.same),
      lag_ms: Math.max(0, ...got.map((answer) => answer.lag_ms ?? 0)),
    };
  }
}
