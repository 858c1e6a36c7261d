#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every test of the project: ./dev test [--full].

Builds with gcc and with clang, warnings being errors; runs all tests of the gcc build, those of
the library once more, and sessions with the wizard, in the clang build under the address and
undefined-behaviour sanitizers, the style checks, the fuzz targets for a minute, and tests in a
virtual computer. Ends with the line "N passed, N failed, N skipped", which counts the single tests
inside test programs. Where ./dev has installed every tool, a test that is skipped because one is
"not installed" has failed.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GCC = ROOT / 'build-test'
CLANG = ROOT / 'build-sanitize'
SANITIZED_SUITES = ('unit', 'images', 'cli', 'intl', 'session')
JOBS = str(max(2, os.cpu_count() or 2))
# Of a failed test's log: an assertion may be at its beginning, what came last is at its end.
HEAD_LINES = 10
TAIL_LINES = 30
TAP_LINE = re.compile(r'^(ok|not ok)\b\s*\d*\s*-?\s*([^#\n]*)(?:#\s*skip\S*\s*(.*))?$',
                      re.IGNORECASE | re.MULTILINE)

# The exit statuses of sanitizers must not be mistaken for a code of the program.
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=1:exitcode=86:detect_stack_use_after_return=1',
    'UBSAN_OPTIONS': 'halt_on_error=1:abort_on_error=1:print_stacktrace=1',
}


@dataclasses.dataclass
class Tally:
    """What came of the tests so far."""
    passed: int = 0
    failures: list = dataclasses.field(default_factory=list)
    skips: list = dataclasses.field(default_factory=list)

    def fail(self, name, log):
        self.failures.append((name, log))


def say(text):
    print(f'== {text}', flush=True)


def run(command, log=None, **more):
    """Runs a command on the terminal, or with its output into a file; returns whether it worked."""
    command = [str(part) for part in command]
    with open(log or os.devnull, 'w', encoding='utf-8') as output:
        streams = {'stdout': output, 'stderr': subprocess.STDOUT} if log else {}
        return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False, **streams,
                              **more).returncode == 0


def build(tally, folder, compiler, options):
    """Sets a build folder up, unless it is, and builds it; returns whether that worked."""
    folder.mkdir(exist_ok=True)
    log = folder / 'build.log'
    if not (folder / 'build.ninja').exists():
        command = ['meson', 'setup', folder, '-Dwerror=true', *options]
        if not run(command, log, env=dict(os.environ, CC=compiler)):
            tally.fail(f'{compiler}: meson setup', log.read_text())
            return False
    if not run(['ninja', '-C', folder, '-j', JOBS], log):
        tally.fail(f'{compiler}: build', log.read_text())
        return False
    return True


def run_meson_tests(tally, folder, label, options=(), environment=()):
    """Runs the tests of a build folder and counts what the programs reported."""
    log = folder / 'meson-logs/testlog.json'
    log.unlink(missing_ok=True)
    run(['meson', 'test', '-C', folder, '--no-rebuild', '--num-processes', JOBS,
         '--timeout-multiplier', '2', *options], env={**os.environ, **dict(environment)})
    if not log.exists():
        tally.fail(f'{label}: meson test', 'it left no log')
        return
    for line in log.read_text(encoding='utf-8').splitlines():
        count_program(tally, label, json.loads(line))


def count_program(tally, label, entry):
    """Adds what a test program reported: each of its tests, or just its exit status."""
    name = label + entry['name'].split(':', 1)[-1]
    output = entry.get('stdout') or ''
    tests = [match.groups() for match in TAP_LINE.finditer(output)]
    failed = [match for match in TAP_LINE.finditer(output) if match[1].lower() == 'not ok']
    skipped = [(title.strip(), reason) for verdict, title, reason in tests
               if verdict.lower() == 'ok' and reason]
    tally.passed += len(tests) - len(failed) - len(skipped)
    tally.skips += [(name, title, reason) for title, reason in skipped]
    log = output + (entry.get('stderr') or '')
    for match in failed:
        tally.fail(f'{name}: {match[2].strip()}', diagnostics(output, match.end()) or log)
    result = entry['result']
    if result == 'SKIP' and not tests:
        reason = re.search(r'^1\.\.0 # SKIP (.*)', output, re.MULTILINE)
        tally.skips.append((name, '', reason[1] if reason else 'the program said so'))
    elif result in ('OK', 'EXPECTEDFAIL', 'SKIP'):
        tally.passed += not tests
    elif not failed:
        tally.fail(f'{name}: {result.lower()}, status {entry["returncode"]}', log)


def diagnostics(output, position):
    """The comment lines that follow a test's line."""
    lines = re.match(r'(?:\n#.*)*', output[position:]).group()
    return lines.strip('\n')


def test_gcc(tally):
    if build(tally, GCC, 'gcc', []):
        run_meson_tests(tally, GCC, '', ['--no-suite', 'wizard'])


def test_wizard(tally):
    if not build(tally, GCC, 'gcc', []):
        return
    if (GCC / 'app/rescue-usb-builder-gtk').exists():
        run_meson_tests(tally, GCC, '', ['--suite', 'wizard'])
    else:
        tally.skips.append(('wizard', '', 'GTK 4 or libadwaita is not installed'))


