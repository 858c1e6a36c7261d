#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzzes the parsers of foreign bytes, all of them in the time given.

Builds the targets in build-fuzz, replays the inputs kept in tests/fuzz/corpus/<target> (seeds, and
whatever once broke a parser) and those that a script makes, then lets libFuzzer look for new ones.
What it learns is kept in build-fuzz/learnt, so that the next run goes on from there. A target that
fails prints the path of the input; once mended, that input belongs into tests/fuzz/corpus/<target>.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT / 'tests/fuzz/corpus'
BUILD = ROOT / 'build-fuzz'
JOBS = max(2, os.cpu_count() or 2)
MAX_INPUT_BYTES = 2 * 1024 * 1024
LIMITS = ['-rss_limit_mb=2048', '-timeout=60', f'-max_len={MAX_INPUT_BYTES}']
# libarchive reserves as much memory as a folder says it has, up to 4 GiB, before it finds out that
# the image ends. None of that is touched, so only what is resident counts.
MORE_LIMITS = {'fuzz-iso9660': ['-malloc_limit_mb=8192']}
SEED_MAKERS = {'fuzz-udf': ['tests/images/make-udf.py', '--seeds']}
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:detect_stack_use_after_return=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1',
}


def build():
    """Builds the targets; returns their programs."""
    if not (BUILD / 'build.ninja').exists():
        subprocess.run(['meson', 'setup', BUILD, '-Dfuzz=true', '-Db_lundef=false',
                        '-Dbuildtype=debugoptimized'], cwd=ROOT, check=True,
                       env=dict(os.environ, CC='clang'), stdout=subprocess.DEVNULL)
    subprocess.run(['ninja', '--quiet', '-C', BUILD, 'fuzz-targets'], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    return sorted(path for path in (BUILD / 'tests/fuzz').glob('fuzz-*')
                  if path.is_file() and os.access(path, os.X_OK))


def find_seeds(program):
    """The folders with inputs to begin with."""
    folders = [CORPUS / program.name]
    if program.name in SEED_MAKERS:
        folders.append(BUILD / 'seeds' / program.name)
        folders[-1].mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, *SEED_MAKERS[program.name], folders[-1]], cwd=ROOT,
                       check=True)
    return [folder for folder in folders if folder.exists()]


def run_target(program, *arguments):
    """Runs a target; returns its exit status and what it said."""
    limits = [*LIMITS, *MORE_LIMITS.get(program.name, [])]
    done = subprocess.run([program, *limits, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', check=False, env={**os.environ, **SANITIZERS})
    return done.returncode, done.stdout


def replay(program, seeds):
    """Feeds the kept inputs to a target; returns how many, and the report if one fails."""
    inputs = sorted(path for folder in seeds for path in folder.iterdir())
    if not inputs:
        return 0, ''
    status, output = run_target(program, *inputs)
    return len(inputs), output if status else ''


def explore(program, seeds, seconds, seed):
    """Fuzzes a target; returns a line of figures, and the report if it fails."""
    learnt = BUILD / 'learnt' / program.name
    learnt.mkdir(parents=True, exist_ok=True)
    crashes = BUILD / 'crashes'
    crashes.mkdir(exist_ok=True)
    status, output = run_target(program, f'-max_total_time={seconds}', f'-seed={seed}',
                                '-print_final_stats=1',
                                f'-artifact_prefix={crashes}/{program.name}-', learnt, *seeds)
    executions = re.search(r'stat::number_of_executed_units:\s*(\d+)', output)
    coverage = re.findall(r'\bcov: (\d+)', output)
    figures = (f'{int(executions.group(1)) if executions else 0:,} executions, '
               f'{coverage[-1] if coverage else 0} edges covered')
    return figures, output if status else ''


def fuzz(program, seconds, seed):
    """Returns a target's name, a line about it and, if it failed, the report."""
    seeds = find_seeds(program)
    count, report = replay(program, seeds)
    if report:
        return program.name, 'fails on a kept input', report
    figures, report = explore(program, seeds, seconds, seed)
    return program.name, f'{count} kept inputs, {figures}, {seconds} s', report


def describe(report):
    """The part of libFuzzer's report that says what happened, and where the input lies."""
    start = re.search(r'^(?:==\d+==|.*runtime error:|.*(?:ERROR|CRITICAL)\b)', report, re.MULTILINE)
    return report[start.start() if start else 0:]


def parse_arguments():
    parser = argparse.ArgumentParser(description='Fuzzes the parsers of foreign bytes.')
    parser.add_argument('--seconds', type=int, default=600, help='for all targets together')
    parser.add_argument('--seed', type=int, default=0, metavar='N',
                        help='begin with the same inputs each time; 0: with other ones')
    parser.add_argument('--summary', metavar='FILE', help='write what came of each target as JSON')
    parser.add_argument('targets', nargs='*', metavar='TARGET', help='only these: fuzz-udf...')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    programs = [path for path in build()
                if not arguments.targets or path.name in arguments.targets]
    if not programs:
        sys.exit('there are no fuzz targets of that name')
    seconds = max(1, arguments.seconds * min(JOBS, len(programs)) // len(programs))
    failures = {}
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for name, line, report in pool.map(
                lambda program: fuzz(program, seconds, arguments.seed), programs):
            failures[name] = describe(report)
            print(f'{name:16} {"FAILED: " if report else ""}{line}\n{failures[name]}'.rstrip(),
                  flush=True)
    if arguments.summary:
        pathlib.Path(arguments.summary).write_text(json.dumps(failures), encoding='utf-8')
    return 1 if any(failures.values()) else 0


if __name__ == '__main__':
    sys.exit(main())
