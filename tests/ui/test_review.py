#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The third page: every finding that can arise there, from a real situation, with what can be done
about it, and what its button does."""

import os
import shutil
import struct
import subprocess
import sys

import discs
import finished
import tap
import users_stick
from case import MIB, ImageTest

SECTOR = finished.SECTOR
ERASE = 'Erase the Whole Stick Instead'


class Review(ImageTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / 'stick.img'

    def make_table(self, *entries, size=128 * MIB, **options):
        users_stick.make_table(self.path, size, *entries, **options)

    def make_own_holiday(self, **options):
        return users_stick.make_holiday(self.folder, self.path, **options)

    def patch(self, offset, data):
        with open(self.path, 'r+b') as file:
            file.seek(offset)
            file.write(data)

    def is_refused(self, code, meaning, remedy, iso=None, erase=False, **facts):
        """The review of the stick refuses to build, with these words."""
        self.plug(self.path, **facts)
        wizard = self.review(iso or self.iso, erase=erase)
        wizard.reads('Problems', f'(code {code})')
        wizard.reads('Problems', meaning)
        wizard.reads('Problems', remedy)
        wizard.cannot_click('Erase and Build…' if erase else 'Build')
        return wizard

    def review_file(self, path, iso=None):
        """The review of a disk-image file, on which files are kept."""
        wizard = self.start(iso or self.iso)
        wizard.click('Next')
        wizard.click('Use a disk-image file that exists…')
        wizard.answer_dialog(path)
        wizard.click('Next')
        wizard.is_on_step(3)
        return wizard

    def erasing_helps(self, wizard, code):
        """The button of the finding makes it go away, and going back shows what it did."""
        wizard.click(ERASE)
        wizard.can_click('Erase and Build…')
        wizard.sees_no(f'(code {code})')
        wizard.click('Back')
        wizard.is_on_step(2)
        self.assertTrue(wizard.is_picked('Erase the whole stick'))

    def leads_back(self, wizard, button, step):
        wizard.click(button)
        wizard.is_on_step(step)


class OfTheStick(Review):
    def test_1_a_file_that_can_only_be_read(self):
        """Drives that are write-protected cannot be chosen: test_sticks.py."""
        self.make_own_holiday()
        if subprocess.run(['chattr', '+i', self.path], stderr=subprocess.DEVNULL,
                          check=False).returncode != 0:
            self.skipTest('this user, or this filesystem, cannot protect files')
        self.addCleanup(subprocess.run, ['chattr', '-i', self.path], check=True)
        wizard = self.review_file(self.path)
        wizard.reads('Problems', 'The stick cannot be written to (code 1)')
        wizard.reads('Problems', 'can only be read')
        wizard.cannot_click('Build')
        self.leads_back(wizard, 'Choose Another Stick', 2)

    def test_2_a_filesystem_without_a_table(self):
        self.path.touch()
        os.truncate(self.path, 64 * MIB)
        users_stick.format_partition(self.path, 0, label='FLOPPY')
        self.erasing_helps(self.is_refused(2, '"FLOPPY"', 'Erase the whole stick instead'), 2)

    def test_3_gpt(self):
        self.make_table('start=2048, size=100000', label='gpt')
        self.erasing_helps(self.is_refused(3, 'this stick has GPT', 'Erase the whole stick'), 3)

    def test_3_gpt_that_stays_for_uefi_only(self):
        size = users_stick.volume_size(512) // SECTOR
        self.make_table(f'start=2048, size={size}, type=U', label='gpt')
        users_stick.format_partition(self.path)
        self.plug(self.path)
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        wizard.reads('Problems', 'This stick has GPT, which stays: it will start on UEFI only.')
        wizard.cannot_click('Build')
        wizard.pick('Go on all the same')
        wizard.can_click('Build')

    def test_4_a_small_disk(self):
        self.make_table('start=2048, type=c', size=16 * MIB)
        wizard = self.is_refused(4, 'The image needs a stick of', 'Choose a larger stick', erase=True)
        self.leads_back(wizard, 'Choose Another Stick', 2)

    def test_5_the_table_is_full(self):
        self.make_table('start=40960, size=2048, type=83')
        self.erasing_helps(self.is_refused(5, '', 'Erase the whole stick'), 5)

    def test_5_all_four_places_of_the_table_are_taken(self):
        self.make_table(*(f'start={2048 + 4096 * number}, size=2048, type=83'
                          for number in range(4)))
        self.is_refused(5, 'all four places of the partition table are taken',
                        'Erase the whole stick', removable=False, media_removable=False)

    def test_6_a_full_partition_and_no_gap(self):
        """On a disk image: mounted volumes of the fake have the room of the computer's disk."""
        users_stick.fill_up(self.make_own_holiday(), self.folder, MIB)
        wizard = self.review_file(self.path)
        wizard.reads('Problems', 'There is not enough free space on the stick (code 6)')
        wizard.reads('Problems', 'Delete files that are not needed')
        wizard.cannot_click('Build')
        self.erasing_helps(wizard, 6)

    def test_14_the_image_itself(self):
        image = self.copy_of_image('rescue.iso')
        before = finished.disk_digest(image)
        wizard = self.review_file(image, iso=image)
        wizard.reads('Problems', 'The stick is in use (code 14)')
        wizard.reads('Problems', 'is the rescue image itself')
        wizard.cannot_click('Build')
        self.leads_back(wizard, 'Choose Another Stick', 2)
        self.assertEqual(finished.disk_digest(image), before)

    def test_21_a_folder_of_the_user_where_the_image_has_a_file(self):
        users_stick.put(self.make_own_holiday(), self.folder, {'bootmgr/own.txt': 10})
        self.is_refused(21, 'bootmgr', 'another')

    def test_24_boot_code_and_files_are_replaced(self):
        stick = self.make_own_holiday()
        users_stick.put(stick, self.folder, {'BOOTMGR': 100, 'Boot/BCD': 200})
        self.plug(self.path)
        wizard = self.review(self.iso)
        wizard.reads('Problems', 'Files or boot code on the stick will be replaced (code 24)')
        wizard.cannot_click('Build')
        wizard.pick('Go on all the same')
        wizard.can_click('Build')
        wizard.clear('Go on all the same')
        wizard.cannot_click('Build')

    def test_25_a_dirty_volume(self):
        stick = self.make_own_holiday()
        table = stick.partition()['start'] * SECTOR + len(stick.reserved_sectors())
        self.patch(table + 4, struct.pack('<I', 0x07ffffff))
        self.erasing_helps(self.is_refused(25, 'HOLIDAY', 'Have it checked and repaired'), 25)

    def test_25_a_volume_that_cannot_be_mounted(self):
        self.make_own_holiday()
        self.fake.fault('Filesystem.Mount', 'Failed', 'wrong fs type, bad superblock', times=-1)
        wizard = self.is_refused(25, 'it could not be mounted', 'Open it in the file manager')
        self.erasing_helps(wizard, 25)

    def test_98_a_small_fat(self):
        self.make_table('start=2048, type=e', size=64 * MIB)
        users_stick.format_partition(self.path, bits=16, label='SMALL')
        wizard = self.is_refused(98, 'FAT16', 'Erase the whole stick')
        wizard.click('Build for UEFI Only')
        wizard.pick('Go on all the same')
        wizard.can_click('Build')
        wizard.click('Back')
        wizard.is_on_step(2)
        self.assertFalse(wizard.is_picked('Start old and new computers'))


