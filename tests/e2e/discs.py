# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes rescue images with tools that are not ours, together with the tree of files they are of."""

import os
import pathlib
import random
import subprocess

import product

IMAGES = pathlib.Path(__file__).resolve().parent.parent / 'images'


def make(folder, shape='windows', extra=None, **options):
    """Makes folder/SHAPE.iso; returns it and the folder with the files it was made of.

    `extra` is called with a folder to put more files into. `options` are those of
    make-windows-like.py: label='X', many=10...
    """
    iso, tree = folder / f'{shape}.iso', folder / f'{shape}-tree'
    arguments = ['--shape', shape, '--tree', tree]
    if extra:
        more = folder / f'{shape}-extra'
        more.mkdir()
        extra(more)
        arguments += ['--extra', more]
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


def add_odd_names(folder, emoji=True):
    """Names that a FAT writer can get wrong, and sizes and times at the edges."""
    names = ['A name with several words and.dots.in it.tar.gz', 'lower.txt', 'UPPER.TXT',
             'Mixed.Txt', 'no extension', 'noext', '.hidden', 'two..dots', 'plus+comma,;=[].x',
             'x' * 200 + '.long', 'é à ü ß.txt', 'Привет мир.txt', '日本語の名前.txt', 'ﬁ ligature.txt',
             'tilde~1.txt', 'LONGNA~1.TXT', 'thirteen.char', 'exactly26characterslong.abc']
    if emoji:
        names += ['\U0001f600 smile.txt', '\U0001f600' * 60 + '.txt']
    for number, name in enumerate(names):
        write(folder / 'odd names' / name, name.encode() * number, 1_000_000_000 + number)
    for number in range(40):
        write(folder / 'near' / f'Longname that collides {number}.txt', b'%d' % number)
    deep = folder / '/'.join(f'level {depth}' for depth in range(1, 13))
    write(deep / 'deep.bin', noise(70_000))
    (folder / 'empty folder' / 'in an empty folder').mkdir(parents=True)
    for size in (0, 1, 511, 512, 513, 4095, 4096, 4097, 32_768, 1_048_577):
        write(folder / 'sizes' / f'{size}.bin', noise(size, size))
    for year, when in (('1980', 315_532_800), ('2024-leap-day', 1_709_208_001),
                       ('2099', 4_102_444_798)):
        write(folder / 'times' / year, b'x', when)


def add_many(folder, count=10_000):
    """Small files, 2,000 a folder."""
    data = noise(70_000)
    for number in range(count):
        start = number % 5000
        write(folder / f'folder {number // 2000}' / f'Small file number {number}.dat',
              data[start:start + 1 + number * 7919 % 16_384])


def run_xorriso(iso, tree, *options):
    subprocess.run(['xorriso', '-as', 'mkisofs', '-quiet', '-V', 'XORRISO', *options, '-o', iso,
                    tree], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
