"""Columns that explain a token rather than its foil: an arrow from the one to the other."""

HEAD = 'document.querySelector("table.map thead th")'


def test_the_arrow_goes_to_the_foil(page, pages):
    for script in True, False:
        page.open(pages.page('contrast'), script=script)
        assert page.js(HEAD + '.textContent') == '·Paris → ·Rome'
        assert page.js(HEAD + '.querySelector(".foil").textContent') == ' → ·Rome'
        told = page.js('[...document.querySelectorAll("p.note")].map(p => p.textContent)')
        assert 'The arrow goes to a foil: why ·Paris rather than ·Rome.' in told, told


def test_the_text_has_the_token_and_its_foil(page, pages):
    page.open(pages.page('contrast'), fragment='#view=text')
    words = page.js('[...document.querySelectorAll(".running .w")].map(w => w.textContent)')
    assert ' Paris → ·Rome' in words and not any('Rome →' in w for w in words), words


def test_drawn_again_it_is_the_same(page, pages):
    page.open(pages.page('contrast'))
    before = page.js(HEAD + '.innerHTML')
    page.js('document.querySelector("input[aria-label^=\'only scores\']").value = ".05"')
    page.js(
        'document.querySelector("input[aria-label^=\'only scores\']")'
        '.dispatchEvent(new Event("input"))'
    )
    assert page.js(HEAD + '.innerHTML') == before


def test_differences_of_contrasts_have_it_too(page, pages):
    page.open(pages.page('contrast', '--pair', pages.saved('contrast')))
    heads = page.js('[...document.querySelectorAll(".pair thead")].map(h => h.textContent)')
    assert len(heads) == 3 and len(set(heads)) == 1, heads


def test_tokens_that_differ_in_a_pair_are_no_foils(page, pages):
    """There the arrow goes from the first result's token to the second's."""
    page.open(pages.page('several', '--pair', pages.saved('other')))
    difference = page.js(
        '[...document.querySelectorAll(".pair section:last-child tbody th")]'
        '.map(t => t.textContent)'
    )
    assert '·city → ·town' in difference, difference
    assert page.js('document.querySelectorAll(".foil").length') == 0
