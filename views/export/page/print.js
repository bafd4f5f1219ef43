/* A sheet does not scroll: wide maps are made to fit A4 across. */
addEventListener('beforeprint', () => {
  for (const t of document.querySelectorAll('table.map')) {
    const room = t.closest('.pair:not(.below)') ? 325 : 1030;
    t.style.zoom = within(room / t.scrollWidth, 0.25, 1); } });
addEventListener('afterprint', () => { for (const t of document.querySelectorAll('table.map'))
        t.style.zoom = ''; });
