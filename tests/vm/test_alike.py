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
DEVICE_GONE, DEVICE_CHANGED = 13, 22


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

    @tap.only_full
    def test_by_one_of_another_serial_number(self):
        self.build_while_swapping(self.make_other('STICK0002'))

    @tap.only_full
    def test_by_one_of_the_same_serial_number(self):
        self.build_while_swapping(self.make_other(SERIAL))


if __name__ == '__main__':
    sys.exit(tap.main())
