#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the image to the finished stick, as a person goes it."""

import sys
import unittest

import emulator
import finished
import tap
from case import MIB, ImageTest

CATALOGUE = ('boot/boot.cat',)  # made by the tools that make discs
# Below this, UDisks2 makes FAT16.
UEFI_SIZE = 600 * MIB


class OntoADiskImage(ImageTest):
    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_a_new_disk_image_starts_a_computer_with_bios(self):
        path = self.folder / 'new.img'
        wizard = self.start(self.iso)
        wizard.is_on_step(1)
        wizard.reads('This image', 'Windows PE')
        wizard.click('Next')
        wizard.is_on_step(2)
        wizard.click('Make a new disk-image file…')
        wizard.answer_dialog(path)
        wizard.sees(path.name)
        wizard.click('Next')
        wizard.is_on_step(3)
        wizard.reads('What will happen', 'Set the stick up anew')
        wizard.reads('What will happen', 'New MBR partition table')
        wizard.reads('What will be lost', 'Nothing')
        self.build(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assert_has_the_files(finished.Stick(path))
        emulator.boot(path, 'BOOTMGR OK')

    def test_a_disk_image_that_exists(self):
        stick = self.make_holiday()
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.click('Use a disk-image file that exists…')
        wizard.answer_dialog(stick.path)
        wizard.click('Next')
        self.build(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertEqual(self.check(stick.path), 'good')

    def assert_has_the_files(self, stick):
        self.assertEqual(self.check(stick.path), 'good')
        stick.assert_clean()
        finished.assert_same_tree(self, stick.extract_with_mtools(self.folder / 'out'),
                                  finished.read_tree(self.tree), CATALOGUE)


NAME_IN_FULL = 'Kingston DataTraveler 3.0 (268.4 MB, /dev/sdx)'


class OntoAStick(ImageTest):
    def test_erasing_one_for_old_and_new_computers(self):
        stick = self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.reads('What will be lost', 'The whole disk')
        wizard.reads('Image and stick', "An administrator's password will be asked for")
        wizard.reads('Image and stick', NAME_IN_FULL)
        wizard.reads('Details', 'new computers (UEFI 64-bit), old computers (BIOS)')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.sees(NAME_IN_FULL)
        self.assertEqual(self.fake.prompts, 1)
        wizard.click('Eject')
        self.fake.wait_for_call('Drive.PowerOff')
        wizard.sees('The stick can be pulled out now')
        self.assertEqual(self.check(stick.image), 'good')

    def test_answering_no_to_erasing_erases_nothing(self):
        stick = self.make_holiday()
        before = finished.disk_digest(stick.path)
        self.plug(stick.path)
        wizard = self.review(self.iso, erase=True)
        for key in ('Return', 'Escape'):
            wizard.click('Erase and Build…')
            wizard.sees('Erase This Stick?')
            wizard.sees('Kingston DataTraveler 3.0 (68.2 MB, /dev/sdx)')
            wizard.sees('“HOLIDAY”, 5 files')
            self.assertFalse(wizard.shows('MBR'))
            wizard.has_focus_on('Cancel')
            wizard.press(key)
            wizard.sees_no('Erase This Stick?')
            wizard.is_on_step(3)
            wizard.has_focus_on('Erase and Build…')
        self.assertEqual(finished.disk_digest(stick.path), before)

    def test_keeping_the_files_that_are_there_and_taking_the_build_off_again(self):
        stick = self.make_holiday()
        files = stick.extract()
        self.plug(stick.path)
        wizard = self.review(self.iso)
        wizard.reads('Problems', '(code 24)')
        wizard.cannot_click('Build')
        self.build(wizard, agree=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertLessEqual(files.items(), stick.extract().items())
        self.assertEqual(self.check(stick.path), 'good')
        wizard.act('win.undo-build')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.click('Next')
        wizard.click('Remove…')
        wizard.answers('Remove the Rescue System?', 'Remove')
        wizard.ends_with('The Rescue System Was Removed')
        self.assertEqual(stick.extract(), files)

    def test_for_new_computers_only_no_password_is_asked_for(self):
        self.fake.policy('open-device', 'no')
        stick = self.plug(size=UEFI_SIZE)
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.pick('Erase the whole stick')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        wizard.reads('Image and stick', 'None is needed')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertEqual(self.fake.prompts, 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())
        self.assertEqual(self.check(stick.image), 'good')

    def test_for_new_computers_only_beside_the_files_that_are_there(self):
        self.fake.policy('open-device', 'no')
        stick = self.make_holiday()
        files = stick.extract()
        self.plug(stick.path)
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        self.build(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertLessEqual(files.items(), stick.extract().items())
        self.assertEqual(self.check(stick.path), 'good')


class AfterTheBuild(ImageTest):
    def test_check_again_and_build_another(self):
        self.plug()
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.click('Check It Again')
        wizard.ends_with('The Stick Is Good')
        wizard.act('win.build-another')
        wizard.is_on_step(2)
        self.assertFalse(wizard.is_picked('Kingston DataTraveler 3.0'))
        wizard.cannot_click('Next')


class ByKeyboard(ImageTest):
    def test_from_start_to_end_without_the_mouse(self):
        self.plug()
        wizard = self.start()
        wizard.is_on_step(1)
        wizard.press('ctrl+o')
        wizard.answer_dialog(self.iso)
        wizard.reads('This image', 'Windows PE')
        wizard.go_to('Next')
        wizard.press('Return')
        wizard.is_on_step(2)
        wizard.go_to('Kingston DataTraveler 3.0')
        wizard.press('Return')
        wizard.wait(lambda: wizard.is_picked('Kingston DataTraveler 3.0'), 'choice')
        wizard.go_to('Erase the whole stick')
        wizard.press('Return')
        wizard.go_to('Next')
        wizard.press('Return')
        wizard.is_on_step(3)
        wizard.can_click('Erase and Build…')
        wizard.press('alt+Left')
        wizard.is_on_step(2)
        wizard.press('alt+Right')
        wizard.can_click('Erase and Build…')
        wizard.go_to('Erase and Build…')
        wizard.press('Return')
        wizard.sees('Erase This Stick?')
        wizard.go_to('Erase and Build')
        wizard.press('Return')
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.go_to('Eject')
        wizard.press('Return')
        self.fake.wait_for_call('Drive.PowerOff')
        wizard.sees('The stick can be pulled out now')


if __name__ == '__main__':
    sys.exit(tap.main())
