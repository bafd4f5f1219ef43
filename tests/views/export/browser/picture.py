#!/usr/bin/env python3
r"""A picture of a page: picture.py PAGE.html OUT.png [WIDTHxHEIGHT [#FRAGMENT [JS]]].

The fragment is the page's address (#layer=3&head=2), JS is run before the picture is taken. With
dark at the end of OUT.png's name ("page.dark.png") the page is seen in the dark. Needs Chromium.

views/pictures/page.png, after "make models" and "make build":

    build/tinseq attribute -m smollm2 -i "The Eiffel Tower is located in the city of" -a attention \
        --step_scores probability -q --export page.html
    tests/views/export/browser/picture.py page.html views/pictures/page.png 1280x800 \
        "#layer=2&head=1"
"""

import sys
import tempfile

import chromium


def take(page, out, size='1280x800', fragment='', script=''):
    width, height = (int(n) for n in size.split('x'))
    look = {'prefers_color_scheme': 'dark'} if out.endswith('.dark.png') else {}
    with tempfile.TemporaryDirectory() as folder:
        browser = chromium.Browser(chromium.find(), folder)
        try:
            tab = browser.tab()
            tab.open(page, fragment, width=width, height=height, **look)
            if script:
                tab.js(script)
                tab.settle()
            with open(out, 'wb') as file:
                file.write(tab.picture())
        finally:
            browser.close()


if __name__ == '__main__':
    if not 3 <= len(sys.argv) <= 6 or not chromium.find():
        sys.exit(__doc__)
    take(*sys.argv[1:])