def test_sanitized(tally):
    if not shutil.which('clang'):
        tally.skips.append(('sanitizers', '', 'clang is not installed'))
        return
    options = ['-Db_sanitize=address,undefined', '-Db_lundef=false',
               '-Dc_args=-fno-sanitize-recover=all']
    if build(tally, CLANG, 'clang', options):
        suites = [part for suite in SANITIZED_SUITES for part in ('--suite', suite)]
        run_meson_tests(tally, CLANG, 'sanitized: ', suites, SANITIZERS.items())


def test_style(tally):
    log = GCC / 'lint.log'
    if run([sys.executable, 'tests/lint.py'], log):
        tally.passed += 1
    else:
        tally.fail('lint', log.read_text())


def test_fuzz(tally):
    if not shutil.which('clang'):
        tally.skips.append(('fuzz', '', 'clang is not installed'))
        return
    summary = GCC / 'fuzz.json'
    summary.unlink(missing_ok=True)
    # ./dev fuzz looks for what is new; a change is not to fail for what was there before it.
    worked = run([sys.executable, '-u', 'tests/fuzz/fuzz.py', '--seconds', '60', '--seed', '1',
                  '--summary', summary])
    outcomes = json.loads(summary.read_text()) if summary.exists() else {}
    for target, failure in outcomes.items():
        if failure:
            tally.fail(target, failure)
        else:
            tally.passed += 1
    if not worked and not any(outcomes.values()):
        tally.fail('fuzz', 'it stopped before the end, see above')


def test_in_vm(tally):
    """Tests of the gcc build on emulated USB sticks; the virtual computers are made first."""
    if not build(tally, GCC, 'gcc', []):
        return
    sys.path.insert(0, str(ROOT / 'tests/vm'))
    import image
    # Only the full set has tests with a desktop.
    kinds = ('plain', 'desktop') if os.environ['RUB_TEST_FULL'] == '1' else ('plain',)
    if reason := image.missing():
        tally.skips.append(('vm', '', reason))
    elif not all(run([sys.executable, 'tests/vm/image.py', kind]) for kind in kinds):
        tally.fail('vm', 'the virtual computer could not be made, see above')
    else:
        run_meson_tests(tally, GCC, '', ['--suite', 'vm'])


STAGES = {
    'lint': ('Style', test_style),
    'gcc': ('Build with gcc, all tests', test_gcc),
    'wizard': ('The wizard, driven like a person', test_wizard),
    'sanitize': ('Build with clang, library, command and wizard under sanitizers', test_sanitized),
    'fuzz': ('Fuzz targets for a minute', test_fuzz),
    'vm': ('Virtual computer with emulated USB sticks', test_in_vm),
}


def judge_skips(tally):
    """Where every tool is there, a test that missed one looked in the wrong place: it failed."""
    if os.environ.get('RUB_TEST_ALL_TOOLS') != '1':
        return
    wrong = [skip for skip in tally.skips if 'not installed' in skip[2]]
    tally.skips = [skip for skip in tally.skips if skip not in wrong]
    for program, title, reason in wrong:
        tally.fail(f'{program}: {title}'.rstrip(': '), f'skipped, with every tool there: {reason}')


def run_stages(tally, chosen):
    """Runs each stage; returns how long each took."""
    times = {}
    for key in chosen:
        title, stage = STAGES[key]
        say(title)
        start, failures = time.monotonic(), len(tally.failures)
        stage(tally)
        times[title] = time.monotonic() - start
        verdict = 'ok' if len(tally.failures) == failures else 'FAILED'
        say(f'{title}: {verdict}, {times[title]:.0f} s')
    return times


def shorten(log):
    """The first and the last lines of a log."""
    lines = log.rstrip().splitlines()
    left_out = len(lines) - HEAD_LINES - TAIL_LINES
    if left_out > 1:
        lines[HEAD_LINES:-TAIL_LINES] = [f'[{left_out} lines]']
    return lines


def report(tally, times):
    """Prints the skips with their reasons, the ends of each failure's log, times and the count."""
    skips = collections.defaultdict(list)
    for program, title, reason in tally.skips:
        skips[program, reason].append(title)
    for (program, reason), titles in sorted(skips.items()):
        some = f'{len(titles)} tests' if len(titles) > 3 else ', '.join(filter(None, titles))
        print(f'skipped: {program}{": " + some if some else ""}: {reason}')
    shown = set()
    for name, log in tally.failures:
        print(f'\nFAILED: {name}')
        if log not in shown:
            print('\n'.join('    ' + line for line in shorten(log)))
        shown.add(log)
    print()
    for title, seconds in times.items():
        print(f'{seconds:7.0f} s  {title}')
    print(f'{sum(times.values()):7.0f} s  all')
    print(f'{tally.passed} passed, {len(tally.failures)} failed, {len(tally.skips)} skipped',
          flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog='./dev test', description='Runs every test.')
    parser.add_argument('--full', action='store_true', help='the whole matrix, not the quick set')
    parser.add_argument('stages', nargs='*', metavar='STAGE',
                        help=f'only these: {", ".join(STAGES)}')
    arguments = parser.parse_args()
    for stage in arguments.stages:
        if stage not in STAGES:
            parser.error(f'there is no stage {stage}')
    return arguments


def main():
    arguments = parse_arguments()
    os.environ['RUB_TEST_FULL'] = '1' if arguments.full else '0'
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    GCC.mkdir(exist_ok=True)
    tally = Tally()
    times = run_stages(tally, [key for key in STAGES if key in (arguments.stages or STAGES)])
    judge_skips(tally)
    report(tally, times)
    return 1 if tally.failures else 0


if __name__ == '__main__':
    sys.exit(main())
