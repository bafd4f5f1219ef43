/* Layers × heads: a thumbnail of each head's map, rows down and steps across as in the map beside
   it. A click, or Enter, shows that head in the map; a heading a whole layer, or a head of all
   layers; the corner what was there at first. One Tab stop; rows are drawn when they come into
   sight. */
const rulesOf = list => [...list].flatMap(x => x.selectorText ? [x] : []);
// Colours of the 64 levels as a canvas has them in memory: of this look, and of paper.
const paletteOf = letter => {
  const find = list => { const found = [];
    for (const rule of rulesOf(list)) {
      const at = rule.selectorText.match(/^\.([hs])(\d+)$/);
      if (at && at[1] === letter)
        found[at[2]] = rule.style.backgroundColor.match(/\d+/g).map(Number); }
    const bytes = Uint8Array.from(found.flatMap(x => [...x, 255]));
    return new Uint32Array(bytes.buffer); };
  const all = document.styleSheets[0].cssRules, light = find(all),
      dark = [...all].filter(x => x.media && matchMedia(x.media.mediaText).matches)
          .map(x => find(x.cssRules)).find(x => x.length === 64);
  return {screen: dark || light, paper: light}; };

class Atlas {
  constructor(r) {
    this.r = r; this.heads = r.H || 1; this.rows = r.first.length / r.G;
    this.alike = true; this.first = 0; this.palette = paletteOf(r.map);
    this.table = make('table', 'heads'); this.table.setAttribute('role', 'grid');
    this.table.setAttribute('aria-label', r.H ? 'layers × heads' : 'layers');
    this.body = make('tbody'); this.table.append(this.body);
    this.fill(); this.listen(); }

  value(row, g, layer, head) {
    const {r} = this; return r.all[((row * r.G + g) * r.L + layer) * this.heads + head]; }

  // Cells are [layer][head], −1 for a heading: of all layers, of all heads.
  cell(layer, head) {
    const name = layer < 0 && head < 0 ? 'all' : head < 0 ? 'layer ' + layer
          : layer < 0 ? 'head ' + head : 'layer ' + layer + (this.r.H ? ', head ' + head : '');
    const heading = layer < 0 || (head < 0 && this.r.H), c = make(heading ? 'th' : 'td');
    c.setAttribute('role', layer < 0 ? 'columnheader' : head < 0 ? 'rowheader' : 'gridcell');
    c.setAttribute('aria-label', name);
    c.tabIndex = -1; c.at = [layer, head];
    if (heading) c.textContent = layer < 0 && head < 0 ? 'all' : head < 0 ? layer : head;
    return c; }

  fill() {
    const {r} = this, rows = [];
    const across = r.H ? [-1, ...Array(r.H).keys()] : [0];
    if (r.H) for (let l = -1; l < r.L; l++) rows.push(across.map(h => this.cell(l, h)));
    // Layers alone: several of them in a row.
    else {
        const all = [this.cell(-1, -1), ...Array.from({length: r.L}, (_, l) => this.cell(l, 0))];
        for (let i = 0; i < all.length; i += 12) rows.push(all.slice(i, i + 12)); }
    this.cells = rows;
    for (const row of rows) this.body.append(make('tr', '', ...row));
    rows[0][0].tabIndex = 0;
    const size = Math.max(28, Math.min(48, 1000 / rows[0].length, 720 / rows.length));
    this.table.style.setProperty('--box', Math.floor(size) + 'px'); }

  // The largest of all heads, of what is not left out.
  most() {
    if (this.known) return this.known;
    let most = 0, signed = false;
    for (let i = this.first * this.r.G * this.r.L * this.heads; i < this.r.all.length; i++) {
      const x = this.r.all[i];
      if (isFinite(x)) { most = Math.max(most, Math.abs(x)); signed = signed || x < 0; } }
    return this.known = {most, signed}; }

  peak(layer, head) {
    let best = null;
    for (let row = this.first; row < this.rows; row++) for (let g = 0; g < this.r.G; g++) {
      const x = this.value(row, g, layer, head);
      if (isFinite(x) && (!best || Math.abs(x) > Math.abs(best.x))) best = {x, row, g}; }
    return best; }

  draw(c, colours) {
    const [layer, head] = c.at, {r} = this, canvas = c.firstChild || make('canvas');
    if (layer < 0 || head < 0) return;
    canvas.width = r.G; canvas.height = this.rows;
    canvas.setAttribute('aria-hidden', 'true');
    const context = canvas.getContext('2d', {willReadFrequently: true}),
        image = context.createImageData(r.G, this.rows),
        pixels = new Uint32Array(image.data.buffer);
    const own = this.alike ? null : this.peak(layer, head), {most, signed} = this.most();
    const end = own ? Math.abs(own.x) : most, from = r.map === 's' ? 0 : 32;
    for (let row = this.first, i = this.first * r.G; row < this.rows; row++)
      for (let g = 0; g < r.G; g++, i++) {
        const x = this.value(row, g, layer, head);
        if (x !== x || (x < 0 && !signed)) continue;
        const part = end > 0 ? Math.max(-1, Math.min(1, x / end)) : 0;
        const level = from + Math.round(part * (from ? (part < 0 ? 32 : 31) : 63));
        pixels[i] = colours[Math.max(0, level)]; }
    context.putImageData(image, 0, 0);
    if (!c.firstChild) c.append(canvas); }

