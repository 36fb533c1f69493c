/* core.js - what the SDKs of web pages (web.js) and of mini programs (mini.js) share; tools/sdk.sh puts it in front of each. Each event has an id, a session
 * and a running number, and lies in the host's storage under a name of its own until the collector has said 2xx; sent twice, it counts once.
 *
 * host, what differs between the two: uuid(); get(name) a text or nothing, set(name, text) throws when there is no room, remove(name), names() a list; channel;
 * off: nothing is stored or sent; post(url, text, done): done(status, seconds of Retry-After), status 0 without an answer;
 * lock(name, work, taken), where others may send at the same time: work(free), or taken(). */
function merge(to, from) {
  for (var k in from) to[k] = from[k]
  return to
}
function bytes(text) { return text.replace(/[^\0-\x7f]/g, 'xxx').length }
function core(key, options, host) {
  var LIMIT = 20000, LARGEST = 32000, IDLE = 18e5
  var url = (options.url || '').replace(/\/+$/, '') + (options.path || '/v1/events') + '?key=' + encodeURIComponent(key)
  var at = 'tl:' + key + ':', memory = {}, held = [], timer, paused, busy, wait = 0
  var off = host.off, asked = options.consent, shut, kept = options.kept || 1000
  /* what storage did not take (full, forbidden, no consent yet) is in memory, and believed first */
  function load(name, otherwise) {
    if (name in memory) return memory[name]
    try { return JSON.parse(host.get(at + name)) || otherwise } catch (e) { return otherwise }
  }
  function save(name, value) {
    delete memory[name]
    try {
      if (asked) throw 0
      host.set(at + name, JSON.stringify(value))
    } catch (e) { memory[name] = value }
  }
  /* [{k: name, t: JSON}] by time */
  function queue() {
    var list = held.slice()
    try {
      host.names().forEach(function (k) { if (k.indexOf(at + 'e:') == 0) list.push({ k: k, t: host.get(k) }) })
    } catch (e) { }
    return list.sort(function (a, b) { return a.k < b.k ? -1 : 1 })
  }
  function keep(item) {
    try {
      if (asked) throw 0
      host.set(item.k, item.t)
    } catch (e) { held.push(item) }
  }
  function drop(items) {
    var gone = {}
    items.forEach(function (i) {
      gone[i.k] = 1
      try { host.remove(i.k) } catch (e) { }
    })
    held = held.filter(function (i) { return !gone[i.k] })
  }
  function ids() {
    var known = load('ids', {})
    if (!known.anonymous) { known.anonymous = host.uuid(); save('ids', known) }
    return known
  }
  function put(type, props, more) {
    if (off || shut) return null
    var s = load('session', {}), time = Date.now(), waiting, text
    if (!s.id || time - s.last > IDLE || s.last - time > IDLE) s = { id: host.uuid(), seq: 0 }
    s.last = time
    s.seq++
    save('session', s)
    var event = merge({ id: host.uuid(), type: type, time: new Date().toISOString(), channel: options.channel || host.channel, session: s.id, seq: s.seq, ids: ids() }, more)
    if (props) event.props = props
    text = JSON.stringify(event)
    if (bytes(text) > LARGEST) { api.dropped++; return null }
    keep({ k: at + 'e:' + time + '.' + (1e6 + s.seq) + event.id, t: text })
    waiting = queue()
    if (waiting.length > kept) { drop(waiting.slice(0, 1)); api.dropped++ }
    if (waiting.length >= (options.batch || 20)) flush()
    else timer = timer || setTimeout(flush, options.wait || 500)
    return event.id
  }
  function body(list) {
    var out = '', line, i = 0
    for (; i < list.length; i++) {
      line = list[i].t + '\n'
      if (out && out.length + line.length > LIMIT) break
      out += line
    }
    return { text: out, n: i }
  }
  function again(seconds) {
    wait = Math.max(Math.min(seconds || 0, 86400), Math.min(300, wait * 2 || 1))
    paused = 1
    clearTimeout(timer)
    timer = setTimeout(wake, wait * 1000 * (1 + Math.random() / 4))
  }
  /* when it is sent stands in the address: an event sent again is the same bytes again */
  function to() { return url + '&sent_at=' + new Date().toISOString() }
  /* 400, 413: given up. 401, 403: until the key is right. All else: later. */
  function post(free) {
    var list = queue(), b = body(list), batch = list.slice(0, b.n)
    if (!b.n) return free()
    host.post(to(), b.text, function (s, seconds) {
      var bad = s == 400 || s == 413
      free()
      if (!bad && (s < 200 || s > 299)) return again(s == 401 || s == 403 ? 300 : seconds)
      drop(batch)
      if (bad) api.dropped += b.n
      wait = 0
      flush()
    })
  }
  function flush() {
    if (paused) return
    clearTimeout(timer)
    timer = 0
    if (busy || asked || off || !queue().length) return
    busy = 1
    var work = function (free) { post(function () { busy = 0; if (free) free() }) }
    if (host.lock) host.lock(at, work, function () { busy = 0; again() })
    else work()
  }
  function wake() {
    paused = 0
    flush()
  }
  var api = {
    dropped: 0,
    track: function (type, props, more) { return put(type, props, more) },
    identify: function (who, traits) {
      if (off || shut) return null
      save('ids', merge(ids(), typeof who == 'string' ? { user: who } : who))
      return put('identity.link', traits)
    },
    alias: function (other) { return put('identity.link', null, { ids: merge(merge({}, ids()), typeof other == 'string' ? { user: other } : other) }) },
    consent: function (purposes) {
      var yes = false, known = memory, items = held
      for (var k in purposes) yes = yes || purposes[k]
      if (asked && yes) {
        asked = 0
        memory = {}
        held = []
        for (k in known) save(k, known[k])
        items.forEach(keep)
      }
      if (!yes) drop(queue())
      shut = 0
      var id = put(yes ? 'consent.grant' : 'consent.revoke', null, { consent: purposes })
      shut = !yes
      flush()
      return id
    },
    start: function (name) {
      save('w:' + name, Date.now())
      return put('wait.start', null, { touchpoint: name })
    },
    end: function (name, props) {
      var began = load('w:' + name, 0), more = { touchpoint: name }
      if (began) more.wait_ms = Math.max(0, Date.now() - began)
      save('w:' + name, 0)
      return put('wait.end', props, more)
    },
    rate: function (kind, value, more) {
      var scores = {}
      scores[kind] = value
      return put('survey.response', null, merge({ scores: scores }, more))
    },
    reset: function () { save('ids', {}); save('session', {}) },
    flush: flush
  }
  if (queue().length) timer = setTimeout(flush, 0)
  return { to: to, api: api, put: put, wake: wake, rest: function () { return asked || off ? '' : body(queue()).text } }
}
