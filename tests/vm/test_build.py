#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists real drives and builds on them, as a plain user at the computer."""

import os
import shutil
import sys
import unittest

import finished
import product
import sticks
import tap
import vm_builds
import vm_case

LYING_STICK = os.environ.get('RUB_LYING_STICK')
DEVICE_CHANGED, SMALL_FAT, FIRMWARE_LIMITED = 22, 98, 23


class List(vm_case.VmTest):
    def list(self, status=product.OK):
        outcome = self.run_program('--list-devices', status=status)
        return outcome.all_of('device')

    def table(self):
        return self.machine.user.run(vm_case.PROGRAM, '--list-devices').out.replace('\u00a0', ' ')

    def test_drives(self):
        self.assertEqual(self.list(), [])
        self.plug_new()
        listed, = self.list()
        expected = {'number': 1, 'vendor': 'QEMU', 'model': 'QEMU HARDDISK', 'serial': 'STICK0001',
                    'size': vm_case.STICK_BYTES, 'node': '/dev/sda', 'media': 'removable',
                    'suitable': True, 'reason': None}
        self.assertEqual({key: listed[key] for key in expected}, expected)
        self.assertRegex(self.table(), r'\n +1  QEMU HARDDISK +1\.1 GB +/dev/sda +removable')

    @tap.only_full
    def test_write_protected_and_hard_disks(self):
        self.plug_new('PROTECTED', is_read_only=True)
        self.plug_new('FIXED', is_removable=False)
        by_serial = {entry['serial']: entry for entry in self.list()}
        self.assertFalse(by_serial['PROTECTED']['suitable'])
        self.assertIn('write', by_serial['PROTECTED']['reason'])
        self.assertTrue(by_serial['FIXED']['suitable'])

    @tap.only_full
    def test_a_number_is_good_for_what_was_listed(self):
        self.plug_new('FIRST')
        self.list()
        self.plug_new('SECOND')
        outcome = self.run_program('--check', '-d', '1', status=DEVICE_CHANGED)
        self.assertEqual(outcome.result['code'], DEVICE_CHANGED)


class Erase(vm_builds.BuildTest):
    def test_multi_with_a_password(self):
        stick, node = self.plug_new()
        self.create(node)
        self.assert_asked(times=1)
        self.assert_kernel_agrees(node)
        self.assert_whole(stick)
        self.assert_starts(stick, 'bios', 'uefi')

    def test_uefi_without_a_password(self):
        self.machine.answer('dismiss')
        stick, node = self.plug_new()
        self.create(node, '--boot', 'uefi')
        self.assert_asked(times=0)
        self.assert_kernel_agrees(node)
        self.assert_whole(stick)
        self.assert_starts(stick, 'uefi')

    @tap.only_full
    def test_a_stick_that_is_mounted(self):
        stick, node, _ = self.plug_holiday()
        self.machine.user.run('udisksctl', 'mount', '-b', f'{node}1')
        self.create(node)
        self.assert_whole(stick)

    @tap.only_full
    def test_a_stick_that_is_in_use(self):
        stick, node, _ = self.plug_holiday()
        self.machine.user.run('udisksctl', 'mount', '-b', f'{node}1')
        before = self.digest_of(stick)
        holder = self.machine.user.start('cd /media/tester/HOLIDAY && echo there && exec sleep 600')
        holder.wait_for('there')
        outcome = self.create(node, status=14)
        self.assertIn('sleep', outcome.finding(14)['meaning'])
        self.assertEqual(self.digest_of(stick), before)

    @tap.only_full
    def test_by_its_number(self):
        stick, node = self.plug_new()
        self.run_program('--list-devices')
        self.create('1', '--boot', 'uefi')
        self.assert_kernel_agrees(node)

    @tap.only_full
    def test_the_other_stick_stays_as_it_is(self):
        other, _, _ = self.plug_holiday(serial='OTHER')
        before = self.digest_of(other)
        stick, node = self.plug_new()
        self.assertEqual(node, '/dev/sdb')
        self.create(node)
        self.create(node, '--boot', 'uefi')
        self.assert_whole(stick)
        self.machine.unplug(other)
        self.assertEqual(self.digest_of(other), before)

    @tap.only_full
    def test_removable_media_bit_of_a_hard_disk(self):
        stick, node = self.plug_new(is_removable=False)
        self.create(node)
        self.assert_whole(stick)

    @tap.only_full
    def test_a_small_stick_gets_what_udisks_makes_of_it(self):
        """UDisks2 makes FAT16 below 512 MiB; the raw build makes FAT32 of it."""
        stick, node = self.plug_new(size_bytes=256 * finished.MIB)
        outcome = self.create(node, '--boot', 'uefi')
        self.assertEqual(outcome.finding(SMALL_FAT)['severity'], 'warning')
        self.assert_kernel_agrees(node)
        self.create(node)
        self.assert_whole(stick)

    @tap.only_full
    def test_finished_sticks_power_off(self):
        stick, node = self.plug_new()
        self.create(node, '--boot', 'uefi')
        self.machine.user.run('udisksctl', 'power-off', '-b', node)
        self.assert_whole(stick)


