/* A sheet does not scroll: wide maps are made to fit A4 across. */
addEventListener('beforeprint', () => { for (const t of document.querySelectorAll('table.map'))
        t.style.zoom = Math.max(0.25, Math.min(1, 1030 / t.scrollWidth)); });
addEventListener('afterprint', () => { for (const t of document.querySelectorAll('table.map'))
        t.style.zoom = ''; });
