/* Tokens that contain a text: marked among rows and columns, and gone through by Enter. */
const found = r => {
  const text = r.state.find.toLowerCase(), at = [];
  const has = name => text !== '' && name.toLowerCase().includes(text);
  const rows = r.sides.map((side, s) => side.names.slice(0, side.rows).flatMap((name, i) => {
    if (!has(name)) return [];
    at.push({s, i});
    return [i]; }));
  const columns = Array.from({length: r.columns}, (_, j) => j).filter(j => has(r.columnName(j)));
  for (const j of columns) at.push({j});
  r.found = {rows, columns, at, k: -1}; };
parts.push(r => { found(r);
  r.on(changed => { if (changed.some(name => name === 'find' || name === 'unit' || name === 'side')) found(r); }); });
const goFound = (r, by) => {
  const f = r.found, n = f.at.length;
  if (!n) return;
  f.k = f.k < 0 ? (by > 0 ? 0 : n - 1) : (f.k + by + n) % n;
  const {s, i, j} = f.at[f.k];
  if (r.state.view !== 'map') { if (j !== undefined) r.set({target: j}); return; }
  if (j === undefined) r.grids[s].goRow(i, r.grids[s].at.j);
  else for (const g of r.grids) g.go(g.at.i, j, false); };
const findOf = r => {
  const input = fieldOf(r, 'find', 'find tokens', '8em', {type: 'search', placeholder: 'find',
      maxLength: 200});
  const n = make('span', 'count'); n.setAttribute('role', 'status');
  const show = () => { const f = r.found;
    n.textContent = !r.state.find ? '' : f.k < 0 ? f.at.length + ' found'
        : f.k + 1 + ' of ' + f.at.length; };
  input.addEventListener('keydown', e => {
    if (e.key !== 'Enter') return;
    e.preventDefault(); goFound(r, e.shiftKey ? -1 : 1); show(); });
  r.shows.push(show);
  return make('label', '', input, n); };
// "/" leads to the search of the result that is seen.
addEventListener('keydown', e => {
  if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input,select'))
    return;
  const all = [...document.querySelectorAll('input[type=search]')];
  const field = all.find(x => x.getBoundingClientRect().bottom > 0) || all[0];
  if (field) { e.preventDefault(); field.focus(); } });
