/* The text, with each token as strongly coloured as it counts for the one that is explained. A
   click, or the arrow keys, explain another of those that were generated. */
class Words {
  constructor(r) {
    this.r = r; this.box = make('div', 'words'); this.box.hidden = true;
    this.best = make('ol', 'best');
    r.maps.after(this.box);
    this.box.addEventListener('click', e => {
      const w = e.target.closest('[role=radio]'); if (w) this.choose(+w.dataset.j, true); });
    this.box.addEventListener('keydown', e => this.key(e));
    const told = e => { const w = e.target.closest && e.target.closest('.w');
      if (w && w.told) tipAt(w, [make('b', '', w.told)]); else tipAway(); };
    this.box.addEventListener('mouseover', told);
    this.box.addEventListener('mouseleave', tipAway);
    r.on(changed => this.show(changed)); this.show([]); }

  key(e) {
    const to = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -1e9,
        End: 1e9}[e.key];
    if (!to || e.ctrlKey || e.altKey || e.metaKey || !e.target.closest('[role=radio]')) return;
    e.preventDefault();
    this.choose(within(this.r.target + to, 0, this.r.columns - 1), true); }

  choose(j, focus) {
    this.r.set({target: j});
    if (this.r.state.target === '') this.draw();
    const w = focus && this.box.querySelector(`[data-j="${this.r.target}"]`);
    if (w) w.focus({preventScroll: true}); }

  show(changed) {
    const {r} = this, on = r.state.view === 'text';
    this.box.hidden = !on;
    r.maps.hidden = on;
    if (!on) { this.box.replaceChildren(); return; }
    if (changed.length !== 1 || changed[0] !== 'range' || on) this.draw(); }

  // Tokens of a list by the unit: text, and which of its rows and columns it is.
  chunks(name) {
    const {r} = this, base = r.base[name], unit = r.unit[name], out = [];
    const from = unit.from || base.text.map((_, i) => i);
    from.forEach((a, i) => {
      const b = i + 1 < from.length ? from[i + 1] : base.text.length;
      const pieces = base.text.slice(a, b), text = pieces.filter(t => t !== null).join('');
      const j = name === 'target' ? i - r.unit.at : -1;
      const last = out[out.length - 1], special = unit.special.includes(i);
      if (last && pieces.length && pieces.every(t => t === null)) last.rows.push(i);
      else out.push({text, rows: [i], j: j >= 0 && j < r.columns ? j : -1, special}); });
    return out; }

  // A character of several tokens has the sum of their scores.
  score(side, rows) {
    const {r} = this, all = !side ? [] : rows.filter(i => i < side.rows)
        .map(i => r.value(side, i, r.target)).filter(x => x === x);
    return all.length ? all.reduce((a, b) => a + b) : NaN; }

  word(c, side) {
    const {r} = this, x = this.score(side, c.rows), w = make('span', 'w');
    // Line ends stand as signs in a token; here they end lines, too.
    c.text.split(/(?<=\u23ce)/).forEach((part, k) => w.append(...(k ? [make('br'), part]
        : [part])));
    if (c.text.endsWith('\u23ce')) w.append(make('br'));
    if (c.special) w.classList.add('sp');
    const [, foil] = c.j < 0 ? [] : nameOf(r, r.columnName(c.j));
    if (foil) w.append(foil);
    const shown = x === x && x !== 0 && Math.abs(x) >= r.least[r.target];
    if (shown) w.classList.add(classOf(r, place(x, r.range)));
    if (x === x) w.told = number(x, r.decimals);
    if (r.state.find && c.text.toLowerCase().includes(r.state.find.toLowerCase()))
      w.classList.add('hit');
    if (c.j >= 0) {
      const chosen = c.j === r.target;
      w.setAttribute('role', 'radio'); w.setAttribute('aria-checked', chosen);
      w.dataset.j = c.j; w.tabIndex = chosen ? 0 : -1; }
    return {w, x, text: c.text, shown}; }

  draw() {
    const {r} = this, all = [], rows = [];
    for (const name of ['source', 'target']) {
      const side = r.sides.find(s => s.name === name);
      if (name === 'source' && !side) continue;
      const text = make('p', 'running'); text.dir = 'auto';
      if (name === 'target') {
        text.setAttribute('role', 'radiogroup');
        text.setAttribute('aria-label', 'which token is explained'); }
      for (const c of this.chunks(name)) {
        const made = this.word(c, side);
        all.push(made); text.append(made.w); }
      rows.push(make('h3', '', name === 'source' ? 'source' : r.base.source.rows ? 'target' : 'text'), text); }
    const explained = make('p', 'note', 'Colours say how much each counted for ',
        make('b', '', r.columnName(r.target)), '. Click a token that was generated to see it ' +
        'explained.');
    this.list(all);
    this.box.replaceChildren(explained, ...rows, make('h3', '', 'strongest'), this.best); }

  list(all) {
    const {r} = this, best = all.filter(a => a.shown)
        .sort((a, b) => Math.abs(b.x) - Math.abs(a.x)).slice(0, 5);
    if (!best.length) { this.best.replaceChildren(make('li', '', 'nothing counts here')); return; }
    const most = Math.abs(best[0].x);
    this.best.replaceChildren(...best.map(({text, x}) => {
      const bar = make('i', classOf(r, place(x, r.range)));
      bar.style.width = 100 * Math.abs(x) / most + '%';
      return make('li', '', make('bdi', '', text.trim() || text), make('span', 'track', bar),
          make('span', 'value', number(x, r.decimals))); })); }
}
parts.push(r => { r.words = new Words(r).box; });
