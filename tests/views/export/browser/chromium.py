"""Chromium without a window, driven through two pipes by its DevTools protocol.

The standard library is enough for that. One browser serves all tests. A tab that logs an error,
throws, or asks for anything that is not a file fails its test.
"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time

# Of fonts-dejavu-core: pictures have the same letters everywhere.
FONTS = '/usr/share/fonts/truetype/dejavu'
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>%s</dir><cachedir>%s</cachedir>
<match><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>"""
SECONDS = 60  # of patience with one answer
KEYS = {
    'Enter': 13,
    'Escape': 27,
    'Tab': 9,
    'Home': 36,
    'End': 35,
    'PageUp': 33,
    'PageDown': 34,
    'ArrowLeft': 37,
    'ArrowUp': 38,
    'ArrowRight': 39,
    'ArrowDown': 40,
    'Delete': 46,
    'Backspace': 8,
}
MODIFIERS = {'Alt': 1, 'Control': 2, 'Meta': 4, 'Shift': 8}


def find():
    """Where Debian's Chromium is, or None."""
    return shutil.which('chromium') if os.path.isdir(FONTS) else None


class Browser:
    def __init__(self, program, folder):
        """`folder` is for its profile and is not cleared."""
        os.makedirs(folder, exist_ok=True)
        conf = os.path.join(folder, 'fonts.conf')
        with open(conf, 'w', encoding='utf-8') as file:
            file.write(FONTS_CONF % (FONTS, os.path.join(folder, 'fonts')))
        theirs, self.to = os.pipe()
        self.out, ours = os.pipe()
        theirs, ours = (self._high(fd) for fd in (theirs, ours))

        def place():  # where --remote-debugging-pipe expects them
            os.dup2(theirs, 3)
            os.dup2(ours, 4)

        arguments = [
            '--headless',
            '--remote-debugging-pipe',
            '--user-data-dir=' + os.path.join(folder, 'profile'),
            '--no-first-run',
            '--no-default-browser-check',
            '--disable-gpu',
            '--disable-dev-shm-usage',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            '--disable-extensions',
            '--hide-scrollbars',
            '--mute-audio',
            '--font-render-hinting=none',
            '--disable-lcd-text',
            '--force-color-profile=srgb',
            '--lang=en-US',
        ]
        if os.geteuid() == 0:
            arguments.append('--no-sandbox')
        self.log = open(os.path.join(folder, 'chromium.log'), 'w', encoding='utf-8')
        self.process = subprocess.Popen(
            [program, *arguments, 'about:blank'],
            pass_fds=(3, 4),
            preexec_fn=place,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={
                **os.environ,
                'FONTCONFIG_FILE': conf,
                'HOME': folder,
                'TZ': 'UTC',
                'LC_ALL': 'C.UTF-8',
            },
        )
        for fd in (theirs, ours):
            os.close(fd)
        self.rest, self.last, self.events = b'', 0, {}
        self.version = self.send('Browser.getVersion')['product']

    @staticmethod
    def _high(fd):  # out of the way of 3 and 4
        import fcntl

        copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20)
        os.close(fd)
        return copy

    def _read(self, seconds):
        """The next message, or None after so many seconds."""
        until = time.monotonic() + seconds
        while b'\0' not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.out], [], [], left)[0]:
                return None
            part = os.read(self.out, 1 << 20)
            if not part:
                raise RuntimeError('Chromium ended: see ' + self.log.name)
            self.rest += part
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def _keep(self, message):
        self.events.setdefault(message.get('sessionId'), []).append(message)

    def send(self, method, session=None, **params):
        """A command's result; what happens meanwhile is kept in `events`."""
        self.last += 1
        message = {'id': self.last, 'method': method, 'params': params}
        if session:
            message['sessionId'] = session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data) :]
        while True:
            answer = self._read(SECONDS)
            if answer is None:
                raise RuntimeError('no answer to ' + method)
            if answer.get('id') != self.last:
                self._keep(answer)
            elif 'error' in answer:
                raise RuntimeError(method + ': ' + answer['error']['message'])
            else:
                return answer['result']

    def wait(self, method, session):
        """The parameters of the next such event."""
        until = time.monotonic() + SECONDS
        while True:
            kept = self.events.setdefault(session, [])
            for i, event in enumerate(kept):
                if event['method'] == method:
                    return kept.pop(i)['params']
            message = self._read(until - time.monotonic())
            if message is None:
                raise RuntimeError('waited in vain for ' + method)
            self._keep(message)

    def tab(self):
        return Tab(self)

    def close(self):
        try:
            self.send('Browser.close')
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


