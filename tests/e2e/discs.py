# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes rescue images with tools that are not ours, together with the tree of files they are of."""

import os
import pathlib
import random

import product
import udf_volume

IMAGES = pathlib.Path(__file__).resolve().parent.parent / 'images'


def make(folder, shape='windows', extra=None, **options):
    """Makes folder/SHAPE.iso; returns it and the folder with the files it was made of.

    `extra` is called with a folder to put more files into. `options` are those of
    make-windows-like.py: label='X', many=10...
    """
    iso, tree = folder / f'{shape}.iso', folder / f'{shape}-tree'
    tree.mkdir()
    if extra:
        extra(tree)
    arguments = ['--shape', shape, '--tree', tree]
    for name, value in options.items():
        arguments += ['--' + name.replace('_', '-'), value]
    product.tool(IMAGES / 'make-windows-like.py', iso, *arguments)
    return iso, tree


def make_plain(folder):
    """ISO 9660 without any extension: upper-case names of 8.3 characters."""
    tree = folder / 'plain-tree'
    write(tree / 'EFI/BOOT/BOOTX64.EFI', pathlib.Path(os.environ['RUB_STANDIN_EFI']).read_bytes())
    write(tree / 'DATA/NUMBERS.BIN', noise(300_001))
    write(tree / 'DATA/EMPTY.TXT', b'')
    write(tree / 'README.TXT', b'plain\n')
    iso = folder / 'plain.iso'
    product.tool('genisoimage', '-quiet', '-V', 'PLAIN', '-iso-level', '1', '-o', iso, tree)
    return iso, tree


def make_demo(folder):
    iso = folder / 'demo.iso'
    product.tool(IMAGES / 'make-demo-iso.sh', iso)
    return iso


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def write(path, data, when=None):
    """Writes a file with its folders; `when` is its time in seconds since 1970."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if when is not None:
        os.utime(path, (when, when))


def add_odd_names(folder, depth=7, has_all=True):
    """Names that a FAT writer can get wrong, and sizes and times at the edges.

    `has_all` adds what genisoimage cannot: it drops what is beyond the Basic Multilingual Plane,
    replaces ";", cuts names of Joliet at 103 characters and is a day late from 2030 on. Plain
    ISO 9660 has 8 levels of folders.
    """
    names = ['A name with several words and.dots.in it.tar.gz', 'lower.txt', 'UPPER.TXT',
             'Mixed.Txt', 'no extension', 'noext', '.hidden', 'two..dots', 'plus+comma,=[].x',
             'x' * 95 + '.long', 'é à ü ß.txt', 'Привет мир.txt', '日本語の名前.txt', 'ﬁ ligature.txt',
             'tilde~1.txt', 'LONGNA~1.TXT', 'thirteen.char', 'exactly26characterslong.abc']
    times = {'1980': 315_532_800, '2024-leap-day': 1_709_208_001}
    if has_all:
        names += ['\U0001f600 smile.txt', '\U0001f600' * 60 + '.txt', 'semi;colon.x',
                  'y' * 240 + '.long']
        times['2099'] = 4_102_444_798
    for number, name in enumerate(names):
        write(folder / 'odd names' / name, name.encode() * number, 1_000_000_000 + number)
    for name, when in times.items():
        write(folder / 'times' / name, b'x', when)
    for number in range(40):
        write(folder / 'near' / f'Longname that collides {number}.txt', b'%d' % number)
    deep = folder / '/'.join(f'level {level}' for level in range(1, depth + 1))
    write(deep / 'deep.bin', noise(70_000))
    (folder / 'empty folder' / 'in an empty folder').mkdir(parents=True)
    for size in (0, 1, 511, 512, 513, 4095, 4096, 4097, 32_768, 1_048_577):
        write(folder / 'sizes' / f'{size}.bin', noise(size, size))


def add_many(folder, count=10_000):
    """Small files, 2,000 a folder; those of the first folder have names with one beginning."""
    data = noise(70_000)
    for number in range(count):
        name = f'{number} small.dat' if number >= 2000 else f'The same beginning {number}.dat'
        path = folder / f'folder {number // 2000}' / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[number % 5000:][:number * 7919 % 16_384])


def make_with_hole(folder, size, tree=None):
    """A UDF disc with a file of that size which takes no room on it. It has the files of a tree, or
    just one that starts UEFI."""
    new = udf_volume.Volume(label='LARGE')
    if tree:
        _add_tree(new.root, tree)
    else:
        loader = pathlib.Path(os.environ['RUB_STANDIN_EFI']).read_bytes()
        new.root.folder('EFI').folder('BOOT').file('BOOTX64.EFI', loader)
    largest = (1 << 30) - new.block_size
    extents = [largest] * (size // largest) + [size % largest]
    holes = b''.join(udf_volume.short_ad(extent, 0, udf_volume.NOT_ALLOCATED)
                     for extent in extents if extent)
    new.root.add('large.bin', new.raw_file(size, holes))
    iso = folder / 'hole.iso'
    new.finish().save(iso)
    return iso


def _add_tree(folder, tree):
    for path in sorted(tree.iterdir()):
        if path.is_dir():
            _add_tree(folder.folder(path.name), path)
        else:
            folder.file(path.name, path.read_bytes())
