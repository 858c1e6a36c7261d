#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaders for UEFI that are not among an image's files, or broken there: the sticks start."""

import os
import pathlib
import sys

import discs
import emulator
import finished
import product
import tap
import wims

STANDIN = pathlib.Path(os.environ['RUB_STANDIN_EFI'])
LOADER = 'efi/boot/bootx64.efi'


class Loaders(product.ProductTest):
    def make_iso(self, *arguments):
        iso = self.folder / 'made.iso'
        product.tool(discs.IMAGES / 'make-windows-like.py', iso, *arguments)
        return iso

    def make_with_own(self, own):
        """A Windows disc whose boot image has the stand-in, and whose files have another one."""
        discs.write(self.folder / 'own' / LOADER, own)
        return self.make_iso('--efi-loader', STANDIN, '--extra', self.folder / 'own')

    def build(self, iso, *arguments):
        """Builds a stick; returns it, what was told, and the codes of what was found."""
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(iso, stick.path, '--size', '256M', *arguments)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        codes = [finding['code'] for finding in outcome.all_of('finding')]
        return stick, outcome.all_of('device')[0]['notes'], codes

    def assert_loader(self, stick, path, data=None):
        facts = {name.lower(): facts for name, facts in stick.extract().items()}
        expected = self.folder / 'expected.efi'
        expected.write_bytes(STANDIN.read_bytes() if data is None else data)
        self.assertEqual(facts[path][0], finished.digest(expected))

    def assert_starts(self, stick):
        if emulator.missing('uefi'):
            self.skipTest(emulator.missing('uefi'))
        emulator.boot(stick.path, 'BOOTX64 OK', firmware='uefi')

    def test_linux_whose_loader_is_in_the_boot_image_only(self):
        iso = self.make_iso('--shape', 'linux', '--efi-loader', STANDIN)
        stick, notes, codes = self.build(iso, '--files', '--boot', 'uefi')
        self.assertEqual(notes, ["1 file for UEFI comes from the disc's boot image: "
                                 'EFI/BOOT/BOOTX64.EFI.'])
        self.assertEqual(codes, [21])  # its links
        self.assert_loader(stick, LOADER)
        self.assert_starts(stick)

    def test_windows_whose_loader_is_in_its_wim_only(self):
        discs.write(self.folder / 'pe/Windows/Boot/EFI/bootmgfw.efi', STANDIN.read_bytes())
        discs.write(self.folder / 'pe/Windows/System32/ntdll.dll', discs.noise(3_000_000))
        wim = wims.capture(self.folder / 'seven.wim', self.folder / 'pe',
                           options=['--boot', '--compress=LZX'])
        discs.write(self.folder / 'no.efi', b'no program')
        iso = self.make_iso('--wim', wim, '--efi-loader', self.folder / 'no.efi',
                            '--remove', LOADER)
        stick, notes, codes = self.build(iso)
        self.assertIn('sources/boot.wim: Windows/Boot/EFI/bootmgfw.efi', notes[0])
        self.assertEqual(codes, [])
        self.assert_loader(stick, LOADER)
        self.assert_starts(stick)

    def test_a_broken_loader_gives_way_to_that_of_the_boot_image(self):
        stick, notes, codes = self.build(self.make_with_own(STANDIN.read_bytes()[:700]))
        self.assertEqual(len(notes), 1)
        self.assertEqual(codes, [])
        self.assert_loader(stick, LOADER)
        self.assert_starts(stick)

    def test_of_two_that_differ_the_files_own_is_used_and_told(self):
        other = STANDIN.read_bytes() + b'another one'
        stick, notes, codes = self.build(self.make_with_own(other))
        self.assertEqual((notes, codes), ([], [23]))
        self.assert_loader(stick, LOADER, other)

    def test_links_are_counted_before_anything_is_written(self):
        iso = self.make_iso('--shape', 'linux', '--efi-loader', STANDIN)
        seen = product.run('--inspect', '-i', iso)
        self.assertEqual(seen.all_of('image')[0]['symlink_count'], 2)
        links = seen.finding(21)
        self.assertEqual((links['severity'], links['files']), ('warning', ['debian']))


if __name__ == '__main__':
    sys.exit(tap.main())
