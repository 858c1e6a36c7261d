#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program says of Secure Boot is what firmware with Microsoft's keys does."""

import os
import pathlib
import sys

import discs
import emulator
import product
import tap

SHIM = pathlib.Path('/usr/lib/shim/shimx64.efi.signed')
GRUB = pathlib.Path('/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed')
STANDIN = pathlib.Path(os.environ['RUB_STANDIN_EFI'])
MENU = b'echo "GRUB reads the stick"\nsleep 1000\n'


class SecureBoot(product.ProductTest):
    def setUp(self):
        super().setUp()
        if emulator.missing('secure-boot'):
            self.skipTest(emulator.missing('secure-boot'))

    def build(self, **files):
        """A stick of an image with these files; returns it and what is said of Secure Boot."""
        tree = self.folder / 'tree'
        for name, data in files.items():
            discs.write(tree / f'EFI/BOOT/{name}.EFI', data)
        discs.write(tree / 'EFI/debian/grub.cfg', MENU)
        iso, stick = self.folder / 'made.iso', self.folder / 'stick.img'
        product.tool('xorriso', '-as', 'mkisofs', '-quiet', '-R', '-J', '-V', 'SECURE', '-o', iso,
                     tree)
        outcome = self.create(iso, stick, '--size', '128M')
        return stick, outcome.all_of('device')[0]['secure_boot']

    def test_a_signed_loader_starts_as_was_told(self):
        for path in SHIM, GRUB:
            if not path.exists():
                self.skipTest(f'{path} is not installed')
        stick, told = self.build(BOOTX64=SHIM.read_bytes(), GRUBX64=GRUB.read_bytes())
        self.assertRegex(told, r'^starts on PCs that trust the 2011 (or the 2023 )?Microsoft CA')
        emulator.boot(stick, 'GRUB reads the stick', firmware='secure-boot')

    def test_an_unsigned_loader_is_refused_as_was_told(self):
        stick, told = self.build(BOOTX64=STANDIN.read_bytes())
        self.assertEqual(told, 'EFI/BOOT/BOOTX64.EFI is not signed: turn Secure Boot off')
        refused = emulator.boot(stick, 'Access Denied|Security Violation', firmware='secure-boot')
        self.assertNotIn('BOOTX64 OK', refused.text)


if __name__ == '__main__':
    sys.exit(tap.main())
