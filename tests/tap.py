# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs unittest tests with output in the Test Anything Protocol, so that meson and ./dev test count
each one. Test programs end in

    if __name__ == '__main__':
        sys.exit(tap.main())

RUB_TEST_FULL=1 runs the whole of what is marked by only_full or cases(full=...); otherwise that is
skipped. Names of tests on the command line choose some: test_boot.py Boot.test_uefi
"""

import os
import signal
import sys
import traceback
import unittest

FULL = os.environ.get('RUB_TEST_FULL') == '1'
only_full = unittest.skipUnless(FULL, 'only in the full set (RUB_TEST_FULL=1)')


def cases(quick=(), full=()):
    """Makes one test of a method for each tuple of arguments; needs expand on the class."""
    def mark(method):
        method.cases = [(arguments, True) for arguments in quick]
        method.cases += [(arguments, False) for arguments in full if arguments not in quick]
        return method
    return mark


def expand(cls):
    """Class decorator: replaces each method that has cases by the tests they make."""
    for name, method in list(vars(cls).items()):
        if hasattr(method, 'cases'):
            delattr(cls, name)
            for arguments, is_quick in method.cases:
                _add_case(cls, method, arguments, is_quick)
    return cls


def _add_case(cls, method, arguments, is_quick):
    def test(self):
        method(self, *arguments)
    label = '_'.join(str(argument) for argument in arguments)
    name = f'{method.__name__}_{label}'.replace(' ', '-')
    test.__name__ = name
    setattr(cls, name, test if is_quick else only_full(test))


class _Result(unittest.TestResult):
    """Prints a line for each outcome; a failing subtest is an outcome of its own."""

    def __init__(self):
        super().__init__()
        self.lines = 0

    def _line(self, status, test, note=''):
        self.lines += 1
        name = test.id().removeprefix('__main__.').replace('#', '')
        print(f'{status} {self.lines} - {name}{note}', flush=True)

    def addSuccess(self, test):
        self._line('ok', test)

    def addSkip(self, test, reason):
        self._line('ok', test, f' # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line('not ok', test)
        frames = [frame for frame in traceback.extract_tb(err[2])
                  if '/unittest/' not in frame.filename]
        # What is wrong comes first: of what is long ./dev test shows the two ends.
        lines = traceback.format_exception_only(err[0], err[1]) + traceback.format_list(frames)
        for line in ''.join(lines).splitlines():
            print('# ' + line, flush=True)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


def main(names=None):
    """Runs the tests of the program, or only those named; returns the exit status."""
    # A shell ignores it for what it starts in the background, and so would the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Some tests run the program as somebody else, who must be able to read what they made.
    os.umask(0o022)
    module = sys.modules['__main__']
    names = sys.argv[1:] if names is None else names
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names, module) if names else \
        loader.loadTestsFromModule(module)
    result = _Result()
    suite.run(result)
    # Last, because a class that cannot be set up stands for all its tests.
    print(f'1..{result.lines}', flush=True)
    return 0 if result.wasSuccessful() and not loader.errors else 1
