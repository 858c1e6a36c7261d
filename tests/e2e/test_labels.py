#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boot menus that look for their volume by name: changed where the stick is called otherwise."""

import pathlib
import shutil
import sys

import emulator
import finished
import product
import tap
import users_stick

LABEL = 'Rescue System 2026.11'
ESCAPED = LABEL.replace(' ', r'\x20')
MODULES = pathlib.Path('/usr/lib/grub/x86_64-efi')
# What GRUB finds first is the file with its menu; only the menu looks for a label.
FIRST = 'search --no-floppy --file --set=root /boot/grub/grub.cfg\nconfigfile /boot/grub/grub.cfg\n'
MENU = '''# looks for {label}
search --no-floppy --set=found --label "{label}"
if [ -n "$found" ]; then echo "FOUND BY LABEL $found"; else echo "NO SUCH LABEL"; fi
echo linux root=live:CDLABEL={escaped} quiet
echo 'single archisolabel={escaped}' "double archisolabel={escaped}"
sleep 30
'''
ENTRY = 'title Rescue\noptions archisolabel={escaped} copytoram\n'
OTHER = 'menuentry "{label}" {{ linux /live/vmlinuz }}\n'
MENUS = {'boot/grub/grub.cfg': MENU, 'loader/entries/rescue.conf': ENTRY,
         'boot/grub/other.cfg': OTHER}
CHANGED = ['boot/grub/grub.cfg', 'loader/entries/rescue.conf']


