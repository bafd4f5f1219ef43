"""Step scores and faithfulness as pictures; the table of contents."""


def test_step_scores_are_bars(page, pages):
    page.open(pages.page('steps'))
    names = page.js('[...document.querySelectorAll(".plot .name")].map(t => t.textContent)')
    rows = page.js('[...document.querySelectorAll("tfoot th")].map(t => t.textContent)')
    assert names == rows and len(names) > 3, (names, rows)
    bar = page.js('document.querySelector(".plot .bars title").textContent')
    cell = page.js('document.querySelector("tfoot td").textContent')
    assert abs(float(bar.split(': ')[1]) - float(cell)) < 1e-3, (bar, cell)
    # The largest bar of each picture fills it, and none leaves it.
    heights = page.js("""[...document.querySelectorAll('.plot .bars')].map(
      g => Math.max(...[...g.querySelectorAll('rect')].map(r => +r.getAttribute('height'))))""")
    assert all(20 <= h <= 64 for h in heights), heights
    assert any(
        role == 'image' and name.startswith('pcxmi of 2 generated tokens')
        for role, name in page.names()
    ), page.names()


def test_step_scores_look(page, pages, golden):
    page.open(pages.page('steps'), height=1100)
    page.js('document.querySelector(".plot").scrollIntoView()')
    page.settle()
    golden.check(page, 'steps-1280')
    page.open(pages.page('steps'), width=400, prefers_color_scheme='dark')
    page.js('document.querySelector(".plot").scrollIntoView()')
    page.settle()
    golden.check(page, 'steps-400-dark')


def test_no_script_is_needed_for_them(page, pages):
    page.open(pages.page('steps'), script=False)
    assert page.js('document.querySelectorAll(".plot .bars rect").length') > 3


def test_many_texts_have_a_table_of_contents(page, pages, golden):
    page.open(pages.page('several'))
    assert page.js('document.querySelectorAll("nav").length') == 0
    page.open(pages.page('many'))
    links = page.js('[...document.querySelectorAll("nav a")].map(a => a.textContent)')
    assert len(links) == 8 and links[2].startswith('3  The city of'), links
    golden.check(page, 'contents-1280')
    page.click('nav a', 6)
    page.settle()
    assert page.js('location.hash') == '#text-7'
    top = page.js('document.getElementById("text-7").getBoundingClientRect().top')
    assert -2 < top < 800, top
    assert ('navigation', '8 texts') in page.names()


def test_a_link_to_a_text_opens_there(page, pages):
    page.open(pages.page('many'), fragment='#text-5')
    assert -2 < page.js('document.getElementById("text-5").getBoundingClientRect().top') < 800


def test_hostile_names_are_text(page, pages):
    page.open(pages.page('hostile'))
    assert '<i>score</i>' in page.js('document.querySelector(".plot .name").textContent')
    assert page.js('document.querySelectorAll(".plot i, .plot img, .plot script").length') == 0


def test_faithfulness_is_drawn_beside_random_orders(page, pages, golden):
    page.open(pages.page('evaluated'))
    assert page.js('document.querySelector(".verdict").textContent') == (
        'saliency: better than random by 0.500 (95 %: 0.240 to 0.820)'
    )
    assert ('image', 'comprehensiveness 0.7, random orders 0.4') in page.names()
    own = page.js('[...document.querySelectorAll("svg .own")].map(l => l.getAttribute("d"))')
    assert [d.count('L') + d.count('M') for d in own] == [11, 10], own
    page.js('document.querySelector(".curves").scrollIntoView()')
    page.settle()
    golden.check(page, 'curves-1280')
    page.open(pages.page('evaluated'), width=400, height=900, prefers_color_scheme='dark')
    page.js('document.querySelector(".curves").scrollIntoView()')
    page.settle()
    assert page.js('document.documentElement.scrollWidth <= innerWidth')
    golden.check(page, 'curves-400-dark')


def test_odd_evaluations_do_no_harm(page, pages):
    page.open(pages.page('odd'))
    assert page.js('document.querySelectorAll(".curves").length') == 2
    assert 'too far apart' in page.js('document.querySelector(".curves").textContent')
    assert page.js('document.querySelector(".verdict").textContent').startswith('<b onclick')
    assert 'nan' not in page.js(
        '[...document.querySelectorAll("svg")].map(s => s.outerHTML).join()'
    )
