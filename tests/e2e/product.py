# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program under test, RUB_CLI, as a user would: as a process, with files."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CLI = os.environ['RUB_CLI']
NOBODY = 65534
TOOLS = ':/usr/sbin:/sbin'
# A search path with which the program finds those of administrators only.
NO_PROGRAMS = '/nonexistent'
# As text, because another user may not be able to read our folder.
MEASURE = pathlib.Path(__file__).with_name('measure.py').read_text(encoding='utf-8')
OK, DISK_TOO_SMALL, IMAGE_UNREADABLE, IMAGE_INCOMPLETE = 0, 4, 10, 11
WRITE_FAILED, VERIFY_FAILED, CANCELLED, NAME_NOT_REPRESENTABLE = 16, 17, 18, 21


@dataclasses.dataclass
class Outcome:
    """What came of a run: exit status, the objects of --json, output, and what the process used
    where that was measured."""
    status: int
    events: list
    output: str
    errors: str
    peak_bytes: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None

    def all_of(self, event):
        return [entry for entry in self.events if entry['event'] == event]

    @property
    def result(self):
        return self.events[-1]

    def finding(self, code):
        """The finding with a code; fails where there is not exactly one."""
        found = [entry for entry in self.all_of('finding') if entry['code'] == code]
        assert len(found) == 1, f'{len(found)} findings with code {code} in {self.output}'
        return found[0]


def run(*arguments, as_json=True, preload=None, user=None, program=CLI, **environment):
    """Runs the program. `preload` is a fault of faulty-disk.c, `user` a numeric identity."""
    command = [str(program), *(str(argument) for argument in arguments)]
    if as_json:
        command.append('--json')
    with tempfile.TemporaryDirectory() as state:
        os.chmod(state, 0o777)
        variables = {**os.environ, 'TZ': 'UTC', 'XDG_STATE_HOME': state, 'XDG_RUNTIME_DIR': state,
                     'HOME': state, **environment}
        if preload:
            variables.update(LD_PRELOAD=os.environ['RUB_FAULTY_DISK'], RUB_FAULT=preload)
        identity = {} if user is None else {'user': user, 'group': user, 'extra_groups': []}
        report = f'{state}/report.json'
        done = subprocess.run([sys.executable, '-S', '-c', MEASURE, report, *command],
                              env=variables, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=True, **identity)
        usage = json.loads(pathlib.Path(report).read_text(encoding='utf-8'))
    events = [json.loads(line) for line in done.stdout.splitlines()] if as_json else []
    return Outcome(events=events, output=done.stdout, errors=done.stderr, **usage)


class ProductTest(unittest.TestCase):
    """A test with a folder of its own, `self.folder`, which everybody may use."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o777)
        self.folder = pathlib.Path(folder.name)

    def create(self, iso, stick, *arguments, status=OK, **options):
        """Builds a stick and expects an exit status."""
        outcome = run('--create', '-i', iso, '-d', stick, *arguments, **options)
        self.assertEqual(outcome.status, status, outcome.output + outcome.errors)
        return outcome

    def copy_of_program(self):
        """The program at a place that other users can reach."""
        return shutil.copy(CLI, self.folder / 'program')


def tool(*command, status=0, **options):
    """Runs a tool of the distribution; returns its output, which shows where it fails."""
    environment = {**os.environ, 'PATH': os.environ['PATH'] + TOOLS, 'TZ': 'UTC',
                   'LC_ALL': 'C.UTF-8', 'MTOOLS_SKIP_CHECK': '1'}
    done = subprocess.run([str(part) for part in command], env=environment, text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, errors='replace',
                          **options)
    assert done.returncode == status, \
        f'{command} failed ({done.returncode}):\n{done.stdout}{done.stderr}'
    return done.stdout


def scratch(cls):
    """A folder that lives as long as a class of tests."""
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    return pathlib.Path(folder.name)
