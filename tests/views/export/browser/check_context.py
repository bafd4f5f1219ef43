"""What a context changes: the text, the tokens that depend on it, and each one's cues."""

CONTEXT = 'document.querySelector(".context")'
SHOWN = '[...document.querySelectorAll(".cues>li")].filter(e => e.checkVisibility()).length'
CUES = '[...document.querySelectorAll(".context .cue")].map(e => e.textContent).join("|")'
CHOSEN = '[...document.querySelectorAll(".sensitive[aria-current=true]")].map(e => e.textContent)'


def test_a_click_shows_a_tokens_cues(page, pages):
    page.open(pages.page('context'))
    assert page.js(CHOSEN) == [' dark'] and page.js(SHOWN) == 1
    assert page.js(CUES) == ' sun'
    page.click('.sensitive', 0)
    assert page.js(CHOSEN) == [' was'] and page.js(SHOWN) == 1
    assert page.js(CUES) == 'The| sun'
    assert page.js('location.hash') in ('', '#target=0'), page.js('location.hash')
    assert 'against · is' in page.js(CONTEXT + '.innerText')


def test_the_address_says_which(page, pages):
    page.open(pages.page('context'), fragment='#target=0')
    assert page.js(CHOSEN) == [' was']
    page.js('location.hash = "target=2"')
    page.settle()
    assert page.js(CHOSEN) == [' dark']
    page.js('location.hash = "target=1"')  # which depends on nothing
    page.settle()
    assert page.js(CHOSEN) == [' dark']


def test_without_script_all_cues_are_told(page, pages):
    page.open(pages.page('context'), script=False)
    names = ''.join(name for role, name in page.names() if role == 'InlineTextBox')
    for told in '0.750', 'Nothing here', '0.500', '· is':
        assert told in names, (told, names)


def test_hostile_texts_are_text(page, pages):
    page.open(pages.page('hostile_context'))
    assert page.js('document.querySelectorAll("img,iframe,svg svg,.context b b").length') == 0
    told = page.js(CONTEXT + '.textContent')
    assert '<img src=x onerror=alert(8)>' in told and 'nan' not in told
    assert '\u202e' not in page.js(CONTEXT + '.textContent')


def test_joined_tokens_have_none(page, pages):
    page.open(pages.page('context', '--unit', 'word'))
    assert page.js(CONTEXT) is None
    assert 'found for other tokens' in page.js('document.body.innerText')
