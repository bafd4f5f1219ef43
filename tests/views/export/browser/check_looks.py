"""How the page looks at every size and in every colour scheme that a person may have."""


def fits(page):
    """Whether nothing but frames scrolls sideways."""
    return page.js('document.documentElement.scrollWidth <= innerWidth')


def test_wide(page, pages, golden):
    page.open(pages.page('contrast'))
    assert fits(page)
    golden.check(page, 'contrast-1280')


def test_narrow(page, pages, golden):
    page.open(pages.page('contrast'), width=400, height=800, touch=True)
    assert fits(page)
    golden.check(page, 'contrast-400')


def test_dark(page, pages, golden):
    page.open(pages.page('heads'), prefers_color_scheme='dark')
    golden.check(page, 'heads-dark')


def test_forced_colours(page, pages, golden):
    page.open(pages.page('heads'), forced_colors='active')
    golden.check(page, 'heads-forced')


def test_print(page, pages, golden):
    page.open(pages.page('several'), media='print')
    golden.check(page, 'several-print')
    pdf = page.pdf()
    assert pdf.startswith(b'%PDF') and 1 <= pdf.count(b'/Type /Page\n') <= 5, pdf.count(
        b'/Type /Page\n'
    )


def test_without_script(page, pages, golden):
    page.open(pages.page('contrast'), script=False)
    golden.check(page, 'contrast-no-script')
    page.open(pages.page('heads'), script=False)
    told = page.js('document.querySelector("noscript").textContent')
    assert 'Layers and heads are joined here' in told, told


def test_pictures_in_forced_colours(page, pages, golden):
    page.open(pages.page('evaluated'), forced_colors='active', prefers_color_scheme='dark')
    page.js('document.querySelector(".curves").scrollIntoView()')
    page.settle()
    golden.check(page, 'curves-forced')


def test_text_in_forced_colours(page, pages, golden):
    page.open(pages.page('contrast'), forced_colors='active', fragment='#view=text')
    golden.check(page, 'text-forced')
