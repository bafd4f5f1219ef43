// The exported page's script against aggregators/ on the same data: node page_script.js PAGE_CASES.
'use strict';
const assert = require('node:assert');
const {execFileSync} = require('node:child_process');
const {open} = require('./browser.js');

const floats = text => new Float32Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
const lines = execFileSync(process.argv[2], {encoding: 'utf8', maxBuffer: 1 << 28});
const cases = lines.trim().split('\n').map(line => JSON.parse(line));

const cells = page => page.root.querySelectorAll('table.map')
  .flatMap(t => t.tBodies[0].rows.flatMap(r => r.cells.slice(1)));
const select = (page, name) => page.root.querySelectorAll('select')
  .find(s => s.attributes['aria-label'] === name);

// What pointing at a cell says it is.
function value(page, cell) {
  cell.dispatch('mouseover');
  assert.equal(page.tip.style.display, 'block');
  const text = page.tip.lastElementChild.textContent;
  return text === 'not seen' ? NaN : Number(text);
}

// The largest difference of a choice's cells from the scores, as a share of their column's largest.
function difference(page, one, choice) {
  const expected = floats(choice.scores), all = cells(page);
  assert.equal(all.length, expected.length);
  if (choice.head !== undefined) select(page, 'head').choose(choice.head);
  select(page, 'layer').choose(choice.layer);
  const steps = +page.root.querySelector('section.result').dataset.steps;
  const largest = new Float64Array(steps);
  expected.forEach((x, i) => {
    if (isFinite(x)) largest[i % steps] = Math.max(largest[i % steps], Math.abs(x));
  });
  let worst = 0;
  for (let i = 0; i < all.length; i += one.step) {
    const x = value(page, all[i]), wanted = expected[i];
    if (Number.isNaN(x) !== Number.isNaN(wanted)) return Infinity;
    if (Number.isNaN(x)) continue;
    worst = Math.max(worst, Math.abs(x - wanted) / Math.max(largest[i % steps], 1e-30));
  }
  return worst;
}

// The first choice of a case on which the script and aggregators/ differ; undefined: none.
function firstWrong(one, change) {
  const page = open(one.page, change);
  for (const choice of one.choices) {
    const worst = difference(page, one, choice);
    if (!(worst <= one.tolerance)) return {...choice, worst};
  }
  return undefined;
}

// Numbers, colours and the scale are drawn by the script as the page was written.
function drawnAsWritten(one) {
  const page = open(one.page), at = one.choices.length - 1;
  const look = () => [...cells(page), ...page.root.querySelector('.bar').all().filter(
    e => e.name === 'span')].map(c => [c.textContent.replace(/e([+-])0/, 'e$1'), c.className]);
  const written = look();
  select(page, 'layer').choose(one.choices[at].layer);
  select(page, 'layer').choose('mean');
  assert.deepEqual(look(), written, one.name);
}

function keysMoveBetweenCells() {
  const page = open(cases[0].page), all = cells(page);
  assert.equal(all[0].tabIndex, 0);
  all[0].dispatch('keydown', {key: 'ArrowRight'});
  assert.equal(page.focused(), all[1]);
  all[1].dispatch('keydown', {key: 'ArrowDown'});
  assert.equal(page.focused(), all[1 + +page.root.querySelector('section.result').dataset.steps]);
  assert.equal(page.root.querySelectorAll('th.on').length, 2);
  page.focused().dispatch('keydown', {key: 'Escape'});
  assert.equal(page.root.querySelectorAll('th.on').length, 0);
  assert.equal(page.tip.style.display, 'none');
}

// Errors that the comparison must find: [the script's text, what stands there instead, case].
const mistakes = [
  ['sums[i % n] += Math.abs(v[i])', 'sums[i % n] += v[i]', 'layers and heads'],
  ['Math.max(sums[i % n], 1e-12)', 'sums[i % n]', 'nothing but zeros'],
  ['if (v[i] === v[i]) sums', 'sums', 'holes'],
  ['sums[i % n] +=', 'sums[i % steps] +=', 'both sides'],
  ["how === 'mean' ? sum / n", "how === 'mean' ? sum", 'layers and heads'],
  ["how === 'max' ? best", "how === 'max' ? sum", 'no signs'],
  ['x > best || x !== x ? x : best', 'x > best ? x : best', 'holes'],
  ['v[i * n + +how]', 'v[i * n + n - 1 - how]', 'layers without heads'],
  ['normalise(reduce(v, r.H, head.value), r.G, r.L)', 'reduce(v, r.H, head.value)', 'both sides'],
  ['reduce(v, r.L, layer.value), r.G, 1)', 'reduce(v, r.L, layer.value), r.G, r.L)', 'both sides'],
  ['(m + 1024)', '(m + 1040)', 'half floats'],
];

for (const one of cases) {
  const wrong = firstWrong(one);
  assert.equal(wrong, undefined, `${one.name}: ${wrong && JSON.stringify({...wrong, scores: ''})}`);
  if (one.step === 1) drawnAsWritten(one);
}
keysMoveBetweenCells();
for (const [text, instead, name] of mistakes) {
  const wrong = firstWrong(cases.find(c => c.name === name), script => {
    assert.ok(script.includes(text), `the script has no "${text}"`);
    return script.replace(text, instead);
  });
  assert.ok(wrong, `"${instead}" instead of "${text}" was not noticed on ${name}`);
}
console.log(`${cases.length} pages agree with aggregators/, ${mistakes.length} mistakes noticed`);
