/* Where a key goes in a map: [row, column], or nothing. With Ctrl arrows go to the last number in
   their direction, Home and End to the map's corners. */
const keyed = (grid, {key, ctrlKey, metaKey, altKey}) => {
  const {i, j} = grid.at, far = ctrlKey || metaKey, rows = grid.rows.length,
      columns = grid.r.columns;
  const page = Math.max(1, Math.floor(grid.frame.clientHeight / (grid.windowed ? grid.height
      : grid.table.tBodies[0].rows[0].offsetHeight || 26)) - 2);
  const has = (a, b) => { const x = grid.r.value(grid.side, grid.rows[a], b); return x === x; };
  const last = (a, b) => {
    let at = [i, j];
    for (let k = i + a, l = j + b; k >= 0 && l >= 0 && k < rows && l < columns; k += a, l += b)
      if (has(k, l)) at = [k, l];
    return at; };
  const step = (a, b) => far ? last(a, b) : [i + a, j + b];
  if (altKey) return null;
  switch (key) {
  case 'ArrowLeft': return step(0, -1);
  case 'ArrowRight': return step(0, 1);
  case 'ArrowUp': return step(-1, 0);
  case 'ArrowDown': return step(1, 0);
  case 'Home': return far ? [0, 0] : [i, 0];
  case 'End': return far ? [rows - 1, columns - 1] : [i, columns - 1];
  case 'PageUp': return [i - page, j];
  case 'PageDown': return [i + page, j];
  default: return null; } };
