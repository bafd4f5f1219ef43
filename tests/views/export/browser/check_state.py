"""What is looked at: its address, what is kept of it, what can be taken away."""

import csv
import io
import os
import subprocess

STATE = '[...document.querySelectorAll(".bar :is(select,input)")].map(e => e.value).join("|")'
CHANGE = """((name, value) => { const e = document.querySelector(`.bar [aria-label="${name}"]`);
  e.value = value;
  e.dispatchEvent(new Event('input', {bubbles: true}));
  e.dispatchEvent(new Event('change', {bubbles: true})); })(%r, %r)"""
COPY = """(press => { let text = null;
  const take = e => { text = e.clipboardData.getData('text/plain'); };
  document.addEventListener('copy', take); // after the page's own
  const set = DataTransfer.prototype.setData;
  DataTransfer.prototype.setData = function (type, x) { text = x; set.call(this, type, x); };
  press();
  DataTransfer.prototype.setData = set;
  document.removeEventListener('copy', take);
  return text; })(() => [...document.querySelectorAll('.menu button')]
    .find(b => b.textContent === %r).click())"""


def hash_of(page):
    page.js('new Promise(done => setTimeout(done, 170))')
    return page.js('location.hash')


def test_it_stands_in_the_address_and_is_restored(page, pages):
    page.open(pages.page('heads'))
    assert hash_of(page) == ''
    for name, value in (('layer', '3'), ('head', '2'), ('unit', 'word')):
        page.js(CHANGE % (name, value))
    assert hash_of(page) == '#unit=word&layer=3&head=2', page.js('location.hash')
    page.js(CHANGE % ('only scores of at least', '0.02'))
    page.js(CHANGE % ('find tokens', 'To&w='))
    page.js('document.querySelector(".scale button").click()')  # hold
    told, cells = hash_of(page), page.js('document.querySelector(".maps").innerText')
    assert 'least=0.02' in told and 'find=To%26w%3D' in told and 'range=0:0.' in told, told
    state = page.js(STATE)
    page.js('location.hash = ""')
    page.settle()
    assert page.js(STATE) != state
    page.js('location.hash = %r' % told)
    page.settle()
    assert page.js(STATE) == state
    assert page.js('document.querySelector(".maps").innerText') == cells


def test_a_page_opens_at_its_address(page, pages):
    page.open(pages.page('heads'), fragment='#view=text&layer=2&head=max&unit=word&target=0')
    assert page.js('document.querySelector(".maps").hidden')
    assert page.js(STATE).startswith('2|max|word'), page.js(STATE)
    assert page.js('document.querySelectorAll(".w").length') > 5


def test_each_text_has_its_own(page, pages):
    page.open(pages.page('several'), fragment='#2.size=compact&4.top=1')
    compact = page.js(
        '[...document.querySelectorAll("table.map")].map(t => t.classList.contains' '("compact"))'
    )
    assert compact == [False, True, False, False, False], compact
    page.js('document.querySelectorAll(".tabs button")[5].click()')  # the third's text
    assert hash_of(page) == '#2.size=compact&3.view=text&4.top=1', page.js('location.hash')


def test_hostile_addresses_are_harmless(page, pages):
    page.open(pages.page('heads'))
    usual = page.js('document.body.innerText')
    for text in (
        'layer=99&head=-1&unit=regex',
        'layer=__proto__&head=constructor&unit=toString',
        '__proto__=1&constructor=2&hasOwnProperty=3',
        'view=<img src=x onerror=alert(1)>',
        'view=atlas&size=huge&target=1e9',
        'least=NaN&top=-3&range=0:0',
        'range=1:0&least=Infinity&top=1.5',
        'range=a:b&target=%E0%A4%A',
        'unit=sentence%00&layer=3%20',
        '=&&&=&#',
        'find=' + 'x' * 4000,
        'x' * 100000,
        '99999999999.layer=3&-1.head=2&2.layer=1',
    ):
        page.js('location.hash = %r' % ('#' + text))
        page.settle()
        assert page.js('document.body.innerText') == usual, text
    page.js('location.hash = %r' % '#find=</script><img src=x onerror=alert(1)>')
    page.settle()
    assert page.js('document.querySelector("input[type=search]").value').startswith('</script>')
    assert page.js('document.querySelectorAll("img").length') == 0


