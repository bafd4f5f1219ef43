#!/usr/bin/env python3
"""Tests of reading.py, unused.py and the scripts beside them: each finds what it is there for."""
import os
import subprocess
import unittest

import reading
import unused
from made_up import Folder

HERE = os.path.dirname(os.path.abspath(__file__))


class Wide(unittest.TestCase):
    def test_a_line_over_the_width_is_found(self):
        self.assertEqual(reading.wide('x' * 100 + '\n' + 'x' * 101 + '\n'), [2])

    def test_columns_are_counted_not_bytes(self):
        self.assertEqual(reading.wide('é' * 100), [])


class Questions(unittest.TestCase):
    def found(self, text):
        return reading.questions(text)

    def test_one_is_well(self):
        for text in ('x = a ? b : c;', 'f(a ? b : c, d ? e : f);', 'int x = a ? b : c, y = d ? e : f;',
                     'for (x = a ? b : c; x < (d ? e : f); x += g ? h : i) {\n}',
                     'if (a ? b : c) {\n    x = d ? e : f;\n}\nx = d ? e : f;',
                     'if (a ? b : c)\n    x = d ? e : f;\nelse if (g ? h : i)\n    x = d ? e : f;',
                     'struct s x = {.a = a ? b : c, .d = d ? e : f};',
                     'x = a ? \'?\' : "? :"; // ? :\n', 'x = a /* or: b ? c : d */ ? b : c;',
                     'switch (a ? b : c) {\ncase 1:\n    x = d ? e : f;\n}'):
            self.assertEqual(self.found(text), [], text)

    def test_two_in_an_expression_are_found(self):
        for text in ('x = a ? b : c ? d : e;', 'x = (a ? b : c) + (d ? e : f);',
                     'x = a ? f(b ? c : d) : e;', 'f(1, a ? b : c ? d : e);',
                     'x = a[b ? c : d] ? e : f;', 'x = a ? (struct s){b ? c : d} : e;',
                     'x = f(a ? b : c, 1) + g(2, d ? e : f);', '#define X(a) (a ? b : c ? d : e)',
                     'return a ? b : (c ? d : e)', '#define X(a) \\\n    (a ? b : c ? d : e)\n'):
            self.assertEqual(len(self.found(text)), 1, text)

    def test_the_line_is_told(self):
        self.assertEqual(self.found('/*\n*/\n#define X \\\n  "a"\nint x;\ny = a ? b\n : c ? d : e;\n'),
                         [7])


class Ladders(unittest.TestCase):
    def test_a_ladder_is_found(self):
        text = ('int one(void) {\n    if (code == ERR_OK)\n        a();\n    if (code == ERR_OK)\n'
                '        b();\n}\n\nint two(void) {\n    if (code == ERR_OK)\n        a();\n}\n\n'
                'int three(void) {\n    if (!code)\n        a();\n    if (!code && x)\n        b();\n}\n')
        self.assertEqual(reading.ladders(text), [1, 13])

    def test_the_idiom_is_well(self):
        self.assertEqual(reading.ladders('int one(void) {\n    if (code)\n        goto out;\n'
                                         '    if (code)\n        goto out;\nout:\n}\n'), [])


class Known(Folder):
    def test_a_number_can_not_grow(self):
        self.write('app/a.c', 'x = a ? b : c ? d : e;\n')
        numbers = {'wide': 0, 'questions': 1, 'ladders': 0}
        self.assertEqual(reading.check(self.root, reading.read_known('questions 1')), ([], numbers))
        self.assertEqual(reading.check(self.root, reading.read_known('wide 1')),
                         (['several ?: in one expression: 1 times, allowed are 0:',
                           '    app/a.c:1'], numbers))

    def test_an_unknown_name_is_refused(self):
        with self.assertRaises(ValueError):
            reading.read_known('widths 1')


class Unused(Folder):
    def complaints(self, files, tests='int nothing;', known=()):
        objects = self.build(files)
        test = self.build({'tests/test_a.c': tests})
        tree = unused.Tree(self.root, ['all'])
        return unused.check(unused.faults(tree, objects, test), set(known))

    USED = {'all/a.c': 'int a(void) { return 1; }',
            'all/b.c': 'int a(void);\nint main(void) { return a(); }'}

    def test_what_is_used_is_well(self):
        self.assertEqual(self.complaints(self.USED), [])

    def test_a_function_without_a_caller_is_found(self):
        self.assertEqual(self.complaints({**self.USED, 'all/c.c': 'int c(void) { return 1; }'}),
                         ['all/c.c: nothing uses c'])

    def test_a_function_that_should_be_static_is_found(self):
        self.assertEqual(
            self.complaints({**self.USED, 'all/a.c': 'int c(void) { return 1; }\n'
                                                     'int a(void) { return c(); }'}),
            ['all/a.c: c is used in its own file alone: make it static'])

    def test_what_only_tests_call_has_to_be_listed(self):
        files = {**self.USED, 'all/c.c': 'int c(void) { return 1; }'}
        test = 'int c(void);\nint t(void) { return c(); }'
        self.assertEqual(self.complaints(files, test), ['all/c.c: only tests use c'])
        self.assertEqual(self.complaints(files, test, ['c']), [])
        self.assertEqual(self.complaints(self.USED, test, ['c']),
                         ['c is no such function any more: delete it from the list'])

    def test_a_name_in_a_string_is_a_use(self):
        self.assertEqual(self.complaints({
            'all/a.c': 'int entry(void) { return 1; }',
            'all/b.c': 'int find(const char *);\nint main(void) { return find("entry"); }'}), [])

    def test_an_inline_function_without_a_caller_is_found(self):
        self.assertEqual(
            self.complaints({**self.USED, 'all/c.h': 'static inline int c(int x) { return x; }\n'}),
            ['all/c.h: nothing uses c'])


