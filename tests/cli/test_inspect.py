#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--inspect: what it says of an image and a target, and that it writes nothing."""

import hashlib
import os
import pathlib
import subprocess
import sys

from cli import CliTest, make_image, run, run_json, select_events, tearDownModule
import tap

IMAGE_KEYS = {'event', 'path', 'name', 'format', 'volume_name', 'size', 'file_count',
              'folder_count', 'symlink_count', 'files_size', 'kind', 'description', 'version',
              'build', 'architectures', 'starts_on', 'uefi_loaders', 'uefi_missing',
              'bios_missing', 'largest_file', 'needs', 'hybrid', 'names'}
DEVICE_KEYS = {'event', 'number', 'vendor', 'model', 'serial', 'size', 'node', 'path', 'new',
               'media', 'contents', 'table', 'partitions', 'lost', 'suitable', 'reason',
               'password', 'password_reason', 'notes', 'secure_boot', 'changed_menus'}
PARTITION_KEYS = {'number', 'start', 'size', 'type', 'active', 'filesystem', 'label', 'files',
                  'used'}
FINDING_KEYS = {'code', 'id', 'severity', 'title', 'meaning', 'remedy', 'action', 'files',
                'notes'}
RESULT_KEYS = {'event', 'ok', 'code', 'finding', 'files', 'bytes', 'seconds', 'verified',
               'starts_on', 'left_behind', 'log', 'note'}


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Inspect(CliTest):
    def make_stick(self):
        """A disk image with a table and a FAT32 volume that holds a file."""
        path = self.path('stick.img')
        with open(path, 'wb') as file:
            file.truncate(128 << 20)
        subprocess.run(['sfdisk', '-q', path], input=b'label: dos\n2048,,c\n', check=True)
        subprocess.run(['mkfs.fat', '-F', '32', '-n', 'HOLIDAY', '--offset=2048', path,
                        str(127 << 10)], check=True, stdout=subprocess.DEVNULL)
        photo = self.path('photo.jpg')
        pathlib.Path(photo).write_bytes(bytes(100_000))
        subprocess.run(['mcopy', '-i', f'{path}@@1M', photo, '::'], check=True)
        return path

    def test_an_image_is_described(self):
        done = run('--inspect', '-i', make_image())
        self.assertEqual((done.code, done.err), (0, ''))
        lines = done.out.splitlines()
        self.assertRegex(lines[0], r'^Image {10}\S+\.iso, \d+\.\d MB, UDF "PE_X64", \d+ files$')
        self.assertEqual(lines[1], 'Kind           Windows PE 10.0 (build 26100), 64-bit')
        self.assertEqual(lines[2], 'Starts on      UEFI 64-bit, BIOS')
        self.assertIn('UEFI loaders   efi/boot/bootx64.efi: 64-bit, not signed', lines)
        self.assertIn('Needs          nothing special', lines)
        self.assertEqual(lines[-1], 'Findings       none')

    def test_a_target_is_described_in_the_manner_of_the_design(self):
        done = run('--inspect', '-i', make_image(), '-d', self.make_stick())
        self.assertEqual((done.code, done.err), (0, ''))
        lines = done.out.splitlines()
        names = [line[:15].strip() for line in lines]
        self.assertEqual([name for name in names if name],
                         ['Image', 'Kind', 'Starts on', 'Target', 'Will be lost', 'Will happen',
                          'Will start on', 'Secure Boot', 'Findings'])
        facts = [line[15:] for line in lines]
        self.assertRegex(facts[3], r'stick\.img, 134\.2 MB, MBR; FAT32 "HOLIDAY", 1 file, '
                                   r'\d+\.\d kB used$')
        self.assertRegex(facts[4], r'^"HOLIDAY": 1 file, \d+\.\d kB$')
        self.assertEqual([fact[:3] for fact in facts[5:10]], ['1. ', '2. ', '3. ', '4. ', '5. '])
        self.assertEqual(facts[6], '2. One FAT32 partition "PE_X64", 133.2 MB, active')
        self.assertEqual(lines[-1], 'Findings       none')

    def test_it_writes_nothing(self):
        stick, new, image = self.make_stick(), self.path('new.img'), make_image()
        before = digest(stick), digest(image), os.stat(stick).st_mtime_ns
        self.assertEqual(run('--inspect', '-i', image, '-d', stick).code, 0)
        log = self.path('x.log')
        self.assertEqual(run('--inspect', '-i', image, '-d', new, '--size', '8G', '--log',
                             log).code, 0)
        self.assertIn(str(image), pathlib.Path(log).read_text(encoding='utf-8'))
        self.assertEqual((digest(stick), digest(image), os.stat(stick).st_mtime_ns), before)
        self.assertEqual(sorted(os.listdir(self.folder)), ['photo.jpg', 'stick.img', 'x.log'])

    def test_a_stick_that_is_too_small_is_refused_with_4(self):
        done = run('--inspect', '-i', make_image(), '-d', self.path('s.img'), '--size', '16M')
        self.assertEqual(done.code, 4)
        self.assertIn('Findings       the stick is too small (code 4)\n', done.out)
        self.assertNotIn('Will happen', done.out)
        self.assertRegex(done.err, r'^Cannot build: the stick is too small \(code 4\)\n'
                                   r'  The image needs .* are missing\.\n'
                                   r'  What to do: choose a larger stick\.\n$')
        code, events = run_json('--inspect', '-i', make_image(), '-d', self.path('s.img'),
                                '--size', '16M')
        self.assertEqual(code, 4)
        device, = select_events(events, 'device')
        self.assertFalse(device['suitable'])
        self.assertIn('missing', device['reason'])
        self.assertTrue(select_events(events, 'step'))

    def make_dead_image(self):
        """Without anything that BIOS or UEFI would start, in the disc's boot image either."""
        loader = self.path('no.efi')
        pathlib.Path(loader).write_text('no program', encoding='utf-8')
        return make_image('--efi-loader', loader, '--remove', 'bootmgr',
                          '--remove', 'efi/boot/bootx64.efi')

    def test_an_image_that_nothing_starts_is_refused_with_12(self):
        image = self.make_dead_image()
        for more in ([], ['-d', self.path('s.img'), '--size', '1G']):
            done = run('--inspect', '-i', image, *more)
            self.assertEqual(done.code, 12)
            self.assertIn('Starts on      nothing\n', done.out)
            self.assertRegex(done.err, r'^Cannot build: .* \(code 12\)\n')
        code, events = run_json('--inspect', '-i', image, '-d', self.path('s.img'), '--size', '1G')
        self.assertEqual(code, 12)
        # Another stick would not help.
        self.assertTrue(select_events(events, 'device')[0]['suitable'])

    def test_a_warning_does_not_change_the_status(self):
        image = make_image('--remove', 'bootmgr')
        done = run('--inspect', '-i', image)
        self.assertEqual((done.code, done.err), (0, ''))
        self.assertIn('BIOS lacks     bootmgr\n', done.out)
        self.assertRegex(done.out, r'\nWarning: the stick will not start every computer '
                                   r'\(code 23\)\n  .*bootmgr\.\n  What to do: go on if .*\n$')
        code, events = run_json('--inspect', '-i', image)
        finding, = select_events(events, 'finding')
        self.assertEqual((code, finding['code'], finding['severity']), (0, 23, 'warning'))

    def test_unreadable_images_are_refused_with_10_and_11(self):
        text = self.path('text.iso')
        pathlib.Path(text).write_text('no image at all\n' * 5000, encoding='utf-8')
        cut = self.path('cut.iso')
        data = pathlib.Path(make_image()).read_bytes()
        pathlib.Path(cut).write_bytes(data[:len(data) // 2])
        for path, code in ((text, 10), (self.path('none.iso'), 10), (self.folder, 10), (cut, 11)):
            with self.subTest(path):
                done = run('--inspect', '-i', path)
                self.assertEqual((done.code, done.out), (code, ''))
                self.assertRegex(done.err, rf'^Cannot build: .* \(code {code}\)\n  .+\n'
                                           r'  What to do: .+\n$')
                status, events = run_json('--inspect', '-i', path)
                self.assertEqual(status, code)
                self.assertEqual([event['event'] for event in events], ['finding', 'result'])

    def test_the_image_decides_before_the_target(self):
        image = self.make_dead_image()
        code, events = run_json('--inspect', '-i', image, '-d', self.path('s.img'), '--size', '2M')
        self.assertEqual(code, 12)
        self.assertEqual([event['code'] for event in select_events(events, 'finding')],
                         [12, 4, 23])

    def test_names_cannot_steer_the_terminal(self):
        path = self.path('red\x1b[31m.iso')
        os.symlink(make_image(), path)
        done = run('--inspect', '-i', path, '-d', self.path('\x1b[2J'), '--size', '16M')
        self.assertEqual(done.code, 4)
        self.assertIn('red\ufffd[31m.iso', done.out)
        self.assertNotIn('\x1b', done.out + done.err)
        _, events = run_json('--inspect', '-i', path)
        self.assertEqual(events[0]['name'], 'red\x1b[31m.iso')


class Json(CliTest):
    def test_every_event_has_all_its_keys(self):
        path = self.path('s.img')
        code, events = run_json('--inspect', '-i', make_image('--remove', 'bootmgr'), '-d', path,
                                '--size', '1G')
        self.assertEqual(code, 0)
        self.assertEqual([event['event'] for event in events],
                         ['image', 'device'] + ['step'] * 4 + ['finding', 'result'])
        image, device, step = events[:3]
        self.assertEqual(set(image), IMAGE_KEYS)
        self.assertEqual(set(device), DEVICE_KEYS)
        self.assertEqual(set(step), {'event', 'number', 'id', 'text', 'size', 'state'})
        self.assertEqual(set(events[-2]), FINDING_KEYS | {'event'})
        self.assertEqual(set(events[-1]), RESULT_KEYS)

    def test_an_image_has_its_facts(self):
        path = make_image()
        _, (image, result) = run_json('--inspect', '-i', path)
        for key, value in {'path': path, 'name': os.path.basename(path), 'format': 'UDF',
                           'volume_name': 'PE_X64', 'size': os.path.getsize(path),
                           'symlink_count': 0, 'kind': 'windows-pe', 'version': '10.0',
                           'build': 26100, 'architectures': ['x64'], 'bios_missing': [],
                           'starts_on': ['uefi-x64', 'bios'], 'needs': [], 'hybrid': False,
                           'largest_file': {'path': 'boot/boot.sdi', 'size': 3170304},
                           'uefi_loaders': [{'path': 'efi/boot/bootx64.efi', 'machine': 'x64',
                                             'state': 'good', 'origin': 'image', 'signed': False,
                                             'issuers': [], 'sbat': None,
                                             'security_version': None}]}.items():
            self.assertEqual(image[key], value, key)
        for key in ('file_count', 'folder_count', 'files_size'):
            self.assertIs(type(image[key]), int)
        self.assertEqual(result['starts_on'], ['uefi-x64', 'bios'])

    def test_a_new_target_has_its_facts(self):
        path = self.path('s.img')
        _, events = run_json('--inspect', '-i', make_image(), '-d', path, '--size', '1GB')
        device = events[1]
        for key, value in {'number': None, 'serial': None, 'node': None, 'path': path,
                           'size': 1_000_000_000, 'new': True, 'media': 'fixed', 'table': 'none',
                           'partitions': [], 'lost': [], 'suitable': True,
                           'reason': None}.items():
            self.assertEqual(device[key], value, key)
        steps = select_events(events, 'step')
        self.assertEqual([step['id'] for step in steps],
                         ['table', 'format', 'copy', 'boot-code', 'verify'])
        self.assertEqual([step['number'] for step in steps], [1, 2, 3, 4, 5])
        self.assertEqual({step['state'] for step in steps}, {'planned'})

    def test_options_change_the_plan(self):
        code, events = run_json('--inspect', '-i', make_image(), '-d', self.path('s.img'),
                                '--size', '1G', '--boot', 'uefi', '--no-verify', '--label', 'my pe',
                                '--files', '--filesystem', 'fat32')
        self.assertEqual(code, 0)
        self.assertEqual([step['id'] for step in select_events(events, 'step')],
                         ['table', 'format', 'copy'])
        self.assertIn('"MY PE"', select_events(events, 'step')[1]['text'])
        self.assertEqual(events[-1]['starts_on'], ['uefi-x64'])

    def test_names_that_are_no_text_stay_valid_json(self):
        path = os.fsencode(self.path('bad-')) + b'\xff\xfe.iso'
        with open(path, 'wb') as file:
            file.write(pathlib.Path(make_image()).read_bytes())
        code, events = run_json('--inspect', '-i', path)
        self.assertEqual(code, 0)
        self.assertIn('\ufffd', events[0]['name'])
        self.assertEqual(run('--inspect', '-i', path).code, 0)


if __name__ == '__main__':
    sys.exit(tap.main())
