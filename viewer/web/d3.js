// The parts of d3 that pages use (scales of v2, max and sum) come as one plain script, put together by the Makefile; this makes it importable.
import '/d3.min.js';

export default globalThis.d3;