class Layering(Folder):
    def setUp(self):
        super().setUp()
        for folder in reading.FOLDERS + ('tests',):
            os.makedirs(os.path.join(self.root, folder))
        self.write('README.md', '| `app/` | the `cli/` | `views/` | the `terminal/` |')
        self.write('app/cli/a.c', 'int main(void) { exit(1); }\n')
        self.write('views/terminal/screen.c', '#include <curses.h>\n')
        self.write('backend/tn/module.cpp', '#include <torch/torch.h>\n')

    def said(self):
        done = subprocess.run([os.path.join(HERE, 'layering.sh')], cwd=self.root, text=True,
                              capture_output=True)
        return done.returncode, done.stdout

    def test_what_is_in_its_place_is_well(self):
        self.write('README.md', '`cli/` `terminal/` `tn/`')
        self.assertEqual(self.said(), (0, 'layering: all rules hold\n'))

    def test_what_is_out_of_place_is_found(self):
        for path, text, found in (
                ('views/terminal/look.c', '#include <ncurses.h>\n', 'curses belongs to screen.c'),
                ('backend/model.h', '#include <ATen/ATen.h>\n', 'libtorch belongs to backend/tn/'),
                ('backend/die.c', 'void die(void) { exit(1); }\n', 'no exit outside app/'),
                ('backend/a.c', 'char a[] = "LlamaForCausalLM";\n', 'a family is named in'),
                ('methods/a.cpp', 'int a;\n', 'C++ belongs to backend/tn/'),
                ('views/new/a.c', 'int a;\n', "README's table of folders does not name views/new")):
            self.write(path, text)
            status, said = self.said()
            self.assertEqual(status, 1, path)
            self.assertIn(found, said)
            os.remove(os.path.join(self.root, path))


class Hints(Folder):
    def setUp(self):
        super().setUp()
        self.write('app/commands/commands.def', 'KEY(RUN, "r F5", "run", 0, command_run, 0)\n')
        self.write('app/tui/views.def', 'TAB(MAP, "1", "the map", view_map)\n')
        self.write('views/widgets/keys.def', 'X(CHOOSE, "Enter", "choose")\n')
        self.write('views/widgets/a.c', 'const char a[] = "{RUN} runs  {CHOOSE} chooses  {VIEW_MAP}";\n')

    def said(self):
        done = subprocess.run([os.path.join(HERE, 'hints.sh')], cwd=self.root, text=True,
                              capture_output=True)
        return done.returncode, done.stdout

    def test_a_command_in_braces_is_well(self):
        self.assertEqual(self.said(), (0, 'hints: all rules hold\n'))

    def test_a_key_by_hand_and_an_unknown_name_are_found(self):
        for text, found in (('F5 runs', 'a key spelled by hand'), ('r: runs', 'a key spelled by hand'),
                            ('{WALK} walks', 'names in hints that no command has: WALK')):
            self.write('app/tui/b.c', f'const char b[] = "{text}";\n')
            status, said = self.said()
            self.assertEqual(status, 1, text)
            self.assertIn(found, said)


class Format(Folder):
    def run_format(self, tool='clang-format-14'):
        done = subprocess.run([os.path.join(HERE, 'format.sh'), self.root], capture_output=True,
                              text=True, env={**os.environ, 'CLANG_FORMAT': tool})
        return done.returncode, done.stdout + done.stderr

    def setUp(self):
        super().setUp()
        for folder in reading.FOLDERS + ('tests',):
            os.makedirs(os.path.join(self.root, folder))
        self.write('.clang-format', 'BasedOnStyle: LLVM\n')

    def test_code_out_of_format_is_found(self):
        self.write('app/a.c', 'int a(void) { return 1; }\n')
        status, said = self.run_format()
        if status == 77:
            self.skipTest(said)
        self.assertEqual(status, 0, said)
        for ending in reading.ENDINGS:
            self.write('views/b' + ending, 'int  a ;\n')
            self.assertEqual(self.run_format()[0], 1, ending)
            os.remove(os.path.join(self.root, 'views/b' + ending))

    def test_another_version_is_no_judge_and_says_so(self):
        tool = self.write('other', '#!/bin/sh\necho "clang-format version 19.1.7"\n')
        os.chmod(tool, 0o755)
        status, said = self.run_format(tool)
        self.assertEqual(status, 77)
        self.assertIn('NOT CHECKED', said)


if __name__ == '__main__':
    unittest.main()
