#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Linux by its files on BIOS: GRUB of this computer reads the menus of the image."""

import os
import pathlib
import shutil
import sys

import emulator
import finished
import product
import tap

GRUB = pathlib.Path('/usr/lib/grub/i386-pc')
RESCUE = pathlib.Path('/usr/lib/grub-rescue/grub-rescue-cdrom.iso')
IPXE = pathlib.Path('/usr/lib/ipxe/ipxe.iso')
KERNEL = pathlib.Path('/usr/lib/ipxe/ipxe.lkrn')
IPXE_SAYS = r'iPXE initialising|iPXE 1\.'
LABEL = 'Rescue System 2026.11'
GRUB_MENU = f'''search --no-floppy --set=found --label "{LABEL}"
if [ -n "$found" ]; then echo "FOUND BY LABEL $found, MENU OF $prefix"; fi
sleep 30
'''
# In the manner of Debian's live systems.
ISOLINUX_MENU = {
    'isolinux/isolinux.cfg': 'include menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 20\n',
    'isolinux/menu.cfg': 'menu hshift 0\nmenu title Boot menu\ninclude live.cfg\n',
    'isolinux/live.cfg': 'label live\n\tmenu label ^Live system\n\tmenu default\n'
                         '\tlinux /live/vmlinuz\n\tappend boot=live components\n',
}


