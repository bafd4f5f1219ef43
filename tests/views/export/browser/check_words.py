"""The text with colours behind its tokens."""

WORDS = '[...document.querySelectorAll(".w")].map(w => w.textContent)'


def test_it_has_the_text_and_the_maps_colours(page, pages):
    page.open(pages.page('heads'), fragment='#view=text')
    words = page.js(WORDS)
    assert ''.join(words).startswith('The Eiffel Tower is'), words
    classes = page.js('[...document.querySelectorAll(".w")].map(w => w.classList[1])')
    page.js('location.hash = "view=map"')
    page.settle()
    column = page.js(
        '[...document.querySelectorAll("table.map tbody tr")].map(r => r.cells[1].className)'
    )
    shown = [c for c in column if c != 'n']
    assert classes[: len(shown)] == shown, (classes, column)


def test_a_click_and_keys_choose_what_is_explained(page, pages):
    page.open(pages.page('heads'), fragment='#view=text')
    chosen = 'document.querySelector("[role=radio][aria-checked=true]").textContent'
    told = 'document.querySelector(".words .note b").textContent'
    assert page.js(chosen) == ' Paris' and page.js(told) == '·Paris'
    page.click('[role=radio]', 1)
    assert page.js(chosen) == ',' and page.js(told) == ','
    assert page.js('document.activeElement.textContent') == ','
    page.key('ArrowLeft')
    assert page.js(chosen) == ' Paris'
    page.key('End')
    assert page.js(chosen) == ','
    assert page.js('document.querySelectorAll(".words [tabindex=\'0\']").length') == 1
    names = page.names()
    assert ('radiogroup', 'which token is explained') in names and ('radio', 'Paris') in [
        (role, name.strip()) for role, name in names
    ]


def test_the_strongest_are_listed(page, pages):
    page.open(pages.page('contrast'), fragment='#view=text')
    best = page.js('[...document.querySelectorAll(".best li")].map(l => l.innerText.split("\\n"))')
    assert best[0][0] == 'iffel' and len(best) == 5, best
    numbers = [float(b[-1]) for b in best]
    assert numbers == sorted(numbers, reverse=True)


def test_what_does_not_count_has_no_colour(page, pages):
    page.open(pages.page('contrast'), fragment='#view=text&least=0.1')
    classes = page.js(
        '[...document.querySelectorAll(".w[class*=\\" h\\"]")].map(w => w.textContent)'
    )
    assert classes == ['The', 'iffel', ' Tower'], classes


def test_units_are_joined(page, pages):
    page.open(pages.page('heads'), fragment='#view=text&unit=word')
    words = page.js(WORDS)
    assert words[:3] == ['The', ' Eiffel', ' Tower'], words


def test_hostile_tokens_are_text(page, pages):
    page.open(pages.page('hostile'), fragment='#view=text')
    assert page.js('document.querySelectorAll(".words img, .words script, .words b b").length') == 0
    text = ''.join(page.js(WORDS))
    assert '<b>bold</b>' in text and '</script>' in text and '\u202e' not in text


def test_looks(page, pages, golden):
    page.open(pages.page('translation'), fragment='#view=text')
    golden.check(page, 'text-1280')


def test_looks_in_the_dark_on_a_phone(page, pages, golden):
    page.open(
        pages.page('translation'),
        fragment='#view=text&unit=word',
        width=400,
        prefers_color_scheme='dark',
    )
    golden.check(page, 'text-400-dark')
