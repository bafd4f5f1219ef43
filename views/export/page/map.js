/* The maps of a result: a grid for each side, an overview beside a large one, and what was folded. */
const mapTables = r => r.sides.map((side, index) => {
  const table = r.tables[index] || make('table', 'map');
  return {table, frame: table.closest('.frame') || make('div', 'frame', table)}; });
parts.push(r => {
  const still = r.section.querySelector('.still');
  r.maps = make('div', 'maps');
  (still || r.tables[0].closest('.frame').previousElementSibling).before(r.maps);
  if (still) { r.section.classList.add('live'); r.maps.after(still); }
  r.grids = mapTables(r).map(({table, frame}, index) => {
    const old = frame.previousElementSibling, side = r.sides[index];
    const title = old && old.tagName === 'H3' ? old : make('h3', '', side.title);
    const caption = table.caption || make('caption', '', side.title +
        ': a row for each token that was read, a column for each that was generated');
    const pane = make('div', 'pane', frame), note = make('p', 'note');
    note.setAttribute('role', 'status');
    frame.tabIndex = -1;
    r.maps.append(title, pane, note);
    const grid = new Grid(r, index, frame, table);
    grid.caption = caption;
    const overview = new Overview(r, grid, pane);
    grid.overview = overview;
    grid.onscroll = () => overview.follow();
    grid.ontold = () => tellFolded(r, grid, note);
    if (r.tables[index]) grid.adopt(); else grid.draw();
    grid.told(); overview.draw();
    grid.again = () => { grid.draw(); grid.told(); overview.draw(); };
    return grid; });
  r.on(changed => {
    if (changed.includes('view')) // a frame that was hidden has its size again
      requestAnimationFrame(() => { for (const g of r.grids) g.overview.draw(); });
    if (changed.every(name => name === 'view')) return;
    if (changed.includes('least') || changed.includes('top'))
      for (const g of r.grids) g.unfolded = false;
    const sorted = r.state.order === 'score' && changed.includes('target');
    if (!sorted && changed.every(name => name === 'find' || name === 'target'))
      for (const g of r.grids) g.marks();
    else for (const g of r.grids) g.again(); }); });
const tellFolded = (r, grid, note) => {
  note.replaceChildren();
  const n = grid.folded || (grid.unfolded ? 1 : 0);
  note.hidden = !n;
  if (!n) return;
  const {least, top} = r.state, what = [];
  if (least) what.push('of at least ' + least);
  if (top) what.push('among the ' + top + ' largest of a column');
  const press = () => { grid.unfolded = !grid.unfolded; grid.again(); };
  if (grid.unfolded) note.append('All rows are shown. ', button('Fold', '', press));
  else note.append(`${grid.folded.toLocaleString('en')} of ` +
      `${grid.side.rows.toLocaleString('en')} rows are folded: they have no score ` +
      `${what.join(' and ')}. `, button('Show them', '', press)); };
