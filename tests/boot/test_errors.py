#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be wrong with a stick has a text of its own, with the drive number."""

import os
import struct
import sys

import emulator
import tap
from fat import END_OF_CHAIN, FatVolume
from stick import SECTOR, TABLE, Stick, StickTest, bootmgr


class ErrorTest(StickTest):
    def assert_says(self, stick, text, drive='80', **options):
        expected = rf'Rescue USB: {text} \(drive {drive}\)\s+Press a key'
        emulator.boot(stick.path, expected, **options)

    def edit_fat(self, stick, edit):
        volume = FatVolume(stick.path, stick.start)
        edit(volume, volume.file_chain())
        volume.save()
        return stick


class MasterBootRecord(ErrorTest):
    def test_no_active_partition(self):
        self.assert_says(self.make_stick().write(TABLE, b'\x00'), 'no active partition')

    def test_two_active_partitions(self):
        self.assert_says(self.make_stick().write(TABLE + 16, b'\x80'), 'invalid partition table')

    def test_flag_that_is_neither(self):
        self.assert_says(self.make_stick().write(TABLE + 16, b'\x12'), 'invalid partition table')

    def test_boot_record_without_signature(self):
        stick = self.make_stick()
        stick.write(stick.start * SECTOR + 510, b'\x00\x00')
        self.assert_says(stick, 'active partition not bootable')

    def test_partition_beyond_the_disk(self):
        stick = self.make_stick()
        os.truncate(stick.path, stick.start * SECTOR)
        self.assert_says(stick, 'cannot read active partition')


class BootRecord(ErrorTest):
    def test_no_bootmgr(self):
        self.assert_says(self.make_stick().delete('BOOTMGR'), 'BOOTMGR is missing')

    def test_full_root_directory_without_bootmgr(self):
        stick = Stick(self.folder, cluster_sectors=1)
        stick.put_empty(f'{number}' for number in range(1, 16 * 3))
        self.assert_says(stick.install(), 'BOOTMGR is missing')

    def test_folder_named_bootmgr(self):
        stick = Stick(self.folder).put(b'', 'BOOTMGR/file').install()
        self.assert_says(stick, 'BOOTMGR is missing')

    def test_empty_bootmgr(self):
        self.assert_says(self.make_stick(b''), 'BOOTMGR is empty')

    def test_bootmgr_one_byte_too_large_for_memory(self):
        self.assert_says(self.make_stick(bootmgr(523265)), 'BOOTMGR does not fit in memory')

    def test_second_stage_wiped(self):
        stick = self.make_stick()
        stick.write((stick.start + 12) * SECTOR, bytes(SECTOR))
        self.assert_says(stick, 'boot sectors damaged')

    def test_disk_that_ends_early(self):
        stick = self.make_stick()
        FatVolume(stick.path, stick.start).scatter('pairs-backwards')
        os.truncate(stick.path, 16 * 1024 * 1024)
        self.assert_says(stick, 'disk read error [0-9A-F]{2}')

    def test_volume_that_is_nowhere(self):
        # Only its CHS address in the table is right, and only the MBR uses that.
        stick = self.make_stick(start=63, cluster_sectors=1)
        stick.write(TABLE + 1, bytes([1, 1, 0]) + stick.read(TABLE + 4, 4) + b'\xff' * 4)
        stick.write(stick.start * SECTOR + 0x1C, struct.pack('<I', 1000))
        self.assert_says(stick, 'volume not found', bus='ide')


class DamagedFilesystem(ErrorTest):
    def assert_damaged(self, stick):
        self.assert_says(stick, 'the file system is damaged')

    def test_chain_that_ends_early(self):
        def end_early(volume, chain):
            volume.fat[chain[len(chain) // 2]] = END_OF_CHAIN
        self.assert_damaged(self.edit_fat(self.make_stick(), end_early))

    def test_chain_that_leaves_the_volume(self):
        def leave(volume, chain):
            volume.fat[chain[len(chain) // 2]] = volume.clusters + 2
        self.assert_damaged(self.edit_fat(self.make_stick(), leave))

    def test_chain_that_reaches_a_free_cluster(self):
        def cut(volume, chain):
            volume.fat[chain[-2]] = 0
        self.assert_damaged(self.edit_fat(self.make_stick(), cut))

    def test_root_directory_that_loops(self):
        stick = Stick(self.folder, cluster_sectors=1).put_empty(f'{n}' for n in range(1, 16 * 3))
        volume = FatVolume(stick.install().path, stick.start)
        chain = volume.chain(volume.root)
        volume.fat[chain[-1]] = chain[0]
        volume.save()
        self.assert_damaged(stick)

    def test_clusters_of_no_sectors(self):
        stick = self.make_stick()
        self.assert_damaged(stick.write(stick.start * SECTOR + 13, b'\x00'))

    def test_no_root_directory(self):
        stick = self.make_stick()
        self.assert_damaged(stick.write(stick.start * SECTOR + 44, bytes(4)))


if __name__ == '__main__':
    sys.exit(tap.main())
