#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--keep adds an image to an NTFS partition, for BIOS, and loses nothing; --undo takes it off again.
Judged by sfdisk, 7-Zip and the tools of ntfs-3g."""

import os
import re
import sys
import unittest

import discs
import emulator
import finished
import keeping
import product
import tap
import users_ntfs

MIB = finished.MIB
SECTOR = finished.SECTOR


@tap.expand
class KeepNtfs(keeping.KeepTest):
    ARGUMENTS = ('--keep', '--boot', 'bios')

    def make(self, **options):
        return users_ntfs.make(self.folder, self.path, **options)

    def facts(self, stick):
        return stick.extract(), stick.read(0, SECTOR), stick.table(), stick.boot_sectors()

    def keep_and_undo(self, stick):
        """Builds beside the files, checks, takes it off again: the stick is as it was."""
        before = self.facts(stick)
        outcome = self.keep()
        self.assertEqual(outcome.result['starts_on'], ['bios'])
        self.assertIn('UEFI does not start from NTFS', outcome.finding(23)['meaning'])
        self.assert_all_there(stick, before[0])
        self.assertEqual(self.check()['state'], 'good')
        outcome = self.undo()
        self.assertEqual(outcome['stayed'], [])
        self.assertTrue(outcome['boot_code_restored'])
        self.assertEqual(self.facts(stick), before)
        stick.assert_clean()
        self.assertEqual(self.check(26)['state'], 'not-ours')

    @tap.cases(quick=[(512,), (4096,), (65536,)], full=[(1024,), (16384,), (2 * MIB,)])
    def test_cluster_size(self, cluster_bytes):
        size = max(64 * MIB, 512 * cluster_bytes)
        self.keep_and_undo(self.make(cluster_bytes=cluster_bytes, size_bytes=size))

    def test_files_of_the_same_names_come_back(self):
        own = {'BOOTMGR': 1234, 'Boot/BCD': 40_000, 'sources/notes.txt': 10}
        stick = self.make(files={**users_ntfs.FILES, **own})
        before = self.facts(stick)
        outcome = self.keep()
        replaced = outcome.finding(24)['files']
        self.assertEqual(sorted(path.lower() for path in replaced), ['boot/bcd', 'bootmgr'])
        self.assert_all_there(stick, before[0])
        restored = self.undo()['restored']
        self.assertEqual(sorted(path.lower() for path in restored), ['boot/bcd', 'bootmgr'])
        self.assertEqual(self.facts(stick), before)

    def test_boot_code_and_flags_of_others_come_back(self):
        stick = self.make(others=[f'start={65 * MIB // SECTOR}, size=1024, type=83, bootable'])
        start, last = 2048 * SECTOR, stick.partition()['size'] - 1 + 2048
        for at, size in ((0, 440), (start + 84, 426), (start + SECTOR, 15 * SECTOR),
                         (last * SECTOR, SECTOR)):
            self.write(at, discs.noise(size, at))
        before = self.facts(stick)
        outcome = self.keep()
        told = [event['meaning'] for event in outcome.all_of('finding') if event['code'] == 24]
        self.assertEqual(len(told), 2, told)
        self.assertEqual(sorted(number for number, entry in stick.table().items()
                                if entry.get('bootable')), [1])
        self.assertTrue(self.undo()['boot_code_restored'])
        self.assertEqual(self.facts(stick), before)

    def write(self, offset, data):
        with open(self.path, 'r+b') as file:
            file.seek(offset)
            file.write(data)

    def test_what_is_not_sound_is_left_alone(self):
        asleep = {'hiberfil.sys': b'hibr' + bytes(4092)}
        for options, words in (({'prepare': users_ntfs.mark_dirty}, 'not closed properly'),
                               ({'files': {**users_ntfs.FILES, **asleep}}, 'asleep|hibernat')):
            with self.subTest(words):
                self.make(**options)
                before = finished.disk_digest(self.path)
                outcome = self.keep(status=25)
                self.assertRegex(outcome.finding(25)['meaning'], words)
                self.assertEqual(finished.disk_digest(self.path), before)

    def test_where_uefi_is_wanted_it_is_offered(self):
        self.make()
        before = finished.disk_digest(self.path)
        outcome = self.create(self.iso, self.path, '--keep', status=6)
        self.assertEqual(outcome.result['finding']['action'], 'bios-on-ntfs')
        outcome = product.run('--create', '--keep', '-i', self.iso, '-d', self.path, as_json=False)
        self.assertRegex(outcome.errors, r'For\s+NTFS,\s+add\s+--filesystem\s+ntfs')
        self.assertEqual(finished.disk_digest(self.path), before)
        outcome = self.create(self.iso, self.path, '--keep', '--filesystem', 'ntfs')
        self.assertEqual(outcome.result['starts_on'], ['bios'])

    def test_nearly_full(self):
        size = sum(path.stat().st_size for path in self.tree.rglob('*') if path.is_file())
        stick = self.make(files={**users_ntfs.FILES, 'film.mkv': 64 * MIB - size - 16 * MIB})
        self.keep_and_undo(stick)

    def test_full(self):
        self.make(files={**users_ntfs.FILES, 'film.mkv': 57 * MIB})
        before = finished.disk_digest(self.path)
        outcome = self.keep(status=6)
        self.assertRegex(outcome.finding(6)['meaning'], 'are missing')
        self.assertEqual(finished.disk_digest(self.path), before)

    def cut_before_files(self, iso):
        """Ends a build when nothing but its note is there."""
        before = self.path.read_bytes()
        for number in range(6, 60, 2):
            self.path.write_bytes(before)
            self.cut(iso, f'kill#{number}')
            if product.run('--check', '-d', self.path).status == 27:
                return
        self.fail('no note was written')

    def cut(self, iso, fault):
        product.run('--create', '-i', iso, '-d', self.path, '--keep', '--boot', 'bios',
                    preload=fault)

    def test_a_build_fits_after_a_cut_if_it_did_before(self):
        """Nothing but a note is left of the first one, and counts as free."""
        stick = self.make()
        users_ntfs.fill_up(stick, self.folder, left_bytes=2 * MIB)
        meaning = self.keep(status=6).finding(6)['meaning'].replace('\u00a0', ' ')
        missing = int(re.search(r'([\d,.]+) bytes\) are missing', meaning)[1].replace(',', ''))
        users_ntfs.fill_up(stick, self.folder, left_bytes=2 * MIB + missing)
        before = self.facts(stick)
        self.cut_before_files(self.iso)
        self.keep()
        self.assertEqual(self.check()['state'], 'good')
        self.undo()
        self.assertEqual(self.facts(stick), before)

    def test_what_a_build_never_made_is_not_waited_for(self):
        """The first one is cut off before its files are there, the second, of another image, when
        they are: these are ours to take off."""
        stick = self.make(files={**users_ntfs.FILES, 'BOOTMGR': 1234})
        before = self.facts(stick)
        other, tree = discs.make(self.folder, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'], many=20)
        self.cut_before_files(other)
        boot_record = stick.partition()['start'] * SECTOR
        self.cut(self.iso, f'kill:{boot_record}')
        self.assertEqual(self.check(27)['state'], 'incomplete')
        never_made = {path.lower() for path in finished.read_tree(tree)} - {
            path.lower() for path in self.files}
        self.assertTrue(never_made)
        self.assertFalse(never_made & {path.lower() for path in stick.extract()})
        self.assertEqual(sorted(path.lower() for path in self.undo()['restored']), ['bootmgr'])
        self.assertEqual(self.facts(stick), before)
        stick.assert_clean()

    def test_undo_needs_hardly_any_room(self):
        """Only the changes of folders are written down first; without room even for that it says
        what to do, and goes on when it is done."""
        stick = self.make()
        before = self.facts(stick)
        iso, _ = discs.make(self.folder, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'], many=300)
        self.keep(iso=iso)
        users_ntfs.fill_up(stick, self.folder, left_bytes=0)
        outcome = product.run('--undo', '-d', self.path)
        self.assertEqual(outcome.status, 6, outcome.output)
        finding = outcome.result['finding']
        self.assertRegex(finding['meaning'], r'\d+ bytes are missing')
        self.assertRegex(finding['remedy'], 'Move some files of your own .* undo again')
        self.assertIsNone(finding['action'])
        users_ntfs.fill_up(stick, self.folder, left_bytes=1500 * 1024)
        self.undo()
        after = self.facts(stick)
        for name in users_ntfs.FILLERS:
            after[0].pop(name)
        self.assertEqual(after, before)
        stick.assert_clean()

    def test_a_second_build_replaces_the_first(self):
        stick = self.make()
        before = self.facts(stick)
        other, tree = discs.make(self.folder, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'], many=20)
        self.keep()
        self.keep(iso=other)
        self.assert_all_there(stick, before[0], self.files | finished.read_tree(tree))
        self.assertEqual(self.check()['state'], 'good')
        self.undo()
        self.assertEqual(self.facts(stick), before)

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios_starts_it(self):
        self.make()
        self.keep()
        emulator.boot(self.path, 'BOOTMGR OK drive=80 hidden=00000800')


if __name__ == '__main__':
    sys.exit(tap.main())
