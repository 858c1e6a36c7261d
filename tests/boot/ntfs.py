# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks with NTFS, filled by libntfs-3g (fill-ntfs.c), and damage to them."""

import os
import pathlib
import shutil
import struct
import unittest

import emulator
from stick import MIB, SEARCH_PATH, SECTOR, TOOLS, Stick, StickTest, bootmgr, run

STANDARD_INFORMATION, FILE_NAME, DATA = 0x10, 0x30, 0x80
INDEX_ROOT, INDEX_ALLOCATION = 0x90, 0xA0
ROOT = 5


class NtfsStick(Stick):
    """A sparse disk image with one active NTFS partition, which fill() and install() finish."""

    def __init__(self, folder, size_mib=64, start=2048, cluster_bytes=4096):
        self.path = pathlib.Path(folder) / 'stick.img'
        self.volume = self.path.with_suffix('.volume')
        self.start = start
        self.sectors = size_mib * MIB // SECTOR
        self.volume.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
        os.truncate(os.open(self.volume, os.O_CREAT | os.O_WRONLY, 0o600), size_mib * MIB)
        run('mkntfs', '-F', '-Q', '-q', '-p', start or 1, '-H', 255, '-S', 63, '-s', SECTOR, '-c',
            cluster_bytes, '-L', 'RESCUE', self.volume)

    def fill(self, *commands):
        """Runs commands of fill-ntfs.c."""
        run(os.environ['RUB_FILL_NTFS'], self.volume, *commands)
        return self

    def put(self, data, name='bootmgr', layout=('put',)):
        """Writes a file to the root, all of it or scattered."""
        source = self.path.with_suffix('.file')
        source.write_bytes(data)
        return self.fill(layout[0], name, source, *layout[1:])

    def install(self):
        """Puts the volume on the stick, and our boot code."""
        run('ntfsfix', '-n', self.volume)
        with open(self.path, 'wb') as file:
            file.truncate((self.start + self.sectors) * SECTOR)
        if self.start:
            self._partition(self.sectors, '7')
        run('dd', f'if={self.volume}', f'of={self.path}', 'bs=1M', 'conv=notrunc,sparse',
            f'seek={self.start * SECTOR}', 'oflag=seek_bytes')
        run(os.environ['RUB_INSTALL_RECORDS'], self.path, self.start, 'ntfs')
        return self

    def runs(self, record):
        """How many runs the attributes of a file have, by ntfsinfo."""
        words = run('ntfsinfo', '-f', '-i', record, '-v', self.volume).split('Total runs:')
        return int(words[1].split()[0])

    def _table(self):
        boot = self.read(self.start * SECTOR, SECTOR)
        cluster_bytes = boot[13] * SECTOR
        return self.start * SECTOR + struct.unpack_from('<Q', boot, 0x30)[0] * cluster_bytes

    def find(self, record, attribute):
        """Where an attribute of a file's record is on the disk; its record itself if that is 0.
        Only for volumes where $MFT lies in one piece."""
        at = self._table() + record * 1024
        if not attribute:
            return at
        data = self.read(at, 1024)
        offset, = struct.unpack_from('<H', data, 20)
        while struct.unpack_from('<I', data, offset)[0] != attribute:
            offset += struct.unpack_from('<I', data, offset + 4)[0]
        return at + offset

    def number(self, name='bootmgr'):
        """The number of the record of a file."""
        text = run('ntfsinfo', '-F', name, self.volume)
        return int(text.split('Inode ')[1].split()[0])

    def edit(self, at, layout, *values):
        """Overwrites numbers on the disk."""
        return self.write(at, struct.pack(layout, *values))


def missing_tools():
    """Returns why no stick can be made here, or None."""
    tools = {'mkntfs': 'ntfs-3g', 'ntfsfix': 'ntfs-3g', 'ntfsinfo': 'ntfs-3g',
             'sfdisk': TOOLS['sfdisk']}
    absent = [package for tool, package in tools.items()
              if not shutil.which(tool, path=SEARCH_PATH)]
    return f'not installed: {", ".join(absent)}' if absent else None


class NtfsTest(StickTest):
    """A test with NTFS sticks in a folder of its own."""

    def setUp(self):
        if reason := missing_tools():
            self.skipTest(reason)
        super().setUp()

    def make_stick(self, data=None, name='bootmgr', layout=('put',), **options):
        stick = NtfsStick(self.folder, **options)
        return stick.put(bootmgr() if data is None else data, name, layout).install()


needs_bochs = unittest.skipIf(emulator.missing_bochs(), emulator.missing_bochs())
