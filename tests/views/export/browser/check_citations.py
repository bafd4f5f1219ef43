"""The documents that an answer rests on: sentences with citations that lead to them."""

BOX = 'document.querySelector(".citations")'
CHOSEN = '[...document.querySelectorAll(".document:target")].map(e => e.id)'
SENTENCES = '[...document.querySelectorAll(".sentence")].map(e => e.textContent)'


def test_sentences_tell_what_they_rest_on(page, pages):
    page.open(pages.page('citations'))
    assert page.js(SENTENCES) == [
        ' was very [2] and 1 more given: [1][2]',
        ' dark [no document]',
    ], page.js(SENTENCES)
    told = page.js(BOX + '.innerText')
    for text in 'CTI ≥ 0.500, calibrated', 'precision 1.000, recall 0.500', 'It shone.':
        assert text in told, (text, told)
    assert 'shone (0.500)' in page.js('document.querySelector(".rests.differs").title')
    assert page.js('document.querySelector(".little").textContent') == ' dark'
    marks = '[...document.querySelectorAll(".document mark")].map(e => e.title)'
    assert page.js(marks) == 2 * ['for ·was'], page.js(marks)


def test_a_click_goes_to_the_document_and_back(page, pages):
    page.open(pages.page('citations'))
    assert page.js(CHOSEN) == []
    page.click('.cite', 0)
    page.settle()
    assert page.js(CHOSEN) == ['document-1-2']
    page.js('history.back()')
    page.settle()
    assert page.js(CHOSEN) == []


def test_without_script_it_is_the_same(page, pages):
    page.open(pages.page('citations'), script=False)
    names = ''.join(name for role, name in page.names() if role == 'InlineTextBox')
    for told in '[2]', 'b.txt', 'It shone.', 'cited by sentence 1', 'not cited':
        assert told in names, (told, names)


def test_hostile_citations_are_text(page, pages):
    page.open(pages.page('hostile_citations'))
    assert page.js('document.querySelectorAll("img,iframe,.citations b b").length') == 0
    assert '<img src=x onerror=alert(8)>' in page.js(BOX + '.textContent')


def test_joined_tokens_cite_nothing(page, pages):
    page.open(pages.page('citations', '--unit', 'word'))
    assert page.js(BOX) is None
    assert 'found for other tokens' in page.js('document.body.innerText')
