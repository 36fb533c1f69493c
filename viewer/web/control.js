// What people enter: control records, passed on by the viewer's door. Who says it is remembered in this browser.
const WHO = 'touchline-actor';

export function actor(name) {
  try {
    if (name !== undefined) localStorage.setItem(WHO, name);
    return localStorage.getItem(WHO) ?? '';
  } catch (e) {
    return name ?? '';
  }
}

// Enters one record; throws with the door's own words when it is refused.
export const enter = (kind, body) => post('/api/control/' + encodeURIComponent(kind), body);

export async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Touchline-Actor': encodeURIComponent(actor()) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : {};
  let said = text.slice(0, 300);
  try {
    said = JSON.parse(text).error?.text ?? said;
  } catch (e) {
    /* not JSON: as it is */
  }
  throw new Error(said || String(answer.status));
}
