# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes disk images like finished sticks, with tools that are not ours and our own boot code.

The tools come from the environment that meson sets: RUB_INSTALL_RECORDS (install-records.c),
RUB_STANDIN_CODE and RUB_STANDIN_EFI (assembled stand-ins).
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import emulator
import standin

SECTOR = 512
MIB = 1024 * 1024
TABLE = 446
BOOTMGR_SIZE = 400 * 1024 + 123


TOOLS = {'sfdisk': 'fdisk', 'mkfs.fat': 'dosfstools', 'mcopy': 'mtools'}
SEARCH_PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'


def missing_tools():
    """Returns why no stick can be made here, or None."""
    absent = [package for tool, package in TOOLS.items()
              if not shutil.which(tool, path=SEARCH_PATH)]
    return f'not installed: {", ".join(absent)}' if absent else None


def run(*command, **options):
    """Runs a tool quietly; its output shows when it fails."""
    environment = {**os.environ, 'PATH': SEARCH_PATH, 'MTOOLS_SKIP_CHECK': '1'}
    result = subprocess.run([str(part) for part in command], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        raise AssertionError(f'{command} failed:\n{result.stdout}')
    return result.stdout


def bootmgr(size=BOOTMGR_SIZE):
    """A stand-in BOOTMGR of `size` bytes."""
    return standin.make_bootmgr(pathlib.Path(os.environ['RUB_STANDIN_CODE']).read_bytes(), size)


def bootx64():
    """The stand-in EFI loader."""
    return pathlib.Path(os.environ['RUB_STANDIN_EFI']).read_bytes()


class Stick:
    """A sparse disk image with one active FAT32 partition."""

    def __init__(self, folder, size_mib=None, start=2048, cluster_sectors=8):
        self.path = pathlib.Path(folder) / 'stick.img'
        self.start = start
        # FAT32 has at least 65,525 clusters; a little more for the FATs themselves.
        volume = (size_mib or (66000 * (cluster_sectors * SECTOR + 8)) // MIB + 4) * MIB // SECTOR
        self.path.unlink(missing_ok=True)
        with open(self.path, 'wb') as file:
            file.truncate((start + volume) * SECTOR)
        if start:
            self._partition(volume)
        run('mkfs.fat', '-F', 32, '-s', cluster_sectors, '--offset', start, '-n', 'RESCUE',
            '-i', 'CAFEBABE', self.path, volume // 2)

    def _partition(self, sectors, mbr_type='c'):
        table = (f'label: dos\nlabel-id: 0x12345678\nunit: sectors\n'
                 f'start={self.start}, size={sectors}, type={mbr_type}, bootable\n')
        run('sfdisk', '-q', '--no-reread', '--no-tell-kernel', self.path, input=table)

    def put(self, data, name='BOOTMGR'):
        """Writes a file; folders of its path are made."""
        parts = name.split('/')
        for depth in range(1, len(parts)):
            run('mmd', '-D', 's', '-i', self._volume(), '::/' + '/'.join(parts[:depth]))
        source = self.path.with_suffix('.file')
        source.write_bytes(data)
        run('mcopy', '-o', '-i', self._volume(), source, '::/' + name)
        source.unlink()
        return self

    def put_empty(self, names):
        """Makes empty files in the root, in one call of mcopy."""
        folder = self.path.with_suffix('.files')
        folder.mkdir()
        paths = [folder / name for name in names]
        for path in paths:
            path.touch()
        run('mcopy', '-i', self._volume(), *paths, '::/')
        shutil.rmtree(folder)
        return self

    def delete(self, name):
        """Deletes a file."""
        run('mdel', '-i', self._volume(), '::/' + name)
        return self

    def install(self):
        """Puts our boot code on it."""
        run(os.environ['RUB_INSTALL_RECORDS'], self.path, self.start, 'fat32')
        return self

    def drop_before_volume(self):
        """Leaves only the volume of the image."""
        whole = self.path.with_suffix('.whole')
        self.path.rename(whole)
        run('dd', f'if={whole}', f'of={self.path}', 'bs=1M', f'skip={self.start * SECTOR}',
            'conv=sparse', 'iflag=skip_bytes')
        whole.unlink()

    def _volume(self):
        return f'{self.path}@@{self.start * SECTOR}'

    def write(self, offset, data):
        """Overwrites bytes of the disk."""
        with open(self.path, 'r+b') as file:
            file.seek(offset)
            file.write(data)
        return self

    def read(self, offset, size):
        """Reads bytes of the disk."""
        with open(self.path, 'rb') as file:
            file.seek(offset)
            return file.read(size)


class StickTest(unittest.TestCase):
    """A test with sticks in a folder of its own."""

    def setUp(self):
        if reason := missing_tools() or emulator.missing():
            self.skipTest(reason)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def make_stick(self, data=None, **options):
        """An installed stick with a BOOTMGR, by default the stand-in."""
        return Stick(self.folder, **options).put(bootmgr() if data is None else data).install()

    def assert_starts(self, stick, bus='xhci', hidden=None):
        """The stand-in starts and finds nothing wrong."""
        hidden = stick.start if hidden is None else hidden
        emulator.boot(stick.path, f'BOOTMGR OK drive=80 hidden={hidden:08x}', bus=bus)
