#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One stick starts on an old BIOS and on UEFI."""

import sys
import tempfile
import unittest

import emulator
import tap
from stick import Stick, bootmgr, bootx64


class OneStick(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.stick = Stick(cls.folder.name).put(bootmgr()).put(bootx64(), 'EFI/BOOT/BOOTX64.EFI')
        cls.stick.install()

    def test_bios_starts_bootmgr(self):
        emulator.boot(self.stick.path, r'BOOTMGR OK drive=80 hidden=00000800')

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi_starts_bootx64(self):
        emulator.boot(self.stick.path, r'BOOTX64 OK', firmware='uefi')


if __name__ == '__main__':
    sys.exit(tap.main())
