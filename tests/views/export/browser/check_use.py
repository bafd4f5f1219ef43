"""Keyboard, pointer and screen readers."""


def test_keys_move_between_cells(page, pages):
    page.open(pages.page('contrast'))
    page.js('document.querySelector("table.map td[tabindex=\'0\']").focus()')
    at = (
        'document.activeElement.cellIndex + " " + document.activeElement.parentNode.sectionRowIndex'
    )
    page.key('ArrowRight')
    page.key('ArrowDown')
    assert page.js(at) == '2 1', page.js(at)
    assert page.js('document.getElementById("tip").textContent')
    page.key('Escape')
    assert page.js('document.getElementById("tip").style.display') == 'none'


def test_screen_readers_find_the_table(page, pages):
    page.open(pages.page('contrast'))
    names = page.names()
    roles = {role for role, _ in names}
    assert {'table', 'columnheader', 'rowheader'} <= roles or {
        'grid',
        'columnheader',
        'rowheader',
    } <= roles, roles
    assert ('heading', 'saliency') in names, [n for n in names if n[0] == 'heading']


def test_layers_and_heads_are_chosen(page, pages):
    page.open(pages.page('heads'))
    cell = 'document.querySelectorAll("table.map td")[9].textContent'
    before = page.js(cell)
    page.js(
        '(() => { const s = document.querySelector("select[aria-label=head]"); s.value = "3";'
        ' s.dispatchEvent(new Event("change", {bubbles: true})); })()'
    )
    assert page.js(cell) != before
