#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--check: what it says of good, changed, damaged, unfinished and foreign sticks; and that a build
that was cut off anywhere loses nothing and is completed by the next one."""

import signal
import sys

import discs
import finished
import product
import tap
import users_stick

MIB = finished.MIB


class CheckTest(product.ProductTest):
    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.noise = discs.noise(MIB, 'a file of its own')
        cls.iso, cls.tree = discs.make(
            cls.discs, extra=lambda tree: discs.write(tree / 'papers/plan.bin', cls.noise))

    def setUp(self):
        super().setUp()
        self.path = self.folder / 'stick.img'
        self.stick = finished.Stick(self.path, 1)

    def check(self, status=product.OK, **options):
        outcome = product.run('--check', '-d', self.path, **options)
        self.assertEqual(outcome.status, status, outcome.output + outcome.errors)
        return outcome

    def assert_state(self, state, status, *files, **options):
        before = finished.disk_digest(self.path)
        result = self.check(status, **options).result
        self.assertEqual((result['ok'], result['code'], result['state']),
                         (status == 0, status, state))
        self.assertEqual(result['files'], list(files))
        self.assertEqual(finished.disk_digest(self.path), before)
        return result

    def find_noise(self):
        """Where the file with noise lies on the disk; it is the only one with these bytes."""
        return self.path.read_bytes().index(self.noise[:4096])

    def flip(self, offset, bits=1):
        with open(self.path, 'r+b') as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ bits]))


class Erased(CheckTest):
    """Of a stick that was erased for the image."""

    def setUp(self):
        super().setUp()
        self.create(self.iso, self.path, '--size', '128M')

    def test_good(self):
        result = self.assert_state('good', 0)
        self.assertEqual(result['image'], self.iso.name)
        self.assertRegex(result['created'], r'^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d')
        count = sum(path.is_file() for path in self.tree.rglob('*'))
        self.assertIn(result['checked'], (count, count + 1))  # with the boot catalogue
        self.assertGreater(result['bytes'], MIB)
        self.assertIsNone(result['finding'])

    def test_events(self):
        outcome = self.check()
        self.assertEqual(outcome.all_of('progress')[-1]['fraction'], 1)
        events = [event['event'] for event in outcome.events]
        self.assertEqual(events[0], 'device')
        self.assertEqual(events[-1], 'result')
        self.assertEqual(set(events), {'device', 'progress', 'result'})

    def test_it_leaves_a_log(self):
        log = self.folder / 'check.log'
        self.flip(100)
        outcome = product.run('--check', '-d', self.path, '--log', log)
        self.assertEqual(outcome.result['log'], str(log))
        text = log.read_text(encoding='utf-8')
        self.assertRegex(text, r'made from: \S+\.iso\n')
        self.assertRegex(text, r'state: changed\n(.*\n)*.*error 17 \(verify-failed\): ')

    def test_text_for_people(self):
        shown = self.check(as_json=False)
        text = shown.output.replace('\u00a0', ' ')
        self.assertRegex(text, r'^Target .*\nMade from      \S+\.iso on 20\d\d-\d\d-\d\d \d\d:\d\d\n'
                               r'Read again     \d+ files, \S+ MB\n'
                               r'State          good: everything is as it was written\n$')
        self.assertEqual(shown.errors, '')

    def test_one_byte_in_a_file(self):
        self.flip(self.find_noise() + 500_000)
        self.assert_state('changed', 17, 'papers/plan.bin')
        shown = self.check(17, as_json=False)
        self.assertRegex(shown.output, r'\nState          changed since it was built\n')
        self.assertRegex(shown.errors, r'(?s)\(code 17\)\n.*papers/plan\.bin \(its contents differ\)')

    def test_a_file_that_is_missing(self):
        product.tool('mdel', '-i', self.stick.mtools_name(), '::/papers/plan.bin')
        self.assert_state('changed', 17, 'papers/plan.bin')

    def test_several_files(self):
        self.flip(self.find_noise())
        product.tool('mdel', '-i', self.stick.mtools_name(), '::/bootmgr')
        result = self.check(17).result
        self.assertEqual(result['state'], 'changed')
        self.assertEqual(sorted(result['files']), ['bootmgr', 'papers/plan.bin'])
        self.assertEqual(sorted(result['finding']['notes']),
                         ['(its contents differ)', '(missing)'])

    def test_boot_code(self):
        self.flip(100)
        self.assertEqual(self.check(17).result['state'], 'changed')

    def test_the_active_flag(self):
        self.flip(446, 0x80)
        self.assertEqual(self.check(17).result['state'], 'changed')

    def test_files_of_the_user_are_no_fault(self):
        users_stick.put(self.stick, self.folder, users_stick.HOLIDAY)
        users_stick.put(self.stick, self.folder, {'papers/mine.txt': b'added'})
        self.assert_state('good', 0)

    def test_a_file_that_cannot_be_read(self):
        self.assert_state('damaged', 17, 'papers/plan.bin',
                          preload=f'unreadable:{self.find_noise() + 70_000}')

    def test_an_allocation_table_that_cannot_be_read(self):
        table = self.stick.partition()['start'] * 512 + len(self.stick.reserved_sectors())
        outcome = product.run('--check', '-d', self.path, preload=f'unreadable:{table}')
        self.assertIn(outcome.status, (1, 16, 17))
        self.assertFalse(outcome.result['ok'])

    def test_a_chain_that_is_broken(self):
        data = self.path.read_bytes()
        entry = data.index(b'PLAN    BIN')
        with open(self.path, 'r+b') as file:
            file.seek(entry + 26)
            file.write(b'\xff\xff')
        self.assertEqual(self.check(17).result['state'], 'damaged')

    def test_a_stick_without_manifest(self):
        product.tool('mdel', '-i', self.stick.mtools_name(),
                     f'::/{finished.OWN_FOLDER}/manifest.json')
        self.assert_state('not-ours', 26)

    def test_a_manifest_that_is_none(self):
        for content in (b'', b'{', b'[]', b'{"manifest": 1}', bytes(3000), b'[' * 100_000,
                        b'{"manifest": 99, "state": "complete"}'):
            users_stick.put(self.stick, self.folder,
                            {f'{finished.OWN_FOLDER}/manifest.json': content})
            with self.subTest(content[:20]):
                result = product.run('--check', '-d', self.path)
                self.assertIn(result.status, (17, 26, 27), result.output)

    def test_ctrl_c(self):
        first = self.path.read_bytes().index((self.tree / 'boot/etfsboot.com').read_bytes())
        self.assert_state(None, 18, preload=f'interrupt:{first}')


class CutOff(CheckTest):
    """Builds beside a user's files that end at once at one of their writes."""

    def setUp(self):
        super().setUp()
        self.stick = users_stick.make_holiday(self.folder, self.path)
        users_stick.put(self.stick, self.folder, {'BOOTMGR': 100_000, 'boot/bcd': 5000})
        self.before = self.stick.extract()
        self.saved = self.folder / 'saved.img'
        finished.copy_disk(self.path, self.saved)

    def start_over(self):
        finished.copy_disk(self.saved, self.path)

    def count_writes(self):
        """How many writes a whole build takes: with one less it does not end well."""
        log = self.folder / 'build.log'
        self.create(self.iso, self.path, '--keep', '--log', log)
        words = log.read_text(encoding='utf-8').split()
        self.start_over()
        return int(words[words.index('writes,') - 1])

    def assert_nothing_lost(self, is_whole):
        """Files that are not replaced are as they were; those that are, in one of both versions."""
        after = self.stick.extract()
        for path, facts in self.before.items():
            if path.lower() not in ('bootmgr', 'boot/bcd'):
                self.assertEqual(after[path], facts, path)
            elif not is_whole:
                self.assertIn(after[path][0], (facts[0], finished.digest(self.new_file(path))))

    def new_file(self, path):
        return self.tree / path.lower()

    def test_kill_at_many_writes_then_build_again(self):
        last = self.count_writes()
        states = set()
        for number in sorted({2, 3, 5, 8, last // 4, last // 2, 3 * last // 4, last - 8, last - 4,
                              last - 2, last - 1, last}):
            with self.subTest(number):
                self.start_over()
                outcome = product.run('--create', '-i', self.iso, '-d', self.path, '--keep',
                                      preload=f'kill#{number}')
                self.assertEqual(outcome.status, -signal.SIGKILL)
                self.assert_nothing_lost(is_whole=False)
                checked = product.run('--check', '-d', self.path)
                states.add((checked.status, checked.result['state']))
                self.create(self.iso, self.path, '--keep')
                self.stick.assert_clean()
                self.assert_state('good', 0)
                self.assert_nothing_lost(is_whole=True)
        self.assertIn((27, 'incomplete'), states)

    def test_undo_after_a_build_that_was_cut_off_and_completed(self):
        product.run('--create', '-i', self.iso, '-d', self.path, '--keep', preload='kill#30')
        self.create(self.iso, self.path, '--keep')
        outcome = product.run('--undo', '-d', self.path)
        self.assertEqual(outcome.status, product.OK, outcome.output)
        self.assertEqual(self.stick.extract(), self.before)
        self.stick.assert_clean()

    def test_a_failed_build_says_that_earlier_files_are_intact(self):
        for fault, code in (('eio#30', 16), ('interrupt#30', 18)):
            self.start_over()
            outcome = self.create(self.iso, self.path, '--keep', preload=fault, status=code)
            self.assertRegex(outcome.result['left_behind'],
                             '(?i)(intact|as they were|still there|nothing was changed)')
            self.assert_nothing_lost(is_whole=False)
            self.create(self.iso, self.path, '--keep')
            self.assert_state('good', 0)

    def test_kill_before_a_new_partition_is_whole_then_build_again(self):
        users_stick.make_table(self.path, 128 * MIB, 'start=2048, size=4096, type=83')
        with open(self.path, 'r+b') as file:
            file.seek(MIB)
            file.write(self.noise)
        finished.copy_disk(self.path, self.saved)
        for number in (2, 3, 4, 6, 12, 25):
            with self.subTest(number):
                self.start_over()
                product.run('--create', '-i', self.iso, '-d', self.path, '--keep',
                            preload=f'kill#{number}')
                self.create(self.iso, self.path, '--keep')
                self.assertEqual(sorted(self.stick.table()), [1, 2])
                finished.Stick(self.path, 2).assert_clean()
                self.assert_state('good', 0)
                self.assertEqual(self.stick.read(MIB, MIB), self.noise)

    def test_an_undo_that_fails_is_finished_by_another(self):
        self.create(self.iso, self.path, '--keep')
        finished.copy_disk(self.path, self.saved)
        for number in (3, 8, 15):
            with self.subTest(number):
                self.start_over()
                outcome = product.run('--undo', '-d', self.path, preload=f'eio#{number}')
                self.assertEqual(outcome.status, 16, outcome.output)
                self.assertEqual(product.run('--undo', '-d', self.path).status, 0)
                self.assertEqual(self.stick.extract(), self.before)

    def test_kill_at_writes_of_an_undo_then_undo_again(self):
        self.create(self.iso, self.path, '--keep')
        finished.copy_disk(self.path, self.saved)
        for number in (2, 5, 10, 20):
            self.start_over()
            with self.subTest(number):
                product.run('--undo', '-d', self.path, preload=f'kill#{number}')
                self.assert_nothing_lost(is_whole=False)
                outcome = product.run('--undo', '-d', self.path)
                self.assertIn(outcome.status, (0, 26), outcome.output)
                self.assertEqual(self.stick.extract(), self.before)
                self.stick.assert_clean()


if __name__ == '__main__':
    sys.exit(tap.main())
