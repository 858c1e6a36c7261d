#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual computer is what the other tests take it for, without the program under test."""

import os
import sys
import unittest

import discs
import sticks
import tap
import vm_case

LYING_STICK = os.environ.get('RUB_LYING_STICK')
MIB = 1024 ** 2
UDISKS = 'org.freedesktop.UDisks2'
OPEN = (f'busctl --timeout=300 --allow-interactive-authorization=yes call {UDISKS} '
        f'/org/freedesktop/UDisks2/block_devices/sda {UDISKS}.Block OpenDevice "sa{{sv}}" rw 0')


class Person(vm_case.VmTest):
    """Who sits at the computer is a plain user in an active session, and has no password to give
    but the administrator's."""

    @tap.only_full
    def test_is_a_plain_user_in_an_active_session(self):
        job = self.machine.user.run('id -u; groups; loginctl show-session $XDG_SESSION_ID -p Seat '
                                    '-p Active -p Remote')
        self.assertEqual(sorted(job.out.split()),
                         ['1000', 'Active=yes', 'Remote=no', 'Seat=seat0', 'tester'])
        self.machine.user.run('cat /dev/vda', status=1)

    def test_sees_a_stick_come_and_go(self):
        stick, node = self.plug_new(size_bytes=3 * sticks.GIB)
        self.assertEqual(node, '/dev/sda')
        status = self.machine.user.run('udisksctl', 'status').out
        self.assertRegex(status, r'QEMU QEMU HARDDISK +\S+ +STICK0001 +sda')
        facts = self.machine.user.run('udisksctl info -b /dev/sda; lsblk -bdno SIZE /dev/sda').out
        self.assertRegex(facts, r'HintSystem: +false')
        self.assertIn(f'\n{3 * sticks.GIB}\n', facts)
        gone = self.machine.user.start('udisksctl', 'monitor')
        gone.wait_for('Monitoring')
        self.machine.unplug(stick)
        gone.wait_for('Removed /org/freedesktop/UDisks2/drives/')
        gone.stop()
        self.assertNotIn('STICK0001', self.machine.user.run('udisksctl', 'status').out)

    def test_opens_a_device_with_the_right_password_only(self):
        self.plug_new()
        self.machine.user.run(OPEN)
        self.machine.answer('wrong')
        self.assertIn('Not authorized', self.machine.user.run(OPEN, status=1).err)
        self.machine.answer('dismiss')
        self.assertIn('dismissed', self.machine.user.run(OPEN, status=1).err)
        questions = self.machine.questions()
        self.assertEqual(len(questions), 3)
        self.assertIn('"action": "org.freedesktop.udisks2.open-device"', questions[0])

    @tap.only_full
    def test_partitions_and_mounts_without_a_password(self):
        stick, node = self.plug_new()
        path = '/org/freedesktop/UDisks2/block_devices/sda'
        self.machine.user.run(
            f'busctl --timeout=300 call {UDISKS} {path} {UDISKS}.Block Format "sa{{sv}}" dos 0 && '
            f'busctl --timeout=300 call {UDISKS} {path} {UDISKS}.PartitionTable CreatePartitionAndFormat '
            '"ttssa{sv}sa{sv}" 1048576 0 0x0c "" 0 vfat 1 label s RESCUE && '
            'udisksctl mount -b /dev/sda1 && echo hello >/media/tester/RESCUE/hello.txt && '
            'udisksctl unmount -b /dev/sda1')
        self.assertEqual(self.machine.questions(), [])
        self.assertEqual(list(vm_case.guest_files(self.machine, f'{node}1')), ['hello.txt'])
        seen = self.as_stick(stick)
        seen.assert_clean()
        self.assertEqual(list(seen.extract()), ['hello.txt'])


