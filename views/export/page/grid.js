/* One side's map as a table. A small one stands whole, as it was written in the page; of a large one
   the window that is seen, and a little around it, so that the page stays small and quick. Keys and
   screen readers find the same rows and columns in both. */
const WHOLE = 8000; // cells that stand as they are: more take a browser too long to lay out
class Grid {
  constructor(r, index, frame, table) {
    Object.assign(this, {r, index, frame, table, at: {i: 0, j: 0}, i0: 0, j0: 0});
    this.box = make('div', 'box'); frame.append(this.box); this.box.append(table);
    table.setAttribute('role', 'grid');
    frame.addEventListener('scroll', () => this.scrolled(), {passive: true});
    new ResizeObserver(() => this.scrolled()).observe(frame);
  }

  get side() { return this.r.sides[this.index]; }

  // Which rows are shown, and whether as a window.
  measure() {
    const {r, side} = this, cells = r.values.length, compact = r.state.size === 'compact';
    this.rows = [];
    const peers = this.peers();
    this.folds = (r.state.least || r.state.top) && !this.unfolded;
    for (let i = 0; i < side.rows; i++) if (!this.folds || this.keeps(i, peers)) this.rows.push(i);
    this.folded = side.rows - this.rows.length;
    if (r.state.order === 'score') this.sort();
    this.windowed = cells > WHOLE && !this.paper;
    const longest = names => names.reduce((n, name) => Math.max(n, name.length), 1);
    const heads = Array.from({length: r.columns}, (_, j) => r.columnName(j));
    this.height = compact ? 16 : 26;
    this.width = compact ? 14 : within(longest(heads) * 8 + 20, 50 + 8 * r.decimals, 130);
    this.head = within(longest(side.names.slice(0, side.rows)) * 8 + 24, 90,
        Math.min(240, innerWidth * .4));
    this.top = compact ? 100 : 28;
    this.table.classList.toggle('compact', compact);
    this.table.classList.toggle('windowed', this.windowed);
    this.frame.classList.toggle('window', this.windowed);
    r.section.classList.toggle('large', this.windowed); // paper has the picture, if there is one
    this.table.style.cssText = this.windowed
        ? `--head:${this.head}px;--wide:${this.width}px;--high:${this.height}px` : '';
    this.table.setAttribute('aria-rowcount', this.rows.length + 1 + r.steps.length);
    this.table.setAttribute('aria-colcount', r.columns + 1);
    this.box.style.cssText = this.windowed
        ? `width:${this.head + r.columns * this.width}px;height:${this.top + 26 * r.steps.length +
            this.rows.length * this.height}px` : '';
    this.at = {i: within(this.at.i, 0, Math.max(0, this.rows.length - 1)),
        j: within(this.at.j, 0, r.columns - 1)}; }

  // The strongest of the target's column first, and what it does not see last.
  sort() {
    const [r] = this.peers(), side = r.sides[this.index], j = this.r.target;
    const size = i => { const x = Math.abs(r.value(side, i, j)); return x === x ? x : -1; };
    this.rows.sort((a, b) => size(b) - size(a) || a - b); }

  keeps(i, peers) { return peers.some(r => {
    const side = r.sides[this.index];
    for (let j = 0; j < r.columns; j++)
      if (Math.abs(r.value(side, i, j)) >= r.least[j]) return true;
    return false; }); }

  // Results beside each other have the same rows, in the first one's order.
  peers() {
    const {r, index} = this, rows = this.side.rows;
    return (r.others || [r]).filter(o => o === r || (o.least && o.columns === r.columns &&
        o.sides[index] && o.sides[index].rows === rows)); }

  // What of a windowed one is seen: rows [i0, i1), columns [j0, j1).
  seen() {
    const {frame, r} = this, high = frame.clientHeight || 560, wide = frame.clientWidth || 1200;
    const i0 = Math.floor(frame.scrollTop / this.height),
        j0 = Math.floor(frame.scrollLeft / this.width);
    return {i0: within(i0, 0, this.rows.length), j0: within(j0, 0, r.columns),
        i1: Math.min(this.rows.length, i0 + Math.ceil(high / this.height) + 1),
        j1: Math.min(r.columns, j0 + Math.ceil(wide / this.width) + 1)}; }