def test_a_refused_choice_is_marked(page, pages):
    page.open(pages.page('heads'))
    bad = 'document.querySelector(\'[aria-label="only scores of at least"]\').ariaInvalid'
    page.js(CHANGE % ('only scores of at least', 'much'))
    assert page.js(bad) == 'true'
    page.js(CHANGE % ('only scores of at least', '0.1'))
    assert page.js(bad) == 'false'


def test_colours_are_held_and_typed(page, pages):
    page.open(pages.page('heads'))
    end = 'document.querySelectorAll(".scale .end")[1].value'
    before = page.js(end)
    page.js('document.querySelector(".scale button").click()')
    page.js(CHANGE % ('layer', '3'))
    assert page.js(end) == before
    assert 'colours fixed from 0 to 0.5' in page.js('document.querySelector(".fixed").textContent')
    page.js(CHANGE % ('colours to', '0.01'))
    assert page.js(end) == '0.0100'
    beyond = int(page.js('document.querySelector(".fixed").textContent').split(', ')[1].split()[0])
    full = page.js(
        '[...document.querySelectorAll("tbody td")].filter(' 'c => c.className === "h63").length'
    )
    assert 0 < beyond <= full, (beyond, full)
    page.js(CHANGE % ('colours to', 'x'))
    assert page.js(end) == '0.0100', 'what is no number changes nothing'
    page.js('document.querySelector(".scale button").click()')
    assert page.js('document.querySelector(".fixed").textContent') == ''


def written(pages, name):
    path = os.path.join(pages.out, name + '.csv')
    subprocess.run(
        [pages.tinseq, 'show', pages.saved(name), '--quiet', '--export', path], check=True
    )
    with open(path, encoding='utf-8', newline='') as file:
        return file.read()


def test_the_table_is_copied_as_the_programs_own_csv(page, pages):
    for name in 'contrast', 'translation', 'hostile':
        page.open(pages.page(name))
        got, wanted = page.js(COPY % 'table'), written(pages, name)
        assert got == wanted, [
            (a, b) for a, b in zip(got.splitlines(), wanted.splitlines()) if a != b
        ][:2]
        assert page.js('document.getElementById("said").textContent') == 'Copied: table'


def test_a_cell_a_row_and_the_command_are_copied(page, pages):
    page.open(pages.page('contrast'))
    page.click('table.map tbody td', 4)
    table = list(csv.reader(io.StringIO(page.js(COPY % 'table'))))
    row = list(csv.reader(io.StringIO(page.js(COPY % 'row'))))
    assert row == [table[0], table[3]], row
    cell = page.js(COPY % 'cell')
    assert cell == table[3][3] + ' → ' + table[0][4] + '\t' + table[3][4], cell
    page.js('document.querySelector("table.map tbody [tabindex=\'0\']").focus()')
    event = page.js(
        """(() => { const e = new ClipboardEvent('copy', {clipboardData: new DataTransfer(),
          bubbles: true, cancelable: true});
        document.activeElement.dispatchEvent(e);
        return [e.clipboardData.getData('text/plain'), e.defaultPrevented]; })()"""
    )
    assert event == [cell, True], event  # Ctrl+C
    names = page.js('[...document.querySelectorAll(".menu button")].map(b => b.textContent)')
    command = page.js('document.querySelector("section.result").dataset.command || ""')
    assert ('command' in names) == bool(command)
    link = page.js(COPY % 'link')
    assert link.startswith('file://') and link.endswith('.html'), link


def test_the_menu_is_within_the_page(page, pages):
    for width in 1280, 400:
        page.open(pages.page('contrast'), width=width)
        page.click('.menu summary')
        box = page.js(
            '(() => { const r = document.querySelector(".menu div").getBoundingClientRect();'
            ' return [r.left, innerWidth - r.right]; })()'
        )
        assert min(box) >= 0, (width, box)
        page.key('Escape')
        assert not page.js('document.querySelector(".menu").open')


def test_tokens_are_found(page, pages):
    page.open(pages.page('heads'))
    page.js(CHANGE % ('find tokens', 'TOWER'))
    hits = '[...document.querySelectorAll("th.hit")].map(t => t.textContent)'
    assert page.js(hits) == ['·Tower']
    assert page.js('document.querySelector(".count").textContent') == '1 found'
    page.js('document.querySelector("input[type=search]").focus()')
    page.key('Enter')
    assert page.js('document.querySelector(".count").textContent') == '1 of 1'
    page.js(CHANGE % ('find tokens', ''))
    assert page.js(hits) == []
    page.js('document.querySelector("table.map [tabindex=\'0\']").focus()')
    page.key('/')
    assert page.js('document.activeElement.type') == 'search'


