#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be wrong with an NTFS stick has a text of its own, with the drive number."""

import os
import sys

import emulator
import tap
from ntfs import DATA, INDEX_ALLOCATION, INDEX_ROOT, ROOT, NtfsStick, NtfsTest
from stick import MIB, SECTOR, bootmgr

FLAGS, SIZE = 0x0C, 0x30
NOT_PLAIN = 'BOOTMGR is compressed, encrypted or has holes'
DAMAGED = 'the file system is damaged'


class ErrorTest(NtfsTest):
    def assert_says(self, stick, text, drive='80', **options):
        expected = rf'Rescue USB: {text} \(drive {drive}\)\s+Press a key'
        emulator.boot(stick.path, expected, **options)


class File(ErrorTest):
    def test_no_bootmgr(self):
        self.assert_says(NtfsStick(self.folder).install(), 'BOOTMGR is missing')

    def test_no_bootmgr_among_3000_names(self):
        stick = NtfsStick(self.folder).fill('names', 3000)
        self.assert_says(stick.install(), 'BOOTMGR is missing')

    def test_folder_named_bootmgr(self):
        stick = NtfsStick(self.folder).fill('folder', 'BOOTMGR')
        self.assert_says(stick.install(), 'BOOTMGR is missing')

    def test_empty_bootmgr(self):
        self.assert_says(self.make_stick(b''), 'BOOTMGR is empty')

    def test_bootmgr_that_fits_into_its_record(self):
        self.assert_says(self.make_stick(b'no real one'), 'BOOTMGR is too small')

    def test_bootmgr_one_byte_too_large_for_memory(self):
        self.assert_says(self.make_stick(bootmgr(523265)), 'BOOTMGR does not fit in memory')

    def test_bootmgr_of_more_than_4_gib(self):
        stick = self.make_stick()
        stick.edit(stick.find(stick.number(), DATA) + SIZE + 4, '<I', 1)
        self.assert_says(stick, 'BOOTMGR does not fit in memory')

    def test_bootmgr_with_a_hole(self):
        stick = NtfsStick(self.folder).fill('hole', 'bootmgr', 400000)
        self.assert_says(stick.install(), NOT_PLAIN)

    def test_bootmgr_that_is_compressed_or_encrypted(self):
        for flag in (0x0001, 0x4000):
            stick = self.make_stick()
            stick.edit(stick.find(stick.number(), DATA) + FLAGS, '<H', flag)
            self.assert_says(stick, NOT_PLAIN)

    def test_bootmgr_that_was_not_written_whole(self):
        stick = self.make_stick()
        stick.edit(stick.find(stick.number(), DATA) + SIZE + 8, '<Q', 4096)
        self.assert_says(stick, NOT_PLAIN)


class Disk(ErrorTest):
    def test_second_stage_wiped(self):
        stick = self.make_stick()
        stick.write((stick.start + 1) * SECTOR, bytes(SECTOR))
        self.assert_says(stick, 'boot sectors damaged')

    def test_disk_that_ends_early(self):
        stick = NtfsStick(self.folder).fill('pierce', 'tree', 1000)
        stick.put(bootmgr(), layout=('scatter', 16384)).install()
        os.truncate(stick.path, 12 * MIB)
        self.assert_says(stick, 'disk read error [0-9A-F]{2}')


class Damage(ErrorTest):
    def test_record_of_the_file(self):
        for at, data in ((0, b'BAAD'), (22, b'\0'), (510, b'\xEE\xEE'), (6, b'\x02\0'),
                         (20, b'\xF0\xFF')):
            stick = self.make_stick()
            stick.write(stick.find(stick.number(), 0) + at, data)
            self.assert_says(stick, DAMAGED)

    def test_attribute_of_the_file(self):
        for at, data in ((4, b'\0\0'), (16, b'\1'), (32, b'\xFF\xFF'), (64, b'\x9F'), (64, b'\0')):
            stick = self.make_stick()
            stick.write(stick.find(stick.number(), DATA) + at, data)
            self.assert_says(stick, DAMAGED if at != 16 else NOT_PLAIN)

    def test_table_of_files(self):
        stick = self.make_stick()
        stick.write(stick.find(0, DATA) + 64, b'\x21\x01')
        self.assert_says(stick, DAMAGED)

    def test_root_folder(self):
        for attribute, at, data in ((INDEX_ROOT, 72, b'\0\0'), (INDEX_ROOT, 8, b'\1'),
                                    (INDEX_ROOT, 52, b'\xF0\xFF')):
            stick = self.make_stick()
            stick.write(stick.find(ROOT, attribute) + at, data)
            self.assert_says(stick, DAMAGED)

    def test_root_folder_whose_blocks_are_lost(self):
        stick = NtfsStick(self.folder).fill('names', 300).put(bootmgr()).install()
        stick.write(stick.find(ROOT, INDEX_ALLOCATION) + 72, b'\0')
        self.assert_says(stick, DAMAGED)

    def test_root_folder_that_loops(self):
        stick = NtfsStick(self.folder).fill('names', 300).install()
        # The root of the tree is where every way down ends.
        for block in self.blocks(stick):
            entries = block + 24 + int.from_bytes(stick.read(block + 24, 4), 'little')
            stick.edit(entries + 8, '<HHH', 24, 0, 3)
            stick.edit(entries + 16, '<Q', 0)
        self.assert_says(stick, DAMAGED)

    def blocks(self, stick):
        with open(stick.path, 'rb') as file:
            data = file.read()
        at = data.find(b'INDX')
        while at >= 0:
            yield at
            at = data.find(b'INDX', at + 1)

    def test_parameter_block(self):
        for at, data in ((13, b'\0'), (13, b'\x90'), (0x34, b'\1'), (0x40, b'\0'), (0x40, b'\x10'),
                         (0x44, b'\xF0'), (0x30, b'\1\2')):
            stick = self.make_stick()
            stick.write(stick.start * SECTOR + at, data)
            self.assert_says(stick, DAMAGED)


if __name__ == '__main__':
    sys.exit(tap.main())
