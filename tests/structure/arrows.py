#!/usr/bin/env python3
"""Checks who uses whom: arrows between places against a table, and that no files go in a circle.

    arrows.py ROOT TABLE KNOWN OBJECTS

ROOT is the source tree. TABLE names the places and what each may use (arrows.txt). KNOWN lists what
still breaks a rule; an entry that is no longer needed is an error, so that the list only shrinks.
OBJECTS is a file with the path of one object file a line, those that the static libraries are made
of: an archive keeps names without folders, so nm reads the objects.

An arrow is seen twice: in #include lines, and in symbols, by nm. The second finds what the first
cannot: a function declared by hand, or by a line of a .def file that another file expands.
"""
import os
import re
import subprocess
import sys
from collections import defaultdict

CODE = ('.c', '.h', '.cpp', '.def')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
WORD = re.compile(r'[A-Za-z_]\w*')


def components(edges):
    """Strongly connected components (Tarjan 1972), without recursion."""
    number, low, stack, on_stack, result = {}, {}, [], set(), []
    for start in sorted(edges):
        if start in number:
            continue
        work = [(start, iter(sorted(edges[start])))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(edges.get(other, ())))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    component = set()
                    while node not in component:
                        component.add(stack.pop())
                    on_stack -= component
                    result.append(component)
    return result


def source_of(path):
    """The source of an object file: what follows the build system's "….dir/"."""
    return os.path.normpath(re.sub(r'^.*?\.dir/|\.o$', '', path))


class Table:
    """Places and their arrows. A place is a folder (without its subfolders), a file, or the files
    STEM.* of a folder."""

    def __init__(self, text):
        self.includes = {}  # place -> places whose headers it may include
        self.calls = {}  # place -> places whose functions it may call: also those in parentheses
        self.interfaces = []  # folders whose own headers stand for all that is below them
        for line in re.sub(r'\n[ \t]+', ' ', re.sub(r'#.*', '', text)).splitlines():
            if line.startswith('interface '):
                self.interfaces += line.split()[1:]
            elif line.strip():
                self._row(*line.split(':'))
        without = sorted(set().union(*self.calls.values()) - set(self.calls))
        if without:
            raise ValueError('table: places without a row: ' + ', '.join(without))
        round_trips = [sorted(c) for c in components(self.calls) if len(c) > 1]
        if round_trips:
            raise ValueError('table: places in a circle: ' + ', '.join(round_trips[0]))
        self.folders = sorted({place.split('/')[0] for place in self.calls})

    def _row(self, places, used):
        for place in places.split():
            if place in self.calls:
                raise ValueError(f'table: {place} has a row already')
            self.includes[place] = {w for w in used.split() if not w.startswith('(')}
            self.calls[place] = {w.strip('()') for w in used.split()}

    def place(self, path):
        """The place of a file: the narrowest that the table names, or None."""
        for name in (path, os.path.splitext(path)[0] + '.*', os.path.dirname(path)):
            if name in self.calls:
                return name
        return None

    def interface_of(self, path):
        """The interface folder that a file lies below, or None."""
        return next((i for i in self.interfaces if os.path.dirname(path).startswith(i + '/')), None)


class Tree:
    """The source files' texts, and both kinds of uses: includes (user, header) and symbols (user,
    name, definer)."""

    def __init__(self, root, folders, objects):
        self.text = {}
        for folder in folders:
            for path, _, names in os.walk(os.path.join(root, folder)):
                for name in names:
                    if name.endswith(CODE):
                        file = os.path.relpath(os.path.join(path, name), root)
                        with open(os.path.join(root, file), encoding='utf-8') as stream:
                            self.text[file] = stream.read()
        self.includes = [(file, header) for file, text in sorted(self.text.items())
                         for header in INCLUDE.findall(text) if header in self.text]
        self.symbols = self._symbols(objects)
        self.declaring = defaultdict(set)  # a word -> the headers that it stands in
        for file, text in self.text.items():
            if file.endswith('.h'):
                for word in set(WORD.findall(text)):
                    self.declaring[word].add(file)

    def _symbols(self, objects):
        defined, wanted = {}, []
        objects = [o for o in objects if source_of(o) in self.text]
        if not objects:
            return []
        nm = subprocess.run(['nm', '-A', '-g', '-C', *objects], check=True, capture_output=True,
                            text=True)
        for path, kind, name in re.findall(r'^(.*?\.o):[0-9a-f ]* (\w) (.*)$', nm.stdout, re.M):
            source = source_of(path)
            if kind == 'U':
                wanted.append((source, name))
            elif kind not in 'wWvVu':  # weak: an inline function of C++, the same in every file
                defined[name] = source
        return sorted({(user, name, defined[name]) for user, name in wanted
                       if defined.get(name, user) != user})


