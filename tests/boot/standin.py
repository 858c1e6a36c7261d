#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in BOOTMGR: its program, padded to any size, with a checksum over all of it.

As a program: standin.py CODE SIZE OUTPUT
"""

import pathlib
import random
import struct
import sys

HEADER_SIZE = 64


def fnv1a(data):
    """The checksum that standin-bootmgr.asm computes: any changed or moved byte changes it."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def make_bootmgr(code, size):
    """Returns the program, padded with noise to `size` bytes, its header filled in."""
    if size < len(code):
        raise ValueError(f'the program alone has {len(code)} bytes')
    data = bytearray(code + random.Random(size).randbytes(size - len(code)))
    struct.pack_into('<II', data, 4, size, fnv1a(data[HEADER_SIZE:]))
    return bytes(data)


if __name__ == '__main__':
    CODE, SIZE, OUTPUT = sys.argv[1:]
    pathlib.Path(OUTPUT).write_bytes(make_bootmgr(pathlib.Path(CODE).read_bytes(), int(SIZE)))
