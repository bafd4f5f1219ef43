/* Results beside each other: what is pointed at, chosen or scrolled to in one is marked, chosen and
   scrolled to in the others, and the tip tells their numbers; one bar above serves all. Results
   whose maps have other rows or columns are left alone. */
const pairs = new Map();
const twins = (r, grid) => r.others.flatMap(o => {
  const other = o.grids[grid.index];
  return o !== r && other && other.side.rows === grid.side.rows && o.columns === r.columns
      ? [other] : []; });
const markTwins = (r, grid, target) => {
  for (const c of r.section.parentNode.querySelectorAll('.twin')) c.classList.remove('twin');
  const p = grid.placeOf(target);
  if (!p) return;
  const i = grid.rows[p.i], lines = [];
  for (const other of twins(r, grid)) {
    const c = other.cell(other.rows.indexOf(i), p.j), x = other.r.value(other.side, i, p.j);
    if (c) c.classList.add('twin');
    lines.push(make('span', '', other.r.short + ' ' + (x !== x ? 'not seen' : x.toPrecision(4)))); }
  tip.append(...lines); };
// The first result's bar serves all, but for what is of each: its colours, and what is copied.
const shareBar = (r, box) => {
  const own = [...r.bar.children].filter(e => e.matches('.scale,.fixed,.menu'));
  const bar = make('div', 'bar', ...[...r.bar.children].filter(e => !own.includes(e)));
  if (r.others.length === 1) box.before(bar); };
// On paper too wide ones stand below each other.
addEventListener('beforeprint', () => { for (const box of pairs.keys())
        box.classList.toggle('below', [...box.querySelectorAll('table.map')].some(
        t => t.scrollWidth > 650)); });
addEventListener('afterprint', () => {
        for (const box of pairs.keys()) box.classList.remove('below'); });
parts.push(r => {
  const box = r.section.closest('.pair');
  if (!box) return;
  if (!pairs.has(box)) pairs.set(box, []);
  r.others = pairs.get(box); r.others.push(r);
  r.short = r.section.querySelector('.side').textContent.split(':')[0];
  shareBar(r, box);
  r.on(changed => {
    const same = {};
    for (const name of changed) if (name !== 'range') same[name] = r.state[name];
    if (r.others.busy) return;
    r.others.busy = true;
    for (const o of r.others) o.set(same);
    r.others.busy = false;
    if (['least', 'top', 'order', 'target'].some(name => name in same))
      for (const o of r.others) for (const g of o.grids) g.again(); });
  for (const grid of r.grids) {
    const tell = e => markTwins(r, grid, e.target);
    for (const name of ['mouseover', 'mouseleave', 'focusin'])
      grid.table.addEventListener(name, tell);
    grid.frame.addEventListener('scroll', () => {
      const {scrollTop, scrollLeft} = grid.frame;
      for (const {frame} of twins(r, grid)) {
        if (frame.scrollTop !== scrollTop) frame.scrollTop = scrollTop;
        if (frame.scrollLeft !== scrollLeft) frame.scrollLeft = scrollLeft; }
      }, {passive: true}); }
});
