"""Pictures of pages against those kept in golden/.

They need not be the same pixel for pixel, since letters differ a little from one version of
FreeType to the next: the mean colours of squares of eight pixels must nearly be. UPDATE_GOLDEN=1
rewrites them.
"""

import base64
import json
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden')
MOST_DIFFERENCE = 14  # of a square's mean, of 255
MOST_SQUARES = 0.0006  # of all, that differ by more

# Runs in a tab of its own: decoding a picture in Python would take a second.
COMPARE = """(async (a, b) => {
  const read = async s => {
    const i = new Image(); i.src = 'data:image/png;base64,' + s; await i.decode();
    const c = new OffscreenCanvas(i.width, i.height).getContext('2d'); c.drawImage(i, 0, 0);
    return c.getImageData(0, 0, i.width, i.height); };
  const [x, y] = [await read(a), await read(b)];
  if (x.width !== y.width || x.height !== y.height)
    return `is ${x.width}x${x.height}, was ${y.width}x${y.height}`;
  let wrong = 0, all = 0, first = null;
  for (let top = 0; top < x.height; top += 8) for (let left = 0; left < x.width; left += 8) {
    const sums = [0, 0, 0]; let n = 0;
    for (let r = top; r < Math.min(top + 8, x.height); r++)
      for (let c = left; c < Math.min(left + 8, x.width); c++, n++)
        for (let k = 0, i = 4 * (r * x.width + c); k < 3; k++, i++)
          sums[k] += x.data[i] - y.data[i];
    all++;
    if (Math.max(...sums.map(Math.abs)) / n > MOST) { wrong++; first = first || [left, top]; } }
  return wrong > all * SHARE
    ? `${wrong} of ${all} squares of 8 pixels differ, the first at ${first}` : '';
})(%s, %s)"""
COMPARE = COMPARE.replace('MOST', str(MOST_DIFFERENCE)).replace('SHARE', str(MOST_SQUARES))


class Goldens:
    def __init__(self, browser, out):
        self.tab, self.out, self.used = browser.tab(), out, set()

    def difference(self, picture, other):
        """What differs, or ''."""
        return self.tab.js(
            COMPARE % tuple(json.dumps(base64.b64encode(p).decode()) for p in (picture, other))
        )

    def check(self, tab, name, whole=False):
        """The tab looks as golden/NAME.png does."""
        path, picture = os.path.join(FOLDER, name + '.png'), tab.picture(whole)
        self.used.add(name + '.png')
        if os.path.exists(path):
            with open(path, 'rb') as file:
                wrong = self.difference(picture, file.read())
        else:
            wrong = 'is not there'
        if not wrong:
            return
        if os.environ.get('UPDATE_GOLDEN'):
            with open(path, 'wb') as file:
                file.write(picture)
            print('   wrote golden/%s.png: look at it' % name)
            return
        actual = os.path.join(self.out, name + '.actual.png')
        with open(actual, 'wb') as file:
            file.write(picture)
        raise AssertionError(
            'golden/%s.png: %s; see %s (UPDATE_GOLDEN=1 rewrites it)' % (name, wrong, actual)
        )