class Media(vm_case.VmTest):
    """Sticks are as good and as bad as they are asked to be. dd runs as root here."""

    def write(self, node, *options, status=0):
        return self.machine.root.run('dd', 'if=/dev/zero', f'of={node}', 'oflag=direct',
                                     'conv=notrunc', *options, status=status)

    @tap.only_full
    def test_bytes_arrive_in_the_file(self):
        stick, node = self.plug_new()
        data = discs.noise(3_000_000)
        (self.machine.share / 'noise').write_bytes(data)
        self.machine.root.run(f'cat /share/noise >{node} && sync {node}')
        self.assertGreaterEqual(stick.written_bytes(self.machine.qmp), len(data))
        self.machine.unplug(stick)
        with open(stick.path, 'rb') as file:
            self.assertEqual(file.read(len(data)), data)

    @tap.only_full
    def test_two_at_once(self):
        first, second = self.make_stick('FIRST'), self.make_stick('SECOND')
        nodes = [self.machine.plug(first), self.machine.plug(second)]
        self.assertEqual(nodes, ['/dev/sda', '/dev/sdb'])

    @tap.only_full
    def test_read_only(self):
        _, node = self.plug_new(is_read_only=True)
        self.assertEqual(self.machine.root.run('blockdev', '--getro', node).out, '1\n')

    @tap.only_full
    def test_sectors_of_4096_bytes(self):
        _, node = self.plug_new(sector_bytes=4096)
        self.assertEqual(self.machine.root.run('blockdev', '--getss', node).out, '4096\n')
        self.assertIn('CruzerBlade', self.machine.user.run('udisksctl', 'status').out)

    @tap.only_full
    def test_broken_at_one_place(self):
        _, node = self.plug_new(broken_at=(100 * MIB,))
        self.write(node, 'bs=1M', 'count=100')
        job = self.write(node, 'bs=1M', 'seek=100', 'count=1', status=1)
        self.assertIn('Input/output error', job.err)

    @tap.only_full
    def test_slow_by_bytes(self):
        _, node = self.plug_new(bytes_per_second=20_000_000)
        job = self.write(node, 'bs=1M', 'count=60')
        self.assertLess(self.speed(job), 24)

    @tap.only_full
    def test_slow_by_writes(self):
        _, node = self.plug_new(writes_per_second=100)
        job = self.write(node, 'bs=4k', 'count=500')
        self.assertLess(self.speed(job), 0.55)

    @tap.only_full
    @unittest.skipUnless(LYING_STICK, 'nbdkit-plugin-dev is not installed')
    def test_smaller_than_it_claims(self):
        path = sticks.make_blank(self.folder / 'small.img', 64 * MIB)
        with sticks.serve(LYING_STICK, self.folder, file=path, size='4G', real='64M') as server:
            node = self.machine.plug(sticks.Stick(path, server=server))
            self.assertEqual(self.machine.root.run('blockdev', '--getsize64', node).out,
                             f'{4 * sticks.GIB}\n')
            self.machine.root.run(f'yes new | dd of={node} bs=1M seek=64 count=1 iflag=fullblock '
                                  'oflag=direct')
            with open(path, 'rb') as file:
                self.assertEqual(file.read(8), b'new\nnew\n')

    def speed(self, job):
        """In MB/s."""
        seconds = float(job.err.split(' s, ')[0].split(', ')[-1])
        return int(job.err.split(' bytes')[0].split('\n')[-1]) / seconds / 1e6

    @tap.only_full
    def test_what_was_written_before_a_power_cut_stays(self):
        stick, node = self.plug_new(bytes_per_second=20_000_000)
        with open(stick.path, 'r+b') as file:
            file.write(b'old' * 2_000_000)
        self.machine.root.start('dd', 'if=/dev/zero', f'of={node}', 'oflag=direct', 'bs=1M')
        self.machine.wait_until_written(stick, 5_000_000)
        self.machine.cut_power()
        with open(stick.path, 'rb') as file:
            self.assertEqual(file.read(4_000_000), bytes(4_000_000))
        self.restore()
        self.assertEqual(self.machine.plug(sticks.Stick(stick.path)), '/dev/sda')


if __name__ == '__main__':
    sys.exit(tap.main())
