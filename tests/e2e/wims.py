# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes WIMs with wimlib, and Windows discs whose WIM is over 4 GiB but takes hardly any room."""

import os
import pathlib
import struct

import discs
import finished
import product
import udf_volume

GIB = 1 << 30
WIM_HEADER_BYTES = 208
# Where the header says that the lookup table and the description lie.
WIM_TABLE_AT, WIM_XML_AT = 48 + 8, 72 + 8


def capture(wim, *trees, options=()):
    """Makes a WIM with an image of each folder."""
    for number, tree in enumerate(trees, 1):
        verb = 'capture' if number == 1 else 'append'
        product.tool('wimlib-imagex', verb, tree, wim, f'Image {number}', *options)
    return wim


def make_trees(folder):
    """Two folders that share a file; nothing in them compresses."""
    one, two = folder / 'one', folder / 'two'
    for number in range(1, 8):
        discs.write(one / f'Windows/System32/{number}.dll', discs.noise(number * 30_000, number))
    discs.write(one / 'empty.txt', b'')
    discs.write(two / 'shared.dll', discs.noise(60_000, 2))
    discs.write(two / 'own.txt', discs.noise(90_000, 99))
    return one, two


def make_zero_trees(folder):
    """A folder with five files of about 900 MiB of zeros; no two are alike."""
    tree = folder / 'zeros'
    tree.mkdir()
    for number in range(5):
        with open(tree / f'{number}.bin', 'wb') as file:
            file.truncate(900 * 1024 * 1024 + number * 77_777)
    return tree


def widen(wim, gap_bytes):
    """Puts a hole between the resources of a WIM and its tables."""
    data = bytearray(wim.read_bytes())
    table_at, = struct.unpack_from('<Q', data, WIM_TABLE_AT)
    xml_at, = struct.unpack_from('<Q', data, WIM_XML_AT)
    first = min(table_at, xml_at)
    struct.pack_into('<Q', data, WIM_TABLE_AT, table_at + gap_bytes)
    struct.pack_into('<Q', data, WIM_XML_AT, xml_at + gap_bytes)
    with open(wim, 'wb') as file:
        file.write(data[:first])
        file.seek(first + gap_bytes)
        file.write(data[first:])
    return wim


def make_disc(folder, wim, name='install.wim'):
    """A UDF disc of Windows Setup whose large WIM has holes where the file has."""
    standin = pathlib.Path(os.environ['RUB_STANDIN_EFI']).read_bytes()
    boot_tree = folder / 'boot-tree'
    discs.write(boot_tree / 'Windows/System32/note.txt', b'PE')
    boot_wim = capture(folder / 'boot.wim', boot_tree, options=['--boot'])
    new = udf_volume.Volume(label='SETUP')
    new.root.file('bootmgr', pathlib.Path(os.environ['RUB_STANDIN_BOOTMGR']).read_bytes())
    new.root.file('setup.exe', discs.noise(50_000))
    boot, efi, sources = (new.root.folder(name) for name in ('boot', 'efi', 'sources'))
    boot.file('bcd', discs.noise(24_576))
    boot.file('boot.sdi', discs.noise(100_000))
    efi.folder('boot').file('bootx64.efi', standin)
    efi.folder('microsoft').folder('boot').file('bcd', discs.noise(24_576, 2))
    sources.file('boot.wim', boot_wim.read_bytes())
    sources.add(name, _add_sparse(new, wim))
    iso = folder / 'setup.iso'
    new.finish().save(iso)
    return iso


def _add_sparse(volume, path):
    """Adds a file, of which a stretch that is nothing but zeros takes no room."""
    ads, at, size = b'', 0, path.stat().st_size
    for begin, data in _pieces(path, volume.block_size * 512):
        ads += _holes(begin - at) + udf_volume.short_ad(len(data), volume.store(data))
        at = begin + len(data)
    return volume.raw_file(size, ads + _holes(size - at))


def _pieces(path, piece_size):
    """The pieces of a file that are more than zeros, and where they begin."""
    with open(path, 'rb') as file:
        for begin, length in finished.data_ranges(file.fileno(), 0, path.stat().st_size):
            for at in range(begin // piece_size * piece_size, begin + length, piece_size):
                file.seek(at)
                data = file.read(piece_size)
                if data.strip(b'\0'):
                    yield at, data


def _holes(size):
    """Extents have less than 1 GiB."""
    largest = GIB - 4096
    return b''.join(udf_volume.short_ad(min(largest, size - at), 0, udf_volume.NOT_ALLOCATED)
                    for at in range(0, size, largest))
