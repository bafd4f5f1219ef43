"""Two results beside each other, and their difference."""

SECTIONS = '[...document.querySelectorAll(".pair>section")]'
# The number of a cell of each of the three, as the page writes it.
CELLS = SECTIONS + '.map(s => +s.querySelectorAll("table.map tbody tr")[%d].cells[%d].textContent)'


def pair(pages):
    return pages.page('saliency', '--pair', pages.saved('gradients'))


def test_three_maps_stand_beside_each_other(page, pages, golden):
    page.open(pair(pages))
    titles = page.js(SECTIONS + '.map(s => s.querySelector(".side").textContent)')
    assert titles == [
        'first: saliency smollm2-saliency-probability.json.gz',
        'second: integrated_gradients smollm2-integrated_gradients-probability-20.json.gz',
        'difference: second − first',
    ], titles
    for row, column in (0, 1), (2, 1), (9, 2):
        first, second, difference = page.js(CELLS % (row, column))
        assert abs(second - first - difference) < 2e-3, (row, column, first, second, difference)
    assert (
        page.js('document.querySelector("h1").textContent') == 'saliency and integrated_gradients'
    )
    golden.check(page, 'pair-1280')
    names = page.names()
    assert all(('region', name) in names for name in ('first', 'second', 'difference')), names


def test_the_same_colour_is_the_same_score(page, pages):
    page.open(pair(pages))
    scales = page.js(
        SECTIONS + '.map(s => [...s.querySelectorAll(".scale input")].map(e => e.value))'
    )
    assert scales[0] == scales[1] != scales[2], scales


def test_what_is_pointed_at_is_told_of_all(page, pages):
    page.open(pair(pages))
    page.point('.pair section:nth-child(1) table.map tbody td', 4)
    twins = page.js('[...document.querySelectorAll(".twin")].map(c => +c.textContent)')
    row, column = 4 // 2, 4 % 2 + 1
    assert twins == page.js(CELLS % (row, column))[1:], twins
    told = page.js('document.getElementById("tip").textContent')
    assert 'second ' in told and 'difference ' in told, told
    page.point('h1')
    assert page.js('document.querySelectorAll(".twin").length') == 0


def test_one_bar_serves_all(page, pages):
    page.open(pair(pages))
    assert page.js('document.querySelectorAll("select[aria-label=unit]").length') == 1
    page.js('document.querySelector("select[aria-label=unit]").value = "word"')
    page.js('document.querySelector("select[aria-label=unit]").dispatchEvent(new Event("change"))')
    rows = page.js(SECTIONS + '.map(s => s.querySelectorAll("table.map tbody tr").length)')
    assert rows[0] == rows[1] == rows[2] < 11, rows
    assert page.js('location.hash') in ('', '#unit=word')


def test_rows_are_sorted_and_folded_alike(page, pages):
    page.open(pair(pages))
    names = SECTIONS + '.map(s => [...s.querySelectorAll("tbody th")].map(t => t.textContent))'
    page.js('location.hash = "order=score"')
    page.settle()
    first, second, difference = page.js(names)
    assert first == second == difference and first[0] == 'iffel' and first[1] != '·E', first
    page.js('location.hash = "least=0.2"')
    page.settle()
    first, second, difference = page.js(names)
    assert first == second == difference and 0 < len(first) < 8, (first, second, difference)


def test_texts_of_other_lengths_stay_apart(page, pages):
    page.open(pages.page('several', '--pair', pages.saved('shorter')))
    assert page.js('document.querySelectorAll(".pair").length') == 5
    page.point('.pair section:nth-child(2) table.map tbody td', 0)
    assert page.js('document.querySelectorAll(".twin").length') == 0


def test_looks_on_a_phone(page, pages, golden):
    page.open(pair(pages), width=400, height=800, prefers_color_scheme='dark')
    assert page.js('document.documentElement.scrollWidth <= innerWidth')
    page.js(SECTIONS + '[1].scrollIntoView()')
    page.settle()
    golden.check(page, 'pair-400-dark')


def test_on_paper(page, pages, golden):
    page.open(pair(pages), media='print', width=1032)
    page.js('dispatchEvent(new Event("beforeprint"))')
    golden.check(page, 'pair-print')
    assert page.js('document.querySelectorAll(".pair.below").length') == 0
    page.open(pages.page('wide', '--pair', pages.saved('wide')), media='print', width=1032)
    page.js('dispatchEvent(new Event("beforeprint"))')
    assert page.js('document.querySelectorAll(".pair.below").length') == 1
    assert (
        page.js(
            'Math.max(...[...document.querySelectorAll("table.map")]'
            '.map(t => t.getBoundingClientRect().right))'
        )
        <= 1040
    )
