/* From the scores of layers and heads to those of the map, as aggregators/aggregate.c computes
   them: heads, normalise, layers, normalise. */
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
