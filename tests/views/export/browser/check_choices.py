"""The page's choice of layers and heads against aggregators/ on the same scores (page_cases.c)."""

import json
import os
import subprocess

# The first choice of a case on which they differ; null: none.
# Numbers are told whole, and cells need no place on the screen, which would be found for each.
FIRST_WRONG = """(one => {
  Number.prototype.toPrecision = function () { return String(+this); };
  Element.prototype.getBoundingClientRect = () => new DOMRect(0, 0, 1, 1);
  for (const name of ['offsetWidth', 'offsetHeight'])
    Object.defineProperty(HTMLElement.prototype, name, {get: () => 1});
  const floats = s => new Float32Array(Uint8Array.from(atob(s), c => c.charCodeAt(0)).buffer);
  const section = document.querySelector('section.result'), tip = document.getElementById('tip');
  const choose = (name, value) => {
    const select = section.querySelector(`select[aria-label="${name}"]`);
    select.value = value;
    select.dispatchEvent(new Event('change', {bubbles: true})); };
  const value = cell => {
    cell.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
    const text = tip.querySelector('b').textContent;
    return text === 'not seen' ? NaN : Number(text); };
  for (const choice of one.choices) {
    choose('unit', choice.unit);
    choose('unit of', choice.side);
    if (choice.head !== undefined) choose('head', choice.head);
    choose('layer', choice.layer);
    const cells = [...section.querySelectorAll('table.map')].flatMap(
      t => [...t.tBodies[0].rows].flatMap(r => [...r.cells].slice(1)));
    const expected = floats(choice.scores), steps = choice.columns;
    const largest = new Float64Array(steps);
    if (expected.length !== cells.length) return {...choice, cells: cells.length};
    expected.forEach((x, i) => {
      if (isFinite(x)) largest[i % steps] = Math.max(largest[i % steps], Math.abs(x)); });
    for (let i = 0; i < cells.length; i += one.step) {
      const x = value(cells[i]), wanted = expected[i];
      if (Number.isNaN(x) && Number.isNaN(wanted)) continue;
      const by = Math.abs(x - wanted) / Math.max(largest[i % steps], 1e-30);
      if (!(by <= one.tolerance)) return {...choice, scores: '', i, x, wanted, by};
    }
  }
  return null; })("""

# Errors that the comparison must find: the script's text, what stands there instead, the case.
MISTAKES = [
    ('sums[i % n] += Math.abs(v[i])', 'sums[i % n] += v[i]', 'layers and heads'),
    ('Math.max(sums[i % n], 1e-12)', 'sums[i % n]', 'nothing but zeros'),
    ('if (v[i] === v[i]) sums', 'sums', 'holes'),
    ('sums[i % n] +=', 'sums[i % steps] +=', 'both sides'),
    ("how === 'mean' ? sum / n", "how === 'mean' ? sum", 'layers and heads'),
    ("how === 'max' ? best", "how === 'max' ? sum", 'no signs'),
    ('x > best || x !== x ? x : best', 'x > best ? x : best', 'holes'),
    ('v[i * n + +how]', 'v[i * n + n - 1 - how]', 'layers without heads'),
    (
        'normalise(reduce(v, this.H, head), this.G, this.L)',
        'reduce(v, this.H, head)',
        'both sides',
    ),
    (
        'reduce(v, this.L, layer), this.G, 1)',
        'reduce(v, this.L, layer), this.G, this.L)',
        'both sides',
    ),
    ('else if (seen(k)) return NaN;', '', 'units'),
    ('return n ? sum : NaN;', 'return sum;', 'units'),
    ('g => r < limits[g]', 'g => true', 'units of both sides'),
    ('r => r < limits[c]', 'r => true', 'units of both sides'),
    ('Math.max(...limits.slice(a, b))', 'limits[a]', 'units'),
    ('target: v.subarray(n)', 'target: v.subarray(0, v.length - n)', 'units of both sides'),
    ('base.at + base.columns', 'base.at + base.columns - 1', 'units of both sides'),
    ('unit.target.from.filter(a => a < at)', 'unit.target.from', 'units'),
    (
        '[at, ...unit.target.from.filter(a => a > at)]',
        'unit.target.from.filter(a => a >= at)',
        'units',
    ),
    ('(m + 1024)', '(m + 1040)', 'half floats'),
]


def cases(pages):
    lines = subprocess.run([pages.cases], check=True, capture_output=True, text=True).stdout
    return {case['name']: case for case in map(json.loads, lines.splitlines())}


def first_wrong(page, pages, case, text=None):
    path = os.path.join(pages.out, 'case.html')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text or case['page'])
    page.open(path)
    told = {key: case[key] for key in ('choices', 'step', 'tolerance')}
    return page.js(FIRST_WRONG + json.dumps(told) + ')')


def test_they_are_those_of_the_program(page, pages):
    for name, case in cases(pages).items():
        wrong = first_wrong(page, pages, case)
        assert wrong is None, (name, wrong)


def test_mistakes_are_noticed(page, pages):
    made = cases(pages)
    for text, instead, name in MISTAKES:
        case = made[name]
        assert text in case['page'], 'the script has no ' + text
        changed = case['page'].replace(text, instead, 1)
        assert first_wrong(page, pages, case, changed), '%s instead of %s on %s' % (
            instead,
            text,
            name,
        )


def test_drawn_again_is_as_written(page, pages):
    """Numbers, colours and the scale, when a choice is taken back."""
    look = """[...document.querySelectorAll('table.map tbody td, .scale s')].map(
      c => [c.textContent.replace(/e([+-])0/, 'e$1'), c.className])"""
    made = cases(pages)
    for name in 'both sides', 'holes', 'many magnitudes', 'fixed colours':
        case = made[name]
        case['choices'] = case['choices'][-1:]
        path = os.path.join(pages.out, 'case.html')
        first_wrong(page, pages, case)
        page.js("""for (const [name, value] of [['layer', 'mean'], ['head', 'mean'],
            ['unit of', 'both'], ['unit', 'token']]) {
          const s = document.querySelector(`select[aria-label="${name}"]`);
          s.value = value; s.dispatchEvent(new Event('change', {bubbles: true})); }""")
        again = page.js(look)
        page.open(path, script=False)
        assert page.js(look) == again, case['name']
