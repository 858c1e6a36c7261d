#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures building a stick against what a user would take instead: ./dev bench.

Compared in one run, one after the other, so that a busy machine slows all alike: cp of the image
with sync, 7-Zip unpacking it into a folder, mcopy onto the same kind of FAT32. Prints a table and
writes it, with the machine it was measured on, to tests/bench/RESULTS.md.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import report
import workloads

MEASURE = pathlib.Path(__file__).resolve().parent.parent / 'e2e/measure.py'
STATISTICS = re.compile(r'(\d+) writes, (\d+) bytes written, (\d+) of them in writes of 1 MiB '
                        r'and more, (\d+) backward seeks')
MCOPY_LIMIT = 25  # times our own time; by then it is certain that it is slower than required


class Bench:
    """Runs programs in a scratch folder and keeps the median of what they used."""

    def __init__(self, folder, program, runs):
        self.folder, self.program, self.runs = folder, program, runs
        self.out = folder / 'out'
        self.environment = {**os.environ, 'XDG_STATE_HOME': str(folder / 'state'), 'TZ': 'UTC',
                            'PATH': os.environ['PATH'] + ':/usr/sbin:/sbin',
                            'MTOOLS_SKIP_CHECK': '1', 'LC_ALL': 'C.UTF-8'}

    def measure(self, command, limit=None):
        """Runs a command once; seconds is None where it was stopped at the limit."""
        usage = self.folder / 'usage.json'
        process = subprocess.Popen([sys.executable, '-S', MEASURE, usage, *map(str, command)],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return {'seconds': None, 'limit': limit}
        result = json.loads(usage.read_text(encoding='utf-8'))
        if result['status'] != 0:
            raise RuntimeError(f'{command} failed:\n{output.decode()}')
        return result

    def clear(self):
        """Removes what the run before made, and lets the disk come to rest."""
        if self.out.is_dir():
            shutil.rmtree(self.out)
        self.out.unlink(missing_ok=True)
        subprocess.run(['sync', '-f', self.folder], check=True)

    def compare(self, contestants, runs=None):
        """Runs each contestant in turn, several rounds; returns the medians by name.

        The order changes from round to round, and the first round does not count, because a
        program's time depends on what ran before it: the same build took 0.6 to 2.2 s on a nearly
        idle virtual machine, the difference being time in the kernel's copying into the
        page cache. Memory that the host has yet to provide would explain that; it is not shown.
        """
        samples = {name: [] for name in contestants}
        order = list(contestants)
        chance = random.Random(1)
        for number in range((runs or self.runs) + 1):
            for name in order:
                self.clear()
                samples[name].append(contestants[name]())
                print(f'  round {number}: {name} {samples[name][-1]["seconds"]:.2f} s', flush=True)
            chance.shuffle(order)
        self.clear()
        return {name: median(results[1:]) for name, results in samples.items()}

    def build(self, iso, size, *options):
        """Builds a stick with the program, and adds how the disk was written."""
        log = self.folder / 'build.log'
        log.unlink(missing_ok=True)
        result = self.measure([self.program, '--create', '--force', '--quiet', '-i', iso, '-d',
                               self.out, '--size', size, '--log', log, *options])
        figures = STATISTICS.search(log.read_text(encoding='utf-8'))
        names = ('writes', 'written', 'large', 'backward')
        result.update(zip(names, map(int, figures.groups())))
        return result

    def cp(self, iso):
        return self.measure(['sh', '-c', 'cp --reflink=never "$1" "$2" && sync "$2"', 'sh', iso,
                             self.out])

    def unpack(self, iso):
        return self.measure(['7z', 'x', '-y', '-bd', '-tudf', f'-o{self.out}', iso])

    def unpack_and_sync(self, iso):
        return self.measure(['sh', '-c', '7z x -y -bd -tudf "-o$2" "$1" && sync -f "$2"', 'sh',
                             iso, self.out])

    def split_and_copy(self, wim):
        """wimlib reads the WIM itself, without the image around it."""
        script = 'mkdir -p "$2/parts" "$2/stick" && ' \
                 'wimlib-imagex split "$1" "$2/parts/install.swm" 3800 && ' \
                 'cp --reflink=never "$2"/parts/* "$2/stick" && sync -f "$2"'
        return self.measure(['sh', '-c', script, 'sh', wim, self.out])

    def ntfs_cp(self, tree, size):
        """What a user would do by hand; formatting counts, because it does for the stick."""
        script = 'mkdir "$2" && truncate -s "$3" "$2/disk" && mkdir "$2/mount" && ' \
                 'mkntfs -F -Q -q "$2/disk" && ntfs-3g "$2/disk" "$2/mount" && ' \
                 'cp -r "$1"/. "$2/mount" && umount "$2/mount" && sync "$2/disk"'
        return self.measure(['sh', '-c', script, 'sh', tree, self.out, size])

    def mcopy(self, tree, mib, limit):
        """mcopy of the files onto a fresh FAT32 of the same size."""
        self.clear()
        with open(self.out, 'wb') as file:
            file.truncate(mib * workloads.MIB)
        subprocess.run(['mkfs.fat', '-F', '32', self.out], check=True, env=self.environment,
                       stdout=subprocess.DEVNULL)
        return self.measure(['mcopy', '-s', '-Q', '-i', self.out, *sorted(tree.iterdir()), '::/'],
                            limit)


def median(results):
    """The run with the median wall time."""
    seconds = statistics.median_low(result['seconds'] for result in results)
    return next(result for result in results if result['seconds'] == seconds)


def warm(path):
    """Reads an image once, so that no contestant is the one to read it from the disk."""
    with open(path, 'rb') as file:
        while file.read(workloads.MIB):
            pass


def bench_workload(bench, name, fill, size, keep_tree=False, runs=None):
    """Measures everything on one image; returns the figures and, if asked, image and tree."""
    print(f'{name}: making the image', flush=True)
    iso, tree = workloads.make_iso(bench.folder, name, fill)
    if not keep_tree:
        shutil.rmtree(tree)
    warm(iso)
    figures = bench.compare({
        'cp': lambda: bench.cp(iso),
        'build': lambda: bench.build(iso, size, '--no-verify'),
        'verified': lambda: bench.build(iso, size),
        '7-Zip': lambda: bench.unpack(iso),
        '7-Zip and sync': lambda: bench.unpack_and_sync(iso),
    }, runs)
    return figures, iso, tree


def bench_large(bench):
    figures, iso, tree = bench_workload(bench, 'large', workloads.fill_large, '2G', keep_tree=True)
    figures['mcopy'] = bench.mcopy(tree, 2047, MCOPY_LIMIT * figures['build']['seconds'])
    forget(iso, tree)
    return figures


def bench_small(bench):
    figures, iso, tree = bench_workload(
        bench, 'small', lambda tree: workloads.write_small(tree, 10_000), '1G', keep_tree=True)
    figures['mcopy'] = bench.mcopy(tree, 1023, MCOPY_LIMIT * figures['build']['seconds'])
    forget(iso, tree)
    return figures


def bench_mixed(bench):
    # Large enough to be steady, and slow.
    figures, iso, tree = bench_workload(bench, 'mixed', workloads.fill_mixed, '8G',
                                        runs=min(bench.runs, 3))
    figures['inspect'] = median([bench.measure([bench.program, '--inspect', '-i', iso])
                                 for _ in range(bench.runs)])
    forget(iso, tree)
    return figures


def bench_wim(bench):
    """A WIM that is too large for FAT32, against splitting it into a folder and copying that."""
    print('wim: making the image', flush=True)
    iso, tree = workloads.make_iso(bench.folder, 'wim', workloads.fill_wim)
    figures = bench.compare({
        'build': lambda: bench.build(iso, '8G', '--no-verify'),
        'wimlib and cp': lambda: bench.split_and_copy(tree / 'sources/install.wim'),
    }, min(bench.runs, 3))
    forget(iso, tree)
    return figures


def bench_ntfs(bench):
    """A stick in NTFS, against cp into the same filesystem, which FUSE mounts."""
    if os.getuid() != 0 or not os.path.exists('/dev/fuse'):
        print('ntfs: left out, only the administrator can mount a file by FUSE', flush=True)
        return None
    print('ntfs: making the image', flush=True)
    iso, tree = workloads.make_iso(bench.folder, 'ntfs', workloads.fill_ntfs)
    warm(iso)
    options = ['--filesystem', 'ntfs', '--boot', 'bios']
    figures = bench.compare({
        'build': lambda: bench.build(iso, '4G', '--no-verify', *options),
        'verified': lambda: bench.build(iso, '4G', *options),
        'ntfs-3g': lambda: bench.ntfs_cp(tree, '4G'),
    }, min(bench.runs, 3))
    forget(iso, tree)
    return figures


def bench_doubling(bench):
    """How the time grows with the number of files."""
    isos = {}
    for count in (5_000, 10_000, 20_000):
        print(f'{count} files: making the image', flush=True)
        isos[count], tree = workloads.make_iso(
            bench.folder, f'files{count}', lambda tree: workloads.write_small(tree, count))
        shutil.rmtree(tree)
        warm(isos[count])
    figures = bench.compare({count: lambda iso=iso: bench.build(iso, '2G', '--no-verify')
                             for count, iso in isos.items()})
    for iso in isos.values():
        iso.unlink()
    return figures


def forget(iso, tree):
    iso.unlink()
    shutil.rmtree(tree, ignore_errors=True)


PARTS = {'large': bench_large, 'small': bench_small, 'mixed': bench_mixed,
         'wim': bench_wim, 'ntfs': bench_ntfs, 'doubling': bench_doubling}


def parse_arguments():
    parser = argparse.ArgumentParser(prog='./dev bench', description='Measures building a stick.')
    parser.add_argument('build', type=pathlib.Path, help='a build folder')
    parser.add_argument('parts', nargs='*', metavar='PART',
                        help=f'only these, and write no results: {", ".join(PARTS)}')
    parser.add_argument('--runs', type=int, default=5, help='of which the median counts')
    parser.add_argument('--scratch', help='where to work; needs 20 GB')
    arguments = parser.parse_args()
    if unknown := [part for part in arguments.parts if part not in PARTS]:
        parser.error(f'there is no part {unknown[0]}, only {", ".join(PARTS)}')
    return arguments


def main():
    arguments = parse_arguments()
    program = (arguments.build / 'app/rescue-usb-builder').resolve()
    chosen = arguments.parts or list(PARTS)
    with tempfile.TemporaryDirectory(dir=arguments.scratch, prefix='rub-bench-') as folder:
        bench = Bench(pathlib.Path(folder), program, arguments.runs)
        measured = {name: PARTS[name](bench) for name in chosen}
        figures = {name: part for name, part in measured.items() if part}
        text = report.write(figures, pathlib.Path(folder), arguments.runs)
    print(text)
    if not arguments.parts:
        report.save(pathlib.Path(__file__).with_name('RESULTS.md'), text)


if __name__ == '__main__':
    main()
