#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--keep adds an image to sticks as users have them and loses nothing; --undo takes it off again.
Judged by sfdisk, fsck.fat, 7-Zip and mtools."""

import re
import sys
import unittest

from cli import Terminal
import discs
import emulator
import finished
import keeping
import product
import tap
import users_stick

MIB = finished.MIB
SECTOR = finished.SECTOR


@tap.expand
class Existing(keeping.KeepTest):
    """A FAT32 partition with room for the files."""

    def keep_and_undo(self, stick, **options):
        """Builds beside the files, checks, takes it off again: the stick is as it was."""
        files, mbr = stick.extract(), stick.read(0, SECTOR)
        table, reserved = stick.table(), stick.reserved_sectors()
        self.keep(**options)
        self.assert_all_there(stick, files)
        self.assertEqual(self.check()['state'], 'good')
        outcome = self.undo()
        self.assertEqual(outcome['stayed'], [])
        self.assertTrue(outcome['boot_code_restored'])
        self.assertEqual(stick.extract(), files)
        self.assertEqual((stick.read(0, SECTOR), stick.table()), (mbr, table))
        self.assert_same_records(stick.reserved_sectors(), reserved)
        stick.assert_clean()
        self.assertEqual(self.check(26)['state'], 'not-ours')

    def assert_same_records(self, now, before):
        """Reserved sectors but for FSInfo, which counts free clusters, and its copy."""
        for sector in range(len(before) // SECTOR):
            at = slice(sector * SECTOR, (sector + 1) * SECTOR)
            if before[at][:4] != b'RRaA':
                self.assertEqual(now[at], before[at], f'sector {sector}')

    @tap.cases(quick=[(512,), (4096,), (32768,), (65536,)],
               full=[(1024,), (2048,), (8192,), (16384,)])
    def test_cluster_size(self, cluster_bytes):
        self.keep_and_undo(users_stick.make_holiday(self.folder, self.path, cluster_bytes))

    def test_fragmented(self):
        self.keep_and_undo(users_stick.make_holiday(
            self.folder, self.path, fill=lambda stick: users_stick.fragment(stick, self.folder)))

    def test_nearly_full(self):
        def fill(stick):
            users_stick.fragment(stick, self.folder)
            users_stick.fill_up(stick, self.folder, sum_of_files(self.tree) + MIB // 2)
        self.keep_and_undo(users_stick.make_holiday(self.folder, self.path, fill=fill))

    def test_backup_of_the_boot_record_elsewhere(self):
        users_stick.make_table(self.path, users_stick.volume_size(512) + MIB,
                               'start=2048, type=c')
        users_stick.format_partition(self.path, options=['-b', 2, '-R', 64, '-f', 1])
        stick = finished.Stick(self.path, 1)
        users_stick.put(stick, self.folder, users_stick.HOLIDAY)
        self.keep_and_undo(stick)

    def test_third_of_four_partitions(self):
        """The others, one of them active, stay as they are."""
        size = users_stick.volume_size(512)
        start = 12 * 2048
        users_stick.make_table(
            self.path, 64 * MIB + size, 'start=2048, size=2048, type=83, bootable',
            'start=4096, size=2048, type=7', f'start={start}, size={size // SECTOR}, type=c',
            f'start={start + size // SECTOR + 2048}, size=4096, type=82')
        for at in (2048, 4096, start + size // SECTOR + 2048):
            self.write(at * SECTOR, discs.noise(MIB, at))
        users_stick.format_partition(self.path, 3)
        stick = finished.Stick(self.path, 3)
        users_stick.put(stick, self.folder, users_stick.HOLIDAY)
        table, files = stick.table(), stick.extract()
        self.keep()
        self.assert_all_there(stick, files)
        now = stick.table()
        self.assertTrue(now[3].pop('bootable'))
        self.assertTrue(table[1].pop('bootable'))
        self.assertEqual(now, table)
        for at in (2048, 4096, start + size // SECTOR + 2048):
            self.assertEqual(stick.read(at * SECTOR, MIB), discs.noise(MIB, at))
        self.undo()
        self.assertTrue(stick.table()[1]['bootable'])

    def write(self, offset, data):
        with open(self.path, 'r+b') as file:
            file.seek(offset)
            file.write(data)

    def test_replaced_files_come_back(self):
        def fill(stick):
            users_stick.put(stick, self.folder, {
                'BOOTMGR': 100_000, 'Boot/BCD': 0, 'EFI/Boot/bootx64.efi': b'my own loader',
                'Sources/My notes.txt': 5000})
        stick = users_stick.make_holiday(self.folder, self.path, fill=fill)
        before = stick.extract()
        outcome = self.keep()
        replaced = [name.lower() for finding in outcome.all_of('finding') if finding['code'] == 24
                    for name in finding['files']]
        self.assertEqual(sorted(replaced), ['boot/bcd', 'bootmgr', 'efi/boot/bootx64.efi'])
        self.assert_all_there(stick, before)
        restored = self.undo()['restored']
        self.assertEqual({name.lower() for name in restored},
                         {'bootmgr', 'boot/bcd', 'efi/boot/bootx64.efi'})
        self.assertEqual(stick.extract(), before)
        stick.assert_clean()

    def test_a_short_name_replaces_nothing(self):
        """A file gives way to one of its own long name only; what would meet it, or a folder, by
        the short name is refused before anything is written."""
        stick = users_stick.make_holiday(self.folder, self.path)
        users_stick.put(stick, self.folder, {'A long name.txt': b'mine',
                                             'Long folder name/x.txt': b'mine, too'})
        before, untouched = stick.extract(), finished.disk_digest(self.path)
        for name, code in (('ALONGN~1.TXT', 21), ('LONGFO~1/x.txt', 21), ('a LONG name.txt', 0)):
            with self.subTest(name):
                folder = self.folder / name.replace('/', ' ')
                folder.mkdir()
                iso, _ = discs.make(folder, extra=lambda tree, name=name: discs.write(
                    tree / name, b'of the image'))
                self.assertEqual(product.run('--inspect', '--keep', '-i', iso, '-d',
                                             self.path).status, code)
                outcome = self.keep(iso=iso, status=code)
                replaced = [path for finding in outcome.all_of('finding') if finding['code'] == 24
                            for path in finding['files']]
                self.assertEqual(replaced, [] if code else ['A long name.txt'])
                if code:
                    self.assertEqual(finished.disk_digest(self.path), untouched)
        self.undo()
        self.assertEqual(stick.extract(), before)

    def test_what_the_user_changed_since_stays(self):
        stick = users_stick.make_holiday(self.folder, self.path)
        before = stick.extract()
        self.keep()
        users_stick.put(stick, self.folder, {'boot/bcd': b'changed', 'boot/mine.txt': b'added'})
        outcome = self.undo()
        self.assertEqual([name.lower() for name in outcome['stayed']], ['boot/bcd'])
        after = stick.extract()
        self.assertEqual({path.lower() for path in after if path not in before},
                         {'boot', 'boot/bcd', 'boot/mine.txt'})
        self.assertLessEqual(before.items(), after.items())
        stick.assert_clean()

    def test_a_second_build_beside_the_first(self):
        stick = users_stick.make_holiday(self.folder, self.path)
        before = stick.extract()
        self.keep()
        iso, tree = discs.make(self.folder, 'bridge', label='OTHER', many=20)
        self.keep(iso=iso)
        files = {**self.files, **finished.read_tree(tree)}
        self.assert_all_there(stick, before, files)
        self.assertEqual(self.check()['state'], 'good')
        self.undo()
        after = stick.extract()
        self.assertLessEqual(before.items(), after.items())
        stick.assert_clean()

    def test_uefi_only_leaves_boot_code_and_flags_alone(self):
        stick = users_stick.make_holiday(self.folder, self.path)
        before, mbr, reserved = stick.extract(), stick.read(0, SECTOR), stick.reserved_sectors()
        self.keep('--boot', 'uefi')
        self.assert_all_there(stick, before)
        self.assertEqual(stick.read(0, SECTOR), mbr)
        self.assert_same_records(stick.reserved_sectors(), reserved)

    def test_inspecting_writes_nothing_and_tells_what_is_built(self):
        stick = users_stick.make_holiday(self.folder, self.path)
        users_stick.put(stick, self.folder, {'BOOTMGR': 100})
        before = finished.disk_digest(self.path)
        inspected = product.run('--inspect', '-i', self.iso, '-d', self.path, '--keep')
        self.assertEqual(inspected.status, product.OK)
        self.assertEqual(finished.disk_digest(self.path), before)
        created = self.keep()
        planned = [event for event in created.all_of('step') if event['state'] == 'planned']
        self.assertEqual(inspected.all_of('step'), planned)
        self.assertEqual(inspected.all_of('finding'), created.all_of('finding'))
        device = inspected.all_of('device')[0]
        self.assertEqual((device['lost'], device['suitable']), ([], True))

    def test_inspecting_reads_well(self):
        users_stick.make_holiday(self.folder, self.path)
        shown = product.run('--inspect', '-i', self.iso, '-d', self.path, '--keep', as_json=False)
        text = shown.output.replace('\u00a0', ' ')
        self.assertRegex(text, r'\nTarget .*MBR; FAT32 "HOLIDAY", 5 files, \S+ kB used\n'
                               r'Will be lost   nothing\nWill happen    1\. ')
        self.assertRegex(text, r'\. (Add|Copy) \d+ files, \S+ MB')
        self.assertRegex(text, r'\nWill start on  UEFI 64-bit, BIOS\n')


class NewPartition(keeping.KeepTest):
    def test_in_a_gap(self):
        users_stick.make_table(self.path, 256 * MIB, 'start=2048, size=40960, type=83',
                               'start=450560, size=20480, type=7, bootable')
        noise = discs.noise(20 * MIB)
        with open(self.path, 'r+b') as file:
            file.seek(MIB)
            file.write(noise)
        first = finished.Stick(self.path, 1)
        before, mbr = first.table(), first.read(0, SECTOR)
        self.keep()
        table = first.table()
        number, = set(table) - set(before)
        stick = finished.Stick(self.path, number)
        self.assertEqual((table[number]['type'], table[number]['bootable']), ('c', True))
        self.assert_all_there(stick, {})
        self.assertEqual(stick.read(MIB, len(noise)), noise)
        self.assertEqual({key: (entry['start'], entry['size'], entry['type'])
                          for key, entry in table.items() if key != number},
                         {key: (entry['start'], entry['size'], entry['type'])
                          for key, entry in before.items()})
        self.assertEqual(self.check()['state'], 'good')
        self.assertTrue(self.undo()['partition_removed'])
        self.assertEqual((first.table(), first.read(0, SECTOR)), (before, mbr))

    def test_beside_an_extended_partition(self):
        """What lies in it is none that BIOS starts from, so it is left alone."""
        size = users_stick.volume_size(512) // SECTOR
        users_stick.make_table(self.path, 256 * MIB, f'start=2048, size={size + 4096}, type=5',
                               f'start=4096, size={size}, type=b')
        logical = finished.Stick(self.path, 5)
        users_stick.format_partition(self.path, 5)
        users_stick.put(logical, self.folder, users_stick.HOLIDAY)
        table, files = logical.table(), logical.extract()
        self.keep()
        self.assertEqual({number: entry for number, entry in logical.table().items()
                          if number != 2}, table)
        self.assert_all_there(finished.Stick(self.path, 2), {})
        self.assertEqual(logical.extract(), files)
        self.undo()
        self.assertEqual(logical.table(), table)

    def test_a_partition_with_files_of_the_user_stays(self):
        users_stick.make_table(self.path, 128 * MIB, 'start=2048, size=20480, type=83')
        self.keep()
        stick = finished.Stick(self.path, 2)
        users_stick.put(stick, self.folder, {'mine.txt': b'added'})
        outcome = self.undo()
        self.assertFalse(outcome['partition_removed'])
        self.assertEqual(list(stick.extract()), ['mine.txt'])
        stick.assert_clean()

    def test_on_a_blank_disk(self):
        with open(self.path, 'wb') as file:
            file.truncate(128 * MIB)
        self.keep()
        self.assert_all_there(finished.Stick(self.path), {})
        self.assertEqual(self.check()['state'], 'good')

    def test_in_a_new_file(self):
        self.keep('--size', '128M')
        self.assert_all_there(finished.Stick(self.path), {})
        self.assertEqual(self.check()['state'], 'good')


class Questions(keeping.KeepTest):
    """On a terminal."""

    def setUp(self):
        super().setUp()
        self.stick = users_stick.make_holiday(self.folder, self.path)
        self.before = finished.disk_digest(self.path)

    def run_on_terminal(self, *arguments, prompt=None, keys=b''):
        terminal = Terminal(*(str(argument) for argument in arguments), columns=300,
                            env={'XDG_STATE_HOME': str(self.folder)})
        if prompt:
            terminal.wait_for(f'{prompt} [y/N] ')
            terminal.press(keys)
        code, output = terminal.finish()
        return code, output.replace('\r\n', '\n')

    def answer(self, prompt, keys, *arguments):
        return self.run_on_terminal(*arguments, prompt=prompt, keys=keys)

    def ask_build(self, keys):
        return self.answer('Build?', keys, '--create', '-i', self.iso, '-d', self.path, '--keep')

    def test_it_says_that_nothing_is_erased(self):
        code, output = self.ask_build(b'n\n')
        self.assertEqual(code, 18)
        self.assertRegex(output, r'\n\d+ files will be added to \S+stick\.img \(\S+ MB\); nothing is '
                                 r'erased\.\nBuild\? ')
        self.assertEqual(finished.disk_digest(self.path), self.before)

    def test_it_names_what_is_replaced(self):
        users_stick.put(self.stick, self.folder, {'BOOTMGR': 100, 'boot/bcd': 200})
        _, output = self.ask_build(b'n\n')
        self.assertRegex(output, r'(?i)nothing is erased, but these are replaced: (bootmgr|boot/bcd), '
                                 r'(bootmgr|boot/bcd)\. --undo puts them back\.\nBuild\? ')

    def test_yes_builds_and_the_bars_end_clean(self):
        code, output = self.ask_build(b'y\n')
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r'100 %  Done *\n\nReady: ')
        code, output = self.run_on_terminal('--check', '-d', self.path)
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r'100 %  Done *\nMade from ')

    def test_no_leaves_the_build_on(self):
        self.keep()
        before = finished.disk_digest(self.path)
        code, output = self.answer('Undo?', b'n\n', '--undo', '-d', self.path)
        self.assertEqual(code, 18)
        self.assertIn('nothing was changed on', output)
        self.assertEqual(finished.disk_digest(self.path), before)

    def test_where_there_is_nothing_to_undo_nothing_is_asked(self):
        code, output = self.run_on_terminal('--undo', '-d', self.path)
        self.assertEqual(code, 26, output)
        self.assertIn('Cannot undo: ', output)
        self.assertNotIn('Undo?', output)

    def test_an_undo_leaves_a_log(self):
        self.keep()
        log = self.folder / 'undo.log'
        outcome = product.run('--undo', '-d', self.path, '--log', log)
        self.assertEqual(outcome.result['log'], str(log))
        removed = re.findall(r' removed: (.*)\n', log.read_text(encoding='utf-8'))
        self.assertEqual(removed, outcome.result['removed'])

    def test_yes_takes_the_build_off(self):
        files = self.stick.extract()
        users_stick.put(self.stick, self.folder, {'BOOTMGR': 100})
        self.keep()
        code, output = self.answer('Undo?', b'y\n', '--undo', '-d', self.path)
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r'\n\d+ files that were added to \S+stick\.img \(\S+ MB\) will be '
                                 r'removed, but for those that were changed since\. These are put '
                                 r'back: BOOTMGR\. Files of your own stay\.\nUndo\? ')
        self.assertRegex(output, r'Done *\nRemoved        \d+ files\nPut back       BOOTMGR\n'
                                 r'Boot code      the old one is back\n$')
        self.assertEqual({**files, 'BOOTMGR': None}.keys(), self.stick.extract().keys())


class Starts(keeping.KeepTest):
    """What is kept does not keep the stick from starting: stand-ins check what they were handed."""

    def build(self):
        size = users_stick.volume_size(512)
        users_stick.make_table(self.path, 8 * MIB + size, 'start=2048, size=4096, type=83, bootable',
                               'start=10240, type=b')
        users_stick.format_partition(self.path, 2)
        stick = finished.Stick(self.path, 2)
        users_stick.put(stick, self.folder, users_stick.HOLIDAY)
        users_stick.fragment(stick, self.folder)
        self.keep()

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios(self):
        self.build()
        emulator.boot(self.path, 'BOOTMGR OK drive=80 hidden=00002800')

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi(self):
        self.build()
        emulator.boot(self.path, 'BOOTX64 OK', firmware='uefi')


def sum_of_files(tree):
    return sum(path.stat().st_size for path in tree.rglob('*') if path.is_file())


if __name__ == '__main__':
    sys.exit(tap.main())
