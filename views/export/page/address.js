/* What is looked at stands in the address (#layer=3&head=2&unit=word), and is restored from it. Of
   the second text and later ones the names have its number before them: #2.unit=word. Of results
   beside each other the first one's serve all. What is no choice of such a name is left alone. */
const results = [];
const numberOf = r => textOf(r) > 1 ? textOf(r) + '.' : '';
const addressOf = () => {
  const out = [];
  for (const r of results) for (const name in choices)
    if (r.state[name] !== choices[name][0])
      out.push(numberOf(r) + name + '=' +
        encodeURIComponent(r.state[name]).replaceAll('%3A', ':'));
  return out.length ? '#' + out.join('&') : ''; };
let waiting = 0;
const putAddress = () => {
  clearTimeout(waiting); waiting = 0;
  const wanted = addressOf();
  if (wanted === location.hash || (!wanted && !/=/.test(location.hash))) return;
  try { history.replaceState(null, '', wanted || location.pathname + location.search); }
  catch { /* a page within another may not: all else works */ } };
const takeAddress = () => {
  const text = location.hash.slice(1);
  if (text.length > 5000 || (text && !text.includes('='))) return; // a heading's name
  const given = new URLSearchParams(text);
  for (const r of results) {
    const wanted = {};
    for (const name in choices)
      wanted[name] = given.get(numberOf(r) + name) ?? choices[name][0];
    const {target, ...rest} = wanted; // which columns there are follows from the unit
    r.set(rest); r.set({target});
    if (r.state.find && r.found.k < 0) goFound(r, 1); } };
parts.push(r => {
  if (r.others && r.others[0] !== r) return;
  results.push(r);
  r.on(() => { clearTimeout(waiting); waiting = setTimeout(putAddress, 150); }); });
addEventListener('hashchange', takeAddress);
