#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that can arise on a disk image, from a real situation: with the same title, meaning and
remedy in text and in JSON, its severity, its exit status, and nothing written where it is refused."""

import fcntl
import json
import os
import re
import shutil
import struct
import sys
import unittest

from cli import Terminal
import discs
import finished
import product
import tap
import users_stick

MIB = finished.MIB
SECTOR = finished.SECTOR
# The codes of DESIGN section 5 and their names, which programs rely on.
IDS = {
    1: 'track-0-not-writable', 2: 'filesystem-at-start', 3: 'unsupported-disk-type',
    4: 'disk-too-small', 5: 'max-partitions', 6: 'no-free-space', 7: 'init-failed',
    8: 'create-fat32-failed', 10: 'image-unreadable', 11: 'image-incomplete',
    12: 'image-not-bootable', 14: 'device-busy', 16: 'write-failed', 17: 'verify-failed',
    18: 'cancelled', 20: 'file-too-large', 21: 'name-not-representable', 22: 'device-changed',
    23: 'firmware-limited', 24: 'files-replaced', 25: 'volume-damaged', 26: 'not-our-stick',
    27: 'build-incomplete', 98: 'small-fat', 99: 'no-partition-table',
}


def squeeze(text):
    """The words alone: no line breaks, no non-breaking spaces."""
    return ' '.join(text.split())


def lower_first(text):
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


class CodeTest(product.ProductTest):
    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        os.chmod(cls.discs, 0o755)
        cls.iso, _ = discs.make(cls.discs)

    def setUp(self):
        super().setUp()
        self.stick = self.folder / 'stick.img'

    def assert_finding(self, finding, code, severity, meaning):
        self.assertEqual((finding['code'], finding['id'], finding['severity']),
                         (code, IDS[code], severity))
        self.assertRegex(squeeze(finding['meaning']), meaning)
        for key in ('title', 'remedy'):
            self.assertRegex(finding[key], r'^[A-Z].*\w[.]?$', key)

    def assert_told(self, said, finding, heading):
        """The text has what JSON has."""
        title = lower_first(finding['title']) if heading else finding['title']
        text = squeeze(said)
        told = squeeze(f'{heading}{title} (code {finding["code"]}) {finding["meaning"]}')
        self.assertIn(told, text)
        self.assertIn(squeeze(f'What to do: {lower_first(finding["remedy"])}'), text)
        for name in finding['files'][:20]:
            self.assertIn(squeeze(name), text)

    def run_both(self, code, meaning, *arguments, heading, **options):
        """Runs a command that fails twice, each time on a stick as it was before."""
        saved = self.folder / 'saved.img'
        if self.stick.exists():
            finished.copy_disk(self.stick, saved)
        as_json = product.run(*arguments, **options)
        if saved.exists():
            finished.copy_disk(saved, self.stick)
        else:
            self.stick.unlink(missing_ok=True)
        as_text = product.run(*arguments, as_json=False, **options)
        self.assertEqual((as_json.status, as_text.status), (code, code),
                         as_json.output + as_json.errors + as_text.errors)
        result = as_json.result
        self.assertEqual((result['event'], result['ok'], result['code']), ('result', False, code))
        finding = as_json.finding(code)
        self.assert_finding(finding, code, 'error', meaning)
        self.assertEqual({**result['finding'], 'event': 'finding'}, finding)
        self.assert_told(as_text.errors, finding, heading)
        return finding

    def refuse(self, code, meaning, *arguments, iso=None, **options):
        """Refused before anything is written, by --inspect as by --create."""
        target = ['-i', iso or self.iso, '-d', self.stick, *arguments]
        before = finished.disk_digest(self.stick) if self.stick.exists() else None
        for command in ('--inspect', '--create'):
            finding = self.run_both(code, meaning, command, *target, heading='Cannot build: ',
                                    **options)
        after = finished.disk_digest(self.stick) if self.stick.exists() else None
        self.assertEqual(after, before)
        return finding

    def break_build(self, code, meaning, *arguments, **options):
        """Fails while it is built."""
        return self.run_both(code, meaning, '--create', '-i', self.iso, '-d', self.stick,
                             *arguments, heading='' if code == 18 else 'Build failed: ', **options)

    def warn(self, code, meaning, *arguments, iso=None):
        """A warning does not stop a build, nor change its exit status."""
        target = ['--inspect', '-i', iso or self.iso, '-d', self.stick, *arguments]
        as_json, as_text = product.run(*target), product.run(*target, as_json=False)
        self.assertEqual((as_json.status, as_text.status), (0, 0), as_json.output)
        finding = as_json.finding(code)
        self.assert_finding(finding, code, 'warning', meaning)
        self.assert_told(as_text.output, finding, 'Warning: ')
        return finding

    def make_holiday(self, **options):
        return users_stick.make_holiday(self.folder, self.stick, **options)


class TheStick(CodeTest):
    def hold(self):
        """Takes the lock that virtual machines take."""
        file = open(self.stick, 'r+b')  # pylint: disable=consider-using-with
        self.addCleanup(file.close)
        lock = struct.pack('hhqqi', fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
        return finished.disk_digest(self.stick)

    def test_14_somebody_else_holds_it(self):
        self.make_holiday()
        before = self.hold()
        for keep in ([], ['--keep']):
            self.refuse(14, r'stick\.img is in use by', *keep)
        self.assertEqual(finished.disk_digest(self.stick), before)

    def test_14_somebody_else_holds_what_shall_be_undone(self):
        self.make_holiday()
        self.create(self.iso, self.stick, '--keep')
        before = self.hold()
        self.run_both(14, r'stick\.img is in use by', '--undo', '-d', self.stick,
                      heading='Cannot undo: ')
        self.assertEqual(finished.disk_digest(self.stick), before)

    def make_table(self, *entries, size=128 * MIB, **options):
        users_stick.make_table(self.stick, size, *entries, **options)

    @unittest.skipIf(os.getuid() != 0, 'needs a file that this user may not write')
    def test_1_a_file_that_can_only_be_read(self):
        for keep in ([], ['--keep']):
            self.make_holiday()
            self.stick.chmod(0o444)
            finding = self.refuse(1, r'stick\.img can only be read\.', *keep,
                                  user=product.NOBODY, program=self.copy_of_program())
            self.assertIn('permission', finding['remedy'])

    @unittest.skipIf(os.getuid() != 0, 'needs a file that this user may not read')
    def test_1_a_file_that_may_not_be_read(self):
        self.make_holiday()
        self.stick.chmod(0o600)
        for arguments in (['--create', '-i', self.iso], ['--check'], ['--undo']):
            outcome = product.run(*arguments, '-d', self.stick, user=product.NOBODY,
                                  program=self.copy_of_program())
            self.assertEqual(outcome.status, 1, outcome.output + outcome.errors)
            finding = outcome.result['finding']
            self.assertIn('Permission denied', finding['meaning'])
            self.assertIn('permission', finding['remedy'])

    def test_2_a_filesystem_without_a_table(self):
        with open(self.stick, 'wb') as file:
            file.truncate(64 * MIB)
        users_stick.format_partition(self.stick, 0, label='FLOPPY')
        self.refuse(2, r'needs a partition table; .* filesystem \("FLOPPY"\) begins at the first '
                       r'sector', '--keep')
        self.assertEqual(product.run('--inspect', '-i', self.iso, '-d', self.stick).status, 0)

    def test_3_gpt(self):
        self.make_table('start=2048, size=100000', 'start=104448, size=20000', label='gpt')
        self.refuse(3, r'Keeping its files needs an MBR partition table; this stick has GPT with '
                       r'2 partitions\.', '--keep')
        self.assertEqual(product.run('--inspect', '-i', self.iso, '-d', self.stick).status, 0)

    def test_3_gpt_for_uefi_only(self):
        size = users_stick.volume_size(512) // SECTOR
        self.make_table(f'start=2048, size={size}, type=U', label='gpt')
        users_stick.format_partition(self.stick)
        stick = finished.Stick(self.stick, 1)
        users_stick.put(stick, self.folder, users_stick.HOLIDAY)
        self.warn(3, r'This stick has GPT, which stays: it will start on UEFI only\.', '--keep',
                  '--boot', 'uefi')
        table, files = stick.table(), stick.extract()
        self.create(self.iso, self.stick, '--keep', '--boot', 'uefi')
        self.assertEqual(stick.table(), table)
        self.assertLessEqual(files.items(), stick.extract().items())
        stick.assert_clean()
        self.assertEqual(product.run('--check', '-d', self.stick).result['state'], 'good')
        self.assertEqual(product.run('--undo', '-d', self.stick).status, 0)
        self.assertEqual(stick.extract(), files)

    def test_3_a_disc_that_was_written_byte_by_byte(self):
        iso, _ = discs.make(self.folder, 'hybrid')
        shutil.copy2(iso, self.stick)
        os.truncate(self.stick, 128 * MIB)
        self.refuse(3, r'image of a disc .* written to this stick byte by byte', '--keep')

    def test_2_a_disc_that_was_written_byte_by_byte_without_a_table(self):
        shutil.copy2(self.iso, self.stick)
        os.truncate(self.stick, 128 * MIB)
        self.refuse(2, r'image of a disc \("PE_X64"\) was written to this stick byte by byte',
                    '--keep')

    def test_3_a_protective_table_without_gpt(self):
        self.make_table('start=1, size=262143, type=ee')
        self.refuse(3, r'this stick has GPT', '--keep')

    def test_3_entries_that_overlap(self):
        self.make_table('start=2048, size=40960, type=83', 'start=45056, size=40960, type=83')
        self.patch(446 + 16 + 8, struct.pack('<I', 30_000))
        self.refuse(3, r'partitions 1 and 2 overlap', '--keep')

    def test_3_an_entry_beyond_the_end(self):
        self.make_table('start=2048, size=40960, type=83')
        self.patch(446 + 12, struct.pack('<I', 1 << 30))
        self.refuse(3, r'partition 1 does not lie on the stick as a whole', '--keep')

    def test_4_a_small_disk(self):
        self.make_table('start=2048, type=c', size=16 * MIB)
        for keep in ([], ['--keep']):
            self.refuse(4, r'The image needs a stick of \S+ MB; this one has 16\.8 MB\. .* missing',
                        *keep)

    def test_5_four_primary_partitions(self):
        self.make_table(*(f'start={2048 + 4096 * number}, size=2048, type=83'
                          for number in range(4)))
        self.refuse(5, r'all four places of the partition table are taken', '--keep')

    def test_5_an_extended_partition_takes_a_place_too(self):
        self.make_table('start=2048, size=20480, type=5', 'start=24576, size=2048, type=83',
                        'start=28672, size=2048, type=83', 'start=32768, size=2048, type=83',
                        'start=4096, size=2048, type=83')
        self.refuse(5, r'all four places of the partition table are taken', '--keep')

    def test_6_a_full_partition_and_no_gap(self):
        stick = self.make_holiday()
        users_stick.fill_up(stick, self.folder, 1 * MIB)
        self.refuse(6, r'partition 1 \("HOLIDAY"\) has \S+ MB free\. \S+ MB \(\d+ bytes\) are missing',
                    '--keep')

    def test_6_gaps_that_are_too_small(self):
        self.make_table('start=40960, size=180224, type=83')
        self.refuse(6, r'No partition suits, .* \S+ MB \(\d+ bytes\) are missing', '--keep')

    def test_25_a_dirty_volume(self):
        stick = self.make_holiday()
        # The bit of "closed properly" in the second entry of the table, which Windows clears.
        table = stick.partition()['start'] * SECTOR + len(stick.reserved_sectors())
        self.patch(table + 4, struct.pack('<I', 0x07ffffff))
        self.refuse(25, r'Partition 1 \("HOLIDAY"\) would suit, but not as it is: ', '--keep')

    def test_25_a_volume_with_lost_clusters(self):
        users_stick.put(self.make_holiday(), self.folder, {'LOST.BIN': 3000})
        # As if the name had been removed, and then the plug been pulled.
        self.patch(self.stick.read_bytes().index(b'LOST    BIN'), b'\xe5')
        self.refuse(25, r'not as it is: 6 of its clusters are in use, but belong to no file\.', '--keep')

    def test_25_files_that_share_clusters(self):
        self.make_holiday()
        data = self.stick.read_bytes()
        entry = data.index(b'PHOTO   JPG')
        other = data.index(b'LETTER  TXT')
        self.patch(other + 26, data[entry + 26:entry + 28])
        self.refuse(25, r'cluster|chain', '--keep')

    def test_98_a_small_fat(self):
        self.make_table('start=2048, type=e', size=64 * MIB)
        users_stick.format_partition(self.stick, bits=16, label='SMALL')
        self.refuse(98, r'Partition 1 \("SMALL"\) has room, but is FAT16', '--keep')
        # UEFI would start from it, but our engine writes FAT32.
        self.refuse(98, r'FAT16: to a disk-image file, files are added on FAT32 only', '--keep',
                    '--boot', 'uefi')
        self.assertEqual(product.run('--inspect', '-i', self.iso, '-d', self.stick).status, 0)

    def patch(self, offset, data):
        with open(self.stick, 'r+b') as file:
            file.seek(offset)
            file.write(data)


class TheImage(CodeTest):
    def setUp(self):
        super().setUp()
        self.make_holiday()

    def test_10_a_text(self):
        text = self.folder / 'text.iso'
        text.write_text('This is not an image.\n' * 10_000)
        self.refuse(10, r'text\.iso', '--keep', iso=text)

    def test_11_cut_off(self):
        short = self.folder / 'short.iso'
        shutil.copy2(self.iso, short)
        os.truncate(short, self.iso.stat().st_size * 3 // 4)
        self.refuse(11, r'\d', '--keep', iso=short)

    def test_12_nothing_starts_it(self):
        iso, _ = discs.make(self.folder, remove='bootmgr')
        self.refuse(12, r'BIOS would start none of its files: it lacks bootmgr\.', '--keep',
                    '--boot', 'bios', iso=iso)

    def test_20_a_file_of_four_gib(self):
        iso = discs.make_with_hole(self.folder, 4 << 30)
        with open(self.stick, 'wb') as file:
            file.truncate(8 << 30)
        finding = self.refuse(20, r'4\.3 GB.*large\.bin', iso=iso)
        self.assertEqual([squeeze(name) for name in finding['files']], ['large.bin'])

    def test_21_boot_files_that_differ_by_case(self):
        def fill(folder):
            discs.write(folder / 'sources/Extra.bin', b'first')
            discs.write(folder / 'sources/EXTRA.BIN', b'second')
        iso, _ = discs.make(self.folder, 'hybrid', extra=fill)
        self.refuse(21, r'sources/E.*sources/E', '--keep', iso=iso)

    def test_23_uefi_only(self):
        iso, _ = discs.make(self.folder, remove='bootmgr')
        self.warn(23, r'It will start on UEFI only: .* lacks bootmgr\.', '--keep', iso=iso)

    def test_24_files_of_the_same_name(self):
        users_stick.put(finished.Stick(self.stick), self.folder,
                        {'BOOTMGR': 100, 'Boot/BCD': 200, 'boot/own.txt': 300})
        finding = self.warn(24, r'2 ', '--keep')
        self.assertEqual(sorted(name.lower() for name in finding['files']), ['boot/bcd', 'bootmgr'])


class WhileBuilding(CodeTest):
    def test_7_the_table_cannot_be_written(self):
        self.break_build(7, r'stick\.img|[Ii]nput/output', '--size', '128M',
                  preload=f'eio:{128 * MIB - SECTOR}')

    def test_8_the_formatting_tool_fails(self):
        programs = self.folder / 'programs'
        programs.mkdir()
        tool = programs / 'mkfs.fat'
        tool.write_text('#!/bin/sh\necho "mkfs.fat: unable to format" >&2\nexit 1\n')
        tool.chmod(0o755)
        self.break_build(8, r'unable to format', '--size', '128M', PATH=f'{programs}:{os.environ["PATH"]}')

    def test_16_a_write_fails(self):
        self.break_build(16, r'\d', '--size', '128M', preload=f'eio:{5 * MIB}')

    def test_16_a_write_fails_while_files_are_kept(self):
        stick = self.make_holiday()
        before = stick.extract()
        self.break_build(16, r'\d', '--keep', preload='eio#30')
        self.assertLessEqual(before.items(), stick.extract().items())

    def test_17_what_is_read_back_differs(self):
        self.break_build(17, r'\w', '--size', '128M', preload=f'flip:{5 * MIB}')

    def test_18_ctrl_c(self):
        self.break_build(18, r'\w', '--size', '128M', preload=f'interrupt:{5 * MIB}')

    def test_18_ctrl_c_while_files_are_kept(self):
        stick = self.make_holiday()
        before = stick.extract()
        self.break_build(18, r'\w', '--keep', preload='interrupt#10')
        self.assertLessEqual(before.items(), stick.extract().items())

    def test_99_the_table_is_not_there_when_read_again(self):
        self.break_build(99, r'not there when read again', '--size', '128M', preload='flip:450')

    def test_22_the_stick_changes_while_the_question_is_open(self):
        self.make_holiday()
        for more in ([], ['--keep'], ['--keep', '--json']):
            terminal = Terminal('--create', '-i', str(self.iso), '-d', str(self.stick), *more,
                                env={'XDG_STATE_HOME': str(self.folder)})
            terminal.wait_for('Build? [y/N] ')
            with open(self.stick, 'r+b') as file:
                file.seek(440)
                file.write(os.urandom(4))
            before = finished.disk_digest(self.stick)
            terminal.press(b'y\n')
            code, output = terminal.finish()
            self.assertEqual(code, 22, output)
            self.assertEqual(finished.disk_digest(self.stick), before)
            if '--json' in more:
                finding, result = (json.loads(line) for line in
                                   re.findall(r'^\{.*\}(?=\r$)', output, re.MULTILINE)[-2:])
                self.assert_finding(finding, 22, 'error', r'not what was reviewed')
                self.assertEqual((result['ok'], result['code']), (False, 22))
            else:
                self.assertRegex(output, r'Build failed: the stick is not the one that was '
                                         r'reviewed \(code 22\)')


class FinishedSticks(CodeTest):
    def test_26_a_stick_of_somebody_else(self):
        self.make_holiday()
        before = finished.disk_digest(self.stick)
        self.run_both(26, r'stick\.img|manifest|made', '--check', '-d', self.stick, heading='')
        self.run_both(26, r'stick\.img|manifest|made', '--undo', '-d', self.stick,
                      heading='Cannot undo: ')
        self.assertEqual(finished.disk_digest(self.stick), before)

    def test_26_an_erased_stick_cannot_be_undone(self):
        self.create(self.iso, self.stick, '--size', '128M')
        before = finished.disk_digest(self.stick)
        self.run_both(26, r'eras', '--undo', '-d', self.stick, heading='Cannot undo: ')
        self.assertEqual(finished.disk_digest(self.stick), before)

    def test_27_a_build_that_was_cut_off(self):
        self.make_holiday()
        product.run('--create', '-i', self.iso, '-d', self.stick, '--keep', preload='kill#30')
        self.run_both(27, r'\w', '--check', '-d', self.stick, heading='')

    def test_17_a_file_that_was_changed(self):
        self.create(self.iso, self.stick, '--size', '128M')
        product.tool('mdel', '-i', finished.Stick(self.stick).mtools_name(), '::/bootmgr')
        finding = self.run_both(17, r'on this stick is not as it was', '--check', '-d', self.stick,
                                heading='')
        self.assertRegex('\n'.join(finding['files']), r'^bootmgr\b.*$')


if __name__ == '__main__':
    sys.exit(tap.main())
