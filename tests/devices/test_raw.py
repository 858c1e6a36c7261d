#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives that are opened as a whole, over the fake UDisks2."""

import sys

import tap
from devices import DeviceTestCase, run
from fake_udisks import command

BUSY = 'Error opening device /dev/sdx: Device or resource busy'


class Raw(DeviceTestCase):
    def review(self, stick=None):
        """Starts a build and stops it at the review."""
        self.stick = stick or self.plug()
        self.before = self.stick.image.read_bytes()[:1 << 20]
        tool = self.start('raw', self.stick.device)
        tool.until_pause('reviewed')
        return tool

    def assert_untouched(self):
        self.assertEqual(self.stick.image.read_bytes()[:1 << 20], self.before)
        self.fake.wait_for_close()

    def test_a_build_to_the_end(self):
        tool = self.review()
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertIn('type=c', run('sfdisk', '--dump', self.stick.image))
        self.assertEqual(run('blkid', '-p', '-O', '1048576', '-s', 'VERSION', '-o', 'value',
                             self.stick.image).strip(), 'FAT32')
        self.assert_released()

    def test_one_password_and_no_formatting_by_udisks(self):
        tool = self.review()
        self.assertEqual(self.fake.prompts, 0)
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.fake.prompts, 1)
        self.assertEqual(self.fake.methods(), ['Block.OpenDevice', 'Block.Rescan'])

    def test_the_drive_is_held_exclusively(self):
        tool = self.review()
        tool.go_on()
        tool.until_pause('open')
        self.assertEqual(self.fake.state()['exclusive_opens'], 1)
        opened, = self.fake.calls('Block.OpenDevice')
        self.assertIn("'rw'", opened['arguments'])
        tool.finish()

    def test_the_new_partition_is_on_the_bus_at_the_end(self):
        self.fake.options(late_ms=700)
        tool = self.review()
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        drive, = self.list_drives()
        self.assertEqual(drive['volumes'], '1:vfat:32:RESCUE::')

    def test_what_is_mounted_is_unmounted_first(self):
        tool = self.review(self.plug_fat(mounted=True))
        tool.go_on()
        tool.until_pause('open')
        self.assertEqual(self.fake.methods(), ['Filesystem.Unmount', 'Block.OpenDevice'])

    def test_an_automounter_that_comes_in_between_is_unmounted_again(self):
        tool = self.review(self.plug_fat())
        self.fake.fault('Block.OpenDevice', 'Failed', BUSY, do=[command('options', automount_ms=0)])
        tool.go_on()
        self.fake.wait_for_call('Filesystem.Unmount')
        self.fake.options(automount_ms=-1)
        tool.until_pause('open')

    def test_a_drive_that_is_busy_for_a_moment_is_tried_again(self):
        tool = self.review()
        self.fake.fault('Block.OpenDevice', 'Failed', BUSY, times=2)
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])

    def test_a_drive_that_stays_busy_is_busy(self):
        tool = self.review()
        self.fake.fault('Block.OpenDevice', 'Failed', BUSY, times=-1)
        self.assert_code(14, tool.finish(), '/dev/sdx', 'another program')
        self.assert_untouched()

    def test_who_uses_a_mounted_volume_is_named(self):
        stick = self.plug_fat(mounted=True)
        tool = self.review(stick)
        folder = stick.mount_point()
        with open(f'{folder}/hello.txt', encoding='utf-8'):
            self.assert_code(14, tool.finish(), folder, 'python3 (process')
        self.assert_untouched()

    def test_a_dismissed_password_leaves_it_untouched(self):
        tool = self.review()
        self.fake.answer('dismissed')
        self.assert_code(15, tool.finish(), 'closed')
        self.assert_untouched()

    def test_a_wrong_password_leaves_it_untouched(self):
        tool = self.review()
        self.fake.answer('wrong')
        self.assert_code(15, tool.finish(), 'wrong')
        self.assert_untouched()

    def test_a_slow_typist_is_waited_for(self):
        tool = self.review()
        self.fake.answer('wait')
        tool.go_on()
        self.fake.wait_for_prompt()
        self.fake.answer('right')
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])

    def test_it_can_be_cancelled_at_the_prompt(self):
        tool = self.review()
        self.fake.answer('wait')
        tool.go_on()
        self.fake.wait_for_prompt()
        tool.terminate()
        self.assert_code(18, tool.finish())
        self.fake.answer('dismissed')
        self.assert_untouched()

    def test_another_stick_in_its_place_is_noticed(self):
        tool = self.review()
        self.stick.unplug()
        self.stick = self.plug(serial='CD34')
        self.assert_code(22, tool.finish(), '/dev/sdx')
        self.assertNotIn('Block.OpenDevice', self.fake.methods())

    def test_another_stick_put_in_during_the_prompt_is_noticed(self):
        tool = self.review()
        self.fake.answer('wait')
        tool.go_on()
        self.fake.wait_for_prompt()
        self.stick.unplug()
        other = self.plug(self.make_fat(), serial='CD34')
        before = other.image.read_bytes()
        self.fake.answer('right')
        self.assertIn(tool.finish()['code'], ('13', '22'))
        self.assertEqual(other.image.read_bytes(), before)

    def test_a_twin_with_other_files_is_noticed(self):
        tool = self.review(self.plug_fat())
        self.stick.unplug()
        self.stick = self.plug_fat()
        self.assert_code(22, tool.finish())

    def test_a_table_that_was_changed_meanwhile_is_noticed(self):
        tool = self.review(self.plug_fat())
        self.stick.change('PartitionTable', 'type', 'gpt')
        self.assert_code(22, tool.finish())

    def test_a_stick_that_is_pulled_is_gone(self):
        tool = self.review()
        self.stick.unplug()
        self.assert_code(13, tool.finish(), '/dev/sdx')

    def test_a_stick_that_is_pulled_at_the_prompt_is_gone(self):
        tool = self.review()
        self.fake.fault('Block.OpenDevice', 'Failed', 'Error opening device /dev/sdx: No such file',
                        do=[command('unplug', node='sdx')])
        self.assert_code(13, tool.finish(), '/dev/sdx')

    def test_a_write_protected_drive_is_not_opened(self):
        tool = self.review(self.plug(read_only=True))
        self.assert_code(1, tool.finish(), 'write-protected')

    def test_a_drive_whose_switch_is_told_only_on_opening(self):
        tool = self.review()
        self.fake.fault('Block.OpenDevice', 'Failed',
                        'Error opening device /dev/sdx: Read-only file system')
        self.assert_code(1, tool.finish(), 'Read-only')

    def test_cancelling_lets_go_of_the_drive(self):
        tool = self.review()
        tool.go_on()
        tool.until_pause('open')
        tool.terminate()
        tool.finish()
        self.assert_released()


if __name__ == '__main__':
    sys.exit(tap.main())
