/* From the scores of layers and heads to those of the map, as aggregators/ computes them. Heads,
   normalise, layers, normalise (default.c); then sums over the tokens of a unit, columns first and
   rows after them (merge.c): what no step could see yet is left out, so that sums keep their mass,
   and a number that could not be computed makes its sum none. */
const normalise = (v, steps, cell) => {
  const n = steps * cell, sums = new Float64Array(n);
  for (let i = 0; i < v.length; i++) if (v[i] === v[i]) sums[i % n] += Math.abs(v[i]);
  return v.map((x, i) => x / Math.max(sums[i % n], 1e-12)); };
const reduce = (v, n, how) => {
  const out = new Float32Array(v.length / n);
  for (let i = 0; i < out.length; i++) {
    let sum = 0, best = -Infinity;
    for (let k = 0; k < n; k++) {
      const x = v[i * n + k]; sum += x; best = x > best || x !== x ? x : best; }
    out[i] = how === 'mean' ? sum / n : how === 'max' ? best : v[i * n + +how];
  }
  return out; };
// Spans that begin at `from` among n tokens, cut to [low, high) and counted from low.
const spansOf = (from, n, low, high) => from
        .map((a, i) => [Math.max(a, low) - low, Math.min(i + 1 < from.length ? from[i + 1] : n,
            high) - low])
        .filter(([a, b]) => a < b);
// A sum over places [a, b) of scores `by` apart from `at` on; `seen` says of a place whether its
// step sees it.
const sumOf = (v, at, by, [a, b], seen) => {
  let sum = 0, n = 0;
  for (let k = a; k < b; k++) {
    const x = v[at + k * by];
    if (x === x) { sum += x; n++; } else if (seen(k)) return NaN; }
  return n ? sum : NaN; };
const joinColumns = (v, rows, steps, spans, limits) => {
  const out = new Float32Array(rows * spans.length);
  for (let r = 0, i = 0; r < rows; r++) for (const span of spans)
    out[i++] = sumOf(v, r * steps, 1, span, g => r < limits[g]);
  return out; };
const joinRows = (v, columns, spans, limits) => {
  const out = new Float32Array(spans.length * columns);
  for (let s = 0, i = 0; s < spans.length; s++) for (let c = 0; c < columns; c++)
    out[i++] = sumOf(v, c, columns, spans[s], r => r < limits[c]);
  return out; };
// Scores [rows, steps] of one side by a unit; rows that no column of it sees are not shown.
const joinSide = (v, base, side, unit) => {
  const {rows, limits} = base[side], tokens = base[side].names.length;
  const across = spansOf(unit.target.from, base.target.names.length, base.at,
      base.at + base.columns);
  const down = spansOf(unit[side].from, tokens, 0, rows).slice(0, unit[side].rows);
  const seen = across.map(([a, b]) => Math.max(...limits.slice(a, b)));
  const out = joinRows(joinColumns(v, rows, base.columns, across, limits), across.length, down,
      seen);
  for (let i = 0; i < out.length; i++) // half of a column's tokens would be a wrong sum
    if (unit.done.length && !unit.done[i % across.length]) out[i] = NaN;
  // No step sees the last token, unless it is several of which one saw another.
  const n = across.length, last = unit.at + n - 1;
  const unseen = side === 'target' && down.length > last && out.subarray(last * n).every(x =>
      x !== x);
  return unseen ? out.subarray(0, last * n) : out; };
