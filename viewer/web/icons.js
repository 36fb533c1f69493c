// Line icons, 16 by 16, drawn for this page. An unknown channel gets a dot, so that new channels need no change here.
import { s } from './dom.js';

const SHAPES = {
  app: ['M5 1.5h6a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1z', 'M7 12.3h2'],
  web: ['M1.8 3h12.4v10H1.8z', 'M1.8 6h12.4', 'M4 4.5h.01M6 4.5h.01'],
  store: ['M2 6.2 3.2 2.5h9.6L14 6.2a2 2 0 0 1-4 0 2 2 0 0 1-4 0 2 2 0 0 1-4 0z', 'M3 8v5.5h10V8', 'M6.5 13.5V10h3v3.5'],
  phone: ['M3.5 2h2.3l1 3-1.4 1.2a8 8 0 0 0 4.4 4.4L11 9.2l3 1v2.3A1.5 1.5 0 0 1 12.4 14 10.5 10.5 0 0 1 2 3.6 1.5 1.5 0 0 1 3.5 2z'],
  chat: ['M2 3h12v8H7.5L4.5 13.8V11H2z', 'M5 6h6M5 8.3h4'],
  social: [
    'M5.5 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z',
    'M1.5 13.5c0-2.5 1.7-4 4-4s4 1.5 4 4',
    'M10.5 7.3a2 2 0 1 0-.6-3.9',
    'M11.3 9.6c1.9.2 3.2 1.6 3.2 3.9',
  ],
  email: ['M1.8 3.5h12.4v9H1.8z', 'm2 4 6 5 6-5'],
  mail: ['M1.8 3.5h12.4v9H1.8z', 'M10.5 6h1.7v2h-1.7z', 'M4 9.8h3.5'],
  sms: ['M2 3h12v8H7.5L4.5 13.8V11H2z', 'M5.3 7h.01M8 7h.01M10.7 7h.01'],
  kiosk: ['M3.5 1.8h9v8h-9z', 'M8 9.8v4.4M5 14.2h6', 'M6 5.8h4'],
  iot: ['M5 5h6v6H5z', 'M6.5 5V2.5M9.5 5V2.5M6.5 13.5V11M9.5 13.5V11M5 6.5H2.5M5 9.5H2.5M13.5 6.5H11M13.5 9.5H11'],
  sun: [
    'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
    'M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  ],
  moon: ['M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z'],
  close: ['M3.5 3.5l9 9M12.5 3.5l-9 9'],
  copy: ['M5.5 5.5h8v8h-8z', 'M10.5 5.5v-3h-8v8h3'],
  search: ['M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z', 'm10.5 10.5 3.5 3.5'],
  link: ['M9 3h4v4', 'M13 3 7.5 8.5', 'M11.5 9.5v3.5H3V4.5h3.5'],
};

export function icon(name, cls) {
  const shape = SHAPES[name];
  return s(
    'svg',
    { class: 'icon ' + (cls || ''), viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
    shape ? shape.map((d) => s('path', { d })) : s('circle', { cx: 8, cy: 8, r: 3 }),
  );
}
