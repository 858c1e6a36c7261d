#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives that UDisks2 divides and formats, and the kernel's driver writes, over the fake UDisks2."""

import sys

import tap
from devices import MIB, DeviceTestCase, run
from fake_udisks import command


class Mounted(DeviceTestCase):
    kind = 'mounted'

    def review(self, stick=None):
        self.stick = stick or self.plug()
        tool = self.start(self.kind, self.stick.device)
        tool.until_pause('reviewed')
        return tool

    def read_file(self, name='hello.txt'):
        return run('mtype', '-i', f'{self.stick.image}@@1M', f'::{name}')


class Erase(Mounted):
    def test_a_build_to_the_end_takes_no_password(self):
        tool = self.review()
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.read_file(), "hello from the kernel's driver\n")
        self.assertIn('type=c', run('sfdisk', '--dump', self.stick.image))
        self.assertEqual(self.fake.prompts, 0)
        self.assertNotIn('Block.OpenDevice', self.fake.methods())
        self.assert_released()

    def test_what_is_verified_was_mounted_anew(self):
        tool = self.review()
        tool.finish()
        self.assertEqual(self.fake.methods(),
                         ['Block.Format', 'PartitionTable.CreatePartitionAndFormat',
                          'Filesystem.Mount', 'Filesystem.Unmount',
                          'Filesystem.Mount', 'Filesystem.Unmount'])
        first, second = self.fake.calls('Filesystem.Mount')
        self.assertNotIn("'ro'", first['arguments'])
        self.assertIn("'ro'", second['arguments'])

    def test_what_is_mounted_is_unmounted_first(self):
        tool = self.review(self.plug_fat(mounted=True))
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.fake.methods()[:2], ['Filesystem.Unmount', 'Block.Format'])

    def test_an_automounter_at_the_same_time_does_no_harm(self):
        self.fake.options(automount_ms=0)
        tool = self.review(self.plug_fat())
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.read_file(), "hello from the kernel's driver\n")

    def test_who_is_in_the_way_is_named(self):
        stick = self.plug_fat(mounted=True)
        tool = self.review(stick)
        folder = stick.mount_point()
        with open(f'{folder}/hello.txt', encoding='utf-8'):
            self.assert_code(14, tool.finish(), folder, 'python3 (process')
        self.assertEqual(self.read_file(), 'text of hello.txt\n')

    def test_another_stick_in_its_place_is_noticed(self):
        tool = self.review()
        self.stick.unplug()
        self.plug(serial='CD34')
        self.assert_code(22, tool.finish(), '/dev/sdx')
        self.assertEqual(self.fake.methods(), [])

    def test_another_stick_put_in_while_it_was_unmounted_is_noticed(self):
        other = self.make_image()
        tool = self.review(self.plug_fat(mounted=True))
        self.fake.fault('Filesystem.Unmount', when='after', do=[
            command('unplug', node='sdx'),
            command('plug', image=str(other), node='sdx', serial='CD34')])
        self.assert_code(22, tool.finish(), '/dev/sdx')
        self.assertEqual(self.fake.methods(), ['Filesystem.Unmount'])

    def test_a_table_that_cannot_be_written(self):
        tool = self.review()
        self.fake.fault('Block.Format', 'Failed', 'Error wiping device: Input/output error')
        self.assert_code(7, tool.finish(), 'Error wiping device: Input/output error')

    def test_a_table_that_is_not_there_afterwards(self):
        tool = self.review(self.plug(can_power_off=True))
        self.fake.fault('Block.Format', do=[command('unplug', node='sdx')], when='after')
        self.assert_code(13, tool.finish())

    def test_a_filesystem_that_cannot_be_made_takes_its_partition_back(self):
        words = "Error creating file system: Command-line `mkfs.vfat' exited with status 1"
        tool = self.review()
        self.fake.fault('PartitionTable.CreatePartitionAndFormat', 'Failed', words, when='after')
        self.assert_code(8, tool.finish(), words)
        self.assertEqual(self.fake.methods()[-1], 'Partition.Delete')
        self.assertNotIn('start=', run('sfdisk', '--dump', self.stick.image))

    def test_a_stick_that_is_pulled_while_it_is_formatted_is_gone(self):
        tool = self.review()
        self.fake.fault('Block.Format', 'Failed', 'Error synchronizing after formatting',
                        do=[command('unplug', node='sdx')])
        self.assert_code(13, tool.finish(), '/dev/sdx')

    def test_a_stick_that_is_pulled_while_files_are_written_is_gone(self):
        tool = self.review()
        tool.go_on()
        tool.until_pause('open')
        tool.go_on()
        tool.until_pause('written')
        self.stick.unplug()
        self.assert_code(13, tool.finish(), '/dev/sdx')

    def test_cancelling_while_a_volume_is_made_takes_it_back(self):
        tool = self.review()
        # The call after that one is not done before somebody has entered a password.
        self.fake.fault('Block.Format', when='after', do=[
            command('policy', action='modify-device', rule='password'),
            command('answer', answer='wait')])
        tool.go_on()
        tool.until_pause('open')
        tool.go_on()
        self.fake.wait_for_prompt()
        tool.terminate()
        tool.until('stopping')
        self.assertEqual(self.fake.methods()[-1], 'PartitionTable.CreatePartitionAndFormat')
        self.fake.answer('right')
        self.assert_code(18, tool.finish())
        self.assertEqual(self.fake.methods()[-1], 'Partition.Delete')
        self.assertNotIn('start=', run('sfdisk', '--dump', self.stick.image))

    def test_cancelling_unmounts_what_was_mounted(self):
        tool = self.review()
        tool.go_on()
        tool.until_pause('open')
        tool.go_on()
        tool.until_pause('written')
        tool.terminate()
        tool.finish()
        self.assert_released()

    def test_a_folder_that_is_in_use_at_the_end_is_named(self):
        tool = self.review()
        tool.go_on()
        tool.until_pause('open')
        tool.go_on()
        tool.until_pause('written')
        with open(f'{self.stick.mount_point()}/hello.txt', encoding='utf-8'):
            self.assert_code(14, tool.finish(), self.stick.mount_point(), 'python3 (process')

    def test_a_closed_prompt_is_told(self):
        self.fake.policy('modify-device', 'password')
        tool = self.review()
        self.fake.answer('dismissed')
        self.assert_code(15, tool.finish(), 'closed')

    def test_a_write_protected_stick_is_left_alone(self):
        tool = self.review(self.plug(read_only=True))
        self.assert_code(1, tool.finish(), 'write-protected')
        self.assertEqual(self.fake.methods(), [])


