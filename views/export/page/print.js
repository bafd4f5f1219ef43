/* A sheet does not scroll: a window shows all, unless there is a picture of it, and wide maps are
   made to fit A4 across. */
const onPaper = paper => {
  for (const r of results) for (const grid of r.grids)
    if (!r.section.querySelector('.still') && (grid.windowed || grid.paper)) {
      grid.paper = paper; grid.again(); }
  for (const t of document.querySelectorAll('table.map')) {
    const room = t.closest('.pair:not(.below)') ? 325 : 1030;
    t.style.zoom = paper ? within(room / t.scrollWidth, 0.25, 1) : ''; } };
addEventListener('beforeprint', () => onPaper(true));
addEventListener('afterprint', () => onPaper(false));