  scrolled() {
    if (!this.rows || this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => { this.waits = false;
      if (this.windowed) this.follow();
      if (this.onscroll) this.onscroll(); }); }

  // Draws what is seen and is not there: rows more, or a new window.
  follow() {
    const s = this.seen();
    if (s.i0 >= this.i0 && s.j0 >= this.j0 && s.i1 <= this.i1 && s.j1 <= this.j1) return;
    const next = this.around(s);
    if (s.j0 >= this.j0 && s.j1 <= this.j1 && next.i0 < this.i1 && next.i1 > this.i0)
      this.shift(next.i0, next.i1);
    else this.fill(); }

  shift(i0, i1) {
    const {table} = this, body = table.tBodies[0], held = table.contains(document.activeElement);
    const rows = (a, b) => Array.from({length: Math.max(0, b - a)}, (_, k) => this.row(a + k));
    for (; this.i0 < i0; this.i0++) body.firstChild.remove();
    for (; this.i1 > i1; this.i1--) body.lastChild.remove();
    body.prepend(...rows(i0, this.i0)); body.append(...rows(this.i1, i1));
    Object.assign(this, {i0, i1});
    table.style.top = i0 * this.height + 'px';
    this.marks(); this.hold(held); }

  // Keys go on from the frame where the cell that had them is gone.
  hold(held) {
    if (!held || this.table.contains(document.activeElement)) return;
    (this.cell(this.at.i, this.at.j) || this.frame).focus({preventScroll: true}); }

  draw() {
    this.measure();
    this.fill(); }

  // The table is as it was written: it only learns what it is.
  adopt() {
    this.measure();
    if (this.windowed) { this.fill(); return; }
    Object.assign(this, {i0: 0, j0: 0, i1: this.rows.length, j1: this.r.columns});
    for (const c of this.table.querySelectorAll('td[title]')) c.removeAttribute('title');
    this.marks(); }

  fill() {
    const {r, table} = this, held = table.contains(document.activeElement);
    const all = {i0: 0, j0: 0, i1: this.rows.length, j1: r.columns};
    Object.assign(this, this.windowed ? this.around(this.seen()) : all);
    if (this.windowed) {
      this.box.style.setProperty('contain', 'strict');
      table.style.left = this.j0 * this.width + 'px';
      table.style.top = this.i0 * this.height + 'px'; }
    const body = make('tbody');
    for (let k = this.i0; k < this.i1; k++) body.append(this.row(k));
    const foot = make('tfoot');
    for (let k = 0; k < r.steps.length; k++) foot.append(this.stepRow(k));
    table.replaceChildren(...(this.caption ? [this.caption] : []), this.heading(), body,
        ...(r.steps.length ? [foot] : []));
    this.marks();
    this.hold(held); }

  around({i0, j0, i1, j1}) {
    const more = this.r.state.size === 'compact' ? 4 : 8;
    return {i0: Math.max(0, i0 - more), j0: Math.max(0, j0 - 4),
        i1: Math.min(this.rows.length, i1 + more), j1: Math.min(this.r.columns, j1 + 4)}; }

  heading() {
    const row = make('tr', '', make('td'));
    for (let j = this.j0; j < this.j1; j++) {
      const th = this.name(this.r.columnName(j),
          this.r.unit.target.special.includes(this.r.unit.at + j), 'col');
      row.append(th); }
    return make('thead', '', row); }

  name(text, special, scope) {
    const th = make('th', special ? 'sp' : '', ...nameOf(this.r, text));
    th.scope = scope;
    if (this.windowed || text.length > 14) th.title = text;
    return th; }

  row(k) {
    const {r, side} = this, i = this.rows[k];
    const tr = make('tr', '', this.name(side.names[i], side.special.includes(i), 'row'));
    if (this.windowed) tr.setAttribute('aria-rowindex', k + 2);
    for (let j = this.j0; j < this.j1; j++) tr.append(this.score(i, j));
    return tr; }