  drawRow(row, colours = this.palette.screen) {
    for (const c of row) this.draw(c, colours);
    row.drawn = true; }

  // Draws again what was drawn.
  again() { for (const row of this.cells) if (row.drawn) this.drawRow(row); }

  changed() { this.known = null; this.again(); }

  mark() {
    const {layer, head} = this.r.state, at = v => v === 'mean' ? -1 : +v;
    for (const row of this.cells) for (const c of row)
      c.setAttribute('aria-selected', c.at[0] === at(layer) &&
          (c.at[1] === at(head) || !this.r.H)); }

  choose(c) {
    const {r} = this, [layer, head] = c.at.map(i => i < 0 ? 'mean' : i);
    r.set(r.H ? {layer, head} : {layer});
    const shown = r.state.view === 'text' ? r.words : r.maps, at = shown.getBoundingClientRect();
    if (at.bottom > 80 && at.top < innerHeight - 80) return;
    tipAway();
    r.bar.scrollIntoView({block: 'start'}); }

  // Its thumbnail, large.
  large(c) {
    const small = c.firstChild, canvas = make('canvas', 'large');
    if (!small) return [];
    const times = within(Math.floor(160 / Math.max(small.width, small.height)), 1, 12);
    canvas.width = small.width; canvas.height = small.height;
    canvas.style.width = Math.max(110, times * small.width) + 'px';
    canvas.style.height = Math.max(40, times * small.height) + 'px';
    canvas.getContext('2d', {willReadFrequently: true}).drawImage(small, 0, 0);
    canvas.setAttribute('aria-hidden', 'true');
    return [canvas]; }

  tell(c) {
    const [layer, head] = c.at, name = make('b', '', c.getAttribute('aria-label'));
    const lines = [name];
    if (layer >= 0 && head >= 0) {
      const best = this.peak(layer, head), [from, to] = best ? this.names(best) : [];
      if (best) lines.push(': ' + number(best.x) + ', ', from, ' \u2192 ', to);
      c.setAttribute('aria-description', best
          ? 'largest ' + number(best.x) + ', ' + from.textContent + ' \u2192 ' + to.textContent
          : 'no scores');
      lines.push(...this.large(c)); }
    tipAt(c, lines); }

  // The tokens of a cell of the map.
  names({row, g}) { return this.r.names(row, g).map(name => make('bdi', '', name)); }

  move(c, name) {
    const row = this.cells.findIndex(x => x.includes(c)), column = this.cells[row].indexOf(c);
    const last = this.cells.length - 1, to = {ArrowLeft: [0, -1], ArrowRight: [0, 1],
        ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-5, 0], PageDown: [5, 0],
        Home: [0, -1e9], End: [0, 1e9]}[name];
    if (!to) return false;
    const line = this.cells[Math.max(0, Math.min(last, row + to[0]))];
    const next = line[Math.max(0, Math.min(line.length - 1, column + to[1]))];
    c.tabIndex = -1; next.tabIndex = 0; next.focus();
    return true; }

  listen() {
    const cell = e => e.target.closest('td,th');
    this.table.addEventListener('click', e => { const c = cell(e); if (c) this.choose(c); });
    this.table.addEventListener('mouseover', e => { const c = cell(e); if (c) this.tell(c); });
    this.table.addEventListener('mouseleave', tipAway);
    this.table.addEventListener('focusin', e => { const c = cell(e); if (c) this.tell(c); });
    this.table.addEventListener('focusout', tipAway);
    this.table.addEventListener('keydown', e => {
      const c = cell(e);
      if (e.key === 'Enter' || e.key === ' ') this.choose(c);
      else if (e.key === 'Escape') tipAway();
      else if (e.ctrlKey || e.altKey || e.metaKey || !this.move(c, e.key)) return;
      e.preventDefault(); }); }

  watch(frame) {
    const seen = new IntersectionObserver(list => {
      for (const {isIntersecting, target} of list)
        if (isIntersecting && !target.row.drawn) this.drawRow(target.row);
      }, {root: frame, rootMargin: '300px'});
    [...this.body.rows].forEach((tr, i) => { tr.row = this.cells[i]; seen.observe(tr); });
    matchMedia('(prefers-color-scheme:dark)').addEventListener('change', () => {
        this.palette = paletteOf(this.r.map); this.again(); });
    addEventListener('beforeprint', () => {
        for (const row of this.cells) this.drawRow(row, this.palette.paper); });
    addEventListener('afterprint', () => this.again()); }
}

parts.push(r => {
  if (!r.all || !r.L) return;
  const atlas = new Atlas(r), frame = make('div', 'frame', atlas.table);
  const scale = make('select'), sink = make('input');
  scale.append(new Option('alike', '1'), new Option('each its own', ''));
  sink.type = 'checkbox';
  scale.addEventListener('change', () => { atlas.alike = !!scale.value; atlas.changed(); });
  sink.addEventListener('change', () => { atlas.first = sink.checked ? 1 : 0; atlas.changed(); });
  const bar = make('div', 'bar', make('label', '', 'colours ', scale),
      make('label', '', sink, ' without the first token'));
  const title = r.H ? r.L + ' layers \u00d7 ' + r.H + ' heads' : r.L + ' layers';
  const box = make('div', 'atlas', make('h3', '', title), bar, frame);
  const both = make('div', 'beside');
  r.maps.before(both);
  both.append(r.maps, r.words, box);
  atlas.mark();
  r.on(() => atlas.mark());
  atlas.watch(frame);
});
