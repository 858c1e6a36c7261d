# SPDX-License-Identifier: GPL-3.0-or-later
"""The images that the bench builds sticks from: made-up files, UDF by genisoimage as Windows' is."""

import os
import random
import shutil
import struct
import subprocess

MIB = 1024 ** 2
README = 'This disc contains a "UDF" file system.\n'


def make_loader():
    """The smallest UEFI program that passes for one, so that the image counts as bootable."""
    optional = struct.pack('<HBBIIIII', 0x20b, 0, 0, 512, 0, 0, 4096, 4096)
    optional = optional.ljust(68, b'\0') + struct.pack('<H', 10)
    optional = optional.ljust(112, b'\0')
    coff = struct.pack('<4sHHIIIHH', b'PE\0\0', 0x8664, 1, 0, 0, 0, len(optional), 0x22)
    section = struct.pack('<8sIIIIIIHHI', b'.text', 512, 4096, 3584, 512, 0, 0, 0, 0, 0x60000020)
    head = b'MZ'.ljust(0x3c, b'\0') + struct.pack('<I', 0x80)
    return (head.ljust(0x80, b'\0') + coff + optional + section).ljust(4096, b'\0')


def write_large(path, size):
    """A file of bytes that do not compress."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'wb') as file:
        while size > 0:
            file.write(os.urandom(min(size, 16 * MIB)))
            size -= 16 * MIB


def write_small(folder, count):
    """Files of 1 to 64 KiB, 500 a folder."""
    chance = random.Random(count)
    data = chance.randbytes(MIB)
    for number in range(count):
        size = chance.randint(1024, 65_536)
        start = chance.randrange(MIB - size)
        path = folder / f'folder {number // 500}' / f'A small file, number {number}.dat'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[start:start + size])


def make_iso(folder, name, fill):
    """Makes folder/NAME.iso of what `fill` puts into a folder; returns its path."""
    tree, iso = folder / name, folder / f'{name}.iso'
    loader = tree / 'efi/boot/bootx64.efi'
    loader.parent.mkdir(parents=True)
    loader.write_bytes(make_loader())
    fill(tree)
    (tree / 'README.TXT').write_text(README)
    hidden = [part for entry in tree.iterdir() if entry.name != 'README.TXT'
              for part in ('-hide', entry)]
    done = subprocess.run(['genisoimage', '-quiet', '-V', 'BENCH', '-udf', '-iso-level', '3',
                           '-allow-limited-size', '-relaxed-filenames', '-D', '-N', *hidden,
                           '-o', iso, tree], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return iso, tree


def fill_large(tree):
    for number, size in enumerate((512, 256, 128, 96, 32)):
        write_large(tree / f'sources/part{number}.wim', size * MIB)


def fill_wim(tree):
    """A WIM of 5 GiB whose files do not compress."""
    content, wim = tree.with_name('content'), tree / 'sources/install.wim'
    for number in range(20):
        write_large(content / f'{number}.dat', 256 * MIB)
    wim.parent.mkdir()
    subprocess.run(['wimlib-imagex', 'capture', content, wim, 'Large', '--compress=none'],
                   check=True, stdin=subprocess.DEVNULL, capture_output=True)
    shutil.rmtree(content)


def fill_ntfs(tree):
    """A Windows image of 1 GiB with 3,000 small files that BIOS starts, too."""
    (tree / 'boot').mkdir()
    for path in ('bootmgr', 'boot/bcd', 'boot/boot.sdi'):
        (tree / path).write_bytes(bytes(MIB // 2))
    write_small(tree / 'small', 3_000)
    write_large(tree / 'sources/part0.wim', 896 * MIB)


def fill_mixed(tree):
    """5 GiB with 10,000 small files."""
    write_small(tree / 'small', 10_000)
    for number, size in enumerate((2300, 1500, 1000)):
        write_large(tree / f'sources/part{number}.wim', size * MIB)
