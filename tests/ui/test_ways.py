#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways onto a stick other than copying to FAT32, from the review to a finished stick that tools of
others judge: byte by byte, and NTFS."""

import os
import pathlib
import subprocess
import sys
import unittest

import discs
import finished
import product
import tap
from case import MIB, ImageTest

NAME = 'Kingston DataTraveler 3.0'
# Real images that can be written byte by byte: this one starts UEFI and BIOS either way,
MEMTEST = pathlib.Path('/usr/lib/memtest86+/memtest86+x64.iso')
# and that one BIOS from its bytes, UEFI from its files.
IPXE = pathlib.Path('/usr/lib/ipxe/ipxe.iso')


def needs(path, package):
    return unittest.skipUnless(path.exists(), f'{path} is not installed ({package})')


class WaysTest(ImageTest):
    def make_disk(self, size=64 * MIB):
        path = self.folder / 'disk.img'
        path.touch()
        os.truncate(path, size)
        return path

    def review_disk(self, iso, path):
        """Goes to the review of a disk-image file that shall be erased."""
        wizard = self.start(iso)
        wizard.click('Next')
        wizard.click('Use a disk-image file that exists…')
        wizard.answer_dialog(path)
        wizard.pick('Erase the whole stick')
        wizard.click('Next')
        wizard.is_on_step(3)
        return wizard


class ByteByByte(WaysTest):
    def assert_begins_with(self, path, iso):
        data = iso.read_bytes()
        with open(path, 'rb') as file:
            self.assertEqual(file.read(len(data)), data)

    @needs(MEMTEST, 'memtest86+')
    def test_onto_a_stick_and_compared_with_the_image_again(self):
        stick = self.plug(size=64 * MIB)
        wizard = self.review(MEMTEST, erase=True)
        wizard.reads('What will happen', 'Write the image as it is, byte by byte')
        wizard.reads('Image and stick', 'the image is written to the drive itself')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.reads('Details', 'new computers (UEFI 64-bit), old computers (BIOS)')
        self.assertEqual(self.fake.prompts, 1)
        self.assert_begins_with(stick.image, MEMTEST)
        wizard.click('Check It Again')
        wizard.ends_with('The Stick Is Good')

    @needs(MEMTEST, 'memtest86+')
    def test_onto_a_disk_image(self):
        path = self.make_disk()
        wizard = self.review_disk(MEMTEST, path)
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assert_begins_with(path, MEMTEST)

    @needs(MEMTEST, 'memtest86+')
    def test_a_stick_made_so_is_compared_with_an_image_that_is_chosen(self):
        stick = self.plug(size=64 * MIB)
        stick.image.write_bytes(MEMTEST.read_bytes().ljust(64 * MIB, b'\0'))
        stick.unplug()
        stick = self.plug(stick.image)
        wizard = self.start()
        wizard.act('win.check-stick')
        wizard.pick(NAME)
        wizard.click('Check')
        wizard.ends_with('Not Made by This Program')
        wizard.reads('What went wrong', '(code 26)')
        wizard.click('Compare With an Image…')
        wizard.answer_dialog(MEMTEST)
        wizard.ends_with('The Stick Is Good')
        place = MEMTEST.stat().st_size // 2
        with open(stick.image, 'r+b') as file:
            file.seek(place)
            byte, = file.read(1)
            file.seek(place)
            file.write(bytes([byte ^ 1]))
        wizard.click('Check It Again')
        wizard.ends_with('The Stick Was Changed')
        wizard.reads('What went wrong', '(code 17)')
        wizard.reads('What went wrong', str(place))

    @needs(IPXE, 'ipxe')
    def test_by_its_files_instead(self):
        stick = self.plug(size=64 * MIB)
        wizard = self.review(IPXE, erase=True)
        wizard.reads('Problems', 'It will start on BIOS only')
        wizard.click('Copy Its Files Instead')
        wizard.reads('What will happen', 'New MBR partition table')
        # What it starts on depends on whether this computer has a GRUB for BIOS.
        self.build(wizard, erase=True, agree=bool(wizard.boxes('Go on all the same')))
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertIn('efi/boot/bootx64.efi', finished.Stick(stick.image).extract())


class Ntfs(WaysTest):
    @tap.only_full
    def test_what_is_too_large_for_fat32_goes_onto_ntfs(self):
        path = self.make_disk(5 << 30)
        wizard = self.review_disk(discs.make_with_hole(self.folder, 4 << 30, self.tree), path)
        wizard.reads('Problems', 'A file is too large for FAT32 (code 20)')
        wizard.cannot_click('Erase and Build…')
        wizard.click('Use NTFS')
        wizard.reads('Problems', 'It will start on BIOS only')
        wizard.sees_no('(code 20)')
        wizard.reads('What will happen', 'NTFS')
        self.build(wizard, erase=True, agree=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertEqual(finished.Stick(path).table()[1]['type'], '7')
        self.assert_has_the_tree(path)
        self.assertEqual(self.check(path), 'good')

    def assert_has_the_tree(self, path):
        """As the tools of ntfs-3g see it, which take a partition as a file of its own."""
        volume = self.folder / 'volume.img'
        product.tool('dd', f'if={path}', f'of={volume}', 'bs=1M', 'skip=1', 'conv=sparse')
        product.tool('ntfsfix', '-n', volume)
        files = [file for file in self.tree.rglob('*') if file.is_file()]
        for file in files:
            done = subprocess.run(['ntfscat', volume, str(file.relative_to(self.tree))], check=True,
                                  stdout=subprocess.PIPE)
            self.assertEqual(done.stdout, file.read_bytes())
        self.assertGreater(len(files), 5)


if __name__ == '__main__':
    sys.exit(tap.main())
