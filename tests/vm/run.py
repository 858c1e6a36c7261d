#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a script in the virtual computer as the plain user, with a stick: ./dev vm-run SCRIPT.

What the script prints appears here as it comes, and its exit status is passed on. It runs in /share,
with the programs of this tree on its PATH. A password dialog answers by itself.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import image
import machine
import sticks

PROGRAMS = pathlib.Path(__file__).resolve().parents[2] / 'build/app'
SCRIPT = 'script'
UNITS = {'': 1, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog='./dev vm-run', description='Runs a script in a virtual computer as a plain user, '
        'with a USB stick plugged in (/dev/sda; more are /dev/sdb and so on).')
    parser.add_argument('script', type=pathlib.Path, help='anything that can be executed')
    parser.add_argument('arguments', nargs='*', help='for the script')
    parser.add_argument('--stick', action='append', metavar='FILE|SIZE', default=[],
                        help='a disk image, which the script may change, or the size of a blank '
                        'stick: 2G unless told otherwise; "none" for no stick')
    parser.add_argument('--offer', action='append', type=pathlib.Path, metavar='FILE', default=[],
                        help='put this file into /share')
    parser.add_argument('--root', action='store_true', help='run the script as root')
    parser.add_argument('--answer', metavar='TEXT', default='boss', help='what the password '
                        'dialog answers: a password (that of the administrator is "boss") or '
                        '"dismiss"')
    parser.add_argument('--read-only', action='store_true', help='write-protected sticks')
    parser.add_argument('--fixed', action='store_true', help='USB hard disks')
    parser.add_argument('--sector', type=int, choices=[512, 4096], default=512)
    parser.add_argument('--speed', type=int, metavar='BYTES', help='a second, of writing')
    parser.add_argument('--writes', type=int, metavar='COUNT', help='a second')
    parser.add_argument('--broken-at', type=int, metavar='BYTE', action='append', default=[],
                        help='writing there fails')
    return parser.parse_args()


def make_sticks(arguments, folder):
    names = [name for name in arguments.stick or ['2G'] if name != 'none']
    for number, name in enumerate(names, 1):
        path = pathlib.Path(name)
        size = re.fullmatch(r'(\d+)([KMG]?)', name)
        if not path.exists():
            if not size:
                sys.exit(f'{name} is neither a file nor a size such as 2G.')
            path = sticks.make_blank(folder / f'stick{number}.img',
                                     int(size[1]) * UNITS[size[2]])
        yield sticks.Stick(path.resolve(), f'STICK{number:04}', not arguments.fixed,
                           arguments.read_only, tuple(arguments.broken_at), arguments.speed,
                           arguments.writes, arguments.sector)


def show(stream, text):
    file = sys.stdout if stream == 'out' else sys.stderr
    file.write(text)
    file.flush()


def offer(virtual, arguments):
    """Fills the share."""
    for path in PROGRAMS.glob('rescue-usb-builder*'):
        if path.is_file():
            shutil.copy(path, virtual.share)
    for path in arguments.offer:
        subprocess.run(['cp', '--sparse=always', path, virtual.share], check=True)
    shutil.copy(arguments.script, virtual.share / SCRIPT)
    (virtual.share / SCRIPT).chmod(0o755)


def main():
    arguments = parse_arguments()
    if reason := image.missing():
        sys.exit(f'There is no virtual computer: {reason}.')
    with machine.Machine(image.get()) as virtual:
        offer(virtual, arguments)
        for stick in make_sticks(arguments, virtual.folder):
            virtual.plug(stick)
        virtual.answer(arguments.answer)
        port = virtual.root if arguments.root else virtual.user
        job = port.start('sh', '-c', 'cd /share && PATH=/share:$PATH && exec "$@"', 'sh',
                         f'/share/{SCRIPT}', *arguments.arguments, listener=show)
        return job.wait(timeout=24 * 3600).status


if __name__ == '__main__':
    sys.exit(main())