  score(i, j) {
    const {r, side} = this, x = r.value(side, i, j), td = document.createElement('td'),
        compact = r.state.size === 'compact';
    if (this.windowed) td.ariaColIndex = j + 2;
    if (x !== x) {
      td.className = 'n';
      if (i < side.limits[j] && !compact) td.textContent = 'nan';
      return td; }
    td.className = Math.abs(x) < r.least[j] ? 'low' : classOf(r, place(x, r.range));
    if (compact) td.ariaLabel = number(x, r.decimals);
    else td.textContent = number(x, r.decimals);
    return td; }

  stepRow(k) {
    const {r} = this, values = r.unit.scores[k], tr = make('tr', '', this.name(r.steps[k], false,
        'row'));
    const most = Math.max(0, ...values.map(x => x === null ? 0 : Math.abs(x)));
    for (let j = this.j0; j < this.j1; j++) {
      const x = values[j], td = make('td', '', x === null ? 'nan' : number(x));
      if (x === null && r.unit.done.length && !r.unit.done[j]) td.textContent = '';
      td.style.setProperty('--w', (most > 0 && x !== null ? 100 * Math.abs(x) / most : 0)
          .toFixed(0) + '%');
      tr.append(td); }
    return tr; }

  // What is found, what is explained, and the one Tab stop.
  marks() {
    const {r} = this, found = r.found || {rows: [], columns: []};
    const hits = found.rows[this.index] || [];
    const heads = this.table.tHead.rows[0].cells, rows = this.table.tBodies[0].rows;
    for (let j = this.j0; j < this.j1; j++) {
      const th = heads[j - this.j0 + 1];
      th.classList.toggle('hit', found.columns.includes(j));
      th.classList.toggle('target', r.target === j && (r.state.target !== '' ||
          r.state.order === 'score')); }
    for (let k = this.i0; k < this.i1; k++)
      rows[k - this.i0].cells[0].classList.toggle('hit', hits.includes(this.rows[k]));
    this.stop(); }

  // The active cell is the Tab stop; the nearest one that is there while it is not.
  stop() {
    if (this.stopped) this.stopped.removeAttribute('tabindex');
    this.stopped = this.cell(within(this.at.i, this.i0, this.i1 - 1),
        within(this.at.j, this.j0, this.j1 - 1));
    if (this.stopped) this.stopped.tabIndex = 0; }

  cell(i, j) {
    if (i < this.i0 || i >= this.i1 || j < this.j0 || j >= this.j1) return null;
    const row = this.table.tBodies[0].rows[i - this.i0];
    return row ? row.cells[j - this.j0 + 1] : null; }

  // Row and column of a cell that is there, or null.
  placeOf(c) {
    const td = c && c.closest ? c.closest('tbody td') : null;
    return td && this.table.contains(td)
        ? {i: this.i0 + td.parentNode.sectionRowIndex, j: this.j0 + td.cellIndex - 1} : null; }

  // Scrolls to a cell of the rows that are shown, and makes it the active one.
  go(i, j, focus) {
    const {frame, r} = this;
    this.at = {i: within(i, 0, this.rows.length - 1), j: within(j, 0, r.columns - 1)};
    if (this.windowed) {
      const y = this.at.i * this.height, x = this.at.j * this.width;
      const foot = 26 * r.steps.length;
      frame.scrollTop = within(frame.scrollTop, y + this.height + this.top + foot -
          frame.clientHeight, y);
      frame.scrollLeft = within(frame.scrollLeft, x + this.width + this.head - frame.clientWidth,
          x);
      this.follow(); }
    this.stop();
    const c = this.cell(this.at.i, this.at.j);
    if (!c) return;
    if (!this.windowed) c.scrollIntoView({block: 'nearest', inline: 'nearest'});
    if (focus) c.focus({preventScroll: true}); }

  // A row by its place among all, which is shown if it was folded away.
  goRow(i, j) {
    if (!this.rows.includes(i)) { this.unfolded = true; this.draw(); this.told(); }
    this.go(this.rows.indexOf(i), j, false); }

  // Whether there is more than is seen.
  get overflows() {
    const {frame} = this;
    return this.windowed || frame.scrollHeight > frame.clientHeight + 2 ||
        frame.scrollWidth > frame.clientWidth + 2; }

  told() { if (this.ontold) this.ontold(); }
}