class Labels(product.ProductTest):
    def make_iso(self, label=LABEL, signed=(), first=FIRST):
        """A live system whose loader is a GRUB of the distribution."""
        tree, escaped = self.folder / f'tree-{label}', label.replace(' ', r'\x20')
        for path, text in MENUS.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text.format(label=label, escaped=escaped))
        for path in signed:
            (tree / (path + '.sig')).write_bytes(b'signature')
        (tree / 'live').mkdir()
        (tree / 'live/vmlinuz').write_bytes(b'kernel')
        (tree / 'md5sum.txt').write_bytes(b'...')
        self.make_loader(tree / 'EFI/BOOT/BOOTX64.EFI', first)
        iso = self.folder / 'live.iso'
        product.tool('xorriso', '-as', 'mkisofs', '-quiet', '-R', '-J', '-V', label, '-o', iso,
                     tree)
        return iso

    def make_loader(self, path, first):
        if not shutil.which('grub-mkimage') or not MODULES.exists():
            self.skipTest('grub-mkimage or its modules are not installed '
                          '(grub-common, grub-efi-amd64-bin)')
        (self.folder / 'first.cfg').write_text(first)
        path.parent.mkdir(parents=True, exist_ok=True)
        product.tool('grub-mkimage', '-O', 'x86_64-efi', '-d', MODULES, '-p', '/boot/grub',
                     '-c', self.folder / 'first.cfg', '-o', path, 'part_msdos', 'fat', 'search',
                     'search_label', 'search_fs_file', 'configfile', 'normal', 'echo', 'test',
                     'sleep')

    def build(self, iso, *arguments, size='128M'):
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(iso, stick.path, *(['--size', size] if size else []), '--files',
                              '--boot', 'uefi', *arguments)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        return stick, outcome

    def read_menus(self, stick):
        """The menus on the stick, as mtools read them."""
        return {path: product.tool('mcopy', '-n', '-i', stick.mtools_name(), f'::/{path}', '-')
                for path in MENUS}

    def assert_looks_for(self, stick, label, escaped, changed=tuple(CHANGED)):
        expected = {path: text.format(label=LABEL, escaped=ESCAPED)
                    for path, text in MENUS.items()}
        for path in changed:
            expected[path] = MENUS[path].format(label=label, escaped=escaped)
        if 'boot/grub/grub.cfg' in changed:  # but for the comment
            first, rest = expected['boot/grub/grub.cfg'].split('\n', 1)
            expected['boot/grub/grub.cfg'] = first.replace(label, LABEL) + '\n' + rest
        self.assertEqual(self.read_menus(stick), expected)

    def assert_says(self, stick, until):
        if emulator.missing('uefi'):
            self.skipTest(emulator.missing('uefi'))
        return emulator.boot(stick.path, until, firmware='uefi').text

    def test_a_long_label_gives_way_and_the_stick_starts(self):
        stick, outcome = self.build(self.make_iso())
        self.assertEqual(outcome.all_of('finding'), [])
        device = outcome.all_of('device')[0]
        self.assertEqual(device['changed_menus'],
                         [{'path': path, 'from': LABEL, 'to': 'RESCUE_SYST'} for path in CHANGED])
        self.assertIn('changed to look for "RESCUE_SYST"', device['notes'][0])
        self.assertIn('md5sum.txt', device['notes'][1])
        self.assert_looks_for(stick, 'RESCUE_SYST', 'RESCUE_SYST')
        self.assert_says(stick, r'FOUND BY LABEL \S+')

    def test_a_short_one_in_lower_case_does_too(self):
        iso = self.make_iso('live-12')
        stick, outcome = self.build(iso)
        self.assertEqual(outcome.all_of('finding'), [])
        self.assertEqual(len(outcome.all_of('device')[0]['changed_menus']), 2)
        self.assert_says(stick, r'FOUND BY LABEL \S+')

    @tap.only_full
    def test_one_that_fits_stays(self):
        stick, outcome = self.build(self.make_iso('LIVE12'))
        self.assertEqual(outcome.all_of('device')[0]['changed_menus'], [])
        self.assertIn('search --no-floppy --set=found --label "LIVE12"',
                      self.read_menus(stick)['boot/grub/grub.cfg'])
        self.assert_says(stick, r'FOUND BY LABEL \S+')

    @tap.only_full
    def test_the_users_own_label_with_a_space_is_found(self):
        stick, _ = self.build(self.make_iso(), '--label', 'My Stick')
        self.assert_looks_for(stick, 'MY STICK', r'MY\x20STICK')
        self.assert_says(stick, r'FOUND BY LABEL \S+')
        stick.path.unlink()
        stick, _ = self.build(self.make_iso('Live-12'), '--label', 'My Stick')
        self.assertIn(r'archisolabel=MY\x20STICK', self.read_menus(stick)[CHANGED[1]])
        self.assert_says(stick, r'FOUND BY LABEL \S+\s+linux root=live:CDLABEL=MY\\x20STICK quiet\s+'
                                r'single archisolabel=MY\\x20STICK double archisolabel=MY\\x20STICK')

    def test_what_is_told_not_to_be_found_is_not(self):
        stick, outcome = self.build(self.make_iso(), '--label', 'A&B')
        finding = outcome.finding(23)
        self.assertEqual(finding['files'], CHANGED)
        self.assert_looks_for(stick, LABEL, ESCAPED)
        self.assert_says(stick, 'NO SUCH LABEL')

    def test_a_signed_menu_stays(self):
        stick, outcome = self.build(self.make_iso(signed=[CHANGED[0]]))
        self.assertEqual(outcome.finding(23)['files'], CHANGED[:1])
        self.assertEqual([change['path'] for change in
                          outcome.all_of('device')[0]['changed_menus']], CHANGED[1:])
        self.assert_looks_for(stick, 'RESCUE_SYST', 'RESCUE_SYST', changed=CHANGED[1:])

    def test_one_within_a_program_stays_and_is_told(self):
        first = FIRST.replace('--file --set=root /boot/grub/grub.cfg', f'--label "{LABEL}"')
        iso = self.make_iso(first=first)
        stick, outcome = self.build(iso)
        self.assertEqual(outcome.finding(23)['files'], ['EFI/BOOT/BOOTX64.EFI'])
        self.assert_looks_for(stick, 'RESCUE_SYST', 'RESCUE_SYST')

    def test_the_name_of_a_stick_that_is_kept_counts(self):
        users_stick.make_holiday(self.folder, self.folder / 'stick.img')
        stick, outcome = self.build(self.make_iso(), '--keep', size=None)
        self.assertEqual(outcome.all_of('device')[0]['changed_menus'][0]['to'], 'HOLIDAY')
        self.assert_looks_for(stick, 'HOLIDAY', 'HOLIDAY')
        self.assert_says(stick, r'FOUND BY LABEL \S+')

    def test_inspect_tells_and_writes_nothing(self):
        iso, path = self.make_iso(), self.folder / 'stick.img'
        path.write_bytes(b'')
        path.open('r+b').truncate(128 << 20)
        seen = product.run('--inspect', '-i', iso, '-d', path, '--boot', 'uefi')
        self.assertEqual([change['path'] for change in seen.all_of('device')[0]['changed_menus']],
                         CHANGED)
        self.assertEqual(path.stat().st_blocks, 0)


if __name__ == '__main__':
    sys.exit(tap.main())
