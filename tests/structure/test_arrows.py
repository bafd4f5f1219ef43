#!/usr/bin/env python3
"""Tests of arrows.py on made-up trees, compiled where symbols matter."""
import unittest

import arrows
from made_up import Folder


class Arrows(Folder):
    def tree(self, table, files):
        """The table and the tree of {path: text}."""
        objects = self.build(files)
        table = arrows.Table(table)
        return table, arrows.Tree(self.root, table.folders, objects)

    def complaints(self, table, files, known=''):
        return arrows.check(*self.tree(table, files), arrows.read_known(known))

    def test_allowed_arrows_hold(self):
        self.assertEqual(self.complaints('low:\nhigh: low', {
            'low/a.h': 'int a(void);', 'low/a.c': '#include "low/a.h"\nint a(void) { return 1; }',
            'high/b.c': '#include "low/a.h"\nint b(void) { return a(); }'}), [])

    def test_forbidden_include_is_found(self):
        self.assertEqual(self.complaints('low:\nhigh: low', {
            'high/b.h': 'enum b { B };',
            'low/a.c': '#include "high/b.h"\nint a(void) { return B; }'}),
            ['low may not use high:', '    low/a.c includes high/b.h'])

    def test_symbol_through_a_def_file_is_found(self):
        files = {'plain/list.def': 'ROW(b)\n', 'high/b.c': 'int row_b(void) { return 1; }',
                 'low/a.c': '#define ROW(x) extern int row_##x(void);\n#include "plain/list.def"\n'
                            'int a(void) { return row_b(); }'}
        self.assertEqual(self.complaints('plain:\nlow: plain\nhigh: low', files),
                         ['low may not use high:', '    low/a.c calls row_b of high/b.c'])

    def test_functions_in_parentheses_are_no_leave_to_include(self):
        table = 'low:\nhigh: (low)'
        files = {'low/a.h': 'int a(void);', 'low/a.c': 'int a(void) { return 1; }',
                 'high/b.c': 'int a(void);\nint b(void) { return a(); }'}
        self.assertEqual(self.complaints(table, files), [])
        files['high/c.c'] = '#include "low/a.h"\nint c(void) { return a(); }'
        self.assertEqual(self.complaints(table, files),
                         ['high may not use low:', '    high/c.c includes low/a.h'])

    def test_a_file_has_a_place_of_its_own(self):
        self.assertEqual(self.complaints('low/open.h:\nlow: low/open.h\nhigh: low/open.h', {
            'low/open.h': 'enum { OPEN };', 'low/shut.h': 'enum { SHUT };',
            'high/b.c': '#include "low/open.h"\n#include "low/shut.h"\nint b(void) { return OPEN; }'
            }),
            ['high may not use low:', '    high/b.c includes low/shut.h'])

    def test_an_interface_stands_for_what_is_below_it(self):
        table = 'interface low\nlow:\nlow/deep: low\nhigh: low'
        files = {'low/face.h': 'int shown(void);',
                 'low/deep/a.c': 'int shown(void) { return 1; }\nint hidden(void) { return 2; }',
                 'high/b.c': '#include "low/face.h"\nint b(void) { return shown(); }'}
        self.assertEqual(self.complaints(table, files), [])
        files['high/c.c'] = 'int hidden(void);\nint c(void) { return hidden(); }'
        self.assertEqual(self.complaints(table, files),
                         ['high may not use low/deep:',
                          '    high/c.c calls hidden of low/deep/a.c'])

    def test_a_folder_without_a_row_is_found(self):
        self.assertEqual(self.complaints('low:', {'low/a.h': '', 'low/new/b.h': ''}),
                         ['(no row) may not use low/new:',
                          '    low/new/b.h: its folder has no row'])

    CIRCLE = {'all/a.h': 'int a(int);', 'all/b.h': 'int b(int);',
              'all/a.c': '#include "all/a.h"\n#include "all/b.h"\nint a(int n) { return b(n); }',
              'all/b.c': '#include "all/a.h"\nint b(int n) { return a(n); }'}
    FOUND = ['all: 2 files in circles, known are 0:', '    all/a all/b']

    def test_a_circle_of_files_is_found(self):
        self.assertEqual(self.complaints('all:', self.CIRCLE), self.FOUND)

    def test_a_circle_by_symbols_alone_is_found(self):
        files = {'all/a.c': 'int b(int);\nint a(int n) { return b(n); }',
                 'all/b.c': 'int a(int);\nint b(int n) { return a(n); }'}
        self.assertEqual(self.complaints('all:', files), self.FOUND)

    def with_private(self, header):
        """The circle, its sources including a private header."""
        files = {path: '#include "all/private.h"\n' * path.endswith('.c') + text
                 for path, text in self.CIRCLE.items()}
        return {**files, 'all/private.h': header}

    def test_a_private_header_allows_a_circle(self):
        files = self.with_private('#include "all/a.h"\nint b(int);')
        self.assertEqual(self.complaints('all:', files), [])
        files['other/c.c'] = '#include "all/private.h"\nint c(void) { return a(0); }'
        self.assertEqual(self.complaints('all:\nother: all', files),
                         ['all: 3 files in circles, known are 0:', '    all/a all/b all/private'])

    def test_a_private_header_has_to_declare_what_the_circle_calls(self):
        self.assertEqual(self.complaints('all:', self.with_private('enum { ALL };')), self.FOUND)

    def test_known_faults_can_only_shrink(self):
        files = {'high/b.h': 'enum b { B };',
                 'low/a.c': '#include "high/b.h"\nint a(void) { return B; }', **self.CIRCLE}
        table = 'low:\nhigh: low\nall:'
        self.assertEqual(self.complaints(table, files, 'arrow low -> high\ncircle all 2'), [])
        known = 'arrow low -> high\narrow high -> all\ncircle all 3'
        self.assertEqual(self.complaints(table, files, known),
                         ['known arrow high -> all is gone: delete its line',
                          'all: 2 files in circles are left of 3: say so'])

    def test_a_table_that_contradicts_itself_is_refused(self):
        for table in ('low: high\nhigh: low', 'low: nowhere', 'low:\nlow:', 'low high'):
            with self.assertRaises((ValueError, TypeError)):
                arrows.Table(table)

    def test_a_row_goes_on_where_a_line_is_indented(self):
        table = arrows.Table('a b:\nc: a # and\n    (b)\n')
        self.assertEqual((table.includes['c'], table.calls['c']), ({'a'}, {'a', 'b'}))


if __name__ == '__main__':
    unittest.main()
