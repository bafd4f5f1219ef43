/* A unit of rows alone, or of columns alone, from that of both (units.c): what was read is the
   source and the prompt, what was written has rows of its own. */
const each = (a, b) => Array.from({length: Math.max(0, b - a)}, (_, i) => a + i);
// A name as of the tokens [a, b) together: blanks within it are blanks.
const joinedName = (names, a, b) => names[a] +
        names.slice(a + 1, b).map(t => t.replace(/^\u00b7+/, s => ' '.repeat(s.length))).join('');
const oneSided = (base, unit, which) => {
  const rows = which === 'rows', {at} = base, tokens = base.target.names, n = tokens.length;
  const read = rows ? unit.target.from.filter(a => a < at) : each(0, at),
      written = rows ? each(at, n) : [at, ...unit.target.from.filter(a => a > at)];
  const from = [...read, ...written],
      columns = written.filter(a => a < at + base.columns).length;
  const end = (list, i) => i + 1 < list.length ? list[i + 1] : n;
  const names = from.map((a, i) => {
    const k = unit.target.from.indexOf(a), b = end(from, i);
    return k >= 0 && end(unit.target.from, k) === b ? unit.target.names[k]
        : joinedName(tokens, a, b); });
  const special = each(0, from.length).filter(i => end(from, i) === from[i] + 1 &&
      base.target.special.includes(from[i]));
  const source = rows ? unit.source
      : {...base.source, from: each(0, base.source.names.length)};
  const seen = each(0, columns).map(c => written[c] - at);
  return {...unit, at: read.length, columns,
      scores: rows ? base.scores : unit.scores, done: rows ? base.done : unit.done,
      source: {...source, limits: seen.map(g => base.source.limits[g] ? source.rows : 0)},
      target: {names, special, from,
          rows: base.target.rows ? Math.min(from.length, read.length + columns) : 0,
          limits: seen.map(g => from.filter(a => a < base.target.limits[g]).length)}}; };
