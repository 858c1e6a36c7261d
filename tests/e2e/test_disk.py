#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on a finished disk image around the files: table, boot records, labels, sizes."""

import os
import sys
import unittest

import discs
import finished
import product
import tap

GIB = 1024 ** 3
BACKUP_BOOT_SECTOR = 6
FIRST_SECTOR_OF_STAGE_2 = 12


@tap.expand
class Disk(product.ProductTest):
    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.iso, cls.tree = discs.make(cls.discs, label='PE_X64')

    def build(self, *arguments, size='256M', **options):
        stick = finished.Stick(self.folder / 'stick.img')
        self.create(self.iso, stick.path, '--size', size, *arguments, **options)
        return stick

    def test_table_is_as_bios_and_windows_want_it(self):
        partition = self.build().partition()
        self.assertEqual((partition['type'], partition['bootable'], partition['start']),
                         ('c', True, 2048))

    def test_boot_sector_and_its_copy(self):
        stick = self.build()
        start = stick.partition()['start']
        sector = stick.boot_sector()
        copy = stick.read((start + BACKUP_BOOT_SECTOR) * finished.SECTOR, finished.SECTOR)
        self.assertEqual(sector, copy)
        self.assertEqual(sector[3:11], b'MSWIN4.1')
        self.assertEqual(sector[0x40], 0x80)
        self.assertEqual(sector[0x52:0x5a], b'FAT32   ')
        self.assertEqual(sector[510:], b'\x55\xaa')
        self.assertEqual(finished.hidden_sectors(sector), start)
        stage = stick.read((start + FIRST_SECTOR_OF_STAGE_2) * finished.SECTOR, finished.SECTOR)
        self.assertNotEqual(stage, bytes(finished.SECTOR))

    def test_mbr_has_code_and_a_signature(self):
        mbr = self.build().read(0, finished.SECTOR)
        self.assertNotEqual(mbr[:440], bytes(440))
        self.assertNotEqual(mbr[440:444], bytes(4))
        self.assertEqual(mbr[510:], b'\x55\xaa')

    def test_signatures_differ_between_sticks(self):
        first = self.build().read(440, 4)
        (self.folder / 'stick.img').unlink()
        self.assertNotEqual(first, self.build().read(440, 4))

    def test_uefi_only_has_no_boot_code(self):
        stick = self.build('--boot', 'uefi')
        self.assertEqual(stick.read(0, 440), bytes(440))
        stick.assert_clean()

    def test_label_is_the_volume_name_of_the_image(self):
        stick = self.build()
        self.assertIn('PE_X64', self.label(stick))

    def test_label_that_was_asked_for(self):
        self.assertIn('MY STICK', self.label(self.build('--label', 'My Stick')).upper())

    def label(self, stick):
        start = stick.partition()['start'] * finished.SECTOR
        return product.tool('mlabel', '-s', '-i', f'{stick.path}@@{start}', '::')

    @tap.cases(quick=[('64M',), ('600M',), ('33G',)], full=[('300M',), ('8G',), ('128G',)])
    def test_size(self, size):
        stick = self.build(size=size)
        stick.assert_clean()
        finished.assert_same_tree(self, stick.extract(),
                                  finished.read_tree(self.tree), ('boot/boot.cat',))
        self.assertLessEqual(stick.boot_sector()[13] * finished.SECTOR, 32 * 1024)

    def test_two_tib_in_64_mib(self):
        # The tools that read all of the table need too long here; mtools does not.
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(self.iso, stick.path, '--size', '2T')
        self.assertLess(outcome.peak_bytes, 64 * finished.MIB)
        partition = stick.partition()
        self.assertLessEqual(partition['start'] + partition['size'], 2 * 1024 * GIB // 512)
        self.assertGreater(partition['size'], 2 * 1024 * GIB // 512 - 4096)
        start = partition['start'] * finished.SECTOR
        copy = self.folder / 'boot.wim'
        product.tool('mcopy', '-n', '-i', f'{stick.path}@@{start}', '::/sources/boot.wim', copy)
        self.assertEqual(finished.digest(copy), finished.digest(self.tree / 'sources/boot.wim'))

    def test_stick_that_was_full_of_other_things(self):
        stick = finished.Stick(self.folder / 'stick.img')
        with open(stick.path, 'wb') as file:
            for number in range(128):
                file.write(discs.noise(finished.MIB, number))
        self.create(self.iso, stick.path)
        stick.assert_clean()
        finished.assert_same_tree(self, stick.extract(),
                                  finished.read_tree(self.tree), ('boot/boot.cat',))

    def test_building_twice_onto_one_stick(self):
        stick = self.build()
        other, tree = discs.make(self.folder, 'bridge', label='OTHER')
        self.create(other, stick.path)
        stick.assert_clean()
        finished.assert_same_tree(self, stick.extract(),
                                  finished.read_tree(tree), ('boot/boot.cat',))

    @unittest.skipIf(os.getuid() != 0, 'runs as a plain user anyway')
    def test_plain_user_builds(self):
        os.chmod(self.discs, 0o755)
        # Programs for administrators are not in the path of others.
        stick = self.build(user=product.NOBODY, program=self.copy_of_program(),
                           PATH='/usr/local/bin:/usr/bin:/bin')
        stick.assert_clean()
        self.assertEqual(stick.path.stat().st_uid, product.NOBODY)


if __name__ == '__main__':
    sys.exit(tap.main())
