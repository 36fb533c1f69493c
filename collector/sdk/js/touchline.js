/* touchline.js - the browser SDK: touchline('key', {url}) gives {track, page, identify, flush, reset}.
 * Every event gets an id, a session and a running number here, is kept in localStorage until the collector has said 2xx, and may be sent
 * more than once: the same id is counted once. No cookies. Bodies are NDJSON as text/plain with the key in the address, so no preflight. */
(function (w, d) {
  'use strict'
  var LIMIT = 60000, KEPT = 1000, IDLE = 18e5
  function uuid() {
    var c = w.crypto
    if (c && c.randomUUID) return c.randomUUID()
    return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, function () {
      return (c ? c.getRandomValues(new Uint8Array(1))[0] & 15 : Math.random() * 16 | 0).toString(16)
    })
  }
  w.touchline = function (key, options) {
    options = options || {}
    var url = (options.url || '').replace(/\/+$/, '') + '/v1/events?key=' + encodeURIComponent(key)
    var at = 'tl:' + key + ':', memory = {}, timer, busy, wait = 0
    function load(name, otherwise) {
      try { return JSON.parse(w.localStorage.getItem(at + name)) || memory[name] || otherwise } catch (e) { return memory[name] || otherwise }
    }
    function save(name, value) {
      memory[name] = value
      try { w.localStorage.setItem(at + name, JSON.stringify(value)) } catch (e) { /* private mode or full: memory alone */ }
    }
    function session() {
      var s = load('session', {}), now = Date.now()
      if (!s.id || now - s.last > IDLE) s = { id: uuid(), seq: 0 }
      s.last = now
      s.seq++
      save('session', s)
      return s
    }
    function ids() {
      var known = load('ids', {})
      if (!known.anonymous) { known.anonymous = uuid(); save('ids', known) }
      return known
    }
    function put(type, props, more) {
      var s = session(), queue = load('queue', []), event = { id: uuid(), type: type, time: new Date().toISOString(), channel: options.channel || 'web', session: s.id, seq: s.seq, ids: ids() }
      for (var k in more) event[k] = more[k]
      if (props) event.props = props
      queue.push(event)
      if (queue.length > KEPT) { queue.shift(); api.dropped++ }
      save('queue', queue)
      if (queue.length >= (options.batch || 20)) flush()
      else timer = timer || setTimeout(flush, options.wait || 500)
      return event.id
    }
    function body(queue) {
      var now = new Date().toISOString(), out = '', line
      for (var i = 0; i < queue.length; i++) {
        queue[i].sent_at = now
        line = JSON.stringify(queue[i]) + '\n'
        if (out && out.length + line.length > LIMIT / 3) break
        out += line
      }
      return { text: out, n: i }
    }
    function done(batch) {
      var gone = {}
      batch.forEach(function (e) { gone[e.id] = 1 })
      save('queue', load('queue', []).filter(function (e) { return !gone[e.id] }))
      wait = 0
    }
    function again(seconds) {
      wait = Math.min(300, Math.max(seconds || 0, wait * 2 || 1))
      timer = timer || setTimeout(flush, wait * 1000 * (1 + Math.random() / 4))
    }
    function flush() {
      clearTimeout(timer)
      timer = 0
      var queue = load('queue', [])
      if (busy || !queue.length) return
      var b = body(queue), batch = queue.slice(0, b.n)
      busy = 1
      w.fetch(url, { method: 'POST', body: b.text, keepalive: true, headers: { 'Content-Type': 'text/plain' }, credentials: 'omit' }).then(function (r) {
        busy = 0
        if (r.status === 429 || r.status >= 500) return again(+r.headers.get('Retry-After'))
        done(batch)
        flush()
      }, function () { busy = 0; again() })
    }
    function leave() {
      var queue = load('queue', [])
      if (queue.length && w.navigator.sendBeacon) w.navigator.sendBeacon(url, body(queue).text)
    }
    w.addEventListener('pagehide', leave)
    d.addEventListener('visibilitychange', function () { if (d.visibilityState === 'hidden') leave() })
    w.addEventListener('online', flush)
    var api = {
      dropped: 0,
      track: function (type, props) { return put(type, props) },
      page: function (name, props) {
        var p = { url: w.location.href, path: w.location.pathname, title: d.title, referrer: d.referrer }
        for (var k in props) p[k] = props[k]
        return put('view', p, { touchpoint: name || w.location.pathname })
      },
      identify: function (who, traits) {
        var known = ids()
        if (typeof who === 'string') known.user = who
        else for (var k in who) known[k] = who[k]
        save('ids', known)
        return put('identity.link', traits)
      },
      reset: function () { save('ids', {}); save('session', {}) },
      flush: flush
    }
    if (load('queue', []).length) timer = setTimeout(flush, 0)
    return api
  }
})(window, document)
