/* mini.js - the SDK of WeChat mini programs: `require('./touchline-mini.js')(key, options)`; calls and options: README.md. A program runs once, so what lies in
 * wx storage is mirrored in memory and read at the start alone. Of the 10 MB that a program may store it takes 2 at most, the rest is the program's. */
var SHARE_BYTES = 2e6, TIMEOUT_MS = 15000, made = {}
var stored = {
  mirror: {}, used: 0,
  open: function () {
    stored.open = function () { }
    wx.getStorageInfoSync().keys.forEach(function (name) {
      if (name.indexOf('tl:') == 0) stored.note(name, wx.getStorageSync(name))
    })
  },
  note: function (name, text) {
    stored.used += (text ? bytes(name + text) : 0) - (stored.mirror[name] ? bytes(name + stored.mirror[name]) : 0)
    if (text) stored.mirror[name] = text
    else delete stored.mirror[name]
  },
  set: function (name, text) {
    if (stored.used + bytes(name + text) > SHARE_BYTES) throw 0
    wx.setStorageSync(name, text)
    stored.note(name, text)
  },
  remove: function (name) {
    if (!stored.mirror[name]) return
    stored.note(name)
    wx.removeStorageSync(name)
  }
}
/* header names come in whatever case the platform likes */
function retryAfter(header) {
  for (var name in header) if (name.toLowerCase() == 'retry-after') return +header[name]
}
/* version 7: the time, and chance behind it */
function uuid() {
  var time = ('00000000000' + Date.now().toString(16)).slice(-12)
  return time.slice(0, 8) + '-' + time.slice(8) + '-7xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, function () { return (Math.random() * 16 | 0).toString(16) })
}
module.exports = function (key, options) {
  if (made[key]) return made[key]
  try { stored.open() } catch (e) { }
  var sdk = core(key, options || {}, {
    channel: 'app',
    uuid: uuid,
    get: function (name) { return stored.mirror[name] },
    set: stored.set,
    remove: stored.remove,
    names: function () { return Object.keys(stored.mirror) },
    post: function (url, text, done) {
      wx.request({
        url: url, method: 'POST', data: text, dataType: 'text', timeout: TIMEOUT_MS, header: { 'content-type': 'text/plain' },
        success: function (r) { done(r.statusCode, retryAfter(r.header)) },
        fail: function () { done(0) }
      })
    }
  })
  wx.onAppHide(sdk.api.flush)
  wx.onAppShow(sdk.api.flush)
  wx.onNetworkStatusChange(function (now) { if (now.isConnected) sdk.wake() })
  sdk.api.page = function (name, props) {
    var open = getCurrentPages(), route = open.length ? open[open.length - 1].route : undefined
    return sdk.put('view', merge({ path: route }, props), { touchpoint: name || route })
  }
  return made[key] = sdk.api
}