class Keep(Mounted):
    kind = 'keep'

    def test_files_stay(self):
        tool = self.review(self.plug(self.make_fat(files=('mine.txt',))))
        self.assertEqual(tool.finish()['event'], 'done', tool.events[-1])
        self.assertEqual(self.read_file('mine.txt'), 'text of mine.txt\n')
        self.assertEqual(self.read_file(), "hello from the kernel's driver\n")

    def test_the_filesystem_is_checked_before_it_is_written(self):
        tool = self.review(self.plug_fat())
        count = len(self.fake.methods())
        tool.finish()
        self.assertEqual(self.fake.methods()[count:count + 2],
                         ['Filesystem.Check', 'Filesystem.Mount'])

    def test_a_damaged_filesystem_is_not_written(self):
        stick = self.plug_fat()
        tool = self.review(stick)
        before = stick.image.read_bytes()
        with open(stick.image, 'r+b') as image:
            image.seek(MIB + 14)
            reserved = int.from_bytes(image.read(2), 'little')
            image.seek(MIB + reserved * 512 + 4 + 2 * 100)
            image.write(b'\x65\x00\x66\x00\xff\xff')
        damaged = stick.image.read_bytes()
        self.assertNotEqual(damaged, before)
        self.assert_code(25, tool.finish(), '/dev/sdx')
        self.assertEqual(stick.image.read_bytes(), damaged)

    def test_a_name_that_counts_as_damage_is_told(self):
        image = self.make_fat()
        # As Windows writes SCHÖN in code page 850, into the boot sector and the root folder.
        content = image.read_bytes()
        image.write_bytes(content.replace(b'HOLIDAY    ', b'SCH\x99N      '))
        tool = self.review(self.plug(image))
        self.assert_code(25, tool.finish(), '/dev/sdx', 'other letters than A to Z')

    def test_a_failing_mount_tells_the_words_of_udisks(self):
        tool = self.review(self.plug_fat())
        self.fake.fault('Filesystem.Mount', 'Failed', 'wrong fs type')
        self.assert_code(17, tool.finish(), 'wrong fs type')


if __name__ == '__main__':
    sys.exit(tap.main())
