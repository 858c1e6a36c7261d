#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One stick starts on an old BIOS and on UEFI."""

import sys
import unittest

import emulator
import tap
from stick import StickTest, bootx64


class OneStick(StickTest):
    def both_stick(self):
        return self.make_stick().put(bootx64(), 'EFI/BOOT/BOOTX64.EFI')

    def test_bios_starts_bootmgr(self):
        self.assert_starts(self.both_stick())

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi_starts_bootx64(self):
        emulator.boot(self.both_stick().path, 'BOOTX64 OK', firmware='uefi')


if __name__ == '__main__':
    sys.exit(tap.main())