class OfTheImage(Review):
    def setUp(self):
        super().setUp()
        self.make_own_holiday()

    def test_12_uefi_alone_is_wanted_and_it_starts_on_bios_only(self):
        tree = shutil.copytree(self.tree, self.folder / 'tree',
                               ignore=shutil.ignore_patterns('efi'))
        iso = discs.make_with_hole(self.folder, MIB, tree)
        self.plug(self.path)
        wizard = self.start(iso)
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        wizard.reads('Problems', 'The rescue image does not start a computer (code 12)')
        wizard.cannot_click('Build')
        self.leads_back(wizard, 'Choose Another Image', 1)

    def test_20_keeping_leaves_no_way_to_ntfs(self):
        iso = discs.make_with_hole(self.folder, 4 << 30, self.tree)
        self.plug(self.path)
        wizard = self.review(iso)
        wizard.reads('Problems', 'A file is too large for FAT32 (code 20)')
        wizard.reads('Problems', 'large.bin')
        wizard.cannot_click('Build')
        self.assertEqual(wizard.look('button', 'Use NTFS'), [])

    def test_21_names_are_changed(self):
        def fill(folder):
            discs.write(folder / 'papers/CON', b'device')
        iso, _ = discs.make(self.folder, 'hybrid', extra=fill)
        self.plug(self.path)
        wizard = self.review(iso)
        wizard.reads('Problems', 'A name cannot be kept on the stick (code 21)')
        wizard.reads('Problems', 'papers/CON')
        wizard.cannot_click('Build')
        wizard.pick('Go on all the same')
        wizard.can_click('Build')

    def test_23_it_starts_on_uefi_only(self):
        iso, _ = discs.make(self.folder, remove='bootmgr')
        self.plug(self.path)
        wizard = self.review(iso)
        wizard.reads('Problems', 'The stick will not start every computer (code 23)')
        wizard.reads('Problems', 'lacks bootmgr')
        wizard.cannot_click('Build')
        wizard.pick('Go on all the same')
        wizard.can_click('Build')


class Changed(Review):
    def test_22_the_stick_changes_between_review_and_build(self):
        self.make_own_holiday()
        stick = self.plug(self.path)
        wizard = self.review(self.iso, erase=True)
        wizard.click('Erase and Build…')
        wizard.sees('Erase This Stick?')
        # As the bus tells it when another program has formatted it.
        stick.change('Block', 'id-uuid', 'AAAA-BBBB', partition=1)
        before = finished.disk_digest(self.path)
        wizard.click('Erase and Build')
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', '(code 22)')
        self.assertEqual(finished.disk_digest(self.path), before)

    def test_11_the_image_is_cut_off_between_review_and_build(self):
        image = self.copy_of_image('short.iso')
        self.plug()
        wizard = self.review(image, erase=True)
        wizard.can_click('Erase and Build…')
        os.truncate(image, MIB)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', '(code 1')


if __name__ == '__main__':
    sys.exit(tap.main())
