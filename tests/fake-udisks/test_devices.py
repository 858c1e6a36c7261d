#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake UDisks2 does to image files what udisksd does to devices."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import tap
from client import MIB, FakeTestCase, Gio, GLib


class Devices(FakeTestCase):
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
        self.client.objects()  # So that the bus knows by now what we want to hear.
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

    def test_the_room_of_a_mount_can_be_that_of_the_image(self):
        image = self.image()
        subprocess.run(['mkfs.fat', '-F', '32', '-s', '1', image], check=True,
                       stdout=subprocess.DEVNULL)
        stick = self.plug(image=image)
        folder, = self.client.call(stick.path, 'Filesystem.Mount', '(a{sv})', {})
        look = ('import os, sys; room = os.statvfs(sys.argv[1]); '
                'fd = os.open(sys.argv[1], os.O_RDONLY); '
                'print(room.f_frsize, room.f_blocks, room.f_bfree, os.fstatvfs(fd).f_bavail)')
        told = subprocess.run([sys.executable, '-c', look, folder], check=True, text=True,
                              stdout=subprocess.PIPE,
                              env={**os.environ, 'LD_PRELOAD': os.environ['RUB_FAKE_ROOM_LIBRARY']})
        block, blocks, free, available = map(int, told.stdout.split())
        self.assertEqual((block, blocks - free, available), (512, 1, free))
        self.assertTrue(62 * MIB < blocks * block < 64 * MIB)

    def test_files_nobody_touched_stay_as_they_are(self):
        stick = self.plug_fat({'hidden.txt': b'h', 'other.txt': b'o'})
        area = f'{stick.image}@@1M'
        subprocess.run(['mattrib', '+h', '-i', area, '::hidden.txt'], check=True)
        part = stick.partition(1)
        folder = pathlib.Path(self.client.call(part, 'Filesystem.Mount', '(a{sv})', {})[0])
        self.assertEqual(sorted(os.listdir(folder)), ['hidden.txt', 'other.txt'])
        (folder / 'other.txt').write_bytes(b'changed')
        os.mkdir(folder / 'Größe')
        for number in range(450):
            (folder / 'Größe' / f'file {number}').write_bytes(b'x')
        self.client.call(part, 'Filesystem.Unmount', '(a{sv})', {})
        listing = subprocess.run(['mattrib', '-i', area, '::hidden.txt'], capture_output=True,
                                 text=True, check=True).stdout
        self.assertIn(' H ', listing)
        folder = pathlib.Path(self.client.call(part, 'Filesystem.Mount', '(a{sv})', {})[0])
        self.assertEqual((folder / 'other.txt').read_bytes(), b'changed')
        self.assertEqual(len(os.listdir(folder / 'Größe')), 450)

    @unittest.skipUnless(shutil.which('xorriso'), 'there is no xorriso')
    def test_a_hybrid_image_has_no_filesystem_on_the_whole_disk(self):
        image = self.folder / 'hybrid.img'
        (self.folder / 'files').mkdir()
        subprocess.run(['xorriso', '-as', 'mkisofs', '-quiet', '-V', 'HYBRID', '-partition_offset',
                        '16', '--protective-msdos-label', '-o', image, self.folder / 'files'],
                       stderr=subprocess.DEVNULL, check=True)
        stick = self.plug(image=image)
        objects = self.client.objects()
        self.assertEqual(set(objects[stick.path]), {'Block', 'PartitionTable'})
        self.assertEqual(objects[stick.path]['Block']['IdType'], 'iso9660')
        self.assertIn('Filesystem', objects[stick.partition(1)])

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

    def test_partitions_lie_where_libparted_puts_them(self):
        # Measured with udisksd 2.9.4 on a disk of this size.
        image = self.image(mib=600)
        os.truncate(image, 600 * MIB + 333 * 512)
        stick = self.plug(image=image)

        def create(offset, size):
            self.client.format(stick.path, 'dos')
            return self.create(stick, offset, size)
        self.assertEqual(create(MIB, 0), (MIB, 599 * MIB))
        self.assertEqual(create(0, 0), (MIB, 599 * MIB))
        self.assertEqual(create(MIB + 512, 100000000), (2 * MIB, 96 * MIB))
        self.assertEqual(create(MIB, 599 * MIB + 333 * 512), (MIB, 599 * MIB))
        self.assertIn('Failed to meet partition size', self.assertFails(
            'Failed', create, MIB, 700000000))
        create(MIB + 512, 100000000)
        self.assertIn("Can't have overlapping", self.assertFails(
            'Failed', self.create, stick, 0, 50000000))
        self.assertIn('overlaps with existing partition /dev/sdx1', self.assertFails(
            'Failed', self.create, stick, 3 * MIB, 0))
        self.assertEqual(self.create(stick, 210000000, 0, 2), (201 * MIB, 399 * MIB))

    def create(self, stick, offset, size, number=1):
        self.client.call(stick.path, 'PartitionTable.CreatePartition', '(ttssa{sv})', offset, size,
                         '', '', {})
        part = self.client.get(stick.partition(number), 'Partition')
        return part['Offset'], part['Size']

    def test_small_partitions_become_fat16_and_large_ones_fat32(self):
        stick = self.plug(image=self.image(mib=400))
        self.assertEqual(self.client.get(self.client.build(stick), 'Block')['IdVersion'], 'FAT16')
        stick = self.plug(image=self.image('large.img', mib=600), serial='2')
        self.assertEqual(self.client.get(self.client.build(stick), 'Block')['IdVersion'], 'FAT32')

    def test_gpt_disks_are_told(self):
        stick = self.plug()
        self.client.format(stick.path, 'gpt')
        self.assertEqual(self.create(stick, MIB, 0), (MIB, 62 * MIB))
        self.assertEqual(self.client.get(stick.path, 'PartitionTable')['Type'], 'gpt')

    def test_swap_and_encryption_have_their_interfaces(self):
        swap = self.image('swap.img')
        subprocess.run(['mkswap', '-q', swap], check=True)
        luks = self.image('luks.img')
        with open(luks, 'r+b') as file:
            file.write(b'LUKS\xba\xbe\0\1')
        swap, luks = self.plug(image=swap), self.plug(image=luks, serial='2')
        objects = self.client.objects()
        self.assertEqual(set(objects[swap.path]), {'Block', 'Swapspace'})
        self.assertEqual(set(objects[luks.path]), {'Block', 'Encrypted'})
        self.assertEqual(objects[luks.path]['Block']['IdUsage'], 'crypto')

    def test_damage_is_found_and_repaired_and_labels_are_set(self):
        stick = self.plug_fat()
        part = stick.partition(1)
        with open(stick.image, 'r+b') as file:
            file.seek(MIB + 4 * 512 + 100)
            file.write(b'not what the other FAT has')
        self.assertFalse(self.client.call(part, 'Filesystem.Check', '(a{sv})', {})[0])
        self.assertIn('Error reparing filesystem', self.assertFails(
            'Failed', self.client.call, part, 'Filesystem.Repair', '(a{sv})', {}))
        self.assertTrue(self.client.call(part, 'Filesystem.Check', '(a{sv})', {})[0])
        self.client.call(part, 'Filesystem.SetLabel', '(sa{sv})', 'other', {})
        self.assertEqual(self.client.get(part, 'Block')['IdLabel'], 'OTHER')

    @unittest.skipUnless(shutil.which('udisksctl'), 'there is no udisksctl (udisks2)')
    def test_udisksctl_understands_it(self):
        self.plug_fat(mounted=True)
        done = subprocess.run(['udisksctl', 'info', '-b', '/dev/sdx1'], text=True,
                              env=self.fake.environment, capture_output=True, check=True)
        self.assertIn('/media/HOLIDAY', done.stdout)


if __name__ == '__main__':
    sys.exit(tap.main())