class BiosMenus(product.ProductTest):
    def setUp(self):
        super().setUp()
        if not shutil.which('grub-mkimage') or not (GRUB / 'diskboot.img').exists():
            self.skipTest('GRUB for BIOS is not installed (grub-common, grub-pc-bin)')
        if emulator.missing('bios'):
            self.skipTest(emulator.missing('bios'))

    def find(self, path, package):
        if not path.exists():
            self.skipTest(f'{path} is not installed ({package})')
        return path

    def make_iso(self, files, options=(), more=None):
        """A disc that starts on BIOS, or so it says. `more` is called with the folder of its
        files."""
        tree = self.folder / 'tree'
        for path, data in {'boot/bios.img': b'x' * 2048, **files}.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(data if isinstance(data, bytes) else data.encode())
        if more:
            more(tree)
        iso = self.folder / 'live.iso'
        product.tool('xorriso', '-as', 'mkisofs', '-quiet', '-R', '-J', '-V', LABEL, '-b',
                     'boot/bios.img', '-no-emul-boot', '-boot-load-size', '4', *options, '-o', iso,
                     tree)
        return iso

    def build(self, iso, *arguments, **options):
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(iso, stick.path, '--size', '128M', '--files', *arguments, **options)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        stick.assert_clean()
        return stick, outcome

    def test_a_menu_of_grub_is_shown_and_finds_its_label(self):
        iso = self.make_iso({'boot/grub/grub.cfg': GRUB_MENU, 'live/vmlinuz': b'kernel'})
        stick, outcome = self.build(iso, '--boot', 'bios')
        self.assertEqual(outcome.result['starts_on'], ['bios'])
        self.assertEqual(outcome.all_of('finding'), [])
        emulator.boot(stick.path,
                      r'FOUND BY LABEL hd0,msdos1, MENU OF \(hd0,msdos1\)/boot/grub')

    def test_a_menu_of_isolinux_starts_its_kernel(self):
        kernel = self.find(KERNEL, 'ipxe').read_bytes()
        stick, _ = self.build(self.make_iso({**ISOLINUX_MENU, 'live/vmlinuz': kernel}),
                              '--boot', 'bios')
        emulator.boot(stick.path, IPXE_SAYS)

    def test_ipxe_starts_on_both(self):
        stick, outcome = self.build(self.find(IPXE, 'ipxe'))
        self.assertEqual(outcome.result['starts_on'], ['uefi-x64', 'bios'])
        self.assertEqual(outcome.all_of('finding'), [])
        emulator.boot(stick.path, IPXE_SAYS)
        if not emulator.missing('uefi'):
            emulator.boot(stick.path, IPXE_SAYS, firmware='uefi')

    def test_the_rescue_disc_of_grub_starts(self):
        stick, outcome = self.build(self.find(RESCUE, 'grub-rescue-pc'), '--boot', 'bios')
        self.assertIn('boot/grub/grub.cfg', outcome.all_of('device')[0]['notes'][0])
        emulator.boot(stick.path, 'GNU GRUB')

    @tap.only_full
    def test_another_bios_and_processor_start_it(self):
        if emulator.missing_bochs():
            self.skipTest(emulator.missing_bochs())
        menu = 'serial --unit=0\nterminal_output serial\n' + GRUB_MENU
        iso = self.make_iso({'boot/grub/grub.cfg': menu, 'live/vmlinuz': b'kernel'})
        stick, _ = self.build(iso, '--boot', 'bios')
        emulator.boot_bochs(stick.path, 'FOUND BY LABEL hd0,msdos1')

    def test_a_damaged_loader_is_found(self):
        iso = self.make_iso({'boot/grub/grub.cfg': GRUB_MENU, 'live/vmlinuz': b'kernel'})
        stick, _ = self.build(iso, '--boot', 'bios')
        (self.folder / 'other').write_bytes(b'no loader')
        product.tool('mcopy', '-o', '-i', stick.mtools_name(), self.folder / 'other',
                     '::/bootmgr')
        changed = product.run('--check', '-d', stick.path)
        self.assertEqual(changed.status, product.VERIFY_FAILED)
        self.assertIn('bootmgr', changed.output)

    def make_hybrid(self, more=None):
        code = self.find(pathlib.Path('/usr/lib/ISOLINUX/isohdpfx.bin'), 'isolinux')
        return self.make_iso({'boot/grub/grub.cfg': GRUB_MENU, 'live/vmlinuz': b'kernel',
                              'boot/bios.img': code.with_name('isolinux.bin').read_bytes()},
                             ['-iso-level', '3', '-boot-info-table', '-isohybrid-mbr', code], more)

    @tap.only_full
    def test_what_fat_cannot_hold_is_counted_and_offered_byte_by_byte(self):
        def add(tree):
            (tree / 'latest').symlink_to('live')
            (tree / 'kernel').symlink_to('live/vmlinuz')
            (tree / 'live/filesystem.squashfs').touch()
            os.truncate(tree / 'live/filesystem.squashfs', 4 << 30)
        iso, stick = self.make_hybrid(add), self.folder / 'stick.img'
        refused = self.create(iso, stick, '--size', '8G', '--files', status=20)
        large, links = refused.finding(20), refused.finding(21)
        self.assertEqual((large['files'], large['action']), (['live/filesystem.squashfs'], 'raw'))
        self.assertEqual((links['files'], links['action']), (['latest'], 'raw'))
        self.assertEqual(refused.all_of('image')[0]['symlink_count'], 2)
        self.assertFalse(stick.exists())

    def test_what_was_made_for_it_is_offered_byte_by_byte_without_grub(self):
        iso = self.make_hybrid()
        refused = self.create(iso, self.folder / 'stick.img', '--size', '128M', '--files',
                              '--boot', 'bios', status=12, PATH=product.NO_PROGRAMS)
        self.assertEqual(refused.finding(12)['action'], 'raw')

    def test_without_grub_it_is_told(self):
        iso = self.make_iso({'boot/grub/grub.cfg': GRUB_MENU, 'live/vmlinuz': b'kernel'})
        refused = self.create(iso, self.folder / 'stick.img', '--size', '128M', '--boot', 'bios',
                              status=12, PATH=product.NO_PROGRAMS)
        self.assertIn('grub-pc-bin', refused.finding(12)['meaning'])
        self.assertNotEqual(refused.finding(12)['action'], 'raw')
        self.assertFalse((self.folder / 'stick.img').exists())


if __name__ == '__main__':
    sys.exit(tap.main())
