#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks that can be mistaken for each other."""

import sys

import finished
import sticks
import tap
import users_stick
import vm_builds
import vm_case

SERIAL = 'STICK0001'
USAGE, DEVICE_GONE, DEVICE_CHANGED = 64, 13, 22


@tap.only_full
class Swapped(vm_builds.BuildTest):
    """While the password is asked for, the stick is pulled out, and another one takes its place."""

    def build_while_swapping(self, other):
        stick, node, _ = self.plug_holiday()
        digests = [self.digest_of(stick), self.digest_of(other)]
        self.machine.hold_answer()
        job = self.start_create(node)
        self.machine.wait_for_question()
        self.machine.unplug(stick)
        self.assertEqual(self.machine.plug(other), node)
        self.machine.answer('boss')
        job.wait()
        self.assertIn(job.status, (DEVICE_GONE, DEVICE_CHANGED), job)
        self.machine.unplug(other)
        self.assertEqual([self.digest_of(stick), self.digest_of(other)], digests)

    def make_other(self, serial):
        path = self.folder / 'other.img'
        users_stick.make_table(path, vm_case.STICK_BYTES, 'start=2048, type=c',
                               signature='0x87654321')
        users_stick.format_partition(path, label='WORK')
        users_stick.put(finished.Stick(path, 1), self.folder, {'Work/letter.txt': 5000})
        return sticks.Stick(path, serial)

    def test_by_one_of_another_serial_number(self):
        self.build_while_swapping(self.make_other('STICK0002'))

    def test_by_one_of_the_same_serial_number(self):
        self.build_while_swapping(self.make_other(SERIAL))


@tap.only_full
class Twins(vm_builds.BuildTest):
    """Two sticks of the same serial number, which UDisks2 takes for one drive."""

    def plug_twins(self):
        first, node, _ = self.plug_holiday()
        second = sticks.Stick(sticks.make_blank(self.folder / 'second.img', vm_case.STICK_BYTES),
                              SERIAL, name='SECOND')
        second.plug(self.machine.qmp)
        self.machine.sticks.append(second)
        self.machine.user.run(f'until udisksctl info -b /dev/sdb | grep -q drives/.*{SERIAL}; '
                              'do sleep 0.2; done')
        return first, node, second, '/dev/sdb'

    def test_one_is_built_and_the_other_stays_as_it_is(self):
        first, first_node, second, second_node = self.plug_twins()
        before = self.digest_of(first)
        listed = self.run_program('--list-devices').all_of('device')
        self.assertEqual([entry['node'] for entry in listed], [first_node, second_node])
        refused = self.start('--check', '-d', SERIAL).wait()
        self.assertEqual(refused.status, USAGE)
        self.assertIn(f'{first_node} or {second_node}', refused.out)
        for boot in 'multi', 'uefi':
            self.create(second_node, '--boot', boot)
            self.assert_kernel_agrees(second_node)
        self.assert_whole(second)
        self.machine.unplug(first)
        self.assertEqual(self.digest_of(first), before)


if __name__ == '__main__':
    sys.exit(tap.main())
