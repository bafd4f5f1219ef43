/* The choice of a layer and a head. */
parts.push(r => {
  if (!r.all) return;
  const choose = (name, n) => {
    const select = make('select'), label = make('label', '', name + ' ', select);
    select.append(new Option('mean of ' + n, 'mean'), new Option('max of ' + n, 'max'));
    for (let i = 0; i < n; i++) select.append(new Option(name + ' ' + i, i));
    select.setAttribute('aria-label', name);
    r.bar.prepend(label);
    return select; };
  const head = r.H > 0 ? choose('head', r.H) : null, layer = choose('layer', r.L);
  const update = () => {
    if (layer.value === 'mean' && (!head || head.value === 'mean')) r.values = r.first;
    else {
        let v = r.all; if (head) v = normalise(reduce(v, r.H, head.value), r.G, r.L);
        r.values = normalise(reduce(v, r.L, layer.value), r.G, 1); }
    r.changed(); };
  for (const s of [head, layer]) if (s) s.addEventListener('change', update);
});
