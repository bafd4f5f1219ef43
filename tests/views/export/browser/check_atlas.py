"""Layers × heads: thumbnails that are the heads' maps, and the map of the one that is chosen."""

HEAD = '.heads [aria-label="layer 5, head 3"]'
# Of every pixel of that head's thumbnail, whether it has the colour that the map gives its cell.
AS_THE_MAP = """(() => {
  const canvas = document.querySelector('%s canvas'), cells = [...document.querySelectorAll(
    'table.map tbody td')], at = canvas.getContext('2d').getImageData(0, 0, canvas.width,
    canvas.height).data;
  return cells.map((c, i) => c.className === 'n' ? at[4 * i + 3] === 0
    : getComputedStyle(c).backgroundColor === `rgb(${[...at.slice(4 * i, 4 * i + 3)].join(', ')})`);
})()""" % HEAD
CHOSEN = (
    '["layer", "head"].map(n => document.querySelector(`.bar select[aria-label=${n}]`).value)'
    '.join(" ")'
)


def test_thumbnails_are_maps_and_a_click_shows_one(page, pages):
    page.open(pages.page('heads'))
    assert page.js(CHOSEN) == 'mean mean'
    page.js('document.querySelector(".atlas select").value = ""')  # each its own
    page.js('document.querySelector(".atlas select").dispatchEvent(new Event("change"))')
    page.click(HEAD)
    assert page.js(CHOSEN) == '5 3', page.js(CHOSEN)
    right = page.js(AS_THE_MAP)
    assert len(right) > 20 and all(right), right
    assert page.js('document.querySelector("%s").ariaSelected' % HEAD.replace('"', '\\"')) == 'true'


def test_headings_choose_whole_layers_and_heads(page, pages):
    page.open(pages.page('heads'))
    page.click('.heads [aria-label="layer 2"]')
    assert page.js(CHOSEN) == '2 mean', page.js(CHOSEN)
    page.click('.heads [aria-label="head 7"]')
    assert page.js(CHOSEN) == 'mean 7', page.js(CHOSEN)
    page.click('.heads [aria-label="all"]')
    assert page.js(CHOSEN) == 'mean mean', page.js(CHOSEN)


def test_keys_move_in_one_tab_stop(page, pages):
    page.open(pages.page('heads'))
    assert page.js('document.querySelectorAll(".heads [tabindex=\'0\']").length') == 1
    page.js('document.querySelector(".heads [tabindex=\'0\']").focus()')
    for key in 'ArrowDown', 'PageDown', 'End', 'ArrowLeft', 'Enter':
        page.key(key)
    assert page.js(CHOSEN) == '5 7', page.js(CHOSEN)
    page.key('Home')
    page.key('Enter')
    assert page.js(CHOSEN) == '5 mean', page.js(CHOSEN)
    assert page.js('document.querySelectorAll(".heads [tabindex=\'0\']").length') == 1


def test_screen_readers_hear_names_and_peaks(page, pages):
    page.open(pages.page('heads'))
    names = page.names()
    assert ('grid', 'layers × heads') in names
    assert ('gridcell', 'layer 5, head 3') in names and ('rowheader', 'layer 2') in names
    page.point(HEAD)
    told = page.js('document.querySelector(\'%s\').getAttribute("aria-description")' % HEAD)
    assert told.startswith('largest 0.') and ' → ' in told, told
    assert page.js('document.getElementById("tip").textContent').startswith('layer 5, head 3: 0.')


def test_the_first_token_is_left_out(page, pages):
    page.open(pages.page('heads'))
    first = (
        'document.querySelector(\'%s canvas\').getContext("2d").getImageData(0, 0, 1, 1).data[3]'
        % HEAD
    )
    page.place(HEAD)
    page.settle()
    assert page.js(first) == 255
    page.click('.atlas input')
    assert page.js(first) == 0


def test_layers_without_heads_stand_in_a_row(page, pages):
    page.open(pages.page('layers'))
    assert page.js('[...document.querySelectorAll(".heads tr")].map(r => r.cells.length)') == [6]
    page.click('.heads [aria-label="layer 3"]')
    assert page.js('document.querySelector(".bar select").value') == '3'


def test_a_choice_is_shown_where_the_map_was_out_of_sight(page, pages):
    page.open(pages.page('heads'), width=400, height=500)
    top = 'document.querySelector(".bar").getBoundingClientRect().top'
    page.js('document.querySelector(\'[aria-label="layer 20, head 3"]\').scrollIntoView()')
    page.settle()
    assert page.js(top) < -200
    page.point('[aria-label="layer 20, head 3"]')
    assert page.js('document.querySelector("#tip canvas").width') == 2, 'a large one is told'
    page.click('[aria-label="layer 20, head 3"]')
    page.settle()
    assert abs(page.js(top)) < 2 and page.js(CHOSEN) == '20 3'


def test_looks(page, pages, golden):
    page.open(pages.page('heads'))
    page.click(HEAD)
    page.point(HEAD)
    golden.check(page, 'atlas-1280')
    assert 'layer 5, head 3' in page.js('document.getElementById("tip").textContent'), 'moved'


def test_looks_on_a_phone(page, pages, golden):
    page.open(pages.page('heads'), width=400, height=800, touch=True)
    assert page.js('document.documentElement.scrollWidth <= innerWidth')
    page.js('document.querySelector(".atlas").scrollIntoView()')
    page.settle()
    golden.check(page, 'atlas-400')


def test_prints_in_the_colours_of_paper(page, pages):
    page.open(pages.page('heads'), prefers_color_scheme='dark')
    light = 'document.querySelector(\'%s canvas\').getContext("2d").getImageData(0, 1, 1, 1).data'
    page.js('dispatchEvent(new Event("beforeprint"))')
    paper = page.js('[...%s]' % light % HEAD)
    page.js('dispatchEvent(new Event("afterprint"))')
    assert sum(paper[:3]) > 600 > 200 > sum(page.js('[...%s]' % light % HEAD)[:3]), paper
