#!/usr/bin/env python3
"""The exported page in Debian's Chromium: run.py TINSEQ PAGE_CASES FOLDER [PATTERN ...].

Every function test_* of the files check_*.py beside this one is called with `page` (chromium.Tab),
`pages` (results.Pages) or `golden` (golden.Goldens), whichever it names. One browser serves all.
Exit status 77: Chromium is not installed.
"""

import fnmatch
import glob
import importlib
import inspect
import os
import shutil
import sys
import time
import traceback

import chromium
import golden
import results


def tests(patterns):
    here = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(here, 'check_*.py'))):
        module = os.path.basename(path)[:-3]
        for name, function in inspect.getmembers(
            importlib.import_module(module), inspect.isfunction
        ):
            full = module[6:] + '/' + name[5:]
            if name.startswith('test_') and (
                not patterns or any(fnmatch.fnmatch(full, p) for p in patterns)
            ):
                yield full, function


def run(name, test, browser, pages, goldens):
    """Whether it passed."""
    page, started = browser.tab(), time.monotonic()
    given = {'page': page, 'pages': pages, 'golden': goldens}
    try:
        test(**{p: given[p] for p in inspect.signature(test).parameters})
        page.collect()
        assert not page.problems, '\n'.join(page.problems)
        print('ok %5.0f ms  %s' % ((time.monotonic() - started) * 1000, name))
        return True
    except Exception:  # whatever it was, the others are run
        print('FAILED     %s' % name)
        traceback.print_exc(file=sys.stdout)
        print('\n'.join(page.problems))
        return False
    finally:
        page.close()


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program = chromium.find()
    if not program:
        print(
            'skipped: needs packages chromium and fonts-dejavu-core: tests/setup/packages.sh test'
        )
        sys.exit(77)
    tinseq, cases, out = (os.path.abspath(a) for a in sys.argv[1:4])
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    started, browser = time.monotonic(), chromium.Browser(program, os.path.join(out, 'browser'))
    try:
        pages, goldens = results.Pages(tinseq, cases, out), golden.Goldens(browser, out)
        chosen = list(tests(sys.argv[4:] or os.environ.get('PAGE_TEST_PATTERN', '').split()))
        passed = sum([run(name, test, browser, pages, goldens) for name, test in chosen])
    finally:
        browser.close()
    print(
        '%d of %d passed in %s, %.1f s'
        % (passed, len(chosen), browser.version, time.monotonic() - started)
    )
    sys.exit(passed < len(chosen) or not chosen)


if __name__ == '__main__':
    main()
