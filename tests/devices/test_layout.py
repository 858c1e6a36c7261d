#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of a drive without a password, over the fake UDisks2."""

import sys

import tap
from devices import MIB, DeviceTestCase, run


class Layout(DeviceTestCase):
    def layout(self, node='/dev/sdx'):
        tool = self.start('layout', node)
        self.assertEqual(tool.finish()['event'], 'end', tool.events)
        self.events = {(event['event'], event.get('number')): event for event in tool.events}
        return self.events['layout', None]

    def test_table_contents_and_gaps(self):
        self.plug_fat()
        layout = self.layout()
        self.assertEqual((layout['table'], layout['gaps'], layout['code'], layout['model']),
                         ('mbr', '0', '0', 'Kingston DataTraveler 3.0'))
        volume = self.events['partition', '1']
        self.assertEqual((volume['filesystem'], volume['label'], volume['files'], volume['damage']),
                         ('vfat', 'HOLIDAY', '1', ''))

    def test_nothing_stays_mounted_and_nobody_is_asked(self):
        self.plug_fat()
        self.layout()
        self.assert_released()
        self.assertEqual(self.fake.prompts, 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())

    def test_a_mounted_volume_is_looked_at_where_it_is(self):
        stick = self.plug_fat(mounted=True)
        self.layout()
        self.assertEqual(self.events['partition', '1']['files'], '1')
        self.assertNotIn('Filesystem.Mount', self.fake.methods())
        self.assertIsNotNone(stick.mount_point())

    def test_an_automounter_that_is_quicker_does_no_harm(self):
        self.plug_fat()
        self.fake.options(automount_ms=0)
        self.layout()
        self.assertEqual(self.events['partition', '1']['files'], '1')

    def test_it_tells_that_a_password_will_be_needed(self):
        self.plug()
        layout = self.layout()
        self.assertEqual((layout['password'], layout['mount']), ('needed', 'yes'))

    def test_it_tells_that_nobody_may(self):
        self.plug()
        self.fake.policy('open-device', 'no')
        self.fake.policy('modify-device', 'password')
        layout = self.layout()
        self.assertEqual((layout['password'], layout['mount']), ('refused', 'no'))

    def test_it_tells_that_no_password_is_needed(self):
        self.plug()
        self.fake.policy('open-device', 'yes')
        self.assertEqual(self.layout()['password'], 'not-needed')

    def test_blank_and_unknown_can_be_told_apart_only_by_reading(self):
        self.plug()
        self.assertEqual(self.layout()['table'], 'other')
        self.fake.policy('open-device', 'yes')
        self.assertEqual(self.layout()['table'], 'none')

    def test_bytes_that_nobody_knows_are_not_blank(self):
        image = self.make_image()
        with open(image, 'r+b') as file:
            file.write(b'\x5a' * 512)
        self.plug(image)
        self.fake.policy('open-device', 'yes')
        self.assertEqual(self.layout()['table'], 'other')

    def test_an_empty_table_is_doubted_only_by_reading(self):
        image = self.make_image()
        run('sfdisk', '-q', image, input='label: dos\n')
        with open(image, 'r+b') as file:
            file.seek(4096)
            file.write(b'\x5a' * 512)
        self.plug(image)
        self.assertEqual(self.layout()['table'], 'mbr')
        self.fake.policy('open-device', 'yes')
        self.assertEqual(self.layout()['table'], 'other')

    def test_a_filesystem_without_a_table(self):
        image = self.make_image()
        run('mkfs.fat', '-I', '-n', 'CAMERA', image)
        self.plug(image)
        self.assertEqual(self.layout()['table'], 'superfloppy')
        self.assertEqual(self.events['whole', '0']['counted'], 'yes')

    def test_gpt(self):
        image = self.make_image()
        run('sfdisk', '-q', image, input='label: gpt\nstart=2048, size=4096\n')
        self.plug(image)
        self.assertEqual(self.layout()['table'], 'gpt')

    def test_a_damaged_filesystem_is_told(self):
        self.plug_fat()
        image = self.make_fat()
        with open(image, 'r+b') as file:
            # Clean shutdown bit of FAT16, in the second entry of the table.
            file.seek(MIB + 14)
            reserved = int.from_bytes(file.read(2), 'little')
            file.seek(MIB + reserved * 512 + 2)
            file.write(b'\xff\x7f')
            file.seek(MIB + 37)
            file.write(b'\x01')
        self.plug(image, node='sdy')
        self.layout('/dev/sdy')
        self.assertNotEqual(self.events['partition', '1']['damage'], '')

    def test_without_the_right_to_mount_nothing_is_known_of_the_files(self):
        self.plug_fat()
        self.fake.policy('filesystem-mount', 'password')
        self.layout()
        volume = self.events['partition', '1']
        self.assertEqual((volume['kept'], volume['counted']), ('no', 'no'))
        self.assertEqual(self.fake.prompts, 0)

    def test_an_internal_disk_is_refused_and_left_alone(self):
        self.plug_fat(bus='')
        layout = self.layout()
        self.assertEqual(layout['code'], '19')
        self.assertEqual(self.fake.methods(), [])

    def test_a_partition_is_no_target(self):
        self.plug_fat()
        self.assert_code(64, self.run_tool('layout', '/dev/sdx1'), '/dev/sdx1', 'partition',
                         '/dev/sdx')

    def test_what_is_no_drive_is_no_target(self):
        self.assert_code(64, self.run_tool('layout', '/dev/null'), '/dev/null')

    def test_the_fingerprint_is_that_of_the_contents(self):
        stick = self.plug_fat()
        first = self.layout()['fingerprint']
        self.assertEqual(self.layout()['fingerprint'], first)
        stick.change('Block', 'id-label', 'WORK', partition=1)
        self.assertNotEqual(self.layout()['fingerprint'], first)


