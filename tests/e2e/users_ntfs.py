# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks with an NTFS partition as users have them: made by sfdisk, mkntfs, ntfscp, judged by 7-Zip
and by the tools of ntfs-3g."""

import os
import pathlib
import re
import struct

import discs
import finished
import product
import users_stick

MIB = finished.MIB
SECTOR = finished.SECTOR
START = 2048
BOOT_SECTORS = 16  # $Boot
RECORD_BYTES = 1024
VOLUME_RECORD = 3
VOLUME_INFORMATION = 0x70
FILLERS = tuple(f'film {number}.mkv' for number in range(14))
FILES = {
    'photo.jpg': 300_001,
    'Łódź/A long name, with two dots..jpg': 70_000,
    'Łódź/small.txt': 10,
    'Łódź/empty.txt': 0,
    'Letters/letter.txt': 4096,
}


class NtfsStick(finished.Stick):
    """A disk image with an NTFS partition."""

    def extract(self, options=('-tntfs', '-x![SYSTEM]')):
        return super().extract(options)

    def boot_sectors(self):
        """$Boot, and the copy of its first sector behind the volume."""
        entry = self.partition()
        first = entry['start'] * SECTOR
        last = first + (entry['size'] - 1) * SECTOR
        return self.read(first, BOOT_SECTORS * SECTOR), self.read(last, SECTOR)

    def assert_clean(self, full_file=None):
        volume = self.slice()
        lines = product.tool('ntfsfix', '-n', volume)
        assert 'processed successfully' in lines and 'FAILED' not in lines, lines
        assert 'Volume Flags: 0x0000' in product.tool('ntfsinfo', '-m', volume)
        volume.unlink()


def make(folder, path, cluster_bytes=4096, size_bytes=64 * MIB, files=None, prepare=None,
         others=()):
    """A stick with files of a user on NTFS. `prepare` is called with the volume alone; `others`
    are the other entries of the partition table."""
    users_stick.make_table(path, size_bytes + 2 * MIB,
                           f'start={START}, size={size_bytes // SECTOR}, type=7', *others)
    stick = NtfsStick(path, 1)
    volume = pathlib.Path(path).with_suffix('.ntfs')
    with open(volume, 'wb') as file:
        file.truncate(size_bytes)
    product.tool('mkntfs', '-F', '-Q', '-q', '-p', START, '-H', 255, '-S', 63, '-s', SECTOR,
                 '-c', cluster_bytes, '-L', 'HOLIDAY', volume)
    put(volume, folder, FILES if files is None else files)
    if prepare:
        prepare(volume)
    write_back(stick, volume)
    volume.unlink()
    return stick


def put(volume, folder, files):
    """Puts files of noise onto a volume; `files` maps paths to sizes or contents."""
    source = pathlib.Path(folder) / 'put'
    folders = sorted({name.rsplit('/', 1)[0] for name in files if '/' in name})
    for name in folders:
        product.tool(os.environ['RUB_FILL_NTFS'], volume, 'folder', name)
    for number, (name, content) in enumerate(files.items()):
        source.write_bytes(discs.noise(content, number) if isinstance(content, int) else content)
        product.tool('ntfscp', '-q', '-f', volume, source, name)
    source.unlink(missing_ok=True)


def fill_up(stick, folder, left_bytes):
    """Has files of the user's take all room but so much, instead of those that did before. Each
    takes half of it: libntfs-3g does not find all of a nearly full volume for one."""
    volume = stick.slice()
    put(volume, folder, {name: b'' for name in FILLERS})
    for name in FILLERS:
        info = product.tool('ntfsinfo', '-m', volume)
        free, cluster_bytes = (int(re.search(rf'{fact}: (\d+)', info)[1])
                               for fact in ('Free Clusters', 'Cluster Size'))
        put(volume, folder, {name: max(free * cluster_bytes - left_bytes, 0) // 2})
    write_back(stick, volume)
    volume.unlink()


def mark_dirty(volume):
    """What Windows does while it uses a volume: a bit in the record of $Volume, and in its copy."""
    with open(volume, 'r+b') as file:
        boot = file.read(SECTOR)
        for field in (0x30, 0x38):
            cluster, = struct.unpack_from('<Q', boot, field)
            at = cluster * boot[13] * SECTOR + VOLUME_RECORD * RECORD_BYTES
            file.seek(at)
            record = file.read(RECORD_BYTES)
            offset, = struct.unpack_from('<H', record, 20)
            while struct.unpack_from('<I', record, offset)[0] != VOLUME_INFORMATION:
                offset += struct.unpack_from('<I', record, offset + 4)[0]
            flags = offset + struct.unpack_from('<H', record, offset + 20)[0] + 10
            file.seek(at + flags)
            file.write(bytes([record[flags] | 1]))


def write_back(stick, volume):
    product.tool('dd', f'if={volume}', f'of={stick.path}', 'bs=1M', 'conv=notrunc,sparse',
                 f'seek={stick.partition()["start"] * SECTOR}', 'oflag=seek_bytes', 'status=none')
