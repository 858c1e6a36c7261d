# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs unittest tests with output in the Test Anything Protocol, so that meson counts each one."""

import traceback
import unittest


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
        for line in ''.join(traceback.format_exception(*err)).splitlines():
            print('# ' + line, flush=True)

    addError = addFailure


def main():
    """Runs every test of the program."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(__import__('__main__'))
    print(f'1..{suite.countTestCases()}', flush=True)
    result = _Result()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1
