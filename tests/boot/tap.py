# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of test cases, and a runner that speaks the Test Anything Protocol, so that meson counts
each case. RUB_TEST_FULL=1 runs the whole table, otherwise only what is marked as quick runs.
"""

import os
import traceback
import unittest

FULL = os.environ.get('RUB_TEST_FULL') == '1'
only_full = unittest.skipUnless(FULL, 'only in the full set (RUB_TEST_FULL=1)')


def cases(quick=(), full=()):
    """Makes one test of a method for each tuple of arguments."""
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
    def _line(self, status, test, note=''):
        name = test.id().removeprefix('__main__.')
        print(f'{status} {self.testsRun} - {name}{note}', flush=True)

    def addSuccess(self, test):
        self._line('ok', test)

    def addSkip(self, test, reason):
        self._line('ok', test, f' # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line('not ok', test)
        frames = [frame for frame in traceback.extract_tb(err[2])
                  if '/unittest/' not in frame.filename]
        lines = traceback.format_list(frames) + traceback.format_exception_only(err[0], err[1])
        for line in ''.join(lines).splitlines():
            print('# ' + line, flush=True)

    addError = addFailure


def main():
    """Runs every test of the program."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(__import__('__main__'))
    print(f'1..{suite.countTestCases()}', flush=True)
    result = _Result()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1
