#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--create on a terminal: the question, the progress bar and Ctrl-C."""

import os
import re
import sys

from cli import CliTest, Terminal, make_image, run, tearDownModule
import tap

CTRL_C = b'\x03'
CTRL_D = b'\x04'


class Question(CliTest):
    def setUp(self):
        super().setUp()
        self.stick = self.path('stick.img')
        self.arguments = ['-c', '-i', make_image(), '-d', self.stick]
        self.new = [*self.arguments, '--size', '128M']

    def answer(self, keys, *arguments):
        terminal = Terminal(*(arguments or self.new))
        terminal.wait_for('Build? [y/N] ')
        terminal.press(keys)
        return terminal.finish()

    def test_yes_builds(self):
        for keys in (b'y\n', b'Yes\n'):
            code, output = self.answer(keys)
            self.assertEqual(code, 0)
            self.assertIn('Ready: ', output)
            os.remove(self.stick)

    def test_anything_else_is_no(self):
        for keys in (b'\n', b'n\n', b'yesterday\n', CTRL_D, CTRL_C):
            with self.subTest(keys):
                code, output = self.answer(keys)
                self.assertEqual(code, 18)
                self.assertIn('Stopped (code 18)', output)
                self.assertIn('nothing was changed on', output)
                self.assertFalse(os.path.exists(self.stick))

    def test_it_names_what_is_erased(self):
        _, output = self.answer(b'n\n')
        self.assertRegex(output, r'stick\.img \(134\.2 MB\) will be made; nothing is erased\.\r\n')
        with open(self.stick, 'wb') as file:
            file.truncate(128 << 20)
        _, output = self.answer(b'n\n', *self.arguments)
        self.assertRegex(output, r'Everything on \S+ \(134\.2 MB\) will be erased; '
                                 r'nothing was found on it\.\r\n')
        self.assertEqual(run(*self.arguments).code, 0)
        code, output = self.answer(b'n\n', *self.arguments)
        self.assertEqual(code, 18)
        self.assertRegex(output, r'Everything on \S+stick\.img \(134\.2 MB\) will be erased: '
                                 r'"PE_X64": \d+ files, \d\.\d MB\.\r\n')

    def test_force_asks_nothing(self):
        for option in ('-f', '--force'):
            code, output = Terminal(*self.new, option).finish()
            self.assertEqual(code, 0)
            self.assertNotIn('[y/N]', output)
            os.remove(self.stick)

    def test_an_output_that_is_no_terminal_asks_nothing(self):
        code, output = Terminal(*self.new, redirect=self.path('out')).finish()
        self.assertEqual((code, output), (0, ''))

    def test_json_asks_beside_its_output(self):
        code, output = self.answer(b'n\n', *self.new, '--json')
        self.assertEqual(code, 18)
        self.assertIn('"event":"result","ok":false,"code":18', output)

    def test_a_refused_build_asks_nothing(self):
        code, output = Terminal(*self.arguments, '--size', '16M').finish()
        self.assertEqual(code, 4)
        self.assertNotIn('[y/N]', output)
        self.assertIn('(code 4)\r\n\r\nCannot build: the stick is too small (code 4)\r\n', output)


class Progress(CliTest):
    def setUp(self):
        super().setUp()
        self.arguments = ['-f', '-c', '-d', self.path('stick.img'), '--size', '1G', '-i']
        self.large = make_image('--extra-file', 'large.bin=768M')

    @staticmethod
    def find_bars(output):
        """What was drawn in place, without what was printed before and after."""
        return [part for part in re.split(r'[\r\n]+', output) if ' %  ' in part]

    def test_a_bar_is_drawn_in_place_and_ends_clean(self):
        code, output = Terminal(*self.arguments, self.large).finish()
        self.assertEqual(code, 0)
        bars = self.find_bars(output)
        self.assertRegex(bars[0], r'^\[-{30}\]   0 %  Partitioning *$')
        self.assertTrue(any(re.match(r'^\[#+-+\]  ?\d+ %  Copying \S+ .B of 8\d\d\.\d MB', bar)
                            for bar in bars), bars)
        self.assertRegex(bars[-1], r'^\[#{30}\] 100 %  Done *$')
        self.assertIn('\r\n\r\nReady: ', output)
        self.assertNotIn('\x1b', output)

    def test_it_fits_a_narrow_terminal(self):
        for columns in (24, 50):
            with self.subTest(columns):
                terminal = Terminal(*self.arguments, make_image(), columns=columns)
                bars = self.find_bars(terminal.finish()[1])
                self.assertLess(max(len(bar) for bar in bars), columns)
                os.remove(self.path('stick.img'))

    def test_quiet_draws_none(self):
        code, output = Terminal(*self.arguments, make_image(), '-q').finish()
        self.assertEqual(code, 0)
        self.assertEqual(self.find_bars(output), [])
        self.assertIn('Ready: ', output)

    def test_ctrl_c_stops_and_says_what_is_left(self):
        terminal = Terminal(*self.arguments, self.large)
        terminal.wait_for('Copying')
        terminal.press(CTRL_C)
        terminal.wait_for('Stopping')
        terminal.press(CTRL_C)
        code, output = terminal.finish()
        self.assertEqual(code, 18)
        self.assertEqual(output.count('Stopping…'), 1)
        self.assertRegex(output, r'Stopped \(code 18\)\r\n  .*\r\n  What to do: .*\r\n'
                                 r'  .* was made and is unfinished: .*\r\n  Log: .*\.log\r\n$')


if __name__ == '__main__':
    sys.exit(tap.main())
