#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures building real sticks that are slow, in the virtual computer: ./dev bench --vm.

Two sticks: one takes 20 MB a second, one 100 writes a second. On each, our build as a whole
(multi) and through the kernel's driver (UEFI only), nothing read back, against dd of the image
past the cache, which is the limit, and against what people do now: a new filesystem, mounted by
UDisks2, cp -r and sync. Every turn has a computer and a blank stick of its own. Writes the part
"In the virtual computer" of tests/bench/RESULTS.md.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import report
import workloads

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / 'vm'))
import image  # noqa: E402
import machine  # noqa: E402
import sticks  # noqa: E402

IMAGES = TESTS / 'images'
STICK_BYTES = 2 * sticks.GIB
SPEEDS = {'20 MB/s': {'bytes_per_second': 20_000_000},
          '100 writes/s': {'writes_per_second': 100}}
CP = '''
set -e
udisks() { busctl --timeout=3600 call org.freedesktop.UDisks2 "$@" >/dev/null; }
disk=/org/freedesktop/UDisks2/block_devices/sda
udisks $disk org.freedesktop.UDisks2.Block Format 'sa{sv}' dos 0
udisks $disk org.freedesktop.UDisks2.PartitionTable CreatePartitionAndFormat 'ttssa{sv}sa{sv}' \\
    1048576 0 0x0c '' 0 vfat 1 label s RESCUE
udisksctl mount -b /dev/sda1 >/dev/null
cp -r /run/image/. /media/tester/RESCUE
sync
udisksctl unmount -b /dev/sda1 >/dev/null
'''


def fill_pe(tree):
    """As Windows PE is: one file of most of the 300 MB, and some small ones."""
    workloads.write_large(tree / 'sources/large.wim', 272 * workloads.MIB)
    workloads.write_small(tree / 'pictures', 200)


def fill_small(tree):
    workloads.write_small(tree / 'small', 2_000)


def make_iso(folder, name, fill, build):
    """A Windows-like image, which BIOS starts too: only such a one is written as a whole."""
    tree, iso = folder / name, folder / f'{name}.iso'
    tree.mkdir()
    fill(tree)
    subprocess.run([IMAGES / 'make-windows-like.py', iso, '--tree', tree,
                    '--bootmgr', build / 'tests/boot/BOOTMGR',
                    '--efi-loader', build / 'tests/boot/BOOTX64.EFI'],
                   check=True, stdin=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return iso


class VmBench:
    """Every turn in a computer of its own. The image's bytes are in the host's memory."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program

    def turn(self, iso, speed, run):
        """Returns the seconds that run(machine, path of the image) took, and what it returned."""
        path = sticks.make_blank(self.folder / 'stick.img', STICK_BYTES)
        with machine.Machine(image.get()) as virtual:
            shutil.copy(self.program, virtual.share)
            shutil.copy(iso, virtual.share)
            virtual.root.run('mkdir /run/image && mount -o ro,loop '
                             f'/share/{iso.name} /run/image')
            virtual.plug(sticks.Stick(path, **SPEEDS[speed]))
            start = time.monotonic()
            job = run(virtual, f'/share/{iso.name}')
            return time.monotonic() - start, job

    def dd(self, virtual, iso):
        return virtual.root.run('dd', f'if={iso}', 'of=/dev/sda', 'bs=4M', 'oflag=direct',
                                timeout=3600)

    def cp(self, virtual, _iso):
        return virtual.user.run(CP, timeout=3600)

    def build(self, virtual, iso, boot):
        """Notes when steps ended: what follows the first, which is the table and the question for
        the password, is writing."""
        times = []

        def note(_, text):
            times.extend([time.monotonic()] * text.count('"state":"done"'))

        job = virtual.user.start(f'/share/{self.program.name}', '--create', '--force',
                                 '--no-verify', '--json', '-i', iso, '-d', '/dev/sda', '--boot',
                                 boot, listener=note).wait(timeout=3600)
        assert job.status == 0, str(job)
        job.writing_seconds = times[-1] - times[0]
        return job

    def measure(self, iso, speed, runs):
        """The medians, in seconds, by contestant."""
        contestants = {
            'dd': self.dd,
            'raw': lambda virtual, path: self.build(virtual, path, 'multi'),
            'mounted': lambda virtual, path: self.build(virtual, path, 'uefi'),
            'cp': self.cp,
        }
        samples = {}
        for number in range(runs):
            for name, run in contestants.items():
                seconds, job = self.turn(iso, speed, run)
                samples.setdefault(name, []).append(seconds)
                if hasattr(job, 'writing_seconds'):
                    samples.setdefault(f'{name}, writing', []).append(job.writing_seconds)
                print(f'  {speed}, round {number}: {name} {seconds:.1f} s', flush=True)
        return {name: statistics.median_low(values) for name, values in samples.items()}


WORKLOADS = {
    'pe': ('300 MB as Windows PE', fill_pe),
    'small': ('2,000 files of 1 to 64 KiB', fill_small),
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog='./dev bench --vm',
                                     description='Measures building slow sticks.')
    parser.add_argument('build', type=pathlib.Path, help='a build folder')
    parser.add_argument('--runs', type=int, default=3, help='of which the median counts')
    parser.add_argument('--only', choices=WORKLOADS, help='write no results')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if reason := image.missing():
        sys.exit(f'There is no virtual computer: {reason}.')
    program = (arguments.build / 'app/rescue-usb-builder').resolve()
    figures = {}
    with tempfile.TemporaryDirectory(prefix='rub-bench-') as folder:
        bench = VmBench(pathlib.Path(folder), program)
        for name, (_, fill) in WORKLOADS.items():
            if arguments.only not in (None, name):
                continue
            iso = make_iso(bench.folder, name, fill, arguments.build)
            figures[name] = {speed: bench.measure(iso, speed, arguments.runs)
                             for speed in SPEEDS}
            iso.unlink()
    text = report.write_vm(figures, {name: title for name, (title, _) in WORKLOADS.items()},
                           arguments.runs)
    print(text)
    if not arguments.only:
        report.save(pathlib.Path(__file__).with_name('RESULTS.md'), text)


if __name__ == '__main__':
    main()