class Check(DeviceTestCase):
    def test_without_a_password_the_files_can_be_read(self):
        self.plug_fat()
        tool = self.start('check', '/dev/sdx')
        self.assert_code(15, tool.until('error'))
        self.assertEqual(tool.until('mounted')['text'], 'text of hello.txt\n')
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.fake.prompts, 0)
        self.assert_released()

    def test_a_mounted_stick_stays_mounted(self):
        stick = self.plug_fat(mounted=True)
        tool = self.start('check', '/dev/sdx')
        self.assertEqual(tool.until('mounted')['folder'], stick.mount_point())
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertIsNotNone(stick.mount_point())

    def test_where_nobody_need_be_asked_the_drive_is_opened(self):
        self.plug_fat()
        self.fake.policy('open-device', 'yes')
        self.start('check', '/dev/sdx').until('opened')

    def test_a_mounted_stick_is_not_opened_even_so(self):
        stick = self.plug_fat(mounted=True)
        self.fake.policy('open-device', 'yes')
        tool = self.start('check', '/dev/sdx')
        self.assert_code(15, tool.until('error'))
        self.assertEqual(tool.until('mounted')['folder'], stick.mount_point())
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertNotIn('Block.OpenDevice', self.fake.methods())

    def test_a_stick_that_is_pulled_is_gone(self):
        stick = self.plug_fat()
        tool = self.start('check', '/dev/sdx')
        tool.until_pause('mounted')
        stick.unplug()
        tool.go_on()
        self.assert_code(13, tool.finish(), '/dev/sdx')

    def test_cancelling_while_it_is_mounted_leaves_nothing_mounted(self):
        stick = self.plug_fat()
        self.fake.fault('Filesystem.Mount', delay_ms=1500)
        tool = self.start('layout', '/dev/sdx')
        self.fake.wait_for_call('Filesystem.Mount')
        tool.terminate()
        tool.finish()
        self.assertEqual(self.fake.methods()[-1], 'Filesystem.Unmount')
        self.assertIsNone(stick.mount_point())

    def test_cancelling_leaves_nothing_mounted(self):
        self.plug_fat()
        tool = self.start('check', '/dev/sdx')
        tool.until_pause('mounted')
        tool.terminate()
        tool.go_on()
        tool.finish()
        self.assert_released()


if __name__ == '__main__':
    sys.exit(tap.main())
