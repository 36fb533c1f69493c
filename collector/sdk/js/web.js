/* web.js - the SDK of web pages: `touchline(key, options)`; calls and options: README.md. Tabs share localStorage, and one of them sends at a time. */
window.touchline = function (key, options) {
  options = options || {}
  var w = window, d = document, nav = w.navigator
  var sdk = core(key, options, {
    channel: 'web',
    off: options.dnt !== false && (nav.globalPrivacyControl || (nav.doNotTrack || w.doNotTrack) == 1),
    uuid: function () {
      return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, function () {
        return (w.crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16)
      })
    },
    get: function (name) { return w.localStorage.getItem(name) },
    set: function (name, text) { w.localStorage.setItem(name, text) },
    remove: function (name) { w.localStorage.removeItem(name) },
    names: function () {
      for (var i = 0, l = w.localStorage, list = []; i < l.length; i++) list.push(l.key(i))
      return list
    },
    post: function (url, text, done) {
      w.fetch(url, { method: 'POST', body: text, keepalive: true, headers: { 'Content-Type': 'text/plain' }, credentials: 'omit' }).then(function (r) {
        done(r.status, +r.headers.get('Retry-After'))
      }, function () { done(0) })
    },
    lock: nav.locks && function (name, work, taken) {
      nav.locks.request(name, { ifAvailable: true }, function (lock) { return lock ? new Promise(work) : taken() }).then(null, function () { work() })
    }
  })
  function leave() {
    var text = sdk.rest()
    if (text && nav.sendBeacon) nav.sendBeacon(sdk.to(), text)
  }
  w.addEventListener('pagehide', leave)
  d.addEventListener('visibilitychange', function () { if (d.visibilityState == 'hidden') leave() })
  w.addEventListener('online', sdk.wake)
  sdk.api.page = function (name, props) {
    var l = w.location
    return sdk.put('view', merge({ url: l.href, path: l.pathname, title: d.title, referrer: d.referrer }, props), { touchpoint: name || l.pathname })
  }
  return sdk.api
}
