#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real drives with something else than FAT32: images written byte by byte, and NTFS."""

import pathlib
import sys
import unittest

import emulator
import finished
import product
import screen
import tap
import users_ntfs
import vm_builds
import vm_case

MEMTEST = pathlib.Path('/usr/lib/memtest86+/memtest86+x64.iso')
PARTITION = 'org.freedesktop.UDisks2.Partition'


@tap.only_full
@unittest.skipUnless(MEMTEST.exists(), 'memtest86+ is not installed')
@unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
class ByteByByte(vm_builds.BuildTest):
    @classmethod
    def setUpClass(cls):
        cls.iso = MEMTEST

    def test_a_linux_image_takes_the_place_of_what_was_there(self):
        stick, node, _ = self.plug_holiday()
        outcome = self.create(node)
        steps = [step['id'] for step in outcome.all_of('step') if step['state'] == 'planned']
        self.assertEqual(steps, ['write-image', 'verify'])
        self.assert_asked(times=1)
        self.assert_table_is_known(stick, node)
        checked = self.run_program('--check', '-d', node, '-i', f'/share/{MEMTEST.name}')
        self.assertEqual(checked.result['state'], 'good')
        self.machine.unplug(stick)
        data = MEMTEST.read_bytes()
        with open(stick.path, 'rb') as file:
            self.assertEqual(file.read(len(data)), data)
        screen.boot(stick.path, r'Memtest86\+ v\d')
        emulator.boot(stick.path, r'BdsDxe: starting Boot\w+ "UEFI QEMU QEMU USB', firmware='uefi')

    def assert_table_is_known(self, stick, node):
        """UDisks2 has the partitions of the image, as sfdisk sees them, and no others."""
        seen = {}
        for path in self.machine.user.run('ls -d /sys/class/block/sda?*').out.split():
            name = pathlib.Path(path).name
            offset, size = (self.property(name, key) for key in ('Offset', 'Size'))
            seen[int(name.removeprefix(pathlib.Path(node).name))] = offset, size
        table = finished.Stick(stick.path).table()
        self.assertEqual(seen, {number: (entry['start'] * finished.SECTOR,
                                         entry['size'] * finished.SECTOR)
                                for number, entry in table.items()})
        self.assertGreater(len(seen), 1)

    def property(self, name, key):
        reply = self.machine.user.run('busctl', 'get-property', 'org.freedesktop.UDisks2',
                                      f'/org/freedesktop/UDisks2/block_devices/{name}', PARTITION,
                                      key)
        return int(reply.out.split()[1])


@tap.only_full
class Ntfs(vm_builds.BuildTest):
    def test_of_our_own_writing(self):
        stick, node = self.plug_new()
        self.create(node, '--filesystem', 'ntfs', '--boot', 'bios')
        self.assert_asked(times=1)
        self.assertEqual(self.run_program('--check', '-d', node).result['state'], 'good')
        self.assert_files(vm_case.guest_files(self.machine, f'{node}1', vm_case.NTFS))
        self.machine.unplug(stick)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        self.assert_starts(stick, 'bios')

    def test_beside_files_of_a_user_and_off_again(self):
        stick = self.make_stick()
        seen = users_ntfs.make(self.folder, stick.path, size_bytes=256 * finished.MIB)
        before = seen.extract()
        node = self.machine.plug(stick)
        self.create(node, '--keep', '--boot', 'bios')
        self.assert_asked(times=1)
        self.assertEqual(self.run_program('--check', '-d', node).result['state'], 'good')
        self.assert_files(vm_case.guest_files(self.machine, f'{node}1', vm_case.NTFS), before)
        self.machine.unplug(stick)
        seen.assert_clean()
        self.assert_starts(stick, 'bios')
        node = self.machine.plug(stick)
        self.run_program('--undo', '-d', node)
        self.machine.unplug(stick)
        seen.assert_clean()
        self.assertEqual(seen.extract(), before)


if __name__ == '__main__':
    sys.exit(tap.main())
