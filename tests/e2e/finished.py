# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at finished sticks with tools that are not ours: sfdisk, fsck.fat, 7-Zip, mtools."""

import datetime
import hashlib
import json
import os
import pathlib
import struct
import subprocess

import product

SECTOR = 512
MIB = 1024 * 1024
OWN_FOLDER = '.rescue-usb-builder'


class Stick:
    """A disk image that the program made, and the volume on it that the questions are about: that
    of the only partition, or of the one with a number."""

    def __init__(self, path, number=None):
        self.path = pathlib.Path(path)
        self.number = number

    def table(self):
        """The partitions by number, as sfdisk sees them."""
        table = json.loads(product.tool('sfdisk', '-J', self.path))['partitiontable']
        return {int(entry['node'].removeprefix(str(self.path))): entry
                for entry in table.get('partitions', [])}

    def partition(self):
        table = self.table()
        if self.number is not None:
            return table[self.number]
        assert list(table) == [1] and table[1]['type'] == 'c', table
        return table[1]

    def mtools_name(self):
        return f'{self.path}@@{self.partition()["start"] * SECTOR}'

    def read(self, offset, size):
        with open(self.path, 'rb') as file:
            file.seek(offset)
            return file.read(size)

    def boot_sector(self):
        return self.read(self.partition()['start'] * SECTOR, SECTOR)

    def reserved_sectors(self):
        """What lies before the allocation table: boot record, FSInfo and their copies."""
        start = self.partition()['start'] * SECTOR
        count, = struct.unpack_from('<H', self.boot_sector(), 14)
        return self.read(start, count * SECTOR)

    def cluster_bytes(self):
        return self.boot_sector()[13] * SECTOR

    def slice(self):
        """The volume alone, as a sparse file beside the image."""
        partition = self.partition()
        start, size = (partition[key] * SECTOR for key in ('start', 'size'))
        out = self.path.with_suffix('.fat')
        with open(self.path, 'rb') as source, open(out, 'wb') as target:
            for offset, length in data_ranges(source.fileno(), start, start + size):
                os.lseek(target.fileno(), offset - start, os.SEEK_SET)
                while length > 0:
                    count = os.sendfile(target.fileno(), source.fileno(), offset, length)
                    offset, length = offset + count, length - count
            target.truncate(size)
        return out

    def assert_clean(self, full_file=None):
        """fsck.fat has nothing to say. Of a file of 4 GiB - 1 it has: it counts the bytes of its
        clusters in 32 bits, and comes to 0 (dosfstools 4.2)."""
        volume = self.slice()
        lines = product.tool('fsck.fat', '-n', volume,
                             status=1 if full_file else 0).splitlines()
        volume.unlink()
        complaints = [f'/{full_file}',
                      '  File size is 4294967295 bytes, cluster chain length is 0 bytes.',
                      '  Truncating file to 0 bytes.', '', 'Leaving filesystem unchanged.']
        # Else only its version, and how many files and clusters there are.
        assert lines[1:-1] == (complaints if full_file else []), lines
        assert lines[-1].startswith(f'{volume}: '), lines

    def extract(self, options=('-tfat',)):
        """What 7-Zip finds on the volume, without our own records; as read_tree()."""
        volume = self.slice()
        listing = product.tool('7z', 'l', '-slt', *options, volume)
        with subprocess.Popen(['7z', 'x', '-so', *options, volume], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as unpacking:
            tree = dict(_read_unpacked(listing, unpacking.stdout))
        volume.unlink()
        return without_own(tree)

    def extract_with_mtools(self, folder):
        folder.mkdir()
        product.tool('mcopy', '-s', '-n', '-m', '-i', self.mtools_name(), '::/', folder)
        return without_own(read_tree(folder))


def without_own(tree):
    return {path: facts for path, facts in tree.items() if path.split('/')[0] != OWN_FOLDER}


def _read_unpacked(listing, stream):
    """Splits what 7-Zip unpacks, one file after the other, by the sizes that it lists."""
    for block in listing.split('----------\n', 1)[1].split('\n\n'):
        facts = dict(line.split(' = ', 1) for line in block.splitlines() if ' = ' in line)
        if facts.get('Folder') == '+':
            yield facts['Path'], None
        elif facts:
            when = datetime.datetime.fromisoformat(facts['Modified'] + '+00:00')
            yield facts['Path'], (_digest_next(stream, int(facts['Size'])), int(when.timestamp()))
    assert not stream.read(1), '7-Zip unpacks more than it lists'


def data_ranges(fd, offset, end):
    """The parts of a sparse file that hold data."""
    while offset < end:
        try:
            begin = os.lseek(fd, offset, os.SEEK_DATA)
        except OSError:  # nothing but a hole up to the end of the file
            return
        offset = os.lseek(fd, begin, os.SEEK_HOLE)
        if begin < end:
            yield begin, min(offset, end) - begin


def _digest_next(stream, size):
    """The sha256 of the next bytes of a stream."""
    sha256 = hashlib.sha256()
    while size > 0:
        data = stream.read(min(size, MIB))
        assert data, '7-Zip unpacks less than it lists'
        sha256.update(data)
        size -= len(data)
    return sha256.hexdigest()


def read_tree(folder):
    """Maps each path below a folder to what is there: (sha256, time) of a file, None of a folder."""
    tree = {}
    for path in pathlib.Path(folder).rglob('*'):
        name = str(path.relative_to(folder))
        tree[name] = None if path.is_dir() else (digest(path), int(path.stat().st_mtime))
    return tree


def digest(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def disk_digest(path):
    """The digest of a disk image, in which holes are as good as zeros."""
    seen = hashlib.sha256()
    with open(path, 'rb') as file:
        size = file.seek(0, os.SEEK_END)
        # Whole pieces, so that the same bytes make the same digest wherever the holes are.
        pieces = {offset for begin, length in data_ranges(file.fileno(), 0, size)
                  for offset in range(begin // MIB * MIB, begin + length, MIB)}
        for offset in sorted(pieces):
            file.seek(offset)
            piece = file.read(MIB)
            if piece.strip(b'\0'):
                seen.update(b'%d:' % offset + piece)
    return f'{size}:{seen.hexdigest()}'


def copy_disk(source, target):
    """Copies a disk image with its holes and its permissions."""
    product.tool('cp', '-p', '--sparse=always', source, target)


def hidden_sectors(boot_sector):
    return struct.unpack_from('<I', boot_sector, 0x1c)[0]


def assert_same_tree(test, actual, expected, extra=()):
    """Same paths, contents, and times up to the two seconds of FAT; `extra` may be there as well."""
    actual = {path: facts for path, facts in actual.items() if path not in extra}
    test.assertEqual(sorted(actual), sorted(expected))
    for path, facts in expected.items():
        if facts is None:
            test.assertIsNone(actual[path], f'{path} is no folder')
            continue
        test.assertEqual(actual[path][0], facts[0], f'contents of {path}')
        test.assertLessEqual(abs(actual[path][1] - facts[1]), 2, f'time of {path}')
