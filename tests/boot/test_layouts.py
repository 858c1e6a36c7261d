#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""BOOTMGR arrives whole however the volume is laid out, and on every bus."""

import itertools
import sys

import emulator
import tap
from fat import FatVolume, layouts
from stick import Stick, StickTest, bootmgr, run

CLUSTERS = [1, 2, 4, 8, 16, 32, 64, 128]
BUSES = ['xhci', 'ehci', 'uhci', 'ide', 'virtio']
LAST_START = 0xFFFFFFFF - 200000


@tap.expand
class Layouts(StickTest):
    @tap.cases(quick=[(1,), (64,)], full=[(cluster,) for cluster in CLUSTERS])
    def test_contiguous_with_sectors_per_cluster(self, cluster_sectors):
        self.assert_starts(self.make_stick(cluster_sectors=cluster_sectors))

    @tap.cases(quick=[(1, 'pairs-backwards'), (16, 'every-second')] +
               [(cluster, 'random') for cluster in CLUSTERS],
               full=list(itertools.product(CLUSTERS, layouts)))
    def test_scattered(self, cluster_sectors, layout):
        stick = self.make_stick(cluster_sectors=cluster_sectors)
        FatVolume(stick.path, stick.start).scatter(layout)
        self.assert_starts(stick)

    @tap.cases(quick=[(1, bus) for bus in ('xhci', 'ide', 'virtio')] +
               [(64, bus) for bus in ('ehci', 'uhci')],
               full=list(itertools.product((1, 64), BUSES)))
    def test_scattered_over(self, cluster_sectors, bus):
        stick = self.make_stick(cluster_sectors=cluster_sectors)
        FatVolume(stick.path, stick.start).scatter('random')
        self.assert_starts(stick, bus)

    @tap.cases(quick=[(63,), (LAST_START,)], full=[(16065,), (1048576,)])
    def test_partition_at_sector(self, start):
        self.assert_starts(self.make_stick(start=start, size_mib=60, cluster_sectors=1))

    @tap.cases(quick=[(1500,), (65537,), (523264,)],
               full=[(size,) for size in (65535, 65536, 131072, 383786, 413738)])
    def test_bootmgr_of_bytes(self, size):
        self.assert_starts(self.make_stick(bootmgr(size)))


class Names(StickTest):
    def test_behind_700_long_names(self):
        stick = Stick(self.folder, cluster_sectors=1)
        stick.put_empty(f'a rather long name, so that it takes four entries {number}.txt'
                        for number in range(700))
        self.assert_starts(stick.put(bootmgr()).install())

    def test_lower_case(self):
        self.assert_starts(Stick(self.folder).put(bootmgr(), 'bootmgr').install())

    def test_deleted_and_similar_names_are_passed_over(self):
        stick = Stick(self.folder)
        for name in ('BOOTMG', 'BOOTMGR.EFI', 'BOOTMGRX'):
            stick.put(b'not this one', name)
        stick.put(b'deleted').delete('BOOTMGR').put(b'a folder', 'folder/BOOTMGR')
        self.assert_starts(stick.put(bootmgr()).install())


class Places(StickTest):
    def test_whole_disk_without_a_table(self):
        self.assert_starts(self.make_stick(start=0))

    def test_partition_that_the_bios_shows_as_a_whole_disk(self):
        stick = self.make_stick()
        stick.drop_before_volume()
        self.assert_starts(stick, hidden=0)

    def test_wrong_hidden_sectors_give_way_to_the_table(self):
        for wrong in (0, 0x1234):
            stick = self.make_stick()
            stick.write(stick.start * 512 + 0x1C, wrong.to_bytes(4, 'little'))
            self.assert_starts(stick)

    def test_active_entry_in_the_last_slot(self):
        stick = self.make_stick()
        stick.write(446, bytes(48) + stick.read(446, 16))
        self.assert_starts(stick)

    def test_second_fat_alone_in_use(self):
        stick = self.make_stick(cluster_sectors=1)
        volume = FatVolume(stick.path, stick.start)
        offset = (stick.start + volume.fat_start) * 512
        stick.write(offset, bytes(volume.fat_sectors * 512))
        stick.write(stick.start * 512 + 40, b'\x81\x00')
        self.assert_starts(stick)

    def test_fsck_finds_nothing_after_the_installation(self):
        stick = self.make_stick()
        stick.drop_before_volume()
        self.assertNotIn('differences', run('fsck.fat', '-n', stick.path))


class StandIn(StickTest):
    """The tests above mean something: the stand-in notices damage."""

    def assert_notices(self, stick, what):
        emulator.boot(stick.path, f'BOOTMGR BAD: {what}')

    def test_notices_a_flipped_bit(self):
        stick = self.make_stick()
        volume = FatVolume(stick.path, stick.start)
        cluster = volume.file_chain()[73]
        data = bytearray(volume.read_cluster(cluster))
        data[321] ^= 0x10
        volume.write_cluster(cluster, data)
        self.assert_notices(stick, 'checksum')

    def test_notices_swapped_clusters(self):
        stick = self.make_stick()
        volume = FatVolume(stick.path, stick.start)
        one, other = volume.file_chain()[10:12]
        contents = volume.read_cluster(one), volume.read_cluster(other)
        volume.write_cluster(other, contents[0])
        volume.write_cluster(one, contents[1])
        self.assert_notices(stick, 'checksum')


if __name__ == '__main__':
    sys.exit(tap.main())
