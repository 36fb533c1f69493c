// visit_phone.js - the shopper's page: times stamped, questions answered, an order number, photos. Put whole into visit.html, so it is a classic script, written for
// the browsers inside chat apps: no service worker, no notifications, nothing newer than ES2017.
//
// Every tap is kept in localStorage at once, photos in IndexedDB until the server has them. What is sent may be sent again: the server takes it once.
(function () {
  'use strict';

  var WORDS = {
    zh: {title: '到店记录', undo: '撤销', undoSure: '再点一次撤销', yes: '是', no: '否', na: '不适用', note: '补充说明(可不填)', order: '订单号', orderHint: '小票或 App 上的订单号', photo: '拍照', photoMore: '再拍一张',
      remark: '其他要说的(可不填)', send: '提交', left: '还有 {n} 项未填', sendSure: '还有 {n} 项未填,再点一次提交', saved: '已保存在本机', sending: '正在提交…', sendingPhoto: '正在传照片,还剩 {n} 张…', offline: '没有网络,已保存在本机,恢复后自动继续',
      again: '暂时没有送到,已保存在本机,稍后自动重试', refused: '没有被接收:{text}', over: '链接已失效,请联系派您出访的人;您填的内容仍保存在本机', received: '已收到', thanks: '谢谢,可以关闭本页。', memory: '本机不允许保存,请不要关闭或刷新本页', big: '照片无法处理,请换一张',
      photoOf: '照片', place: '门店', lang: 'English'},
    en: {title: 'Visit', undo: 'Undo', undoSure: 'Tap again to undo', yes: 'Yes', no: 'No', na: 'Not applicable', note: 'Anything to add (optional)', order: 'Order number', orderHint: 'From the receipt or the app', photo: 'Take a photo', photoMore: 'Another photo',
      remark: 'Anything else (optional)', send: 'Send', left: '{n} left to fill in', sendSure: '{n} not filled in; tap again to send', saved: 'Saved on this phone', sending: 'Sending…', sendingPhoto: 'Sending photos, {n} to go…',
      offline: 'No network. Saved on this phone; goes on by itself', again: 'Not through yet. Saved on this phone; tried again by itself', refused: 'Not taken: {text}', over: 'This link is over. Ask whoever sent you; what you filled in stays on this phone',
      received: 'Received', thanks: 'Thank you. You can close this page.', memory: 'This browser keeps nothing: do not close or reload the page', big: 'This photo cannot be read, take another', photoOf: 'Photo', place: 'Store', lang: '中文'}
  };
  var PHOTO_BYTES = 1000000, PHOTO_EDGE = 1600, RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  var visit = JSON.parse(document.getElementById('visit').textContent);
  var KEY = 'touchline-visit-' + visit.key, address = location.pathname.replace(/\/+$/, '');
  var main = document.getElementById('main');
  var keeps = true, state = load(), zh = state.zh, thumbs = {}, tries = 0, timer = 0, busy = false, armed = null, told = '', bad = false;

  function load() {
    var s = null;
    try { s = JSON.parse(localStorage.getItem(KEY)); } catch (e) { keeps = false; }
    s = s || {};
    return {stamps: s.stamps || {}, answers: s.answers || {}, order: s.order || '', note: s.note || '', photos: s.photos || [], sending: !!s.sending, started: !!s.started,
      received: !!s.received || visit.received, zh: s.zh === undefined ? !/^en/i.test(navigator.language || '') : s.zh};
  }
  function save() {
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch (e) { keeps = false; }
  }
  function word(name, values) {
    var text = WORDS[zh ? 'zh' : 'en'][name];
    for (var k in values || {}) text = text.replace('{' + k + '}', values[k]);
    return text;
  }
  function title(t) { return t ? (zh ? t.zh : t.en) : ''; }

  /* ---- photos: kept until the server has them; in memory where there is no IndexedDB ---- */
  var blobs = {}, base = null;
  function withBase(then) {
    if (base || !window.indexedDB) return then(base);
    var asked = false, open;
    function once(b) { if (!asked) { asked = true; base = b; then(b); } }
    try {
      open = indexedDB.open('touchline-visit', 1);
      open.onupgradeneeded = function () { open.result.createObjectStore('photos'); };
      open.onsuccess = function () { once(open.result); };
      open.onerror = open.onblocked = function () { once(null); };
      setTimeout(function () { once(null); }, 3000);
    } catch (e) { once(null); }
  }
  function put(id, blob, then) {
    blobs[id] = blob;
    withBase(function (b) {
      if (!b) { keeps = false; return then(); }
      var t = b.transaction('photos', 'readwrite');
      t.objectStore('photos').put(blob, visit.key + '/' + id);
      t.oncomplete = then;
      t.onerror = t.onabort = function () { keeps = false; then(); };
    });
  }
  function get(id, then) {
    if (blobs[id]) return then(blobs[id]);
    withBase(function (b) {
      if (!b) return then(null);
      var r = b.transaction('photos').objectStore('photos').get(visit.key + '/' + id);
      r.onsuccess = function () { blobs[id] = r.result; then(r.result || null); };
      r.onerror = function () { then(null); };
    });
  }
  function drop(id) {
    delete blobs[id];
    withBase(function (b) { if (b) b.transaction('photos', 'readwrite').objectStore('photos').delete(visit.key + '/' + id); });
  }
  // smaller and smaller, until it is under PHOTO_BYTES
  function shrink(file, then) {
    var url = URL.createObjectURL(file), img = new Image();
    img.onerror = function () { URL.revokeObjectURL(url); then(null); };
    img.onload = function () {
      var edge = PHOTO_EDGE, quality = 0.85;
      URL.revokeObjectURL(url);
      (function next() {
        var by = Math.min(1, edge / Math.max(img.width, img.height)), canvas = document.createElement('canvas');
        canvas.width = Math.max(1, Math.round(img.width * by));
        canvas.height = Math.max(1, Math.round(img.height * by));
        canvas.getContext('2d').drawImage(img, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) {
          if (!blob || (blob.size > PHOTO_BYTES && edge < 200)) return then(null);
          if (blob.size <= PHOTO_BYTES) return then(blob);
          if (quality > 0.5) quality -= 0.15; else edge *= 0.75;
          next();
        }, 'image/jpeg', quality);
      })();
    };
    img.src = url;
  }

  /* ---- sending: photos first, then everything; again and again until it is through ---- */
  function post(path, body, type, then) {
    var x = new XMLHttpRequest();
    x.open('POST', address + path);
    x.timeout = 60000;
    x.setRequestHeader('Content-Type', type);
    x.onload = function () {
      var answer = {};
      try { answer = JSON.parse(x.responseText); } catch (e) { answer = {}; }
      then(x.status, answer);
    };
    x.onerror = x.ontimeout = function () { then(0, {}); };
    x.send(body);
  }
  function waiting() { return state.photos.filter(function (p) { return !p.sent; }); }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(go, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  }
  // what an answer means for everything that is sent; true: go on
  function through(status, answer) {
    if (status === 200) { tries = 0; return true; }
    busy = false;
    if (status === 404 || status === 410) { state.sending = false; save(); say(word('over'), true); return false; }
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      state.sending = false;
      save();
      say(word('refused', {text: answer.error ? answer.error.text : status}), true);
      return false;
    }
    say(word(status === 0 ? 'offline' : 'again'), false);
    later();
    return false;
  }
  function go() {
    var left = waiting();
    if (busy || state.received || (!state.sending && !left.length && (state.started || !first()))) return;
    busy = true;
    if (!state.started && first()) return begin();
    if (left.length) return sendPhoto(left);
    if (state.sending) return sendAll();
    busy = false;
  }
  function first() {
    var least = 0;
    for (var id in state.stamps) least = least && least < state.stamps[id] ? least : state.stamps[id];
    return least;
  }
  function begin() {
    post('/start', JSON.stringify({now: Date.now(), time: first()}), 'application/json', function (status, answer) {
      if (!through(status, answer)) return;
      state.started = true;
      next(answer);
    });
  }
  function next(answer) {
    busy = false;
    if (answer.received) return done();
    save();
    go();
  }
  function sendPhoto(left) {
    var p = left[0];
    if (state.sending) say(word('sendingPhoto', {n: left.length}), false);
    get(p.id, function (blob) {
      if (!blob) { p.sent = true; p.lost = true; return next({}); }
      post('/photo?item=' + encodeURIComponent(p.item), blob, 'image/jpeg', function (status, answer) {
        if (status === 400 || status === 413) { remove(p); busy = false; say(word('refused', {text: answer.error ? answer.error.text : status}), true); return draw(); }
        if (!through(status, answer)) return;
        p.sent = true;
        drop(p.id);
        next(answer);
        draw();
      });
    });
  }
  function sendAll() {
    var stamps = Object.keys(state.stamps).map(function (id) { return {what: id, time: state.stamps[id]}; });
    var answers = Object.keys(state.answers).filter(function (id) { return state.answers[id].value; }).map(function (id) {
      var a = state.answers[id];
      return {item: id, value: a.value, time: a.time, note: a.note || undefined};
    });
    say(word('sending'), false);
    post('/send', JSON.stringify({now: Date.now(), stamps: stamps, answers: answers, order: state.order || undefined, note: state.note || undefined}), 'application/json', function (status, answer) {
      if (!through(status, answer)) return draw();
      busy = false;
      done();
    });
  }
  function done() {
    state.photos.forEach(function (p) { drop(p.id); });
    state = {stamps: {}, answers: {}, order: '', note: '', photos: [], sending: false, started: true, received: true, zh: zh};
    save();
    draw();
  }

  /* ---- drawing ---- */
  function make(tag, options, children) {
    var e = document.createElement(tag);
    for (var k in options || {}) {
      if (k === 'text') e.textContent = options[k];
      else if (k.slice(0, 2) === 'on') e.addEventListener(k.slice(2), options[k]);
      else if (options[k] !== undefined && options[k] !== false) e.setAttribute(k, options[k] === true ? '' : options[k]);
    }
    (children || []).forEach(function (c) { if (c) e.appendChild(c); });
    return e;
  }
  function say(text, isBad) {
    var p = document.getElementById('said');
    told = text;
    bad = isBad;
    if (p) { p.textContent = text; p.className = bad ? 'said bad' : 'said'; }
  }
  function changed() {
    save();
    say(keeps ? word('saved') : word('memory'), !keeps);
    draw();
    go();
  }
  // a second tap does it
  function sure(what, then) {
    if (armed === what) { armed = null; return then(); }
    armed = what;
    draw();
    setTimeout(function () { if (armed === what) { armed = null; draw(); } }, 4000);
  }
  function clockOf(ms) {
    var d = new Date(ms), two = function (n) { return (n < 10 ? '0' : '') + n; };
    return two(d.getHours()) + ':' + two(d.getMinutes()) + ':' + two(d.getSeconds());
  }
  function drawStamp(s) {
    var at = state.stamps[s.id];
    var big = make('button', {type: 'button', id: 'stamp-' + s.id, 'aria-pressed': at ? 'true' : 'false', onclick: function () { if (!state.stamps[s.id]) { state.stamps[s.id] = Date.now(); changed(); } }},
      at ? [make('small', {text: title(s.title)}), make('time', {datetime: new Date(at).toISOString(), text: clockOf(at)})] : [document.createTextNode(title(s.title))]);
    var undo = at && make('button', {type: 'button', class: 'undo', id: 'undo-' + s.id, 'aria-label': word('undo') + ' ' + title(s.title), text: word(armed === 'undo-' + s.id ? 'undoSure' : 'undo'),
      onclick: function () { sure('undo-' + s.id, function () { delete state.stamps[s.id]; changed(); }); }});
    return make('div', {class: at ? 'stamp done' : 'stamp'}, [big, undo]);
  }
  function choice(item, value) {
    var a = state.answers[item.id] || {}, on = a.value === value;
    return make('label', {class: (on ? 'on ' : '') + value}, [make('input', {type: 'radio', name: 'item-' + item.id, value: value, id: 'answer-' + item.id + '-' + value, checked: on,
      onchange: function () { state.answers[item.id] = {value: value, time: Date.now(), note: a.note}; changed(); }}), make('span', {text: word(value)})]);
  }
  function remove(p) {
    drop(p.id);
    state.photos = state.photos.filter(function (q) { return q !== p; });
    save();
  }
  function take(item, input) {
    var file = input.files && input.files[0];
    if (!file) return;
    shrink(file, function (blob) {
      if (!blob) return say(word('big'), true);
      var p = {id: Date.now().toString(36) + Math.random().toString(36).slice(2, 8), item: item, sent: false};
      put(p.id, blob, function () { state.photos.push(p); changed(); });
    });
  }
  function thumb(p, n) {
    var img = make('img', {class: p.sent ? 'thumb' : 'thumb waits', alt: word('photoOf') + ' ' + (n + 1)});
    if (thumbs[p.id]) img.src = thumbs[p.id];
    else get(p.id, function (blob) { if (blob) img.src = thumbs[p.id] = URL.createObjectURL(blob); });
    return img;
  }
  function drawPhotos(item) {
    var own = state.photos.filter(function (p) { return p.item === item.id && !p.lost; });
    var input = make('input', {type: 'file', accept: 'image/*', id: 'photo-' + item.id, 'aria-label': word('photo') + ': ' + title(item.title)});
    input.addEventListener('change', function () { take(item.id, input); });
    return own.map(thumb).concat([make('span', {class: 'photo'}, [make('span', {text: word(own.length ? 'photoMore' : 'photo'), 'aria-hidden': 'true'}), input])]);
  }
  function drawItem(item) {
    var a = state.answers[item.id] || {}, values = item.na ? ['yes', 'no', 'na'] : ['yes', 'no'];
    var note = a.value && make('input', {class: 'field', id: 'note-' + item.id, type: 'text', maxlength: 100, 'aria-label': word('note') + ': ' + title(item.title), placeholder: word('note'), value: a.note || '',
      oninput: function (e) { state.answers[item.id].note = e.target.value; save(); }});
    var more = (item.evidence ? drawPhotos(item) : []).concat(note ? [note] : []);
    return make('fieldset', {id: 'item-' + item.id}, [make('legend', {text: title(item.title)}), make('div', {class: 'choice'}, values.map(function (v) { return choice(item, v); })),
      more.length ? make('div', {class: 'more'}, more) : null]);
  }
  function drawStep(step) {
    if (!step.items.length) return null;
    return make('section', {}, [make('h2', {text: title(step.title)}), step.action ? make('p', {class: 'action', text: title(step.action)}) : null].concat(step.items.map(drawItem)));
  }
  function missing() {
    var n = state.order ? 0 : 1;
    visit.stamps.forEach(function (s) { n += state.stamps[s.id] ? 0 : 1; });
    visit.steps.forEach(function (s) {
      s.items.forEach(function (i) {
        n += state.answers[i.id] && state.answers[i.id].value ? 0 : 1;
        n += i.evidence && !state.photos.some(function (p) { return p.item === i.id; }) ? 1 : 0;
      });
    });
    return n;
  }
  function send() {
    var n = missing();
    function now() { state.sending = true; tries = 0; save(); say(word('sending'), false); draw(); go(); }
    return n ? sure('send', now) : now();
  }
  function drawFoot() {
    var n = missing();
    var text = armed === 'send' && n ? word('sendSure', {n: n}) : word('send') + (n ? ' · ' + word('left', {n: n}) : '');
    return make('div', {class: 'foot'}, [make('div', {}, [make('p', {id: 'said', class: bad ? 'said bad' : 'said', role: 'status', text: told}),
      make('button', {type: 'button', class: 'send', id: 'send', disabled: state.sending, text: state.sending ? word('sending') : text, onclick: send})])]);
  }
  function drawTop() {
    var span = [visit.day, visit.from ? visit.from + '–' + visit.to : ''].filter(Boolean).join(' ');
    return make('div', {class: 'top'}, [make('div', {}, [make('h1', {text: title(visit.title) || word('title')}),
      make('p', {class: 'where', text: [visit.place ? word('place') + ' ' + visit.place : '', span].filter(Boolean).join(' · ')})]),
      make('button', {type: 'button', class: 'lang', id: 'lang', lang: zh ? 'en' : 'zh', text: word('lang'), onclick: function () { zh = state.zh = !zh; told = ''; save(); draw(); }})]);
  }
  function drawBrief() {
    var lines = [title(visit.goal), title(visit.persona)].filter(Boolean);
    return lines.length ? make('div', {class: 'brief'}, lines.map(function (l) { return make('p', {text: l}); })) : null;
  }
  function field(id, name, hint, value) {
    return make('label', {class: 'labelled'}, [make('span', {text: word(name)}), make('input', {class: 'field', id: id, type: 'text', maxlength: 90, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', placeholder: hint, value: value,
      oninput: function (e) { state[id] = e.target.value; save(); }, onchange: changed})]);
  }
  function draw() {
    var kept = document.activeElement && document.activeElement.id, from = document.activeElement && document.activeElement.selectionStart, again;
    document.documentElement.lang = zh ? 'zh' : 'en';
    document.title = word('title');
    main.textContent = '';
    if (state.received) {
      main.appendChild(make('div', {class: 'end', role: 'status'}, [make('h1', {id: 'received', text: word('received')}), make('p', {text: word('thanks')})]));
      return;
    }
    [drawTop(), drawBrief(), make('div', {class: 'stamps'}, visit.stamps.map(drawStamp)), field('order', 'order', word('orderHint'), state.order)].concat(visit.steps.map(drawStep),
      [field('note', 'remark', '', state.note), drawFoot()]).forEach(function (e) { if (e) main.appendChild(e); });
    again = kept && document.getElementById(kept);
    if (again) { again.focus({preventScroll: true}); if (typeof from === 'number' && again.setSelectionRange && again.type === 'text') again.setSelectionRange(from, from); }
  }

  window.addEventListener('online', function () { tries = 0; go(); });
  document.addEventListener('visibilitychange', function () { if (!document.hidden) go(); });
  draw();
  go();
})();