class Tab:
    """One page. `problems` are what no page may do; they fail a test unless it empties the list."""

    def __init__(self, browser):
        self.browser = browser
        self.target = browser.send('Target.createTarget', url='about:blank')['targetId']
        self.session = browser.send('Target.attachToTarget', targetId=self.target, flatten=True)[
            'sessionId'
        ]
        self.problems = []
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'DOM', 'Accessibility'):
            self.send(domain + '.enable')

    def send(self, method, **params):
        return self.browser.send(method, self.session, **params)

    def look(self, width=1280, height=800, touch=False, script=True, media='', **features):
        """How the next pages are seen; features are prefers_color_scheme='dark' and such."""
        self.send(
            'Emulation.setDeviceMetricsOverride',
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        self.send('Emulation.setTouchEmulationEnabled', enabled=touch)
        self.send('Emulation.setScriptExecutionDisabled', value=not script)
        self.send(
            'Emulation.setEmulatedMedia',
            media=media,
            features=[
                {'name': name.replace('_', '-'), 'value': value} for name, value in features.items()
            ],
        )

    def open(self, path, fragment='', **look):
        """Opens a file and waits until it has loaded and been drawn once."""
        self.look(**look)
        self.browser.events[self.session] = []
        self.send('Page.navigate', url='file://' + os.path.abspath(path) + fragment)
        self.browser.wait('Page.loadEventFired', self.session)
        if look.get('script', True):
            self.settle()
        self.collect()

    def settle(self):
        """Two frames."""
        self.js('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')

    def js(self, expression):
        """What an expression of the page's script is; promises are waited for."""
        answer = self.send(
            'Runtime.evaluate',
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if 'exceptionDetails' in answer:
            details = answer['exceptionDetails']
            raise AssertionError(details.get('exception', {}).get('description', details['text']))
        return answer['result'].get('value')

    def key(self, name, *modifiers):
        bits = sum(MODIFIERS[m] for m in modifiers)
        text = '\r' if name == 'Enter' else name if len(name) == 1 and bits in (0, 8) else None
        event = {
            'key': name,
            'modifiers': bits,
            'windowsVirtualKeyCode': KEYS.get(name) or ord(name.upper()),
            'code': name if name in KEYS else 'Key' + name.upper(),
        }
        self.send(
            'Input.dispatchKeyEvent',
            type='keyDown' if text else 'rawKeyDown',
            **event,
            **({'text': text} if text else {})
        )
        self.send('Input.dispatchKeyEvent', type='keyUp', **event)

    def place(self, selector, n=0):
        """The middle of the n-th such element, scrolled to where it is seen."""
        at = self.js(
            '(() => { const e = document.querySelectorAll(%s)[%d]; if (!e) return null;'
            ' e.scrollIntoView({block: "nearest", inline: "nearest"});'
            ' const r = e.getBoundingClientRect();'
            ' return [r.left + r.width / 2, r.top + r.height / 2]; })()' % (json.dumps(selector), n)
        )
        assert at, 'no %s number %d' % (selector, n)
        return {'x': at[0], 'y': at[1]}

    def point(self, selector, n=0):
        self.send('Input.dispatchMouseEvent', type='mouseMoved', **self.place(selector, n))

    def click(self, selector, n=0):
        at = self.place(selector, n)
        for kind in ('mousePressed', 'mouseReleased'):
            self.send('Input.dispatchMouseEvent', type=kind, button='left', clickCount=1, **at)

    def names(self):
        """The accessibility tree as (role, name) pairs, without what is ignored."""
        nodes = self.send('Accessibility.getFullAXTree')['nodes']
        return [
            (n.get('role', {}).get('value', ''), n.get('name', {}).get('value', ''))
            for n in nodes
            if not n.get('ignored')
        ]

    def picture(self, whole=False):
        """What is seen, as a PNG; `whole`: as far down as the page goes."""
        return base64.b64decode(
            self.send(
                'Page.captureScreenshot',
                format='png',
                captureBeyondViewport=whole,
                **({'clip': self._all()} if whole else {})
            )['data']
        )

    def _all(self):
        size = self.send('Page.getLayoutMetrics')['cssContentSize']
        return {'x': 0, 'y': 0, 'width': size['width'], 'height': size['height'], 'scale': 1}

    def pdf(self):
        return base64.b64decode(
            self.send('Page.printToPDF', preferCSSPageSize=True, printBackground=True)['data']
        )

    def collect(self):
        """Reads what has happened, and notes in `problems` what must not."""
        self.send('Page.getFrameTree')
        for event in self.browser.events.get(self.session, []):
            p = event['params']
            if event['method'] == 'Runtime.exceptionThrown':
                details = p['exceptionDetails']
                self.problems.append(
                    'threw: ' + details.get('exception', {}).get('description', details['text'])
                )
            elif event['method'] == 'Runtime.consoleAPICalled' and p['type'] in (
                'error',
                'warning',
                'assert',
            ):
                self.problems.append('console: ' + str([a.get('value') for a in p['args']]))
            elif event['method'] == 'Log.entryAdded' and p['entry']['level'] in (
                'error',
                'warning',
            ):
                self.problems.append('log: ' + p['entry']['text'])
            elif event['method'] == 'Network.requestWillBeSent' and not p['request'][
                'url'
            ].startswith(('file:', 'data:', 'about:')):
                self.problems.append('asked for ' + p['request']['url'])
            elif event['method'] == 'Page.javascriptDialogOpening':
                self.problems.append('opened a dialog: ' + p['message'])
        self.browser.events[self.session] = []

    def close(self):
        self.browser.send('Target.closeTarget', targetId=self.target)
        self.browser.events.pop(self.session, None)
