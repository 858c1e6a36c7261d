#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of drives over the fake UDisks2."""

import sys

import tap
from devices import MIB, DeviceTestCase, run

GIB = 1 << 30


class List(DeviceTestCase):
    def test_a_stick_is_listed_with_its_facts(self):
        self.plug_fat()
        drive, = self.list_drives()
        self.assertEqual((drive['node'], drive['name'], drive['serial'], drive['size']),
                         ('/dev/sdx', 'Kingston DataTraveler 3.0', 'AB12', str(64 * MIB)))
        self.assertEqual((drive['code'], drive['volumes'], drive['removable']),
                         ('0', '1:vfat:16:HOLIDAY::', 'yes'))

    def test_the_space_of_mounted_volumes_is_counted(self):
        self.plug_fat(mounted=True)
        drive, = self.list_drives()
        self.assertEqual(drive['volumes'], '1:vfat:16:HOLIDAY:mounted:counted')

    def test_large_drives_come_after_others_and_refused_ones_last(self):
        self.plug(node='sda', read_only=True)
        self.plug(self.make_image(500 * GIB), node='sdb', serial='LARGE')
        self.plug(node='sdz', serial='Z')
        drives = self.list_drives()
        self.assertEqual([(drive['node'], drive['large'], drive['code']) for drive in drives],
                         [('/dev/sdz', 'no', '0'), ('/dev/sdb', 'yes', '0'),
                          ('/dev/sda', 'no', '1')])
        self.assertIn('write-protected', drives[2]['reason'])

    def test_a_usb_hard_disk_is_offered(self):
        self.plug(media_removable=False)
        drive, = self.list_drives()
        self.assertEqual((drive['code'], drive['removable']), ('0', 'no'))

    def test_internal_disks_are_not_listed(self):
        self.plug(bus='')
        self.plug(node='sdy', serial='Y').change('Block', 'hint-system', True)
        self.assertEqual(self.list_drives(), [])

    def test_an_empty_card_reader_says_so(self):
        self.plug(medium=False)
        drive, = self.list_drives()
        self.assertEqual((drive['code'], drive['reason']),
                         ('13', 'There is no medium in this drive.'))

    def test_swap_that_is_used_is_in_the_way(self):
        stick = self.plug(self.make_swap())
        self.assertEqual(self.list_drives()[0]['code'], '0')
        stick.change('Swapspace', 'active', True)
        drive, = self.list_drives()
        self.assertEqual(drive['code'], '14')
        self.assertIn('/dev/sdx', drive['reason'])

    def make_swap(self):
        image = self.make_image()
        run('mkswap', image)
        return image

    def test_an_unlocked_volume_is_in_the_way(self):
        stick = self.plug(self.make_luks())
        self.assertEqual(self.list_drives()[0]['code'], '0')
        stick.change('Encrypted', 'cleartext-device', '/org/freedesktop/UDisks2/block_devices/dm_0')
        self.assertEqual(self.list_drives()[0]['code'], '14')

    def make_luks(self):
        """The first bytes of a LUKS1 header are all that libblkid looks at."""
        image = self.make_image()
        with open(image, 'r+b') as file:
            file.write(b'LUKS\xba\xbe\x00\x01')
        return image

    def test_drives_are_found_by_node_and_serial(self):
        self.plug()
        for name in ('/dev/sdx', 'AB12', '/org/freedesktop/UDisks2/block_devices/sdx'):
            self.assertEqual(self.run_tool('find', name).get('node'), '/dev/sdx')
        self.assert_code(64, self.run_tool('find', 'CD34'), 'CD34')

    def test_of_two_with_one_serial_the_node_is_needed(self):
        self.plug()
        self.plug(node='sdy')
        self.assert_code(64, self.run_tool('find', 'AB12'), '/dev/sdx', '/dev/sdy')
        self.assertEqual(self.run_tool('find', '/dev/sdy').get('node'), '/dev/sdy')

    def test_without_udisks_it_says_what_to_do(self):
        self.fake.stop_service()
        self.assert_code(64, self.run_tool('list'), 'udisks2', 'install')

    def test_without_a_bus_it_says_what_to_do(self):
        tool = self.start('list', DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nowhere')
        self.assert_code(64, tool.finish(), 'dbus')


class HotPlug(DeviceTestCase):
    def setUp(self):
        super().setUp()
        self.tool = self.start('watch')
        self.tool.until('end')

    def drives(self):
        """Reads the list that follows a change."""
        nodes = []
        while (event := self.tool.read())['event'] != 'end':
            nodes.append(event['node'])
        return nodes

    def test_a_stick_appears_once_and_complete(self):
        self.plug_fat()
        self.assertEqual(self.tool.until('items')['change'], '0 0 1')
        drive = self.tool.until('drive')
        self.assertEqual(drive['volumes'], '1:vfat:16:HOLIDAY::')
        self.tool.go_on()
        self.tool.finish()
        self.assertNotIn('changed', [event['event'] for event in self.tool.events])

    def test_a_stick_disappears(self):
        stick = self.plug()
        self.tool.until('items', change='0 0 1')
        stick.unplug()
        self.tool.until('items', change='0 1 0')
        self.assertEqual(self.drives(), [])

    def test_two_identical_sticks_are_two_drives(self):
        self.plug()
        self.plug(node='sdy')
        self.tool.until('items', change='1 0 1')
        self.assertEqual(self.drives(), ['/dev/sdx', '/dev/sdy'])

    def test_another_stick_at_the_same_node_is_another_drive(self):
        stick = self.plug()
        self.tool.until('items', change='0 0 1')
        stick.unplug()
        self.plug(serial='CD34')
        self.tool.until('items', change='0 1 0')
        self.tool.until('items', change='0 0 1')
        self.assertEqual(self.tool.until('drive')['serial'], 'CD34')

    def test_a_change_is_told_without_a_change_of_the_list(self):
        stick = self.plug_fat()
        self.tool.until('items', change='0 0 1')
        stick.change('Block', 'id-label', 'WORK', partition=1)
        self.assertEqual(self.tool.until('changed')['volumes'], '1:vfat:16:WORK::')

    def test_a_drive_that_is_refused_by_now_moves_to_the_end(self):
        stick = self.plug()
        self.plug(node='sdy', serial='CD34')
        self.tool.until('items', change='1 0 1')
        stick.set_read_only()
        self.tool.until('items', change='0 1 0')
        self.tool.until('items', change='1 0 1')
        self.assertEqual(self.drives(), ['/dev/sdy', '/dev/sdx'])

    def test_a_card_that_is_pushed_in_is_noticed(self):
        reader = self.plug(medium=False)
        self.tool.until('items', change='0 0 1')
        reader.set_medium(True)
        self.assertEqual(self.tool.until('changed', code='0')['size'], str(64 * MIB))

    def test_a_service_that_ends_takes_the_drives_with_it(self):
        self.plug()
        self.tool.until('items', change='0 0 1')
        self.fake.stop_service()
        self.tool.until('items', change='0 1 0')
        self.assertEqual(self.drives(), [])


class PowerOff(DeviceTestCase):
    def test_it_unmounts_and_switches_off(self):
        self.plug_fat(mounted=True)
        self.assertEqual(self.run_tool('power-off', '/dev/sdx')['event'], 'done')
        self.assertEqual(self.fake.methods(), ['Filesystem.Unmount', 'Drive.PowerOff'])

    def test_a_drive_without_a_switch_is_ejected(self):
        self.plug(can_power_off=False)
        self.assertEqual(self.run_tool('power-off', '/dev/sdx')['event'], 'done')
        self.assertEqual(self.fake.methods(), ['Drive.Eject'])

    def test_twins_that_udisks_takes_for_one_are_only_unmounted(self):
        self.plug_fat(mounted=True)
        self.plug(node='sdy')
        self.assertEqual(self.run_tool('power-off', '/dev/sdx')['event'], 'done')
        self.assertEqual(self.fake.methods(), ['Filesystem.Unmount'])

    def test_who_uses_it_is_named(self):
        stick = self.plug_fat(mounted=True)
        folder = stick.mount_point()
        with open(f'{folder}/hello.txt', encoding='utf-8'):
            self.assert_code(14, self.run_tool('power-off', '/dev/sdx'), folder, 'python3')


if __name__ == '__main__':
    sys.exit(tap.main())
