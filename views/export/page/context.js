/* What a context changes. A click on a token that depends on it marks its cues in the text, tells
   them below, and makes it the column that Text explains: the address keeps that. */
class Context {
  constructor(r, box) {
    this.r = r; this.box = box;
    this.tokens = [...box.querySelectorAll('.sensitive')];
    this.cues = [...box.querySelectorAll('.cues>li')];
    box.addEventListener('click', e => {
      const a = e.target.closest('.sensitive');
      if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      this.choose(a.dataset.column); });
    r.on(changed => { if (changed.includes('target')) this.show(r.state.target); });
    if (this.cues.length) this.show(this.cues[0].dataset.column); }

  choose(column) {
    this.show(column);
    if (this.r.unit === this.r.base) this.r.set({target: column}); }

  // A column that depends on no context leaves the choice as it is.
  show(column) {
    const chosen = this.cues.find(li => li.dataset.column === String(column));
    if (!chosen || this.r.unit !== this.r.base) return;
    const rows = chosen.dataset.rows.split(' ');
    for (const li of this.cues) li.classList.toggle('other', li !== chosen);
    for (const a of this.tokens)
      a.setAttribute('aria-current', a.dataset.column === chosen.dataset.column);
    for (const w of this.box.querySelectorAll('[data-row]'))
      w.classList.toggle('cue', rows.includes(w.dataset.row)); }
}
parts.push(r => {
  const box = r.section.querySelector('.context');
  if (box) r.context = new Context(r, box);
});
