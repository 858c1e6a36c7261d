#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks that the program made start in emulated computers."""

import os
import sys
import unittest

import discs
import emulator
import product
import tap


@tap.expand
class StandIns(product.ProductTest):
    """BOOTMGR and BOOTX64.EFI of our own, which check what they were handed."""

    def build(self, shape, *arguments):
        iso, _ = discs.make(self.folder, shape, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
                            efi_loader=os.environ['RUB_STANDIN_EFI'], many=50)
        stick = self.folder / 'stick.img'
        self.create(iso, stick, '--size', '256M', *arguments)
        return stick

    @tap.cases(quick=[('windows',), ('hybrid',)], full=[('bridge',), ('plain',)])
    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios(self, shape):
        emulator.boot(self.build(shape), 'BOOTMGR OK drive=80 hidden=00000800')

    @tap.cases(quick=[('windows',)], full=[('hybrid',), ('bridge',), ('plain',)])
    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi(self, shape):
        emulator.boot(self.build(shape), 'BOOTX64 OK', firmware='uefi')


class Demonstration(product.ProductTest):
    """GRUB and memtest86+ of the distribution, as ./dev run shows them."""

    def build(self):
        stick = self.folder / 'stick.img'
        self.create(discs.make_demo(self.folder), stick, '--size', '512M')
        return stick

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios_reaches_memtest(self):
        emulator.boot(self.build(), r'Memtest86\+ v\d', timeout=120)

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi_reaches_the_menu(self):
        emulator.boot(self.build(), r'Memory test \(memtest86\+', firmware='uefi', timeout=120)

    @tap.only_full
    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi_reaches_memtest(self):
        emulator.boot(self.build(), r'<ESC> Exit', firmware='uefi', timeout=240)


if __name__ == '__main__':
    sys.exit(tap.main())
