// d3 (v5) comes as one plain script; this makes it importable. Handlers there take (d, i, nodes), the event is d3.event.
import '/d3.min.js';

export default globalThis.d3;
