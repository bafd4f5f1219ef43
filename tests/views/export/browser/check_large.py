"""A map of a thousand rows and two hundred columns: small, quick, and whole for those who look."""

import os
import statistics

NODES = """(() => { const w = document.createTreeWalker(document); let n = 1;
  while (w.nextNode()) n++;
  return n; })()"""
# The first paint may be told of after it.
OPENED = """new Promise(done => new PerformanceObserver(list => {
  const [paint] = list.getEntriesByName('first-contentful-paint');
  if (paint) done(Math.max(performance.getEntriesByType('navigation')[0].duration,
    paint.startTime)); }).observe({type: 'paint', buffered: true}))"""
FRAME = 'document.querySelector(".pane .frame")'
ACTIVE = """(() => { const c = document.activeElement, r = c.parentNode;
  return [r.getAttribute('aria-rowindex') - 2, c.ariaColIndex - 2, c.textContent]; })()"""


def frames(page, act):
    """Milliseconds that the page's thread works for each frame while something is done, not counted
    what it waits for other programs."""
    browser = page.browser
    browser.events[None] = []
    browser.send(
        'Tracing.start',
        transferMode='ReportEvents',
        traceConfig={'includedCategories': ['toplevel', 'devtools.timeline']},
    )
    act()
    browser.send('Tracing.end')
    browser.wait('Tracing.tracingComplete', None)
    events = [
        e
        for message in browser.events[None]
        if message['method'] == 'Tracing.dataCollected'
        for e in message['params']['value']
    ]
    browser.events[None] = []
    fired = sorted((e for e in events if e['name'] == 'FireAnimationFrame'), key=lambda e: e['ts'])
    assert len(fired) > 4, 'too few frames: %d' % len(fired)
    thread = fired[0]['pid'], fired[0]['tid']
    tasks = [
        e
        for e in events
        if e['name'] == 'ThreadControllerImpl::RunTask'
        and (e['pid'], e['tid']) == thread
        and 'tdur' in e
    ]
    return [
        sum(t['tdur'] for t in tasks if a['ts'] <= t['ts'] + t['dur'] / 2 < b['ts']) / 1000
        for a, b in zip(fired, fired[1:])
    ]


def test_it_is_small_and_opens_at_once(page, pages):
    path = pages.page('large')
    assert os.path.getsize(path) <= 2_000_000, os.path.getsize(path)
    for _ in range(3):  # other programs may be busy
        page.open(path)
        opened = page.js(OPENED)
        if opened < 1000:
            break
    assert opened < 1000, opened
    print('   opened in %.0f ms' % opened)
    for fragment in '', 'size=compact', 'view=text':
        page.js('location.hash = "%s"' % fragment)
        page.settle()
        n = page.js(NODES)
        print('   %d nodes %s' % (n, fragment))
        assert n <= 5000, (fragment, n)


def test_scrolling_a_hundred_rows_is_smooth(page, pages):
    page.open(pages.page('large'))
    page.js(FRAME + '.scrollIntoView()')
    page.settle()
    at = page.place('.pane .frame')
    work = frames(
        page,
        lambda: page.send(
            'Input.synthesizeScrollGesture', x=at['x'], y=at['y'], yDistance=-2600, speed=2600
        ),
    )
    assert page.js(FRAME + '.scrollTop') > 2000
    median, most = statistics.median(work), max(work)
    print('   %d frames, median %.1f ms, most %.1f ms' % (len(work), median, most))
    assert median < 16, median


