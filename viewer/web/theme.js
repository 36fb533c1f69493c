// Runs before the first paint, as a classic script: sets theme and language on <html>, so that nothing flashes.
// A link may carry ?theme= and ?lang=; they win for that page only. Otherwise the reader's own choice, else the browser's.
(function () {
  var root = document.documentElement;
  var asked = new URLSearchParams(location.search);
  var read = function (key) {
    try {
      return localStorage.getItem(key);
    } catch (e) {
      return null;
    }
  };
  var lang = asked.get('lang') || read('lang') || (navigator.language || '').slice(0, 2);
  root.lang = lang === 'zh' || lang === 'zh-CN' ? 'zh-CN' : 'en';
  var theme = asked.get('theme') || read('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
})();
