/* What the page does: values under pointer and keyboard, and a choice of layers and heads whose
   arithmetic is that of aggregators/aggregate.c: heads, normalise, layers, normalise. Reads tokens
   from the tables' own headings, never from data, so that nothing hostile is ever parsed as markup.
   The page does not have this comment, and a line that starts with eight or more spaces goes on
   from the one before it there. Tested in tests/views/export/script. */
'use strict';
(() => {
const tip = document.getElementById('tip');
const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
const half = u => { const e = u >> 10 & 31, m = u & 1023, s = u & 32768 ? -1 : 1;
  return e === 31 ? (m ? NaN : s * Infinity)
        : e ? s * 2 ** (e - 25) * (m + 1024) : s * 2 ** -24 * m; };
const floats = (s, small) => {
        const b = bytes(s).buffer;
        return small ? Float32Array.from(new Uint16Array(b), half) : new Float32Array(b); };
const number = x => Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 5e-4)
        ? x.toExponential(2) : x.toFixed(3);
for (const section of document.querySelectorAll('section.result')) {
  const data = section.querySelector('script.data');
  if (!data) continue;
  const G = +section.dataset.steps, L = +section.dataset.layers, H = +section.dataset.heads,
        map = section.dataset.map, fixed = section.dataset.from !== undefined;
  const tables = [...section.querySelectorAll('table.map')];
  const cells = tables.flatMap(t => [...t.tBodies[0].rows].flatMap(r => [...r.cells].slice(1)));
  let values = floats(data.textContent, false);
  const first = values, raw = section.querySelector('script.raw');
  cells.forEach((c, i) => { c.removeAttribute('title'); c.i = i; c.tabIndex = -1;
          c.none = c.className === 'n' ? c.textContent : 'nan'; });
  for (const t of tables) { const c = t.tBodies[0].querySelector('td'); if (c) c.tabIndex = 0; }
  const normalise = (v, cell) => { const n = G * cell, sums = new Float64Array(n);
    for (let i = 0; i < v.length; i++) if (v[i] === v[i]) sums[i % n] += Math.abs(v[i]);
    return v.map((x, i) => x / Math.max(sums[i % n], 1e-12)); };
  const reduce = (v, n, how) => { const out = new Float32Array(v.length / n);
    for (let i = 0; i < out.length; i++) {
      let sum = 0, best = -Infinity;
      for (let k = 0; k < n; k++) {
          const x = v[i * n + k]; sum += x; best = x > best || x !== x ? x : best; }
      out[i] = how === 'mean' ? sum / n : how === 'max' ? best : v[i * n + +how];
    }
    return out; };
  const told = n => 'colours fixed from ' + section.dataset.from + ' to ' + section.dataset.to +
      (n ? ', ' + n + (n === 1 ? ' score' : ' scores') + ' beyond' : '');
  const draw = () => {
    let most = 0, signed = false, beyond = 0;
    for (const x of values) if (isFinite(x)) {
        most = Math.max(most, Math.abs(x)); signed = signed || x < 0; }
    const end = name => Math.fround(section.dataset[name]);
    const from = fixed ? end('from') : signed ? -most : 0,
        to = fixed ? end('to') : most;
    const place = x => { const held = Math.max(from, Math.min(to, x));
      return !(to > from) ? 0 : from < 0 ? held / Math.max(-from, Math.abs(to))
          : (held - from) / (to - from); };
    cells.forEach((c, i) => {
      const x = values[i], part = place(x);
      if (x < from || x > to) beyond++;
      if (x !== x) { c.className = 'n'; c.textContent = c.none; return; }
      c.textContent = number(x);
      c.className = map + (map === 's' ? Math.round(Math.max(part, 0) * 63)
          : 32 + Math.round(part * (part < 0 ? 32 : 31)));
    });
    const s = section.querySelector('.bar');
    if (s && s.querySelector('.scale')) {
        const ends = s.querySelector('.scale').children;
        ends[0].textContent = number(from);
        ends[2].textContent = number(to);
        if (fixed) s.querySelector('.fixed').textContent = told(beyond); }
  };
  if (raw) {
    const all = floats(raw.textContent, raw.dataset.half === '1'),
        bar = section.querySelector('.bar');
    const choose = (name, n) => {
      const label = document.createElement('label'), select = document.createElement('select');
      label.append(name + ' ', select);
      select.append(new Option('mean of ' + n, 'mean'), new Option('max of ' + n, 'max'));
      for (let i = 0; i < n; i++) select.append(new Option(name + ' ' + i, i));
      select.setAttribute('aria-label', name);
      bar.prepend(label);
      return select; };
    const head = H > 0 ? choose('head', H) : null, layer = choose('layer', L);
    const update = () => {
      if (layer.value === 'mean' && (!head || head.value === 'mean')) values = first;
      else {
          let v = all; if (head) v = normalise(reduce(v, H, head.value), L);
          values = normalise(reduce(v, L, layer.value), 1); }
      draw(); };
    for (const s of [head, layer]) if (s) s.addEventListener('change', update);
  }
  const show = c => {
    const row = c.parentNode.cells[0], table = c.closest('table'),
        column = table.tHead.rows[0].cells[c.cellIndex];
    for (const th of section.querySelectorAll('th.on')) th.classList.remove('on');
    row.classList.add('on'); column.classList.add('on');
    const x = values[c.i], value = document.createElement('b');
    value.textContent = x !== x ? 'not seen' : x.toPrecision(4);
    tip.replaceChildren(row.firstElementChild.cloneNode(true), ' \u2192 ',
        column.firstElementChild.cloneNode(true), '  ', value);
    tip.style.display = 'block';
    const r = c.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = Math.max(4, Math.min(innerWidth - w - 4, r.left + r.width / 2 - w / 2)) + 'px';
    tip.style.top = (r.top > h + 10 ? r.top - h - 6 : r.bottom + 6) + 'px'; };
  const hide = () => {
        tip.style.display = 'none';
        for (const th of section.querySelectorAll('th.on')) th.classList.remove('on'); };
  for (const table of tables) {
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
}
// A sheet does not scroll: wide maps are made to fit A4 across.
addEventListener('beforeprint', () => { for (const t of document.querySelectorAll('table.map'))
  t.style.zoom = Math.max(0.25, Math.min(1, 1030 / t.scrollWidth)); });
addEventListener('afterprint', () => { for (const t of document.querySelectorAll('table.map'))
        t.style.zoom = ''; });
})();
