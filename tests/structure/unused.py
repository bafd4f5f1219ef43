#!/usr/bin/env python3
"""Finds dead code: what no part of the program uses. (The compiler finds a file's own: static.)

    unused.py ROOT KNOWN OBJECTS TESTS

ROOT is the source tree. KNOWN lists the names that may stand: functions that only tests call. One
that need not stand there is an error. OBJECTS is a file with the path of one object file a line,
the program's; TESTS a folder with the tests' object files.
"""
import os
import re
import subprocess
import sys

import arrows
import reading

STRING = re.compile(r'"(\w+)"')
INLINE = re.compile(r'^static inline [\w \t*]*?\b(\w+)\(', re.M)


def symbols(objects):
    """(source, name) of what the objects define, and the names that they want of others."""
    if not objects:
        return [], set()
    nm = subprocess.run(['nm', '-A', '-g', '-C', *objects], check=True, capture_output=True,
                        text=True)
    defined, wanted = [], set()
    for path, kind, name in re.findall(r'^(.*?\.o):[0-9a-f ]* (\w) (.*)$', nm.stdout, re.M):
        if kind == 'U':
            wanted.add(name)
        elif kind in 'TDBR':
            defined.append((arrows.source_of(path), name))
    return defined, wanted


def words(text):
    return re.findall(r'\w+', text)


class Tree:
    """The program's texts without comments, and how often each word stands in all of them."""

    def __init__(self, root, folders):
        self.text, self.count, self.named = {}, {}, set()
        for folder in folders:
            for path, _, names in os.walk(os.path.join(root, folder)):
                for name in names:
                    if name.endswith(reading.ENDINGS):
                        self._add(root, os.path.relpath(os.path.join(path, name), root))

    def _add(self, root, file):
        with open(os.path.join(root, file), encoding='utf-8') as stream:
            text = stream.read()
        self.text[file] = reading.bare(text)
        self.named.update(STRING.findall(text))  # a module's functions are looked up by name
        for word in words(self.text[file]):
            self.count[word] = self.count.get(word, 0) + 1


def faults(tree, objects, tests):
    """Names that nothing in the program uses from outside -> what is wrong, a line each."""
    defined, wanted = symbols(objects)
    tested = symbols(tests)[1]
    found = {}
    for source, name in defined:
        word = arrows.short(name)
        if source not in tree.text or name in wanted or word in tree.named or word == 'main':
            continue
        used_here = words(tree.text[source]).count(word) > 1
        if not used_here:
            who = 'only tests use' if name in tested else 'nothing uses'
            found[word] = f'{source}: {who} {word}'
        elif name not in tested and '::' not in name:
            found[word] = f'{source}: {word} is used in its own file alone: make it static'
    for file, text in tree.text.items():
        for word in INLINE.findall(text):
            if tree.count[word] == 1:
                found[word] = f'{file}: nothing uses {word}'
    return found


def check(found, known):
    """What is wrong, a line each."""
    gone = [f'{word} is no such function any more: delete it from the list'
            for word in sorted(known - set(found))]
    return sorted(line for word, line in found.items() if word not in known) + gone


def objects_below(folder):
    return [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names
            if name.endswith('.o')]


def main(arguments):
    root, known, objects, tests = arguments
    with open(known, encoding='utf-8') as stream:
        known = set(words(re.sub(r'#.*', '', stream.read())))
    with open(objects, encoding='utf-8') as stream:
        objects = stream.read().split()
    tests = objects_below(tests)
    if not tests:
        print('no object of a test is built: build all first')
        return 1
    complaints = check(faults(Tree(root, reading.FOLDERS), objects, tests), known)
    print('\n'.join(complaints or [f'{len(objects)} objects: no dead code']))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
