#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the image to the finished stick, as a person goes it."""

import sys
import unittest

import emulator
import finished
import product
import tap
from case import ImageTest

CATALOGUE = ('boot/boot.cat',)  # made by the tools that make discs


class OntoADiskImage(ImageTest):
    def make(self, wizard, path):
        wizard.is_on_step(1)
        wizard.reads('This image', 'Windows PE')
        wizard.click('Next')
        wizard.is_on_step(2)
        wizard.click('Make a new disk-image file…')
        wizard.answer_dialog(path)
        wizard.sees(path.name)
        wizard.click('Next')
        wizard.is_on_step(3)
        wizard.reads('What will happen', 'MBR')
        self.build(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_a_new_disk_image_starts_a_computer_with_bios(self):
        path = self.folder / 'new.img'
        self.make(self.start(self.iso), path)
        self.assertEqual(product.run('--check', '-d', path).result['state'], 'good')
        stick = finished.Stick(path)
        stick.assert_clean()
        finished.assert_same_tree(self, stick.extract_with_mtools(self.folder / 'out'),
                                  finished.read_tree(self.tree), CATALOGUE)
        emulator.boot(path, 'BOOTMGR OK')


if __name__ == '__main__':
    sys.exit(tap.main())
