#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bootable images of the distribution's packages: byte by byte, by their files, and checked."""

import pathlib
import sys

import discs
import emulator
import finished
import product
import screen
import tap

MEMTEST = pathlib.Path('/usr/lib/memtest86+/memtest86+x64.iso')
IPXE = pathlib.Path('/usr/lib/ipxe/ipxe.iso')
GRUB = pathlib.Path('/usr/lib/grub-rescue/grub-rescue-cdrom.iso')
IMAGES = {'memtest': MEMTEST, 'ipxe': IPXE, 'grub': GRUB}
PACKAGES = {'memtest': 'memtest86+', 'ipxe': 'ipxe', 'grub': 'grub-rescue-pc'}
STARTS_ON = {'memtest': ['uefi-x64', 'bios'], 'ipxe': ['bios'], 'grub': ['bios']}


class ThirdParty(product.ProductTest):
    def find(self, name):
        if not IMAGES[name].exists():
            self.skipTest(f'{IMAGES[name]} is not installed ({PACKAGES[name]})')
        return IMAGES[name]

    def build(self, name, *arguments, **environment):
        iso, stick = self.find(name), self.folder / 'stick.img'
        outcome = self.create(iso, stick, '--size', '128M', *arguments, **environment)
        return iso, stick, outcome

    def need(self, firmware):
        if emulator.missing(firmware):
            self.skipTest(emulator.missing(firmware))


@tap.expand
class ByteByByte(ThirdParty):
    @tap.cases(quick=[(name,) for name in IMAGES])
    def test_is_the_default_and_exact_for(self, name):
        iso, stick, outcome = self.build(name)
        steps = [step['id'] for step in outcome.all_of('step') if step['state'] == 'planned']
        self.assertEqual(steps, ['write-image', 'verify'])
        self.assertEqual(outcome.result['starts_on'], STARTS_ON[name])
        data = iso.read_bytes()
        with open(stick, 'rb') as file:
            self.assertEqual(file.read(len(data)), data)

    @tap.cases(quick=[(name,) for name in IMAGES])
    def test_is_compared_with_the_image_later(self, name):
        iso, stick, _ = self.build(name)
        good = product.run('--check', '-d', stick, '-i', iso)
        self.assertEqual((good.status, good.result['state']), (product.OK, 'good'))
        place = iso.stat().st_size // 2 + 77
        with open(stick, 'r+b') as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 0x10]))
        bad = product.run('--check', '-d', stick, '-i', iso)
        self.assertEqual((bad.status, bad.result['state']), (product.VERIFY_FAILED, 'changed'))
        self.assertRegex(bad.finding(17)['meaning'], rf'\b{place}\b')

    def test_that_the_image_has_to_be_named_is_told(self):
        _, stick, _ = self.build('ipxe')
        for command in '--check', '--undo':
            refused = product.run(command, '-d', stick)
            self.assertEqual(refused.status, 26, refused.output)
            self.assertIn('if you name that, too', refused.finding(26)['meaning'])

    def test_bios_starts_memtest(self):
        self.need('bios')
        screen.boot(self.build('memtest')[1], r'Memtest86\+ v\d')

    def test_bios_starts_grub(self):
        self.need('bios')
        emulator.boot(self.build('grub')[1], 'GNU GRUB')

    def test_bios_starts_ipxe(self):
        self.need('bios')
        emulator.boot(self.build('ipxe')[1], r'iPXE initialising|iPXE 1\.')

    def test_uefi_starts_memtest(self):
        self.need('uefi')
        emulator.boot(self.build('memtest')[1], r'BdsDxe: starting Boot\w+ "UEFI QEMU QEMU USB',
                      firmware='uefi')

    @tap.only_full
    def test_uefi_starts_nothing_of_grub_as_was_told(self):
        self.need('uefi')
        emulator.boot(self.build('grub')[1], r'Shell>|No bootable', firmware='uefi')

    def test_windows_is_refused(self):
        iso, _ = discs.make(self.folder)
        for options in ['--raw'], ['--raw', '--boot', 'uefi']:
            refused = self.create(iso, self.folder / 'stick.img', '--size', '256M', *options,
                                  status=12)
            self.assertIn('Windows', refused.finding(12)['meaning'])
            self.assertEqual(refused.finding(12)['action'], 'by-files')
        self.assertFalse((self.folder / 'stick.img').exists())

    def test_a_stick_by_files_is_not_the_image(self):
        iso, stick, _ = self.build('memtest', '--files')
        changed = product.run('--check', '-d', stick, '-i', iso)
        self.assertEqual(changed.status, product.VERIFY_FAILED)


class ByFiles(ThirdParty):
    def assert_starts(self, stick, until):
        self.need('uefi')
        emulator.boot(stick, until, firmware='uefi')

    def test_uefi_starts_ipxe_out_of_the_boot_image(self):
        _, stick, outcome = self.build('ipxe', '--files', PATH=product.NO_PROGRAMS)
        self.assertEqual(outcome.result['starts_on'], ['uefi-x64'])
        self.assertEqual(outcome.finding(23)['action'], 'raw')
        self.assertIn('efi/boot/bootx64.efi', finished.Stick(stick).extract())
        self.assert_starts(stick, r'iPXE initialising|iPXE 1\.')

    def test_it_is_the_way_for_uefi_where_bytes_start_bios_only(self):
        _, _, outcome = self.build('ipxe', '--boot', 'uefi')
        self.assertEqual(outcome.result['starts_on'], ['uefi-x64'])

    @tap.only_full
    def test_uefi_starts_memtest(self):
        _, stick, _ = self.build('memtest', '--files')
        self.assert_starts(stick, r'BdsDxe: starting Boot\w+ "UEFI QEMU QEMU USB')

    def test_what_would_start_nothing_is_offered_byte_by_byte(self):
        iso = self.find('grub')
        refused = self.create(iso, self.folder / 'stick.img', '--size', '128M', '--files',
                              status=12, PATH=product.NO_PROGRAMS)
        self.assertEqual(refused.finding(12)['action'], 'raw')


if __name__ == '__main__':
    sys.exit(tap.main())
