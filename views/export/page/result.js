/* A result on the page, as the other parts know it: its section, how many steps, layers and heads
   it has, its tables and their cells, and the scores that they show. `changed` calls whoever said
   by `on` that it shows something of them. */
const resultOf = section => {
  const data = section.querySelector('script.data');
  if (!data) return null;
  const G = +section.dataset.steps, tables = [...section.querySelectorAll('table.map')],
      raw = section.querySelector('script.raw'), first = floats(data.textContent, false),
      listeners = [];
  return {section, G, L: +section.dataset.layers, H: +section.dataset.heads,
      map: section.dataset.map, fixed: section.dataset.from !== undefined,
      bar: section.querySelector('.bar'), tables,
      cells: tables.flatMap(t => [...t.tBodies[0].rows].flatMap(r => [...r.cells].slice(1))),
      first, values: first,
      all: raw && floats(raw.textContent, raw.dataset.half === '1'),
      on: f => listeners.push(f), changed: () => { for (const f of listeners) f(); }}; };
