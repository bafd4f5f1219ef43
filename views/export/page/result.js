/* A result on the page, as the other parts know it: its section, its tokens by every unit, and what
   is looked at (`state`), from which its scores follow. `set` changes that; whoever said by `on`
   that it shows something of it is called with the names of what changed. */
const whole = (text, n) => /^\d{1,9}$/.test(text) && +text < n;
const among = (text, names) => names.includes(text);
// What a person may choose, what it is at first, and whether a text (of an address) is such a
// choice.
const choices = {
  view: ['map', (v, r) => among(v, r.views)],
  unit: ['token', (v, r) => r.units.some(u => u.id === v && !u.none)],
  side: ['both', v => among(v, ['both', 'rows', 'columns'])], // of the unit
  layer: ['mean', (v, r) => r.all && (among(v, ['mean', 'max']) || whole(v, r.L))],
  head: ['mean', (v, r) => r.all && r.H && (among(v, ['mean', 'max']) || whole(v, r.H))],
  target: ['', (v, r) => v === '' || whole(v, r.G)],
  order: ['text', v => among(v, ['text', 'score'])], // of rows: by the target's column
  size: ['numbers', v => among(v, ['numbers', 'compact'])],
  least: ['', v => v === '' || (/^[\d.e-]{1,20}$/.test(v) && +v > 0 && isFinite(+v))],
  top: ['', v => v === '' || (whole(v, 1e6) && +v > 0)],
  find: ['', v => v.length <= 200],
  range: ['', v => v === '' || rangeFrom(v) !== null]};
const rangeFrom = text => {
  const [from, to, more] = text.split(':').map(x => x.trim() === '' ? NaN : Math.fround(x));
  return more === undefined && isFinite(from) && isFinite(to) && from < to ? {from, to} : null; };

class Result {
  constructor(section, place) {
    const told = JSON.parse(section.querySelector('script.tokens').textContent),
        raw = section.querySelector('script.raw'), data = section.dataset;
    this.section = section; this.place = place;
    this.G = +data.steps; this.L = +data.layers; this.H = +data.heads; this.map = data.map;
    this.given = data.from === undefined ? null
        : {from: Math.fround(data.from), to: Math.fround(data.to)};
    this.bar = section.querySelector('.bar');
    this.tables = [...section.querySelectorAll('table.map')];
    this.first = floats(section.querySelector('script.data').textContent, false);
    this.all = raw && floats(raw.textContent, raw.dataset.half === '1');
    this.steps = told.steps; this.units = told.units; this.base = told.units[0];
    for (const u of this.units)
      if (!u.none && u.id !== 'token' && !u.source.rows && !u.target.rows) {
        u.none = true; u.note = 'All of it is one.'; }
    this.views = ['map']; this.listeners = [];
    this.state = {};
    for (const name in choices) this.state[name] = choices[name][0];
    this.compute(); }

  on(f) { this.listeners.push(f); }

  // Takes what is a choice here, and leaves the rest.
  set(wanted) {
    const changed = [];
    for (const name in wanted) {
      const value = String(wanted[name]);
      if (!choices[name] || value === this.state[name] || !choices[name][1](value, this)) continue;
      this.state[name] = value; changed.push(name); }
    if (!changed.length) return;
    if ((changed.includes('unit') || changed.includes('side')) && !changed.includes('target')) this.state.target = '';
    this.compute();
    for (const f of this.listeners) f(changed); }

  compute() {
    const {unit, side, layer, head} = this.state;
    this.unit = this.units.find(u => u.id === unit);
    if (this.unit !== this.base && side !== 'both')
      this.unit = oneSided(this.base, this.unit, side);
    this.columns = this.unit.columns;
    this.sides = ['source', 'target'].filter(name => this.base[name].rows)
        .map(name => this.sideOf(name));
    if (this.state.target !== '' && !whole(this.state.target, this.columns))
      this.state.target = '';
    const key = [layer, head, unit, side].join(' ');
    if (key === this.computed) return this.placeSides();
    this.computed = key;
    this.scores = this.joined(this.chosen(layer, head));
    this.placeSides();
    this.values = new Float32Array(this.scores.reduce((n, v) => n + v.length, 0));
    this.sides.forEach((side, i) =>
        this.values.set(this.scores[i], side.offset * this.columns));
    this.usual = this.columns;
    this.values.forEach((x, i) => { if (x && isFinite(x))
        this.usual = Math.min(this.usual, i % this.columns); });
    this.usual %= this.columns; }

  placeSides() {
    let offset = 0;
    this.sides.forEach((side, i) => {
      side.rows = this.scores[i].length / this.columns; side.offset = offset;
      offset += side.rows; }); }

  sideOf(name) {
    const {names, special, limits} = this.unit[name];
    const title = (name === 'source' ? 'source' : this.base.source.rows ? 'target' : 'input') +
        ' \u00d7 generated';
    return {name, title, names, special, limits}; }

  chosen(layer, head) {
    if (layer === 'mean' && (!this.H || head === 'mean')) return this.first;
    let v = this.all;
    if (this.H) v = normalise(reduce(v, this.H, head), this.G, this.L);
    return normalise(reduce(v, this.L, layer), this.G, 1); }

  // The scores of each side by the unit.
  joined(v) {
    const {base, unit, G} = this, n = base.source.rows * G;
    const of = {source: v.subarray(0, n), target: v.subarray(n)};
    return this.sides.map(({name}) => unit === base ? of[name]
        : joinSide(of[name], base, name, unit)); }

  value(side, i, j) { return this.values[(side.offset + i) * this.columns + j]; }

  columnName(j) { return this.unit.target.names[this.unit.at + j]; }

  // The names of a place in the scores as they came, of row and column.
  names(row, g) {
    const {source, target, at} = this.base;
    return [row < source.rows ? source.names[row] : target.names[row - source.rows],
        target.names[at + g]]; }

  // The column that the text explains: the first that has a score, unless another is chosen.
  get target() { return this.state.target !== '' ? +this.state.target : this.usual; }
}
