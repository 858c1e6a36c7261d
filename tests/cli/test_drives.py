#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives on the command line, over a UDisks2 that is none: the list, how a drive is named, what is
refused, and builds with a password and without one."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

from cli import (PATIENCE_SECONDS, CliTest, Terminal, make_image, run, run_json, select_events, start,
                 tearDownModule)
from fake_udisks import FakeUdisks, command
import tap

MIB = 1 << 20
DRIVE_KEYS = {'event', 'number', 'vendor', 'model', 'serial', 'size', 'node', 'media', 'contents',
              'suitable', 'reason', 'reason_code'}
CONTENT_KEYS = {'filesystem', 'label', 'size', 'used', 'free', 'mounted'}
HYBRID = '/usr/lib/memtest86+/memtest86+x64.iso'
KINGSTON = {'vendor': 'Kingston', 'model': 'DataTraveler 3.0', 'serial': 'AB12'}


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class DriveTest(CliTest):
    """A computer without drives, which each test plugs in."""

    def setUp(self):
        super().setUp()
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.fake = stack.enter_context(FakeUdisks())
        os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = self.fake.environment['DBUS_SYSTEM_BUS_ADDRESS']

    def make_stick(self, name, size=128 * MIB):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.truncate(size)
        return path

    def make_holiday(self, name='holiday.img', size=600 * MIB, bits=32):
        """A stick with one FAT partition and a file of the user's."""
        path = self.make_stick(name, size)
        subprocess.run(['sfdisk', '-q', path], input=b'label: dos\n2048,,c\n', check=True)
        offset = f'{path}@@1M'
        subprocess.run(['mkfs.fat', '-F', str(bits), '-n', 'HOLIDAY', '-h', '2048', '--offset',
                        '2048', path, str((size - MIB) // 1024)], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, 'PATH': '/usr/sbin:/usr/bin'})
        photo = pathlib.Path(self.path('photo.jpg'))
        photo.write_bytes(b'a photo' * 1000)
        subprocess.run(['mcopy', '-i', offset, str(photo), '::'], check=True)
        return path

    def make_films(self, name='films.img', size=100 * MIB):
        """A stick with one NTFS partition, and files of the user's."""
        path = self.make_stick(name, size)
        subprocess.run(['sfdisk', '-q', path], input=b'label: dos\n2048,,7\n', check=True)
        volume = pathlib.Path(self.make_stick('volume', size - MIB))
        environment = {**os.environ, 'PATH': '/usr/sbin:/usr/bin'}
        subprocess.run(['mkntfs', '-F', '-Q', '-q', '-L', 'FILMS', volume], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        film = pathlib.Path(self.path('film.mkv'))
        film.write_bytes(b'a film' * 1000)
        for to in ('film.mkv', 'BOOTMGR'):
            subprocess.run(['ntfscp', '-q', '-f', volume, film, to], check=True, env=environment)
        subprocess.run(['dd', f'if={volume}', f'of={path}', 'bs=1M', 'seek=1', 'conv=notrunc,sparse',
                        'status=none'], check=True)
        volume.unlink()
        return path

    def list_ntfs(self, path):
        volume = pathlib.Path(self.path('volume'))
        subprocess.run(['dd', f'if={path}', f'of={volume}', 'bs=1M', 'skip=1', 'conv=sparse',
                        'status=none'], check=True)
        listing = subprocess.run(['ntfsls', '-R', volume], check=True, capture_output=True,
                                 text=True).stdout
        volume.unlink()
        return listing.split()

    def plug(self, path=None, **members):
        return self.fake.plug(path or self.make_stick('stick.img'), **{**KINGSTON, **members})

    def list_files(self, path):
        listing = subprocess.run(['mdir', '-b', '-/', '-i', f'{path}@@1M', '::'], check=True,
                                 capture_output=True, text=True).stdout
        return [line.removeprefix('::/') for line in listing.splitlines()]

    def assert_usage(self, pattern, *arguments):
        done = run(*arguments)
        self.assertEqual((done.code, done.out), (64, ''), done)
        self.assertRegex(done.err, f'^rescue-usb-builder: {pattern}')

    def list_numbers(self):
        self.assertEqual(run('-l').code, 0)


class List(DriveTest):
    def test_no_drives(self):
        done = run('--list-devices')
        self.assertEqual((done.code, done.err), (0, ''))
        self.assertRegex(done.out, '^No USB stick or memory card is plugged in. Insert one')
        code, events = run_json('-l')
        self.assertEqual((code, len(events)), (0, 1))
        self.assertRegex(events[0]['note'], '^No USB stick')

    def test_the_table(self):
        self.plug()
        large = self.path('large.img')
        with open(large, 'wb') as file:
            file.truncate(500 * 10 ** 9)
        self.fake.plug(large, vendor='サンディスク', model='Extreme SSD', serial='CD34',
                       removable=False, media_removable=False)
        self.fake.plug(self.make_stick('locked.img'), vendor='Generic', model='Flash',
                       serial='EF56', read_only=True)
        self.fake.plug(self.make_stick('empty.img'), vendor='Generic', model='Reader',
                       serial='GH78', medium=False)
        done = run('--list-devices')
        self.assertEqual((done.code, done.err), (0, ''))
        self.assertEqual(done.out, (
            'No  Drive                      Size      Node       Media      Contents\n'
            ' 1  Kingston DataTraveler 3.0  134.2 MB  /dev/sdx   removable  empty or unknown\n'
            'Large drives, look twice:\n'
            ' 2  サンディスク Extreme SSD   500.0 GB  /dev/sdy   fixed      empty or unknown\n'
            'Cannot be used:\n'
            '    Generic Flash              134.2 MB  /dev/sdz   removable  This drive is '
            'write-protected.\n'
            '    Generic Reader             -         /dev/sdxa  removable  There is no medium in '
            'this drive.\n'))

    def test_the_events(self):
        self.plug(self.make_holiday(), mounted=True)
        self.fake.plug(self.make_stick('locked.img'), vendor='', model='Flash', serial='',
                       read_only=True)
        code, events = run_json('-l')
        self.assertEqual(code, 0)
        stick, locked = select_events(events, 'device')
        self.assertEqual(set(stick), DRIVE_KEYS)
        for key, value in {'number': 1, 'vendor': 'Kingston', 'model': 'DataTraveler 3.0',
                           'serial': 'AB12', 'size': 600 * MIB, 'node': '/dev/sdx',
                           'media': 'removable', 'suitable': True, 'reason': None,
                           'reason_code': None}.items():
            self.assertEqual(stick[key], value, key)
        volume, = stick['contents']
        self.assertEqual(set(volume), CONTENT_KEYS)
        self.assertEqual((volume['filesystem'], volume['label'], volume['size']),
                         ('fat32', 'HOLIDAY', 599 * MIB))
        self.assertGreater(volume['free'], 0)
        self.assertTrue(os.path.isdir(volume['mounted']))
        self.assertEqual((locked['number'], locked['vendor'], locked['model'], locked['serial']),
                         (None, None, 'Flash', None))
        self.assertEqual((locked['suitable'], locked['reason_code'], locked['contents']),
                         (False, 1, []))

    def test_without_udisks_it_says_what_to_install(self):
        self.fake.stop_service()
        self.assert_usage('.*UDisks2.*; install the package udisks2', '-l')

    def test_disks_of_the_system_are_not_listed(self):
        stick = self.plug()
        stick.change('Block', 'hint-system', True)
        self.assertRegex(run('-l').out, '^No USB stick')

    def test_names_cannot_steer_the_terminal(self):
        self.plug(model='Data\x1b[2JTraveler')
        self.assertNotIn('\x1b', run('-l').out)


class Names(DriveTest):
    """How -d names a drive."""

    def inspect(self, name, *more):
        return run_json('--inspect', '-i', make_image(), '-d', name, *more)

    def assert_drive(self, name, node):
        code, events = self.inspect(name)
        self.assertEqual(code, 0, events)
        device, = select_events(events, 'device')
        self.assertEqual(device['node'], node)
        return device

    def test_a_number_needs_a_list(self):
        self.plug()
        self.assert_usage('the drives were not listed yet.*--list-devices', '--inspect', '-i',
                          make_image(), '-d', '1')

    def test_a_number_is_of_the_list_that_was_shown(self):
        self.plug()
        second = self.fake.plug(self.make_stick('second.img'), serial='CD34')
        self.list_numbers()
        self.assertEqual(self.assert_drive('2', second.device)['number'], 2)
        self.assertEqual(self.assert_drive(second.device, second.device)['number'], 2)
        for number in ('0', '3', '99999999999999999999'):
            self.assert_usage('there is no drive with the number', '--check', '-d', number)

    def test_another_set_of_drives_has_no_numbers(self):
        first = self.plug()
        self.list_numbers()
        self.fake.plug(self.make_stick('second.img'), serial='CD34')
        self.assertEqual(run('--check', '-d', '1').code, 22)
        self.list_numbers()
        first.unplug()
        done = run('--inspect', '-i', make_image(), '-d', '1')
        self.assertEqual((done.code, done.out), (22, ''))
        self.assertRegex(done.err, r'\(code 22\)\n  Other drives are plugged in now')

    def test_another_stick_in_the_same_place_has_no_number(self):
        first = self.plug()
        self.list_numbers()
        first.unplug()
        self.plug(serial='ZZ99', node='sdx')
        self.assertEqual(run('--check', '-d', '1').code, 22)

    def test_a_serial_number(self):
        device = self.assert_drive('AB12', self.plug().device)
        self.assertEqual((device['vendor'], device['model'], device['serial'], device['media']),
                         ('Kingston', 'DataTraveler 3.0', 'AB12', 'removable'))
        self.assert_usage('.*AB13', '--check', '-d', 'AB13')

    def test_two_sticks_of_one_serial_number(self):
        self.plug()
        second = self.plug(self.make_stick('second.img'))
        self.assert_usage('.*AB12', '--check', '-d', 'AB12')
        self.assert_drive(second.device, second.device)

    def test_a_file_of_that_name_is_the_file(self):
        self.plug()
        pathlib.Path(self.path('AB12')).write_bytes(bytes(128 * MIB))
        code, events = run_json('--inspect', '-i', make_image(), '-d', 'AB12', cwd=self.folder)
        device, = select_events(events, 'device')
        self.assertEqual((code, device['node'], device['path']), (0, None, 'AB12'))

    def test_a_link_leads_to_the_node(self):
        stick = self.plug()
        os.symlink(stick.device, self.path('link'))
        self.assert_drive(stick.device, stick.device)

    def test_a_partition_is_refused_and_its_drive_named(self):
        stick = self.plug(self.make_holiday())
        self.assert_usage(f'.*{stick.device}', '--inspect', '-i', make_image(), '-d',
                          f'{stick.device}1')

    def test_a_node_that_is_not_there(self):
        self.assert_usage('.*/dev/sdnone', '--check', '-d', '/dev/sdnone')

    def test_a_size_is_for_files(self):
        self.plug()
        self.assert_usage('--size makes a disk-image file', '--inspect', '-i', make_image(), '-d',
                          '/dev/sdx', '--size', '1G')


class Refused(DriveTest):
    """Drives on which nothing is built, and that stay as they are."""

    def assert_refused(self, stick, code, pattern, iso=None):
        before = digest(stick.image)
        for more in ([], ['--keep'], ['--boot', 'uefi']):
            status, events = run_json('--create', '--force', '-i', iso or make_image(), '-d',
                                      stick.device, *more)
            self.assertEqual(status, code, events)
            self.assertRegex(events[-1]['finding']['meaning'], pattern)
        self.assertEqual(digest(stick.image), before)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())
        self.assertNotIn('Block.Format', self.fake.methods())

    def test_a_disk_of_the_system(self):
        stick = self.plug()
        stick.change('Block', 'hint-system', True)
        self.assert_refused(stick, 19, '.')

    def test_a_locked_stick(self):
        self.assert_refused(self.plug(read_only=True), 1, 'can only be read')

    def test_an_empty_reader(self):
        self.assert_refused(self.plug(medium=False), 13, 'no medium')

    def test_a_stick_that_the_image_lies_on(self):
        stick = self.plug(self.make_holiday(), mounted=True)
        iso = shutil.copy(make_image(), stick.mount_point())
        self.assert_refused(stick, 14, 'The rescue image lies on this stick itself', iso)
        link = self.path('link.iso')
        os.symlink(iso, link)
        self.assert_refused(stick, 14, 'The rescue image lies on this stick itself', link)

    def test_nothing_is_undone_on_a_disk_of_the_system(self):
        stick = self.plug()
        stick.change('Block', 'hint-system', True)
        code, events = run_json('--undo', '--force', '-d', stick.device)
        self.assertEqual(code, 19, events)


class Build(DriveTest):
    def create(self, stick, *more):
        return run_json('--create', '--force', '-i', make_image(), '-d', stick.device, *more)

    def test_with_the_password(self):
        stick = self.plug()
        self.fake.policy('open-device', 'password')
        self.fake.answer('right')
        code, events = self.create(stick)
        self.assertEqual(code, 0, events[-1])
        device, = select_events(events, 'device')
        self.assertTrue(device['password'])
        self.assertRegex(device['password_reason'], 'boot code for BIOS .*only for UEFI needs no password')
        self.assertEqual(self.fake.prompts, 1)
        self.assertIn('bootmgr', self.list_files(stick.image))
        self.assertEqual(run('--check', '-d', str(stick.image)).code, 0)

    @unittest.skipUnless(os.path.exists(HYBRID), f'{HYBRID} is not installed (memtest86+)')
    def test_an_image_byte_by_byte(self):
        stick = self.plug(self.make_holiday())
        self.fake.policy('open-device', 'password')
        self.fake.answer('right')
        code, events = run_json('--create', '--force', '-i', HYBRID, '-d', stick.device)
        self.assertEqual(code, 0, events[-1])
        self.assertEqual(self.fake.prompts, 1)
        self.assertEqual(self.fake.methods()[-2:], ['Block.OpenDevice', 'Block.Rescan'])
        image = pathlib.Path(HYBRID).read_bytes()
        self.assertEqual(stick.image.read_bytes()[:len(image)], image)
        code, events = run_json('--check', '-d', stick.device, '-i', HYBRID)
        self.assertEqual((code, events[-1]['state']), (0, 'good'), events)

    def test_the_password_is_dismissed(self):
        stick = self.plug(self.make_holiday())
        before = digest(stick.image)
        self.fake.policy('open-device', 'password')
        self.fake.answer('dismissed')
        code, events = self.create(stick)
        self.assertEqual(code, 15, events[-1])
        self.assertIn('Nothing was changed', events[-1]['left_behind'])
        self.assertEqual(digest(stick.image), before)

    def test_nobody_would_be_asked(self):
        stick = self.plug()
        self.fake.policy('open-device', 'no')
        code, events = self.create(stick)
        self.assertEqual(code, 15, events[-1])
        self.assertEqual(events[-1]['finding']['action'], 'uefi-only')
        self.assertEqual(self.create(stick, '--boot', 'uefi')[0], 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())

    def test_uefi_only_never_opens_the_drive(self):
        stick = self.plug(self.make_stick('stick.img', 600 * MIB))
        self.fake.policy('open-device', 'password')
        code, events = self.create(stick, '--boot', 'uefi')
        self.assertEqual(code, 0, events[-1])
        device, = select_events(events, 'device')
        self.assertEqual((device['password'], device['password_reason']), (False, None))
        self.assertTrue(events[-1]['verified'])
        self.assertEqual(self.fake.prompts, 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())
        self.assertIn('bootmgr', self.list_files(stick.image))

    def test_a_small_stick_becomes_fat16_for_uefi(self):
        stick = self.plug()
        code, events = self.create(stick, '--boot', 'uefi')
        self.assertEqual(code, 0, events[-1])
        self.assertIn(98, [event['code'] for event in select_events(events, 'finding')])

    def test_keeping_with_the_password(self):
        stick = self.plug(self.make_holiday())
        self.fake.policy('open-device', 'password')
        self.fake.answer('right')
        code, events = self.create(stick, '--keep')
        self.assertEqual(code, 0, events[-1])
        self.assertIn(24, [event['code'] for event in select_events(events, 'finding')])
        self.assertEqual(self.fake.prompts, 1)
        files = self.list_files(stick.image)
        self.assertIn('photo.jpg', files)
        self.assertIn('bootmgr', files)

    def test_keeping_for_uefi_without_a_password(self):
        stick = self.plug(self.make_holiday())
        self.fake.policy('open-device', 'password')
        code, events = self.create(stick, '--keep', '--boot', 'uefi')
        self.assertEqual(code, 0, events[-1])
        self.assertEqual(self.fake.prompts, 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())
        files = self.list_files(stick.image)
        self.assertIn('photo.jpg', files)
        self.assertIn('bootmgr', files)

    def test_a_stick_that_the_desktop_has_mounted_is_good(self):
        """The kernel's driver marks what it has mounted as not closed properly (Microsoft FAT
        specification: BS_Reserved1)."""
        image = self.make_holiday()
        stick = self.plug(image)
        self.fake.policy('open-device', 'yes')
        self.assertEqual(self.create(stick, '--keep')[0], 0)
        stick.unplug()
        stick = self.plug(image, mounted=True)
        with open(image, 'r+b') as file:
            file.seek(MIB + 65)
            file.write(b'\1')
        code, events = run_json('--check', '-d', stick.device)
        self.assertEqual((code, events[-1]['state']), (0, 'good'), events[-1])
        self.assertIsNotNone(stick.mount_point())

    def test_a_kept_build_is_checked_and_undone(self):
        stick = self.plug(self.make_holiday())
        self.fake.policy('open-device', 'password')
        self.fake.answer('right')
        self.assertEqual(self.create(stick, '--keep')[0], 0)
        self.fake.forget_passwords()
        code, events = run_json('--check', '-d', stick.device)
        self.assertEqual((code, events[-1]['state']), (0, 'good'), events[-1])
        self.assertFalse(events[-1]['boot_code_checked'])
        self.assertEqual(self.fake.prompts, 1)
        self.assertRegex(run('--check', '-d', stick.device).out, r'Boot code +not looked at: ')
        code, events = run_json('--undo', '--force', '-d', stick.device)
        self.assertEqual(code, 0, events[-1])
        files = self.list_files(stick.image)
        self.assertIn('photo.jpg', files)
        self.assertNotIn('bootmgr', files)

    def test_ntfs_is_kept_for_bios(self):
        stick = self.plug(self.make_films())
        before = digest(stick.image)
        self.fake.policy('open-device', 'password')
        self.fake.answer('right')
        code, events = self.create(stick, '--keep')
        self.assertEqual((code, events[-1]['finding']['action']), (5, 'bios-on-ntfs'), events[-1])
        self.assertEqual(digest(stick.image), before)
        self.assertRegex(run('--create', '--keep', '-i', make_image(), '-d', stick.device).err,
                         'build for BIOS on the NTFS partition 1 instead.*add --filesystem ntfs')
        code, events = self.create(stick, '--keep', '--boot', 'bios')
        self.assertEqual(code, 0, events[-1])
        self.assertEqual([event['files'] for event in select_events(events, 'finding')
                          if event['files']], [['BOOTMGR']])
        self.assertTrue({'film.mkv', 'BOOTMGR', 'sources'} <= set(self.list_ntfs(stick.image)))
        self.fake.forget_passwords()
        code, events = run_json('--check', '-d', stick.device)
        self.assertEqual((code, events[-1]['state']), (0, 'good'), events[-1])
        self.assertFalse(events[-1]['boot_code_checked'])
        code, events = run_json('--undo', '--force', '-d', stick.device)
        self.assertEqual((code, events[-1]['restored']), (0, ['BOOTMGR']), events[-1])
        self.assertNotIn('sources', self.list_ntfs(stick.image))

    def test_a_build_on_fat16_is_undone_as_it_was_made(self):
        """Only the system writes FAT16: neither takes a password."""
        image = self.make_holiday(size=128 * MIB, bits=16)
        stick = self.plug(image)
        self.fake.policy('open-device', 'password')
        code, events = self.create(stick, '--keep', '--boot', 'uefi')
        self.assertEqual(code, 0, events[-1])
        self.assertIn('bootmgr', self.list_files(image))
        code, events = run_json('--undo', '--force', '-d', stick.device)
        self.assertEqual(code, 0, events[-1])
        self.assertEqual(self.fake.prompts, 0)
        files = self.list_files(image)
        self.assertIn('photo.jpg', files)
        self.assertNotIn('bootmgr', files)
        self.assertEqual([name for name in files if 'manifest' in name], [])


class Dialogue(DriveTest):
    """On a terminal, where questions are asked."""

    def build(self, stick, *more):
        terminal = Terminal('--create', '-i', make_image(), '-d', stick.device, *more)
        terminal.wait_for('[y/N] ')
        return terminal

    def test_the_question_names_model_size_and_node(self):
        terminal = self.build(self.plug(self.make_holiday()))
        terminal.press(b'n\n')
        code, said = terminal.finish()
        self.assertEqual(code, 18)
        self.assertIn('Kingston DataTraveler 3.0, serial number AB12, /dev/sdx, 629.1 MB', said)
        self.assertIn('Everything on Kingston DataTraveler 3.0 (629.1 MB, /dev/sdx) will be '
                      'erased: "HOLIDAY"', said)
        self.assertRegex(said, r'Password +An administrator\'s password will be asked for: boot')
        self.assertNotIn('Block.OpenDevice', self.fake.methods())

    def test_a_stick_that_was_swapped_is_left_alone(self):
        stick = self.plug()
        terminal = self.build(stick)
        stick.unplug()
        other = self.fake.plug(self.make_stick('other.img'), serial='ZZ99', node='sdx')
        before = digest(other.image)
        terminal.press(b'y\n')
        code, said = terminal.finish()
        self.assertIn(code, (13, 22), said)
        self.assertEqual(digest(other.image), before)

    def test_a_stick_that_changed_is_left_alone(self):
        stick = self.plug()
        terminal = self.build(stick)
        stick.unplug()
        self.fake.plug(self.make_holiday(), **KINGSTON, node='sdx')
        before = digest(self.path('holiday.img'))
        terminal.press(b'y\n')
        code, said = terminal.finish()
        self.assertEqual(code, 22, said)
        self.assertEqual(digest(self.path('holiday.img')), before)

    def test_the_wait_for_the_password_can_be_stopped(self):
        stick = self.plug(self.make_holiday())
        before = digest(stick.image)
        self.fake.policy('open-device', 'password')
        self.fake.answer('wait')
        terminal = self.build(stick)
        terminal.press(b'y\n')
        self.fake.wait_for_prompt()
        terminal.wait_for('Waiting for the password')
        terminal.press(b'\x03')
        code, said = terminal.finish()
        self.assertEqual(code, 18, said)
        self.assertEqual(digest(stick.image), before)

    def test_the_result_says_how_to_start_from_it(self):
        terminal = self.build(self.plug())
        terminal.press(b'y\n')
        code, said = terminal.finish()
        self.assertEqual(code, 0, said)
        self.assertIn('Ready: Kingston DataTraveler 3.0 (134.2 MB, /dev/sdx) starts on', said)
        self.assertIn('can be taken out now', said)


class Trouble(DriveTest):
    def create(self, stick, *more):
        return run_json('--create', '--force', '-i', make_image(), '-d', stick.device, *more)

    def test_a_stick_that_is_pulled_out_of_a_build_for_uefi_is_code_13(self):
        stick = self.plug()
        self.fake.fault('Block.Format', when='after', do=[command('unplug', node=stick.node)])
        code, events = self.create(stick, '--boot', 'uefi')
        self.assertEqual(code, 13, events[-1])

    def test_a_stick_that_somebody_uses_is_code_14(self):
        stick = self.plug(self.make_holiday(), mounted=True)
        before = digest(stick.image)
        self.fake.fault('Filesystem.Unmount', 'DeviceBusy', 'target is busy', times=-1)
        for more in ([], ['--boot', 'uefi']):
            code, events = self.create(stick, *more)
            self.assertEqual(code, 14, events[-1])
        self.assertEqual(digest(stick.image), before)

    def test_a_signal_lets_go_of_the_drive(self):
        stick = self.plug(self.make_holiday())
        self.fake.policy('open-device', 'password')
        self.fake.answer('wait')
        with start('--create', '--force', '-i', make_image(), '-d', stick.device) as process:
            self.fake.wait_for_prompt()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 18)
        self.fake.wait_for_close()


if __name__ == '__main__':
    sys.exit(tap.main())
