/* What is told of a cell under pointer and keyboard: its tokens, its number, and where that stands
   among those of its column. A click makes it the active cell; Enter, or
   a click on its heading, chooses its column for the text. */
const tip = document.getElementById('tip');
const tipAt = (e, content) => {
  tip.replaceChildren(...content);
  tip.style.display = 'block';
  const at = e.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight,
      left = Math.min(innerWidth - w - 4, at.left + at.width / 2 - w / 2);
  tip.style.left = Math.max(4, left) + 'px';
  tip.style.top = (at.top > h + 10 ? at.top - h - 6 : at.bottom + 6) + 'px'; };
const tipAway = () => { tip.style.display = 'none'; };
// "2nd of 11, 23 % of the column"
const standing = (r, x, j) => {
  let n = 0, before = 0, sum = 0;
  for (let i = j; i < r.values.length; i += r.columns) {
    const y = r.values[i];
    if (y !== y) continue;
    n++; sum += Math.abs(y);
    if (Math.abs(y) > Math.abs(x)) before++; }
  const rank = before + 1, tens = rank % 100 - rank % 10;
  const ending = tens === 10 ? 'th' : ['th', 'st', 'nd', 'rd'][rank % 10] || 'th';
  return rank + ending + ' of ' + n +
      (sum > 0 ? ', ' + (100 * Math.abs(x) / sum).toFixed(0) + '\u202f% of the column' : ''); };
parts.push(r => {
  for (const grid of r.grids) {
    const {table, frame} = grid;
    const heads = on => { for (const th of r.section.querySelectorAll('th.on'))
        th.classList.remove('on');
      for (const th of on) if (th) th.classList.add('on'); };
    const show = c => {
      const p = grid.placeOf(c);
      if (!p) { tipAway(); heads([]); return; }
      const i = grid.rows[p.i], x = r.value(grid.side, i, p.j);
      heads([c.parentNode.cells[0], table.tHead.rows[0].cells[c.cellIndex]]);
      const lines = [make('bdi', '', grid.side.names[i]), ' \u2192 ',
          make('bdi', '', r.columnName(p.j)), '  ',
          make('b', '', x !== x ? 'not seen' : x.toPrecision(4))];
      if (x === x) lines.push(make('span', '', standing(r, x, p.j)));
      tipAt(c, lines); };
    // The column that the text explains; chosen again, it is the usual one.
    const choose = j => r.set({target: r.state.target === String(j) ? '' : j});
    const hide = () => { tipAway(); heads([]); };
    table.addEventListener('mouseover', e => show(e.target.closest('td')));
    table.addEventListener('mouseleave', hide);
    table.addEventListener('focusin', e => show(e.target.closest('td')));
    table.addEventListener('focusout', hide);
    table.addEventListener('click', e => {
      const p = grid.placeOf(e.target), th = e.target.closest('thead th');
      if (p) grid.go(p.i, p.j, true);
      if (th) choose(grid.j0 + th.cellIndex - 1); });
    frame.addEventListener('keydown', e => {
      if (e.key === 'Escape') hide();
      if (e.target !== frame && !grid.placeOf(e.target)) return;
      if (e.key === 'Enter') choose(grid.at.j);
      const to = keyed(grid, e);
      if (!to) return;
      e.preventDefault();
      grid.go(to[0], to[1], true); });
  }
});
