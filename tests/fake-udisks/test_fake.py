#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake UDisks2 itself, called the way any program would call udisksd."""

import array
import fcntl
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import tap
from fake_udisks import FakeUdisks

try:
    import gi
    gi.require_version('Gio', '2.0')
    from gi.repository import Gio, GLib
except (ImportError, ValueError):
    Gio = None

MIB = 1 << 20
BLOCKS = '/org/freedesktop/UDisks2/block_devices/'
NONE = GLib.Variant('a{sv}', {}) if Gio else None


class Client:
    """A program on the bus."""

    def __init__(self, fake):
        self.bus = Gio.DBusConnection.new_for_address_sync(
            fake.environment['DBUS_SYSTEM_BUS_ADDRESS'],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.name = self.bus.get_unique_name()

    def call(self, path, method, signature='()', *values, timeout_ms=60000, descriptors=False):
        """Returns the values of the reply, or a list of descriptors."""
        interface, name = method.rsplit('.', 1)
        if '.' not in interface:
            interface = 'org.freedesktop.UDisks2.' + interface
        reply, handles = self.bus.call_with_unix_fd_list_sync(
            'org.freedesktop.UDisks2', path, interface, name, GLib.Variant(signature, values),
            None, Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, timeout_ms, None, None)
        return handles.steal_fds() if descriptors else reply.unpack()

    def get(self, path, interface):
        """All properties of an interface."""
        return self.call(path, 'org.freedesktop.DBus.Properties.GetAll', '(s)',
                         'org.freedesktop.UDisks2.' + interface)[0]

    def objects(self):
        """{path: {interface: properties}}"""
        found = self.call('/org/freedesktop/UDisks2',
                          'org.freedesktop.DBus.ObjectManager.GetManagedObjects')[0]
        return {path: {name.rsplit('.', 1)[1]: properties for name, properties in faces.items()}
                for path, faces in found.items()}

    def open(self, path, flags=os.O_EXCL, mode='rw', **options):
        """OpenDevice; returns the descriptor."""
        members = {'flags': GLib.Variant('i', flags)}
        members.update({name.replace('auth_', 'auth.'): GLib.Variant('b', value)
                        for name, value in options.items()})
        return self.call(path, 'Block.OpenDevice', '(sa{sv})', mode, members, descriptors=True)[0]

    def format(self, path, kind, **options):
        members = {name: GLib.Variant('s', value) for name, value in options.items()}
        self.call(path, 'Block.Format', '(sa{sv})', kind, members)

    def build(self, stick, label='RESCUE'):
        """What an erase build asks for; returns the path of the partition."""
        self.format(stick.path, 'dos')
        return self.call(stick.path, 'PartitionTable.CreatePartitionAndFormat',
                         '(ttssa{sv}sa{sv})', MIB, 0, '0x0c', '', {}, 'vfat',
                         {'label': GLib.Variant('s', label)})[0]


@unittest.skipIf(Gio is None, "there is no PyGObject (python3-gi)")
class Fake(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='rub-test-fake-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fake = FakeUdisks()
        self.fake.__enter__()
        self.addCleanup(self.fake.stop)
        self.client = Client(self.fake)

    def image(self, name='stick.img', mib=64):
        path = self.folder / name
        with open(path, 'wb') as file:
            file.truncate(mib * MIB)
        return path

    def plug(self, **stick):
        image = stick.pop('image', None) or self.image()
        stick = {'vendor': 'Kingston', 'model': 'DataTraveler 3.0', 'serial': 'AB12', **stick}
        return self.fake.plug(image, **stick)

    def plug_fat(self, files=(), **stick):
        """A stick with a FAT partition and files."""
        image = self.image()
        subprocess.run(['sfdisk', '--quiet', image], input=b'2048,,c\n', check=True)
        subprocess.run(['mkfs.vfat', '-n', 'HOLIDAY', '--offset=2048', image, '64512'],
                       stdout=subprocess.DEVNULL, check=True)
        for name, data in dict(files).items():
            subprocess.run(['mcopy', '-i', f'{image}@@1M', '-', f'::{name}'], input=data,
                           check=True)
        return self.plug(image=image, **stick)

    def assertFails(self, name, call, *arguments, **options):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments, **options)
        self.assertEqual(Gio.DBusError.get_remote_error(caught.exception).rsplit('.', 1)[-1], name)
        return caught.exception.message

    def test_a_blank_stick_is_a_drive_and_a_block_device(self):
        stick = self.plug()
        objects = self.client.objects()
        drive = objects[stick.drive]['Drive']
        block = objects[stick.path]['Block']
        self.assertEqual(stick.drive,
                         '/org/freedesktop/UDisks2/drives/Kingston_DataTraveler_3_2e0_AB12')
        self.assertEqual((drive['Vendor'], drive['Serial'], drive['ConnectionBus']),
                         ('Kingston', 'AB12', 'usb'))
        self.assertEqual((drive['Size'], drive['Removable'], drive['CanPowerOff']),
                         (64 * MIB, True, True))
        self.assertEqual(bytes(block['Device']), b'/dev/sdx\0')
        self.assertEqual((block['Drive'], block['Size'], block['IdType'], block['HintSystem']),
                         (stick.drive, 64 * MIB, '', False))
        self.assertEqual(set(objects[stick.path]), {'Block'})

    def test_contents_are_told_by_the_image(self):
        stick = self.plug_fat()
        objects = self.client.objects()
        table = objects[stick.path]['PartitionTable']
        part = objects[stick.partition(1)]
        self.assertEqual((table['Type'], table['Partitions']), ('dos', [stick.partition(1)]))
        self.assertEqual((part['Partition']['Type'], part['Partition']['Offset']), ('0x0c', MIB))
        self.assertEqual((part['Block']['IdType'], part['Block']['IdLabel'],
                          part['Block']['IdVersion']), ('vfat', 'HOLIDAY', 'FAT16'))
        self.assertEqual(part['Filesystem']['MountPoints'], [])

    def test_erase_build_makes_table_partition_and_filesystem(self):
        stick = self.plug()
        part = self.client.build(stick)
        self.assertEqual(part, stick.partition(1))
        self.client.call(part, 'Partition.SetFlags', '(ta{sv})', 0x80, {})
        self.assertEqual(self.client.get(part, 'Partition')['Flags'], 0x80)
        self.assertEqual(self.client.get(part, 'Block')['IdLabel'], 'RESCUE')
        self.client.call(part, 'Partition.SetType', '(sa{sv})', '0x0e', {})
        self.assertEqual(self.client.get(part, 'Partition')['Type'], '0x0e')
        dump = subprocess.run(['sfdisk', '--dump', stick.image], capture_output=True, text=True,
                              check=True).stdout
        self.assertIn('bootable', dump)
        self.client.call(part, 'Partition.Delete', '(a{sv})', {})
        self.assertNotIn(part, self.client.objects())

    def test_signals_follow_what_happens(self):
        seen = []
        self.client.bus.signal_subscribe(
            'org.freedesktop.UDisks2', 'org.freedesktop.DBus.ObjectManager', None, None, None,
            Gio.DBusSignalFlags.NONE,
            lambda *signal: seen.append((signal[4], signal[5].unpack()[0].rsplit('/', 1)[-1])))
        stick = self.plug()
        self.client.build(stick)
        stick.unplug()
        context = GLib.MainContext.default()
        while ('InterfacesRemoved', 'Kingston_DataTraveler_3_2e0_AB12') not in seen:
            context.iteration(True)
        self.assertEqual([entry for entry in seen if entry[1] != 'sdx'], [
            ('InterfacesAdded', 'Kingston_DataTraveler_3_2e0_AB12'),
            ('InterfacesAdded', 'sdx1'),
            ('InterfacesAdded', 'sdx1'),
            ('InterfacesRemoved', 'sdx1'),
            ('InterfacesRemoved', 'Kingston_DataTraveler_3_2e0_AB12')])

    def test_a_descriptor_writes_the_image_and_rescan_shows_it(self):
        stick = self.plug()
        fat = self.image('fat.img')
        subprocess.run(['mkfs.vfat', '-I', '-n', 'RAW', fat], stdout=subprocess.DEVNULL, check=True)
        descriptor = self.client.open(stick.path, os.O_EXCL | os.O_CLOEXEC)
        os.pwrite(descriptor, fat.read_bytes(), 0)
        self.assertEqual(self.client.get(stick.path, 'Block')['IdLabel'], '')
        os.close(descriptor)
        self.client.call(stick.path, 'Block.Rescan', '(a{sv})', {})
        self.assertEqual(self.client.get(stick.path, 'Block')['IdLabel'], 'RAW')
        self.assertEqual(self.client.get(stick.path, 'Filesystem')['MountPoints'], [])

    def test_an_exclusive_descriptor_keeps_others_out(self):
        stick = self.plug_fat()
        descriptor = self.client.open(stick.path)
        text = self.assertFails('Failed', self.client.open, stick.path)
        self.assertIn('Error opening device /dev/sdx: Device or resource busy', text)
        self.assertFails('Failed', self.client.call, stick.partition(1), 'Filesystem.Mount',
                         '(a{sv})', {})
        self.assertEqual(self.fake.state()['exclusive_opens'], 1)
        os.close(descriptor)
        self.client.call(stick.partition(1), 'Filesystem.Mount', '(a{sv})', {})
        self.assertFails('Failed', self.client.open, stick.path)
        os.close(self.client.open(stick.path, flags=0))

    def test_a_write_protected_stick_can_only_be_read(self):
        stick = self.plug(read_only=True)
        text = self.assertFails('Failed', self.client.open, stick.path)
        self.assertIn('Read-only file system', text)
        os.close(self.client.open(stick.path, mode='r'))
        self.assertIn('Error wiping device',
                      self.assertFails('Failed', self.client.format, stick.path, 'dos'))

    def test_a_label_that_is_too_long_fails_after_the_wipe(self):
        stick = self.plug_fat()
        text = self.assertFails('Failed', self.client.format, stick.partition(1), 'vfat',
                                label='TWELVE CHARS')
        self.assertIn('Label can be no longer than 11 characters', text)
        self.assertEqual(self.client.get(stick.partition(1), 'Block')['IdType'], '')

    def test_formatting_a_mounted_disk_destroys_its_table(self):
        self.fake.options(busy_format_ms=1)
        stick = self.plug_fat(mounted=True)
        self.assertIn('Timed out waiting for object',
                      self.assertFails('Failed', self.client.format, stick.path, 'dos'))
        self.assertIn('this partition table of type `(null)',
                      self.assertFails('Failed', self.client.call, stick.path,
                                       'PartitionTable.CreatePartition', '(ttssa{sv})', MIB, 0,
                                       '0x0c', '', {}))

    def test_files_of_a_mount_come_from_the_image_and_go_back(self):
        stick = self.plug_fat({'old.txt': b'old', 'gone.txt': b'gone'})
        part = stick.partition(1)
        uuid = self.client.get(part, 'Block')['IdUUID']
        folder = pathlib.Path(self.client.call(part, 'Filesystem.Mount', '(a{sv})', {})[0])
        points = self.client.get(part, 'Filesystem')['MountPoints']
        self.assertEqual([bytes(point) for point in points], [bytes(folder) + b'\0'])
        self.assertEqual((folder / 'old.txt').read_bytes(), b'old')
        (folder / 'gone.txt').unlink()
        (folder / 'EFI/BOOT').mkdir(parents=True)
        (folder / 'EFI/BOOT/BOOTX64.EFI').write_bytes(b'loader')
        with open(folder / 'old.txt', 'rb'):
            pass
        self.client.call(part, 'Filesystem.Unmount', '(a{sv})', {})
        self.assertFalse(folder.exists())
        listing = subprocess.run(['mdir', '-/', '-b', '-i', f'{stick.image}@@1M', '::'],
                                 capture_output=True, text=True, check=True).stdout
        self.assertEqual(sorted(listing.split()),
                         ['::/EFI/', '::/EFI/BOOT/', '::/EFI/BOOT/BOOTX64.EFI', '::/old.txt'])
        self.assertEqual(self.client.get(part, 'Block')['IdUUID'], uuid)
        self.assertTrue(self.client.call(part, 'Filesystem.Check', '(a{sv})', {})[0])

    def test_what_is_written_to_a_read_only_mount_is_forgotten(self):
        stick = self.plug_fat({'a': b'a'})
        part = stick.partition(1)
        folder = self.client.call(part, 'Filesystem.Mount', '(a{sv})',
                                  {'options': GLib.Variant('s', 'ro')})[0]
        before = stick.image.read_bytes()
        self.assertTrue(os.path.exists(folder + '/a'))
        self.client.call(part, 'Filesystem.Unmount', '(a{sv})', {})
        self.assertEqual(stick.image.read_bytes(), before)
        self.assertFails('NotMounted', self.client.call, part, 'Filesystem.Unmount', '(a{sv})', {})

    def test_a_mount_in_use_cannot_be_unmounted_or_powered_off(self):
        stick = self.plug_fat({'a': b'a'}, mounted=True)
        with open(stick.mount_point() + '/a', 'rb'):
            text = self.assertFails('DeviceBusy', self.client.call, stick.partition(1),
                                    'Filesystem.Unmount', '(a{sv})', {})
        self.assertIn('target is busy', text)
        text = self.assertFails('DeviceBusy', self.client.call, stick.drive, 'Drive.PowerOff',
                                '(a{sv})', {})
        self.assertIn('The drive in use: Device /dev/sdx1 is mounted', text)

    def test_power_off_and_eject(self):
        first = self.plug()
        self.client.call(first.drive, 'Drive.PowerOff', '(a{sv})', {})
        self.assertNotIn(first.path, self.client.objects())
        second = self.plug()
        self.client.call(second.drive, 'Drive.Eject', '(a{sv})', {})
        self.assertEqual(self.client.get(second.path, 'Block')['Size'], 0)
        self.assertFalse(self.client.get(second.drive, 'Drive')['MediaAvailable'])
        self.assertFails('Failed', self.client.call, second.drive, 'Drive.PowerOff', '(a{sv})', {})
        self.assertIn('No medium found', self.assertFails('Failed', self.client.open, second.path))


if __name__ == '__main__':
    sys.exit(tap.main())
