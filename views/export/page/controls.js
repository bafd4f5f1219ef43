/* What stands above a result: how it is looked at, layer and head, unit, size, threshold, the k
   largest, a search, and the colours' range. Each shows and changes one of `choices`. */
const option = (text, value, off) => {
  const o = new Option(text, value);
  o.disabled = !!off;
  return o; };
const selectOf = (r, name, options, label = name) => {
  const s = make('select', '', ...options);
  s.setAttribute('aria-label', name);
  s.addEventListener('change', () => r.set({[name]: s.value}));
  r.shows.push(() => { s.value = r.state[name]; });
  return make('label', '', label + ' ', s); };
const fieldOf = (r, name, text, width, more) => {
  const input = make('input');
  Object.assign(input, {type: 'text', title: text, autocomplete: 'off', spellcheck: false}, more);
  input.style.width = width;
  input.setAttribute('aria-label', text);
  const take = () => { r.set({[name]: input.value.trim()}); // what is no such choice is shown so
      input.setAttribute('aria-invalid', input.value.trim() !== r.state[name]); };
  input.addEventListener('input', take);
  r.shows.push(() => { if (document.activeElement !== input) {
      input.value = r.state[name]; input.removeAttribute('aria-invalid'); } });
  return input; };
const viewTitles = {map: 'Map', text: 'Text'};
const tabsOf = r => {
  const tabs = r.views.map(v => button(viewTitles[v], '', () => r.set({view: v})));
  r.shows.push(() => tabs.forEach((b, i) =>
      b.setAttribute('aria-pressed', r.views[i] === r.state.view)));
  const group = make('span', 'tabs', ...tabs);
  group.setAttribute('role', 'group'); group.setAttribute('aria-label', 'view');
  return group; };
const reduced = (name, n) => [option('mean of ' + n, 'mean'), option('max of ' + n, 'max'),
        ...Array.from({length: n}, (_, i) => option(name + ' ' + i, i))];
const unitOf = r => selectOf(r, 'unit', r.units.map(u => {
  const o = option((u.label || u.id) + (u.none ? ' (none here)' : ''), u.id, u.none);
  if (u.note) o.title = u.note;
  return o; }));
const sideOf = r => {
  const label = selectOf(r, 'side', [option('both', 'both'), option('rows', 'rows'),
      option('columns', 'columns')], 'of');
  label.lastChild.setAttribute('aria-label', 'unit of');
  r.shows.push(() => { label.hidden = r.state.unit === 'token'; });
  return label; };
// The ends of the colours can be typed; `hold` keeps them for other layers, heads and units.
const legendOf = r => {
  const scale = r.bar.querySelector('.scale'), told = r.bar.querySelector('.fixed');
  const [low, , high] = scale.children, ends = [low, high].map((span, i) => {
    const input = make('input', 'end');
    input.setAttribute('aria-label', i ? 'colours to' : 'colours from');
    input.addEventListener('change', () => {
      const range = ends.map(e => e.value.trim()).join(':');
      r.set({range});
      if (r.state.range !== range) show(); });
    span.replaceWith(input);
    return input; });
  const hold = button('hold', 'Keep these colours for other layers, heads and units', () =>
      r.set({range: r.state.range ? '' : r.range.from + ':' + r.range.to}));
  const show = () => {
    ends[0].value = number(r.range.from, r.decimals); ends[1].value = number(r.range.to, r.decimals);
    const swatches = [...scale.querySelectorAll('s')], {from, to} = r.range;
    swatches.forEach((s, i) => { s.className = classOf(r, place(from + (to - from) * i /
        (swatches.length - 1), r.range)); });
    hold.setAttribute('aria-pressed', !!r.state.range);
    let beyond = 0;
    for (const x of r.values) if (x < from || x > to) beyond++;
    const fixed = r.state.range || r.given;
    told.textContent = fixed ? 'colours fixed from ' + tidy(from) + ' to ' + tidy(to) + (beyond
        ? ', ' + beyond + (beyond === 1 ? ' score' : ' scores') + ' beyond' : '') : ''; };
  scale.append(hold);
  r.shows.push(show); };
const tidy = x => String(+x.toPrecision(6));
// On paper the choices stand as words.
const chosenOf = r => {
  const told = make('span', 'chosen');
  r.shows.push(() => {
    const {layer, head, unit, side, order, least, top} = r.state, of = (name, v) => v === 'mean' || v === 'max'
        ? v + ' of ' + name + 's' : name + ' ' + v;
    told.textContent = [r.all ? of('layer', layer) : '', r.all && r.H ? of('head', head) : '',
        unit === 'token' ? '' : 'sums over each ' + unit + (side === 'both' ? '' : ' of ' + side), least ? 'scores of at least ' + least
            : '', order === 'score' ? 'rows by their score' : '', top ? 'the ' + top + ' largest of a column' : ''].filter(x => x).join(', '); });
  return told; };
parts.push(r => {
  r.shows = [];
  if (!r.views.includes('text')) r.views.push('text');
  legendOf(r);
  const compact = button('compact', 'Small cells without numbers', () =>
      r.set({size: r.state.size === 'compact' ? 'numbers' : 'compact'}));
  const sort = button('sort', 'Rows by their score for one column, the strongest first: click a ' +
      'heading for another', () =>
      r.set({order: r.state.order === 'score' ? 'text' : 'score'}));
  r.shows.push(() => { sort.setAttribute('aria-pressed', r.state.order === 'score');
      sort.hidden = r.state.view !== 'map'; });
  r.shows.push(() => { compact.setAttribute('aria-pressed', r.state.size === 'compact');
      compact.hidden = r.state.view !== 'map'; });
  const items = [tabsOf(r)];
  if (r.all) items.push(selectOf(r, 'layer', reduced('layer', r.L)));
  if (r.all && r.H) items.push(selectOf(r, 'head', reduced('head', r.H)));
  items.push(unitOf(r), sideOf(r), sort, compact,
      make('label', '', 'at least ', fieldOf(r, 'least', 'only scores of at least', '4.5em',
          {inputMode: 'decimal', placeholder: '0'})),
      make('label', '', 'top ', fieldOf(r, 'top', 'only so many scores of a column', '3.2em',
          {inputMode: 'numeric', placeholder: 'all'})),
      findOf(r), copyOf(r), chosenOf(r));
  r.bar.prepend(...items);
  const show = () => { for (const f of r.shows) f(); };
  show(); r.on(show); });