def test_numbers_never_wrap(page, pages):
    for width in 1280, 400:
        page.open(pages.page('heads'), width=width)
        wraps = page.js(
            '[...document.querySelectorAll("td")].filter(c => c.textContent && '
            'getComputedStyle(c).whiteSpace !== "nowrap" && c.closest(".map")).length'
        )
        assert wraps == 0
        page.js('document.querySelector("table.map td").textContent = "-1.23e-10 4"')
        high = page.js(
            '[...document.querySelectorAll("table.map tbody tr")].map(' 'r => r.offsetHeight)'
        )
        assert max(high) - min(high) <= 1, high


def test_hostile_tokens_are_text_however_they_are_looked_at(page, pages):
    page.open(pages.page('hostile'))
    for fragment in (
        'unit=word&size=compact',
        'unit=word&view=text',
        'unit=line',
        'find=<&view=text',
        'top=1&layer=1&head=max',
    ):
        page.js('location.hash = %r' % fragment)
        page.settle()
        page.js('document.querySelectorAll(".w,td").forEach(e => e.dispatchEvent('
                'new MouseEvent("mouseover", {bubbles: true})))')
        bad = page.js('document.querySelectorAll("img, iframe, body script ~ svg svg").length')
        assert bad == 0 and '\u202e' not in page.js('document.body.textContent'), fragment


def test_the_csv_is_saved(page, pages):
    page.open(pages.page('contrast'))
    name = page.js(
        """new Promise(done => { HTMLAnchorElement.prototype.click = function () {
          fetch = null; done([this.download, this.href.slice(0, 5)]); };
        [...document.querySelectorAll('.menu button')].find(b => b.textContent.startsWith('save'))
          .click(); })"""
    )
    assert name == ['map.csv', 'blob:'], name


def test_joined_tokens_are_not_called_tokens(page, pages):
    page.open(pages.page('heads', '--unit', 'word'))
    assert page.js('document.querySelector("select[aria-label=unit]").options[0].text') == 'as shown'
    page.open(pages.page('contrast'))
    assert page.js('document.querySelector("select[aria-label=unit]").options[0].text') == 'token'


def test_a_unit_of_rows_or_of_columns(page, pages):
    page.open(pages.page('heads'), fragment='#unit=word&side=rows')
    rows = '[...document.querySelectorAll("tbody th")].map(t => t.textContent)'
    columns = '[...document.querySelectorAll("thead th")].map(t => t.textContent)'
    assert page.js(rows)[:3] == ['The', '·Eiffel', '·Tower'] and page.js(columns) == ['·Paris', ',']
    page.js('location.hash = "unit=word&side=columns"')
    page.settle()
    assert page.js(rows)[:3] == ['The', '·E', 'iffel'] and page.js(columns) == ['·Paris,']
    page.js('location.hash = "unit=word"')
    page.settle()
    assert page.js(rows)[:2] == ['The', '·Eiffel'] and page.js(columns) == ['·Paris,']
    label = 'document.querySelector("select[aria-label=\\"unit of\\"]").parentNode.hidden'
    assert page.js(label) is False
    page.js('location.hash = ""')
    page.settle()
    assert page.js(label) is True


def test_rows_are_sorted_by_a_column(page, pages):
    page.open(pages.page('contrast'), fragment='#order=score')
    column = '[...document.querySelectorAll("tbody tr")].map(r => r.cells[%d].textContent)'
    rows, scores = page.js(column % 0), page.js(column % 1)
    assert rows[:2] == ['iffel', '·Tower'] and scores[-1] == '', (rows, scores)
    assert scores[:-1] == sorted(scores[:-1], key=float, reverse=True), scores
    page.point('tbody td', 2)  # what is pointed at is the row that is seen there
    assert page.js('document.getElementById("tip").textContent').startswith('·Tower')
    page.click('thead th', 1)
    assert page.js(column % 0)[0] == 'The', page.js(column % 0)
    page.js('document.querySelector(".bar button[title^=Rows]").click()')
    assert page.js(column % 0)[:2] == ['The', '·E']