@tap.expand
class Sectors(vm_builds.BuildTest):
    """Of 4096 bytes: our boot code for BIOS needs 512."""

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_of_4096_bytes(self, boot):
        stick, node = self.plug_new(sector_bytes=4096)
        outcome = self.create(node, '--boot', boot)
        if boot == 'multi':
            self.assertEqual(outcome.finding(FIRMWARE_LIMITED)['severity'], 'warning')
        self.assert_asked(times=0)
        self.assert_kernel_agrees(node)
        self.assertEqual(self.run_program('--check', '-d', node).result['state'], 'good')
        self.machine.unplug(stick)
        self.assert_starts(stick, 'uefi', bus='usb-4096')

    @tap.only_full
    def test_bios_cannot(self):
        stick, node = self.plug_new(sector_bytes=4096)
        before = self.digest_of(stick)
        self.create(node, '--boot', 'bios', status=FIRMWARE_LIMITED)
        self.assertEqual(self.digest_of(stick), before)


@tap.expand
class Automounter(vm_builds.BuildTest):
    """Each volume that appears is mounted by the desktop at once."""

    def setUp(self):
        super().setUp()
        shutil.copy(vm_builds.AUTOMOUNTER, self.machine.share)
        self.automounter = self.machine.user.start('/share/automounter.sh')
        self.automounter.wait_for('listening')

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_erase(self, boot):
        stick, node, _ = self.plug_holiday()
        self.automounter.wait_for(f'Mounted {node}1')
        self.create(node, '--boot', boot)
        self.assert_whole(stick)

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_keep(self, boot):
        stick, node, before = self.plug_holiday()
        self.automounter.wait_for(f'Mounted {node}1')
        self.create(node, '--boot', boot, '--keep')
        after = self.as_stick(stick, 1).extract()
        self.assert_files(vm_builds.digests_of(after), before)


@tap.expand
class Honesty(vm_builds.BuildTest):
    @tap.cases(full=[('multi',), ('uefi',)])
    def test_progress_counts_what_is_on_a_slow_stick(self, boot):
        """Bytes that are said to be done have reached the stick, but for what is under way."""
        stick, node = self.plug_new(bytes_per_second=8_000_000)
        before, excess = [], []

        def compare(_, text):
            written = stick.written_bytes(self.machine.qmp)
            for event in vm_builds.events_in(text):
                if event.get('id') != 'copy':
                    continue
                if event['event'] == 'progress':
                    excess.append(event['done'] - (written - before[0]))
                elif event['state'] == 'started':
                    before.append(written)

        job = self.start_create(node, '--boot', boot, '--no-verify', listener=compare)
        self.outcome(job)
        self.assertGreater(len(excess), 5)
        self.assertLess(max(excess), 8 * finished.MIB)

    @tap.cases(full=[('wrap', 'start of the volume'), ('drop', 'large')])
    @unittest.skipUnless(LYING_STICK, 'nbdkit-plugin-dev is not installed')
    def test_a_stick_smaller_than_it_claims_is_found_out(self, mode, where):
        path = sticks.make_blank(self.folder / 'small.img', 32 * finished.MIB)
        with sticks.serve(LYING_STICK, self.folder, file=path, size='4G', real='32M',
                          mode=mode) as server:
            node = self.machine.plug(sticks.Stick(path, server=server))
            outcome = self.create(node, status=product.VERIFY_FAILED)
        self.assertIn(where, outcome.finding(product.VERIFY_FAILED)['meaning'])


if __name__ == '__main__':
    sys.exit(tap.main())