def test_the_window_shows_what_is_there(page, pages):
    """Numbers, tokens and places of a window in the middle are those of the data."""
    page.open(pages.page('large'))
    page.js(FRAME + '.scrollTo(84 * 100, 26 * 500)')
    page.settle()
    wrong = page.js("""(() => {
      const data = new Float32Array(Uint8Array.from(atob(document.querySelector('script.data')
        .textContent), c => c.charCodeAt(0)).buffer);
      const table = document.querySelector('table.map'), wrong = [];
      const heads = [...table.tHead.rows[0].cells].slice(1).map(c => c.textContent);
      const rows = [...table.tBodies[0].rows];
      if (rows.length < 20 || rows.length > 60 || heads.length < 10) return ['size', rows.length];
      for (const row of rows) {
        const i = row.getAttribute('aria-rowindex') - 2;
        if (row.cells[0].textContent !== '\\u00b7word' + i) wrong.push(['row', i]);
        [...row.cells].slice(1).forEach((c, k) => {
          const j = c.ariaColIndex - 2;
          if (heads[k] !== '\\u00b7word' + (800 + j)) wrong.push(['column', j]);
          if (Math.abs(c.textContent - data[i * 200 + j]) > 5.1e-4) wrong.push([i, j]); }); }
      const shown = rows.map(r => r.getAttribute('aria-rowindex') - 2);
      if (!shown.includes(500) || !shown.includes(520)) wrong.push(['rows', shown]);
      return wrong; })()""")
    assert wrong == [], wrong[:5]
    top = page.js(
        '(() => { const c = [...document.querySelectorAll("tbody tr")].find(r =>'
        ' r.getAttribute("aria-rowindex") === "502"); return c.getBoundingClientRect().top -'
        ' document.querySelector("thead th").getBoundingClientRect().bottom; })()'
    )
    assert abs(top) < 2, top


def test_keys_go_everywhere(page, pages):
    page.open(pages.page('large'))
    page.js('document.querySelector("table.map [tabindex=\'0\']").focus()')
    where = lambda: page.js(ACTIVE)[:2]
    for key, modifiers, place in (
        ('ArrowDown', (), [1, 0]),
        ('ArrowRight', (), [1, 1]),
        ('End', (), [1, 199]),
        ('Home', (), [1, 0]),
        ('End', ('Control',), [998, 199]),
        ('ArrowUp', ('Control',), [0, 199]),
        ('ArrowLeft', ('Control',), [0, 0]),
        ('ArrowDown', ('Control',), [799, 0]),  # the last row that the first step sees
        ('Home', ('Control',), [0, 0]),
    ):
        page.key(key, *modifiers)
        page.settle()
        assert where() == place, (key, modifiers, where())
        box = page.js(
            '(() => { const a = document.activeElement.getBoundingClientRect(),'
            ' f = %s.getBoundingClientRect();'
            ' return [a.left - f.left, f.right - a.right, a.top - f.top, f.bottom - a.bottom]; })()'
            % FRAME
        )
        assert min(box) > -1, (key, modifiers, box)
    page.key('PageDown')
    page.settle()
    down = where()[0]
    assert 10 < down < 60, down
    page.key('PageUp')
    page.settle()
    assert where() == [0, 0]
    assert page.js('document.querySelectorAll(".pane [tabindex=\'0\']").length') == 1


def test_the_tab_stop_survives_scrolling(page, pages):
    page.open(pages.page('large'))
    page.js('document.querySelector("table.map [tabindex=\'0\']").focus()')
    page.js(FRAME + '.scrollTo(0, 10000)')
    page.settle()
    assert page.js('document.querySelectorAll(".pane [tabindex=\'0\']").length') == 1
    assert page.js(FRAME + '.contains(document.activeElement)')
    page.key('ArrowDown')
    page.settle()
    assert page.js(ACTIVE)[:2] == [1, 0], 'keys go on from where they were'


def test_screen_readers_know_its_size(page, pages):
    page.open(pages.page('large'))
    table = 'document.querySelector("table.map")'
    assert page.js(table + '.getAttribute("aria-rowcount")') == '1000'
    assert page.js(table + '.getAttribute("aria-colcount")') == '201'
    names = page.names()
    assert any(role == 'grid' and name.startswith('input × generated') for role, name in names), [
        n for n in names if n[0] == 'grid'
    ]
    assert ('rowheader', '·word3') in names and ('columnheader', '·word803') in names
    page.js('location.hash = "size=compact"')
    page.settle()
    cell = page.js('document.querySelector("table.map tbody td").ariaLabel')
    assert ('gridcell', cell) in page.names() and float(cell) >= 0, cell


def test_the_overview_leads_there(page, pages):
    page.open(pages.page('large'), fragment='#size=compact')
    page.click('.overview')
    page.settle()
    middle = page.js('[...document.querySelectorAll("tbody tr")].map(r => +r.ariaRowIndex)')
    assert min(middle) < 500 < max(middle), (min(middle), max(middle))
    here = page.js('document.querySelector(".here").style.top')
    assert 40 < float(here[:-1]) < 55, here


