// The reader's own choices: language and theme. Kept in this browser; every page redraws itself when they change.

const listeners = new Set();
const root = document.documentElement;

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (e) {
    /* private window: the choice lasts as long as the page */
  }
  const here = new URL(location.href);
  if (here.searchParams.has(key)) {
    here.searchParams.delete(key);
    history.replaceState(null, '', here);
  }
  for (const listener of listeners) listener(key);
}

export const lang = () => (root.lang === 'zh-CN' ? 'zh' : 'en');
export const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);

export function setLang(next) {
  root.lang = next === 'zh' ? 'zh-CN' : 'en';
  keep('lang', next);
}

export function setTheme(next) {
  root.dataset.theme = next;
  keep('theme', next);
}

export function onPrefs(listener) {
  listeners.add(listener);
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (!root.dataset.theme) for (const listener of listeners) listener('theme');
});
