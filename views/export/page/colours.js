/* From scores to colours, as heat.c has them, and which scores are shown at all. */
const rangeOf = r => {
  let most = 0, signed = false;
  for (const x of r.values) if (isFinite(x)) {
    most = Math.max(most, Math.abs(x)); signed = signed || x < 0; }
  return rangeFrom(r.state.range) || r.given || {from: signed ? -most : 0, to: most}; };
const place = (x, {from, to}) => {
  const held = within(x, from, to);
  return !(to > from) ? 0 : from < 0 ? held / Math.max(-from, Math.abs(to))
        : (held - from) / (to - from); };
const classOf = (r, part) => r.map + (r.map === 's' ? Math.round(Math.max(part, 0) * 63)
        : 32 + Math.round(part * (part < 0 ? 32 : 31)));
// Below what a score of each column is faint: the threshold, and the k-th largest.
const leastOf = r => {
  const {least, top} = r.state, rows = r.values.length / r.columns;
  const out = new Float64Array(r.columns).fill(+least);
  if (top) for (let j = 0; j < r.columns; j++) {
    const column = [];
    for (let i = 0; i < rows; i++) {
      const x = Math.abs(r.values[i * r.columns + j]);
      if (x === x) column.push(x); }
    if (column.length) {
      const sorted = Float64Array.from(column).sort();
      out[j] = Math.max(out[j], sorted[Math.max(0, sorted.length - top)]); } }
  return out; };
// Decimals of a scale's numbers: two digits of its end at least.
const decimalsOf = ({from, to}) => {
  const most = Math.max(Math.abs(from), Math.abs(to));
  return most === 0 || most >= 0.1 ? 3 : Math.min(6, 2 + Math.ceil(-Math.log10(most) - 1e-6)); };
parts.push(r => {
  const look = () => { r.range = rangeOf(r); r.decimals = decimalsOf(r.range); r.least = leastOf(r); };
  look(); r.on(look); });