def test_small_cells_look(page, pages, golden):
    page.open(pages.page('wave'), fragment='#size=compact')
    page.js('document.querySelector(".bar").scrollIntoView()')
    page.settle()
    golden.check(page, 'compact-1280')


def test_small_cells_look_in_the_dark_on_a_phone(page, pages, golden):
    page.open(pages.page('wave'), fragment='#size=compact', width=400, prefers_color_scheme='dark')
    page.js('document.querySelector(".bar").scrollIntoView()')
    page.settle()
    assert page.js('document.documentElement.scrollWidth <= innerWidth')
    golden.check(page, 'compact-400-dark')


def test_small_rows_fold_and_say_so(page, pages):
    page.open(pages.page('large'), fragment='#top=1')
    rows = page.js('document.querySelector(".map").closest(".box").style.height')
    note = page.js('document.querySelector(".maps .note").textContent')
    n = int(note.split()[0])
    assert 800 <= n < 999 and 'of 999 rows are folded' in note and '1 largest' in note, note
    assert abs(float(rows[:-2]) - 28 - 26 * (999 - n)) < 2, rows
    page.click('.maps .note button')
    page.settle()
    assert page.js('document.querySelector(".maps .note").textContent').startswith('All rows')
    page.js('location.hash = ""')
    page.settle()
    assert page.js('document.querySelector(".maps .note").hidden')


def test_without_script_it_is_a_picture(page, pages, golden):
    page.open(pages.page('large'), script=False)
    size = page.js(
        '(() => { const i = document.querySelector(".still img");'
        ' return [i.naturalWidth, i.naturalHeight, i.offsetWidth]; })()'
    )
    assert size == [200, 999, 800], size
    text = page.js('document.querySelector(".still").innerText')
    assert 'The 999 rows' in text and '--export map.csv' in text
    tokens = page.js('document.querySelector(".tokens").textContent').splitlines()
    assert tokens[42] == '43\t·word42' and len(tokens) == 999, tokens[:3]
    page.open(pages.page('wave'), script=False)
    page.js('document.querySelector(".still").scrollIntoView()')
    golden.check(page, 'still-1280')


def test_paper_has_the_picture(page, pages):
    page.open(pages.page('large'), media='print')
    shown = page.js(
        '[".still", ".maps", ".tabs"].map(s => getComputedStyle(document.querySelector(s)).display)'
    )
    assert shown == ['block', 'none', 'none'], shown


def test_a_window_without_a_picture_is_printed_whole(page, pages):
    """A map that stands in the page, but of which a window is shown."""
    page.open(pages.page('middle'))
    rows = 'document.querySelectorAll("table.map tbody tr").length'
    assert page.js(rows) < 60 and page.js('!document.querySelector(".still")')
    page.js('dispatchEvent(new Event("beforeprint"))')
    assert page.js(rows) == 149
    assert page.js('document.querySelectorAll("table.map tbody td").length') == 149 * 60
    page.js('dispatchEvent(new Event("afterprint"))')
    assert page.js(rows) < 60


def test_tokens_are_found_beyond_the_window(page, pages):
    page.open(pages.page('large'), fragment='#find=word777')
    seen = (
        '[...document.querySelectorAll("tbody th.hit")].map(t => { const r ='
        ' t.getBoundingClientRect(), f = %s.getBoundingClientRect();'
        ' return [t.textContent, r.top >= f.top && r.bottom <= f.bottom]; })' % FRAME
    )
    assert page.js(seen) == [['·word777', True]], page.js(seen)


def test_a_full_page_draws_what_has_no_table(page, pages):
    """Each text beyond the room for tables has a picture, and with script a map as any other."""
    page.open(pages.page('full'))
    each = page.js(
        """[...document.querySelectorAll('section.result')].map(s => [
          !!s.querySelector('.still'), s.querySelectorAll('table.map').length,
          s.querySelectorAll('tbody tr').length, !!s.querySelector('td[tabindex="0"]')])"""
    )
    assert [e[:2] for e in each] == [[False, 1], [False, 1], [True, 1], [False, 1]], each
    assert each[2][2] == 109 and all(e[3] for e in each), each
