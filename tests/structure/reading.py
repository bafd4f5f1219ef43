#!/usr/bin/env python3
"""Checks what the eye trips over: wide lines, several `?:` in one expression, ladders of success.

    reading.py ROOT KNOWN

ROOT is the source tree. KNOWN says how many of each may be left ("wide 40", a line each; none where
it has no line): more are an error.
"""
import os
import re
import sys

FOLDERS = ('app', 'views', 'backend', 'methods', 'aggregators', 'themes')
ENDINGS = ('.c', '.h', '.cpp', '.inc', '.def')
WIDTH = 100
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
                     re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)
SUCCESS = re.compile(r'\bif \((?:\w+ == ERR_OK|!code)\b')


def bare(text):
    """The text without comments, and with literals emptied; lines stay where they are."""
    def blank(match):
        found = match.group()
        return found[0] * 2 if found[0] in '"\'' else re.sub(r'[^\n]', ' ', found)
    return NO_CODE.sub(blank, text)


def wide(text):
    """Numbers of the lines that are longer than WIDTH columns."""
    return [i for i, line in enumerate(text.split('\n'), 1) if len(line) > WIDTH]


class Level:
    """What stands between two brackets: how many `?` its present part has, and at most had."""

    def __init__(self, of_statement=False):
        self.now, self.most, self.block, self.of_statement = 0, 0, False, of_statement

    def end_part(self):
        self.most = max(self.most, self.now)
        self.now = 0


def questions(text):
    """Numbers of the lines where an expression with two or more `?:` ends. An expression ends at a
    comma, a semicolon, a colon of none, or a bracket; one inside brackets counts for the whole
    that they stand in, of several arguments the one with most."""
    text = bare(text)
    directives = [m.group() for m in DIRECTIVE.finditer(text)]
    lines = [text.count('\n', 0, m.start()) + 1 for m in DIRECTIVE.finditer(text)]
    found = [n + i - 1 for n, part in zip(lines, directives) for i in _crowded(part)]
    return sorted(found + _crowded(DIRECTIVE.sub(lambda m: '\n' * m.group().count('\n'), text)))


def _crowded(text):
    levels, line, found, word = [Level()], 1, [], ''

    def end():
        if levels[-1].now > 1:
            found.append(line)
        levels[-1].end_part()

    for c in re.findall(r'\w+|[^\w \t]', text):
        if c == '\n':
            line += 1
            continue
        if c == '?':
            levels[-1].now += 1
        elif c in ',;':
            end()
            levels[-1].block |= c == ';'
        elif c in '([{':
            levels.append(Level(word in ('if', 'for', 'while', 'switch')))
        elif c in ')]}' and len(levels) > 1:
            end()
            closed = levels.pop()
            levels[-1].now += min(closed.most, 1)
            if closed.of_statement or c == '}' and closed.block:  # what follows is another
                end()
                levels[-1].block = True
        word = c
    end()
    return found


def ladders(text):
    """Numbers of the lines where a function begins that asks twice or more whether all went well:
    `if (code) goto out;` says it once, and the rest reads straight down."""
    text, found = bare(text), []
    for body in re.finditer(r'^[\w#/].*?(?=^[\w#/]|\Z)', text, re.M | re.S):
        if len(SUCCESS.findall(body.group())) > 1:
            found.append(text.count('\n', 0, body.start()) + 1)
    return found


GATES = {
    'wide': (wide, f'a line of more than {WIDTH} columns'),
    'questions': (questions, 'several ?: in one expression'),
    'ladders': (ladders, 'a ladder of if (code == ERR_OK)'),
}


def sources(root):
    for folder in FOLDERS + ('tests',):
        for path, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith(ENDINGS):
                    yield os.path.relpath(os.path.join(path, name), root)


def read_known(text):
    known = dict.fromkeys(GATES, 0)
    for line in text.splitlines():
        words = line.split('#')[0].split()
        if words:
            name, number = words
            known[name] = int(number)
    if set(known) != set(GATES):
        raise ValueError('known are: ' + ', '.join(GATES))
    return known


def check(root, known):
    """What is wrong, a line each; and how many of each there are."""
    found = {name: [] for name in GATES}
    for file in sorted(sources(root)):
        with open(os.path.join(root, file), encoding='utf-8') as stream:
            text = stream.read()
        for name, (find, _) in GATES.items():
            found[name] += [f'{file}:{line}' for line in find(text)]
    complaints = []
    for name, (_, what) in GATES.items():
        n = len(found[name])
        if n > known[name]:
            complaints.append(f'{what}: {n} times, allowed are {known[name]}:')
            complaints += ['    ' + place for place in found[name]]
    return complaints, {name: len(places) for name, places in found.items()}


def main(arguments):
    root, known = arguments
    with open(known, encoding='utf-8') as stream:
        known = read_known(stream.read())
    complaints, numbers = check(root, known)
    print('\n'.join(complaints or [f'{what}: {numbers[name]} times, allowed are {known[name]}'
                                   for name, (_, what) in GATES.items()]))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
