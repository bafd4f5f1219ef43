/* The value under pointer and keyboard. */
const tip = document.getElementById('tip');
const tipAt = (e, content) => {
  tip.replaceChildren(...content);
  tip.style.display = 'block';
  const at = e.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight,
      left = Math.min(innerWidth - w - 4, at.left + at.width / 2 - w / 2);
  tip.style.left = Math.max(4, left) + 'px';
  tip.style.top = (at.top > h + 10 ? at.top - h - 6 : at.bottom + 6) + 'px'; };
const tipAway = () => { tip.style.display = 'none'; };
parts.push(r => {
  const show = c => {
    const row = c.parentNode.cells[0], table = c.closest('table'),
        column = table.tHead.rows[0].cells[c.cellIndex];
    for (const th of r.section.querySelectorAll('th.on')) th.classList.remove('on');
    row.classList.add('on'); column.classList.add('on');
    const x = r.values[c.i], value = make('b', '', x !== x ? 'not seen' : x.toPrecision(4));
    tipAt(c, [row.firstElementChild.cloneNode(true), ' \u2192 ',
        column.firstElementChild.cloneNode(true), '  ', value]); };
  const hide = () => {
        tipAway();
        for (const th of r.section.querySelectorAll('th.on')) th.classList.remove('on'); };
  for (const table of r.tables) {
    const body = table.tBodies[0], cell = e => {
        const c = e.target.closest('td'); return c && body.contains(c) ? c : null; };
    table.addEventListener('mouseover', e => { const c = cell(e); c ? show(c) : hide(); });
    table.addEventListener('mouseleave', hide);
    table.addEventListener('focusin', e => { const c = cell(e); if (c) show(c); });
    table.addEventListener('focusout', hide);
    table.addEventListener('keydown', e => {
      const c = cell(e), step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0],
          ArrowDown: [1, 0]}[e.key];
      if (e.key === 'Escape') hide();
      if (!c || !step) return;
      const row = body.rows[c.parentNode.sectionRowIndex + step[0]],
          next = row && row.cells[c.cellIndex + step[1]];
      e.preventDefault();
      if (next && next.tagName === 'TD') { c.tabIndex = -1; next.tabIndex = 0; next.focus(); }
    });
  }
});
