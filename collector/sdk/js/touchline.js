/* touchline.js - the browser SDK; calls and options: README.md beside it. Each event has an id, a session and a running number, lies in
 * localStorage under a name of its own (tabs write at the same time) until the collector has said 2xx; sent twice, it counts once. */
(function (w, d) {
  'use strict'
  var LIMIT = 20000, IDLE = 18e5, nav = w.navigator
  function uuid() {
    return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, function () {
      return (w.crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16)
    })
  }
  function merge(to, from) {
    for (var k in from) to[k] = from[k]
    return to
  }
  w.touchline = function (key, options) {
    options = options || {}
    var url = (options.url || '').replace(/\/+$/, '') + (options.path || '/v1/events') + '?key=' + encodeURIComponent(key)
    var at = 'tl:' + key + ':', memory = {}, held = [], timer, busy, wait = 0, until = 0
    var off = options.dnt !== false && (nav.globalPrivacyControl || (nav.doNotTrack || w.doNotTrack) == 1)
    var asked = options.consent, shut, kept = options.kept || 1000
    function now() { return w.performance ? w.performance.now() : Date.now() }
    /* what storage did not take (full, forbidden, no consent yet) is in memory, and believed first */
    function load(name, otherwise) {
      if (name in memory) return memory[name]
      try { return JSON.parse(w.localStorage.getItem(at + name)) || otherwise } catch (e) { return otherwise }
    }
    function save(name, value) {
      delete memory[name]
      try {
        if (asked) throw 0
        w.localStorage.setItem(at + name, JSON.stringify(value))
      } catch (e) { memory[name] = value }
    }
    /* [{k: name, t: JSON}] by time */
    function queue() {
      var list = held.slice(), l, k
      try {
        l = w.localStorage
        for (var i = 0; i < l.length; i++) if ((k = l.key(i)).indexOf(at + 'e:') == 0) list.push({ k: k, t: l.getItem(k) })
      } catch (e) { }
      return list.sort(function (a, b) { return a.k < b.k ? -1 : 1 })
    }
    function keep(item) {
      try {
        if (asked) throw 0
        w.localStorage.setItem(item.k, item.t)
      } catch (e) { held.push(item) }
    }
    function drop(items) {
      var gone = {}
      items.forEach(function (i) {
        gone[i.k] = 1
        try { w.localStorage.removeItem(i.k) } catch (e) { }
      })
      held = held.filter(function (i) { return !gone[i.k] })
    }
    function ids() {
      var known = load('ids', {})
      if (!known.anonymous) { known.anonymous = uuid(); save('ids', known) }
      return known
    }
    function put(type, props, more) {
      if (off || shut) return null
      var s = load('session', {}), time = Date.now(), waiting
      if (!s.id || time - s.last > IDLE || s.last - time > IDLE) s = { id: uuid(), seq: 0 }
      s.last = time
      s.seq++
      save('session', s)
      var event = merge({ id: uuid(), type: type, time: new Date().toISOString(), channel: options.channel || 'web', session: s.id, seq: s.seq, ids: ids() }, more)
      if (props) event.props = props
      keep({ k: at + 'e:' + time + '.' + (1e6 + s.seq) + event.id, t: JSON.stringify(event) })
      waiting = queue()
      if (waiting.length > kept) { drop(waiting.slice(0, 1)); api.dropped++ }
      if (waiting.length >= (options.batch || 20)) flush()
      else timer = timer || setTimeout(flush, options.wait || 500)
      return event.id
    }
    function body(list) {
      var out = '', line, i = 0
      for (; i < list.length; i++) {
        line = list[i].t.slice(0, -1) + ',"sent_at":"' + new Date().toISOString() + '"}\n'
        if (out && out.length + line.length > LIMIT) break
        out += line
      }
      return { text: out, n: i }
    }
    function again(seconds) {
      wait = Math.min(300, Math.max(seconds || 0, wait * 2 || 1))
      var ms = wait * 1000 * (1 + Math.random() / 4)
      until = now() + ms
      clearTimeout(timer)
      timer = setTimeout(flush, ms)
    }
    /* 400, 413: given up. 401, 403: until the key is right. All else: later. */
    function post(release) {
      var list = queue(), b = body(list), batch = list.slice(0, b.n)
      if (!b.n) return release()
      w.fetch(url, { method: 'POST', body: b.text, keepalive: true, headers: { 'Content-Type': 'text/plain' }, credentials: 'omit' }).then(function (r) {
        var s = r.status, bad = s == 400 || s == 413
        release()
        if (s > 299 && !bad) return again(s == 401 || s == 403 ? 300 : +r.headers.get('Retry-After'))
        drop(batch)
        if (bad) api.dropped += b.n
        wait = 0
        flush()
      }, function () { release(); again() })
    }
    /* one tab at a time, where the browser has locks */
    function flush() {
      clearTimeout(timer)
      timer = 0
      if (busy || asked || off || !queue().length) return
      if (now() < until) { timer = setTimeout(flush, until - now()); return }
      busy = 1
      if (!nav.locks) return post(function () { busy = 0 })
      nav.locks.request(at, { ifAvailable: true }, function (lock) {
        if (!lock) { busy = 0; again(); return }
        return new Promise(function (free) { post(function () { busy = 0; free() }) })
      })
    }
    function leave() {
      var list = queue()
      if (list.length && !asked && !off && nav.sendBeacon) nav.sendBeacon(url, body(list).text)
    }
    w.addEventListener('pagehide', leave)
    d.addEventListener('visibilitychange', function () { if (d.visibilityState == 'hidden') leave() })
    w.addEventListener('online', function () { until = 0; flush() })
    var api = {
      dropped: 0,
      track: function (type, props, more) { return put(type, props, more) },
      page: function (name, props) {
        var l = w.location
        return put('view', merge({ url: l.href, path: l.pathname, title: d.title, referrer: d.referrer }, props), { touchpoint: name || l.pathname })
      },
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
    return api
  }
})(window, document)
