"""What a model printed is text wherever it stands, and nothing else."""

import results


def test_hostile_tokens_are_text(page, pages):
    page.open(pages.page('hostile'))
    assert (
        page.js('document.querySelectorAll("img,iframe,object,b b,svg svg,title title").length')
        == 0
    )
    assert page.js('[...document.querySelectorAll("table.map tbody tr")].length') == len(
        results.HOSTILE[:-1]
    ), 'no step sees the last one'
    assert page.js('document.title').startswith('</title><script>alert(5)')
    heading = page.js(
        '[...document.querySelectorAll("table.map tbody th")].map(t => t.textContent)'
    )
    assert '<b>bold</b>' in heading[0] and '</script>' in heading[2]
    assert '\u202e' not in page.js('document.body.textContent'), 'turns the text around it'
    assert not any(c in page.js('document.body.textContent') for c in '\0\x1b')


def test_hostile_tokens_are_told_as_text(page, pages):
    """Where the script shows them, too."""
    page.open(pages.page('hostile'))
    n = page.js('document.querySelectorAll("table.map tbody td").length')
    for i in range(0, n, 9):
        page.point('table.map tbody td', i)
        assert page.js('document.querySelectorAll("img,iframe").length') == 0


def test_hostile_tokens_are_text_in_the_atlas_and_the_text(page, pages):
    page.open(pages.page('hostile'))
    for i in range(4):
        page.point('.heads td', i)
        told = page.js('document.getElementById("tip").textContent')
        assert told.startswith('layer ') and ' → ' in told, told
        assert page.js('document.querySelectorAll("img,iframe").length') == 0
    page.js('location.hash = "view=text"')
    page.settle()
    assert '</script>' in page.js('document.querySelector(".running").textContent')
    assert page.js('document.querySelectorAll(".words script,img,iframe").length') == 0


def test_long_tokens_keep_the_page_narrow(page, pages):
    for width in 1280, 400:
        page.open(pages.page('hostile'), width=width)
        assert page.js('document.documentElement.scrollWidth <= innerWidth'), width