def broken_arrows(table, tree):
    """Arrows that the table does not allow: (place, place) -> lines that say where."""
    broken = defaultdict(list)
    for file in sorted(tree.text):
        if table.place(file) is None:
            broken['(no row)', os.path.dirname(file)].append(f'{file}: its folder has no row')
    for user, header in tree.includes:
        a, b = table.place(user), table.place(header)
        if a and b and a != b and b not in table.includes[a]:
            broken[a, b].append(f'{user} includes {header}')
    for user, name, definer in tree.symbols:
        a, b = table.place(user), table.place(definer)
        if not a or not b or a == b or b in table.calls[a]:
            continue
        interface = table.interface_of(definer)
        if interface and not user.startswith(interface + '/'):
            faces = [table.place(h) for h in sorted(tree.declaring[name])
                     if os.path.dirname(h) == interface]
            if faces:
                b = faces[0]
            if b in table.calls[a]:
                continue
        broken[a, b].append(f'{user} calls {name} of {definer}')
    return broken


def stem(path):
    return os.path.splitext(path)[0]


def circles(tree):
    """Sets of files (a header and its source are one) that use one another in a circle and share no
    private header."""
    edges = defaultdict(set)
    for user, used in tree.includes + [(user, definer) for user, _, definer in tree.symbols]:
        if stem(user) != stem(used):
            edges[stem(user)].add(stem(used))
    includers = defaultdict(set)
    for user, header in tree.includes:
        includers[header].add(user)
    found = [c for c in components(edges) if len(c) > 1]
    return sorted(sorted(c) for c in found
                  if not any(is_one_module(c, header, includers, tree) for header in includers))


def is_one_module(circle, header, includers, tree):
    """Whether a circle's files are one module: all see a header that nobody outside the folder
    sees, and that declares what they call of one another, itself or by a header that it includes
    (the module's public one)."""
    folder = os.path.dirname(header)
    private = header.endswith('.h') and all(os.path.dirname(i) == folder for i in includers[header])
    if not private or not circle <= {stem(i) for i in includers[header]} | {stem(header)}:
        return False
    seen = {header} | {used for user, used in tree.includes if user == header}
    calls = {name for user, name, definer in tree.symbols if {stem(user), stem(definer)} <= circle}
    return all(tree.declaring[short(name)] & seen for name in calls if tree.declaring[short(name)])


def short(name):
    """The identifier in a symbol that nm -C wrote: f of "space::f(int)"."""
    return name.split('(')[0].split('::')[-1]


def read_known(text):
    """Known faults: arrows (place, place) and, of circles, (folder, number of files)."""
    arrows, sizes = set(), {}
    for line in text.splitlines():
        words = line.split('#')[0].split()
        if not words:
            continue
        if words[0] == 'arrow' and len(words) == 4 and words[2] == '->':
            arrows.add((words[1], words[3]))
        elif words[0] == 'circle' and len(words) == 3:
            sizes[words[1]] = int(words[2])
        else:
            raise ValueError(f'neither "arrow A -> B" nor "circle FOLDER FILES": {line}')
    return arrows, sizes


def check(table, tree, known):
    """What is wrong, a line each."""
    arrows, sizes = known
    complaints = []
    broken = broken_arrows(table, tree)
    for (a, b), uses in sorted(broken.items()):
        if (a, b) not in arrows:
            complaints.append(f'{a} may not use {b}:')
            complaints += [f'    {use}' for use in uses]
    complaints += [f'known arrow {a} -> {b} is gone: delete its line'
                   for a, b in sorted(arrows - set(broken))]
    found = circles(tree)
    for folder in table.folders:
        in_circles = sum(name.startswith(folder + '/') for c in found for name in c)
        size = sizes.get(folder, 0)
        if in_circles > size:
            complaints.append(f'{folder}: {in_circles} files in circles, known are {size}:')
            complaints += ['    ' + ' '.join(c) for c in found
                           if any(name.startswith(folder + '/') for name in c)]
        if in_circles < size:
            complaints.append(f'{folder}: {in_circles} files in circles are left of {size}: say so')
    return complaints


def main(arguments):
    root, table, known, objects = arguments
    with open(table, encoding='utf-8') as stream:
        table = Table(stream.read())
    with open(known, encoding='utf-8') as stream:
        known = read_known(stream.read())
    with open(objects, encoding='utf-8') as stream:
        objects = stream.read().split()
    unbuilt = [o for o in objects if not os.path.exists(o)]
    if unbuilt:
        print(f'{len(unbuilt)} objects are not built, {unbuilt[0]} among them: build all first')
        return 1
    tree = Tree(root, table.folders, objects)
    if not tree.symbols:
        print(f'nothing in {objects[:1]} and others comes from {root}: nothing would be tested')
        return 1
    complaints = check(table, tree, known)
    uses = f'{len(tree.includes)} includes and {len(tree.symbols)} symbols'
    print('\n'.join(complaints or [uses + ': all arrows hold']))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
