// Tables as spreadsheets write and read them. Pure: text and bytes in, rows out.
//
// Written: UTF-8 with a byte order mark (exports.js), so that WPS and Excel read Chinese. Read: that, what Excel saves in China (GB 18030), its "Unicode text"
// (UTF-16, tabs), and commas, semicolons or tabs between cells.

// The bytes may end in the middle of a character, as the head of a file does.
export function encodingOf(buffer) {
  const bytes = new Uint8Array(buffer);
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch (e) {
    return 'gb18030';
  }
}
export const decode = (buffer) => new TextDecoder(encodingOf(buffer)).decode(buffer, { stream: true });

// What separates cells: whatever is commonest in the first line, outside quotes.
function separator(text) {
  const first = text.split(/\r?\n/, 1)[0].replace(/"[^"]*"/g, '');
  const count = (c) => first.split(c).length;
  return [',', ';', '\t'].reduce((best, c) => (count(c) > count(best) ? c : best), ',');
}

// -> [{line, cells: [text]}]; blank lines are left out. A quote that is never closed ends with the text.
export function parse(text) {
  const from = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const sep = separator(from);
  const rows = [];
  let cells = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let began = 1;
  const end = () => {
    cells.push(cell);
    cell = '';
    if (cells.some((one) => one.trim())) rows.push({ line: began, cells });
    cells = [];
  };
  for (let i = 0; i < from.length; i++) {
    const c = from[i];
    if (c === '\n') line++;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (from[i + 1] === '"') cell += from[++i];
      else quoted = false;
    } else if (c === '"' && !cell) quoted = true;
    else if (c === sep) {
      cells.push(cell);
      cell = '';
    } else if (c === '\n') {
      end();
      began = line;
    } else if (c !== '\r') cell += c;
  }
  if (cell || cells.length) end();
  return rows;
}

// A cell that was guarded against being run as a formula loses its guard.
export const unguard = (text) => (/^'\s*[=+\-@\t\r|%]/.test(text) ? text.slice(1) : text);
