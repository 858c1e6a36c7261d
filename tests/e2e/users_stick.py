# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes sticks as users have them, with tools that are not ours: sfdisk, mkfs.fat, mcopy."""

import os
import shutil
import subprocess

import discs
import finished
import product

SECTOR = finished.SECTOR
MIB = finished.MIB
# Below this many clusters a FAT is not FAT32 (Microsoft FAT specification, section 3.5).
MIN_CLUSTERS = 65525
HOLIDAY = {
    'photo.jpg': 300_001,
    'Summer in Łódź/A long name, with two dots..jpg': 70_000,
    'Summer in Łódź/empty.txt': 0,
    'Letters/2024/letter.txt': 1,
    'Letters/2025/LETTER.TXT': 4096,
}


def make_table(path, size_bytes, *entries, label='dos', signature='0x12345678'):
    """Makes a sparse disk image with a table; entries are lines of sfdisk, 'start=2048, type=c'."""
    with open(path, 'wb') as file:
        file.truncate(size_bytes)
    head = f'label: {label}\n' + (f'label-id: {signature}\n' if label == 'dos' else '')
    script = head + 'unit: sectors\n' + ''.join(f'{entry}\n' for entry in entries)
    environment = {**os.environ, 'PATH': os.environ['PATH'] + product.TOOLS}
    subprocess.run(['sfdisk', '-q', '--no-reread', '--no-tell-kernel', path], input=script,
                   text=True, check=True, env=environment)


def format_partition(path, number=1, cluster_bytes=None, bits=32, label='HOLIDAY', options=()):
    """Formats a partition; the number 0 is the whole disk."""
    start, sectors = 0, os.path.getsize(path) // SECTOR
    if number:
        entry = finished.Stick(path, number).partition()
        start, sectors = entry['start'], entry['size']
    size = ['-s', cluster_bytes // SECTOR] if cluster_bytes else []
    product.tool('mkfs.fat', '-F', bits, *size, '--offset', start, '-n', label, '-i', 'CAFEBABE',
                 *options, path, sectors * SECTOR // 1024)


def volume_size(cluster_bytes, extra_bytes=32 * MIB):
    """How large a FAT32 volume with such clusters is at least, and some more."""
    return (MIN_CLUSTERS * (cluster_bytes + 8) + extra_bytes) // MIB * MIB


def make_holiday(folder, path, cluster_bytes=512, size_bytes=None, fill=None):
    """A stick with one FAT32 partition and files of a user, as finished.Stick.

    `fill` is called with the stick to put more onto it.
    """
    size_bytes = size_bytes or volume_size(cluster_bytes) + MIB
    make_table(path, size_bytes, 'start=2048, type=c')
    format_partition(path, cluster_bytes=cluster_bytes)
    stick = finished.Stick(path, 1)
    put(stick, folder, HOLIDAY)
    if fill:
        fill(stick)
    return stick


def put(stick, folder, files):
    """Puts files of noise onto a stick; `files` maps paths to sizes or contents."""
    tree = folder / 'put'
    for number, (name, content) in enumerate(files.items()):
        data = discs.noise(content, number) if isinstance(content, int) else content
        discs.write(tree / name, data, 1_700_000_000 + 2 * number)
    # Folders that are there already are kept, files are replaced.
    product.tool('mcopy', '-s', '-m', '-o', '-D', 'oO', '-i', stick.mtools_name(),
                 *sorted(tree.iterdir()), '::/')
    shutil.rmtree(tree)


def delete(stick, *names):
    product.tool('mdel', '-i', stick.mtools_name(), *(f'::/{name}' for name in names))


def fragment(stick, folder, count=400):
    """Leaves holes of one cluster each, and a file that lies in such holes."""
    cluster = stick.cluster_bytes()
    put(stick, folder, {f'holes/{number}.bin': cluster for number in range(count)})
    delete(stick, *(f'holes/{number}.bin' for number in range(0, count, 2)))
    put(stick, folder, {'scattered.bin': cluster * (count // 4)})


def fill_up(stick, folder, free_bytes):
    """Leaves only so much free space."""
    listing = product.tool('mdir', '-i', stick.mtools_name(), '::/').splitlines()
    free = int(listing[-2].split(' bytes free')[0].replace(' ', ''))
    put(stick, folder, {'large film.bin': free - free_bytes})
