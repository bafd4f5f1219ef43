/* What every part of the page's script uses. The files of this folder are one script, in the order
   of the list in CMakeLists.txt, inside one function; the page has none of the comments at their
   beginnings, and a line that starts with eight or more spaces goes on from the one before it
   there. A part adds what it does of each result to `parts`; main.js calls them. Tokens come as
   JSON and are shown as text, so that nothing hostile is ever parsed as markup. Tested in
   tests/views/export/browser. */
const parts = [];
const make = (name, className, ...children) => {
  const e = document.createElement(name);
  if (className) e.className = className;
  e.append(...children);
  return e; };
const button = (text, title, press) => {
  const b = make('button', '', text);
  b.type = 'button';
  if (title) b.title = title;
  b.addEventListener('click', () => press(b));
  return b; };
// A token's name; of one with a foil, the arrow to it.
const nameOf = (r, text) => {
  const at = r.section.dataset.contrast === undefined ? -1 : text.indexOf(' \u2192 ');
  return at < 0 ? [make('bdi', '', text)] : [make('bdi', '', text.slice(0, at)),
      make('span', 'foil', ' \u2192 ', make('bdi', '', text.slice(at + 3)))]; };
const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
const half = u => { const e = u >> 10 & 31, m = u & 1023, s = u & 32768 ? -1 : 1;
  return e === 31 ? (m ? NaN : s * Infinity)
        : e ? s * 2 ** (e - 25) * (m + 1024) : s * 2 ** -24 * m; };
const floats = (s, small) => {
        const b = bytes(s).buffer;
        return small ? Float32Array.from(new Uint16Array(b), half) : new Float32Array(b); };
// With so many decimals; what they would hide as a power of ten.
const number = (x, decimals = 3) => Math.abs(x) >= 1e5 ||
        (x !== 0 && Math.abs(x) < 0.5 * 10 ** -decimals)
        ? x.toExponential(2) : x.toFixed(decimals);
const within = (x, low, high) => Math.max(low, Math.min(high, x));
const say = text => { document.getElementById('said').textContent = text; };
