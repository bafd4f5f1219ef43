"""Step scores and faithfulness as pictures; the table of contents."""

import os


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
