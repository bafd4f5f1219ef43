/* A map that is larger than its frame as a whole, beside it: each pixel is the largest of the cells under it, and a
   click or a drag goes there. */
class Overview {
  constructor(r, grid, pane) {
    Object.assign(this, {r, grid});
    this.canvas = make('canvas'); this.frame = make('div', 'here');
    this.box = make('div', 'overview', this.canvas, this.frame);
    this.box.setAttribute('aria-hidden', 'true'); // keys go everywhere without it
    this.box.title = 'The whole map: click or drag to go there';
    pane.append(this.box);
    const go = e => {
      const at = this.canvas.getBoundingClientRect(), f = grid.frame;
      f.scrollTop = (e.clientY - at.top) / at.height * f.scrollHeight - f.clientHeight / 2;
      f.scrollLeft = (e.clientX - at.left) / at.width * f.scrollWidth - f.clientWidth / 2; };
    this.box.addEventListener('pointerdown', e => {
      this.box.setPointerCapture(e.pointerId); go(e); e.preventDefault(); });
    this.box.addEventListener('pointermove', e => { if (e.buttons) go(e); });
    matchMedia('(prefers-color-scheme:dark)').addEventListener('change', () => this.draw()); }

  // The canvas is as high as the frame, each of its pixels a cell or several.
  draw() {
    const {grid, r} = this, f = grid.frame;
    this.box.hidden = !(grid.windowed || r.state.size === 'compact') || !grid.overflows;
    if (this.box.hidden) return;
    const high = Math.min(grid.rows.length, Math.round(f.clientHeight) || 560),
        wide = Math.min(r.columns, 120);
    const peaks = new Float32Array(high * wide).fill(NaN);
    grid.rows.forEach((i, k) => {
      const y = Math.floor(k * high / grid.rows.length);
      for (let j = 0; j < r.columns; j++) {
        const x = r.value(grid.side, i, j), at = y * wide + Math.floor(j * wide / r.columns);
        if (Math.abs(x) >= r.least[j] && !(Math.abs(x) <= Math.abs(peaks[at]))) peaks[at] = x; } });
    this.paint(peaks, high, wide);
    this.follow(); }

  paint(peaks, high, wide) {
    this.canvas.width = wide; this.canvas.height = high;
    const context = this.canvas.getContext('2d'), image = context.createImageData(wide, high),
        pixels = new Uint32Array(image.data.buffer), colours = paletteOf(this.r.map).screen;
    peaks.forEach((x, i) => {
      if (x === x) pixels[i] = colours[+classOf(this.r, place(x, this.r.range)).slice(1)]; });
    context.putImageData(image, 0, 0); }

  follow() {
    const f = this.grid.frame, s = this.frame.style, part = x => 100 * x + '%';
    if (this.box.hidden) return;
    s.left = part(f.scrollLeft / f.scrollWidth); s.top = part(f.scrollTop / f.scrollHeight);
    s.width = part(f.clientWidth / f.scrollWidth);
    s.height = part(f.clientHeight / f.scrollHeight); }
}
