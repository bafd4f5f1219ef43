/* The numbers and colours of a map, and its scale. */
const told = (r, n) => 'colours fixed from ' + r.section.dataset.from + ' to ' +
      r.section.dataset.to + (n ? ', ' + n + (n === 1 ? ' score' : ' scores') + ' beyond' : '');
const rangeOf = r => {
  let most = 0, signed = false;
  for (const x of r.values) if (isFinite(x)) {
    most = Math.max(most, Math.abs(x)); signed = signed || x < 0; }
  const end = name => Math.fround(r.section.dataset[name]);
  return r.fixed ? {from: end('from'), to: end('to')} : {from: signed ? -most : 0, to: most}; };
const place = (x, {from, to}) => {
  const held = Math.max(from, Math.min(to, x));
  return !(to > from) ? 0 : from < 0 ? held / Math.max(-from, Math.abs(to))
        : (held - from) / (to - from); };
const classOf = (r, part) => r.map + (r.map === 's' ? Math.round(Math.max(part, 0) * 63)
        : 32 + Math.round(part * (part < 0 ? 32 : 31)));
const draw = r => {
  const range = rangeOf(r);
  let beyond = 0;
  r.cells.forEach((c, i) => {
    const x = r.values[i];
    if (x < range.from || x > range.to) beyond++;
    if (x !== x) { c.className = 'n'; c.textContent = c.none; return; }
    c.textContent = number(x);
    c.className = classOf(r, place(x, range));
  });
  if (r.bar && r.bar.querySelector('.scale')) {
    const ends = r.bar.querySelector('.scale').children;
    ends[0].textContent = number(range.from);
    ends[2].textContent = number(range.to);
    if (r.fixed) r.bar.querySelector('.fixed').textContent = told(r, beyond); } };
parts.push(r => {
  r.cells.forEach((c, i) => { c.removeAttribute('title'); c.i = i; c.tabIndex = -1;
          c.none = c.className === 'n' ? c.textContent : 'nan'; });
  for (const t of r.tables) { const c = t.tBodies[0].querySelector('td'); if (c) c.tabIndex = 0; }
  r.on(() => draw(r)); });
