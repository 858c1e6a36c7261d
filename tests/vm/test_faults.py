#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with real drives ends with the code that says so, and with nothing lost that did
not have to be."""

import re
import signal
import sys

import finished
import product
import tap
import vm_builds

TRACK_0, INIT_FAILED, DEVICE_GONE, NOT_AUTHORIZED = 1, 7, 13, 15
MIB = finished.MIB


@tap.expand
class Unplugged(vm_builds.BuildTest):
    @tap.cases(quick=[('multi',)], full=[('multi',), ('uefi',)])
    def test_in_mid_write(self, boot):
        stick, node = self.plug_new(bytes_per_second=8_000_000)
        job = self.start_create(node, '--boot', boot)
        self.machine.wait_until_written(stick, 16 * MIB, job)
        self.assertIsNone(job.status, job)
        self.machine.unplug(stick)
        outcome = self.outcome(job, DEVICE_GONE)
        self.assertEqual(outcome.finding(DEVICE_GONE)['severity'], 'error')
        # udisksd takes the mount of what is gone off by itself, when it comes to that.
        self.machine.user.run('while grep -q media/tester /proc/mounts; do sleep 0.2; done')
        # The same stick again, and all is well.
        stick.bytes_per_second = None
        node = self.machine.plug(stick)
        self.create(node, '--boot', boot)
        self.assert_kernel_agrees(node)

    @tap.only_full
    def test_while_it_is_read_back(self):
        stick, node = self.plug_new()
        job = self.start_create(node)
        job.wait_for('"id":"verify".*"state":"started"')
        self.machine.unplug(stick)
        self.outcome(job, DEVICE_GONE)


@tap.expand
class Password(vm_builds.BuildTest):
    @tap.cases(full=[('dismiss', 'multi'), ('wrong', 'multi'), ('dismiss', 'bios')])
    def test_not_given_leaves_the_stick_as_it_is(self, answer, boot):
        stick, node, _ = self.plug_holiday()
        before = self.digest_of(stick)
        self.machine.answer(answer)
        outcome = self.create(node, '--boot', boot, status=NOT_AUTHORIZED)
        self.assertIn('password', outcome.finding(NOT_AUTHORIZED)['meaning'])
        self.assertEqual(self.digest_of(stick), before)

    @tap.only_full
    def test_nobody_there_to_ask(self):
        stick, node = self.plug_new()
        before = self.digest_of(stick)
        self.machine.root.run('pkill', '-f', 'password_agent.py')
        self.create(node, status=NOT_AUTHORIZED)
        self.assertEqual(self.digest_of(stick), before)

    @tap.only_full
    def test_the_plan_tells_whether_it_will_be_asked_for(self):
        _, node = self.plug_new()
        for boot, is_needed in (('multi', True), ('uefi', False)):
            outcome = self.run_program('--inspect', '-i', self.offer(self.iso), '-d', node,
                                       '--boot', boot)
            device, = outcome.all_of('device')
            self.assertEqual(device['password'], is_needed)
            self.assertEqual(bool(device['password_reason']), is_needed)
        self.assert_asked(times=0)


@tap.expand
class Broken(vm_builds.BuildTest):
    @tap.cases(full=[('multi',), ('uefi',)])
    def test_write_protected(self, boot):
        _, node = self.plug_new(is_read_only=True)
        self.create(node, '--boot', boot, status=TRACK_0)
        self.assert_asked(times=0)

    @tap.cases(full=[('multi', TRACK_0), ('uefi', INIT_FAILED)])
    def test_at_the_first_sector(self, boot, code):
        _, node = self.plug_new(broken_at=(0,))
        outcome = self.create(node, '--boot', boot, status=code)
        self.assertEqual(outcome.result['code'], code)

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_in_the_middle(self, boot):
        _, node = self.plug_new(broken_at=(20 * MIB,))
        outcome = self.create(node, '--boot', boot, status=product.WRITE_FAILED)
        meaning = outcome.finding(product.WRITE_FAILED)['meaning']
        if boot == 'multi':
            # A write of many sectors fails as a whole.
            offset = int(re.search(r'at byte (\d+)', meaning)[1])
            self.assertLessEqual(offset, 20 * MIB)
            self.assertGreater(offset, 12 * MIB)


@tap.expand
class Stopped(vm_builds.BuildTest):
    @tap.cases(full=[('multi', 'SIGINT'), ('uefi', 'SIGINT'), ('uefi', 'SIGTERM')])
    def test_by_a_signal_releases_everything(self, boot, name):
        stick, node = self.plug_new(bytes_per_second=8_000_000)
        job = self.start_create(node, '--boot', boot)
        self.machine.wait_until_written(stick, 16 * MIB, job)
        job.signal(signal.Signals[name])
        self.outcome(job, product.CANCELLED)
        self.assertNotIn(node, self.machine.user.run('cat', '/proc/mounts').out)
        self.machine.user.run('udisksctl', 'power-off', '-b', node)


if __name__ == '__main__':
    sys.exit(tap.main())
