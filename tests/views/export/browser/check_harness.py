"""That what the other checks rely on finds mistakes."""

import os

BROKEN = """<!DOCTYPE html><title>broken</title>
<meta http-equiv="Content-Security-Policy" content="img-src 'none'">
<script>console.error('told'); undefined.name</script><img src="data:image/png;base64,">
<link rel=stylesheet href="http://127.0.0.1:1/">"""


def test_errors_and_network_are_found(page, pages):
    path = os.path.join(pages.out, 'broken.html')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(BROKEN)
    page.open(path)
    found, page.problems = '\n'.join(page.problems), []
    for part in (
        'console: ',
        'threw: TypeError',
        'Content Security Policy',
        'asked for http://127.0.0.1:1/',
    ):
        assert part in found, found


def test_goldens_see_a_colour_a_word_and_a_size(page, pages, golden):
    page.open(pages.page('saliency'))
    before = page.picture()
    assert not golden.difference(before, page.picture())
    page.look(height=792)
    assert 'was 1280x800' in golden.difference(page.picture(), before)
    page.look()
    page.js('document.querySelector("h1").textContent = "another one"')
    assert 'squares' in golden.difference(before, page.picture())
    page.open(pages.page('saliency'))
    page.js('document.querySelector("table.map td").style.background = "#00f"')
    assert 'squares' in golden.difference(before, page.picture())
