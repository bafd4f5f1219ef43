/* What can be taken away: a cell, its row, the table as CSV, the command that makes the result
   again, and the address of what is looked at. Numbers have all of their digits, and tokens that a
   spreadsheet would compute get a ' before them, as in the program's own CSV. */
// As printf's %g has a float with as few digits as tell it from all others.
const exact = x => {
  if (x !== x) return 'nan';
  let digits = 6;
  while (digits < 9 && Math.fround(x.toPrecision(digits)) !== x) digits++;
  const [m, e] = x.toExponential(digits - 1).split('e'), power = +e;
  const trim = s => s.includes('.') ? s.replace(/\.?0+$/, '') : s;
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  return power < -4 || power >= digits
      ? trim(m) + 'e' + (power < 0 ? '-' : '+') + String(Math.abs(power)).padStart(2, '0')
      : trim(x.toFixed(digits - 1 - power)); };
const csvField = text => {
  const t = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? "'" + text : text;
  return /[",]/.test(text) ? '"' + t.replaceAll('"', '""') + '"' : t; };
const columnsOf = r => Array.from({length: r.columns}, (_, j) => j);
const csvValue = (r, side, i, j) => {
  const x = r.value(side, i, j); return x === x || i < side.limits[j] ? exact(x) : ''; };
// The program's files name a token after its foil.
const keptName = (r, text) => {
  const [own, foil] = nameOf(r, text);
  return foil ? foil.lastChild.textContent + ' \u2192 ' + own.textContent : text; };
const csvName = (r, text) => csvField(keptName(r, text));
const textOf = r => { // of several results of a text each has its number
  const box = r.section.closest('.pair');
  return 1 + (box ? [...document.querySelectorAll('.pair')].indexOf(box) : r.place); };
const csvRow = (r, side, i) => [textOf(r), side.name, i, csvName(r, side.names[i]),
        ...columnsOf(r).map(j => csvValue(r, side, i, j))].join(',');
const csvHead = r => ['text', 'side', 'position', 'token',
        ...columnsOf(r).map(j => csvName(r, r.columnName(j)))].join(',');
const csvOf = r => {
  const lines = [csvHead(r)];
  for (const side of r.sides) for (let i = 0; i < side.rows; i++) lines.push(csvRow(r, side, i));
  r.steps.forEach((name, k) => lines.push([textOf(r), 'step score', '', csvField(name),
      ...r.unit.scores[k].map((x, j) => x !== null ? exact(x)
          : r.unit.done.length && !r.unit.done[j] ? '' : 'nan')].join(',')));
  return lines.join('\r\n') + '\r\n'; };
const cellOf = r => {
  const grid = r.grids[r.active || 0], {i, j} = grid.at, row = grid.rows[i];
  return row === undefined ? null : {grid, side: grid.side, i: row, j}; };
const cellText = r => {
  const c = cellOf(r);
  if (!c) return '';
  return keptName(r, c.side.names[c.i]) + ' \u2192 ' + keptName(r, r.columnName(c.j)) + '\t' +
      exact(r.value(c.side, c.i, c.j)); };
const rowText = r => { const c = cellOf(r);
  return c ? csvHead(r) + '\r\n' + csvRow(r, c.side, c.i) + '\r\n' : ''; };
// The event works from a file and without asking, where the newer interface may not.
const copyText = (text, what) => {
  let done = false;
  const take = e => { e.clipboardData.setData('text/plain', text); e.preventDefault();
    e.stopPropagation(); done = true; };
  document.addEventListener('copy', take, true);
  try { document.execCommand('copy'); } finally {
    document.removeEventListener('copy', take, true); }
  if (!done && navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {});
  say('Copied: ' + what); };
const saveText = (text, name) => {
  const a = make('a');
  a.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
  a.download = name; a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000); };
const copyOf = r => {
  const list = make('div'), menu = make('details', 'menu', make('summary', '', 'copy'), list);
  const add = (text, title, press) => list.append(button(text, title, () => {
    press(); menu.open = false; menu.firstChild.focus(); }));
  add('cell', 'Its tokens and its number: Ctrl+C in the map', () => copyText(cellText(r), 'cell'));
  add('row', 'As CSV, with the headings', () => copyText(rowText(r), 'row'));
  add('table', 'All rows as CSV', () => copyText(csvOf(r), 'table'));
  add('save the CSV \u2026', 'All rows in a file', () => saveText(csvOf(r), 'map.csv'));
  if (r.section.dataset.command)
    add('command', r.section.dataset.command, () =>
        copyText(r.section.dataset.command, 'command'));
  add('link', 'To what is looked at now', () => { putAddress(); copyText(location.href, 'link'); });
  menu.addEventListener('toggle', () => // to the side where there is room
      list.classList.toggle('left', menu.getBoundingClientRect().right < list.offsetWidth + 8));
  menu.addEventListener('keydown', e => { if (e.key === 'Escape') {
    menu.open = false; menu.firstChild.focus(); e.stopPropagation(); } });
  menu.addEventListener('focusout', e => { if (e.relatedTarget &&
      !menu.contains(e.relatedTarget)) menu.open = false; });
  document.addEventListener('pointerdown', e => {
    if (!menu.contains(e.target)) menu.open = false; });
  return menu; };
parts.push(r => r.grids.forEach((grid, k) => {
  grid.frame.addEventListener('focusin', () => { r.active = k; });
  grid.frame.addEventListener('copy', e => {
    if (!getSelection().isCollapsed) return;
    e.clipboardData.setData('text/plain', cellText(r)); e.preventDefault();
    say('Copied: cell'); }); }));
