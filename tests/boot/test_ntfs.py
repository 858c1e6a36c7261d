#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bootmgr arrives whole from an NTFS volume, however that is laid out, on two BIOSes."""

import struct
import sys

import emulator
import tap
from ntfs import NtfsStick, NtfsTest, needs_bochs
from stick import SECTOR, bootmgr, run
from test_third_party import G2LDR, LNXBOOT, make_grub, needs_g2ldr, needs_lnxboot

CLUSTERS = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
BUSES = ['xhci', 'ehci', 'uhci', 'ide', 'virtio']
LAST_START = 0xFFFFFFFF - 200000


@tap.expand
class Layouts(NtfsTest):
    @tap.cases(quick=[(512,), (4096,), (65536,), (131072,)],
               full=[(cluster,) for cluster in CLUSTERS + [262144]])
    def test_clusters_of_bytes(self, cluster):
        size_mib = 64 if cluster <= 65536 else 800
        self.assert_starts(self.make_stick(cluster_bytes=cluster, size_mib=size_mib))

    @tap.cases(quick=[(512, 512), (4096, 4096)],
               full=[(1024, 3072), (4096, 16384), (16384, 16384), (65536, 65536)])
    def test_scattered_pieces(self, cluster, piece):
        self.assert_starts(self.make_stick(cluster_bytes=cluster, layout=('scatter', piece)))

    @tap.cases(quick=[('xhci',), ('ide',)], full=[(bus,) for bus in BUSES])
    def test_scattered_over(self, bus):
        self.assert_starts(self.make_stick(cluster_bytes=512, layout=('scatter', 512)), bus)

    @tap.cases(quick=[(300, 60), (2000, 400)], full=[(6000, 1500)])
    def test_file_table_in_pieces(self, files, at_least):
        stick = NtfsStick(self.folder, cluster_bytes=512).fill('pierce', 'tree', files)
        stick.put(bootmgr(), layout=('scatter', 1024))
        self.assertGreater(stick.runs(0), at_least)
        self.assert_starts(stick.install())

    @tap.cases(quick=[(4096,), (65536,)], full=[(1500,), (65537,), (383786,), (523264,)])
    def test_bootmgr_of_bytes(self, size):
        self.assert_starts(self.make_stick(bootmgr(size)))


@tap.expand
class Names(NtfsTest):
    @tap.cases(quick=[('BOOTMGR',), ('BootMgr',)])
    def test_name(self, name):
        self.assert_starts(self.make_stick(name=name))

    @tap.cases(quick=[(3000, 4096), (3000, 512), (40, 65536)], full=[(40, 512), (3000, 65536)])
    def test_among_names(self, count, cluster):
        stick = NtfsStick(self.folder, cluster_bytes=cluster).fill('names', count)
        self.assert_starts(stick.put(bootmgr()).install())

    def test_similar_names_are_passed_over(self):
        stick = NtfsStick(self.folder)
        for name in ('bootmg', 'bootmgr.efi', 'bootmgrx', 'b\u00f6otmgr', '\u0131'):
            stick.put(b'not this one', name)
        self.assert_starts(stick.put(bootmgr()).install())


@tap.expand
class Places(NtfsTest):
    @tap.cases(quick=[(63,), (LAST_START,)], full=[(16065,), (1048576,)])
    def test_partition_at_sector(self, start):
        self.assert_starts(self.make_stick(start=start))

    def test_whole_disk_without_a_table(self):
        self.assert_starts(self.make_stick(start=0))

    def test_wrong_hidden_sectors_give_way_to_the_table(self):
        for wrong in (0, 0x1234):
            stick = self.make_stick()
            self.assert_starts(stick.write(stick.start * SECTOR + 0x1C, struct.pack('<I', wrong)))

    def test_ntfsfix_finds_nothing_after_the_installation(self):
        stick = self.make_stick()
        stick.drop_before_volume()
        self.assertIn('the alternate boot sector... OK', run('ntfsfix', '-n', stick.path))


@needs_bochs
@tap.expand
class Bochs(NtfsTest):
    @tap.cases(quick=[('latest', 4096), ('legacy', 4096)], full=[('latest', 512)])
    def test_starts_bootmgr(self, bios, cluster):
        stick = self.make_stick(cluster_bytes=cluster, layout=('scatter', cluster))
        emulator.boot_bochs(stick.path, 'BOOTMGR OK drive=80 hidden=00000800', bios=bios)


class ThirdParty(NtfsTest):
    """Programs of others that are made to be started in BOOTMGR's place, see test_third_party."""

    @needs_g2ldr
    def test_grub_of_the_installer_for_windows(self):
        stick = self.make_stick(G2LDR.read_bytes(), layout=('scatter', 8192))
        emulator.boot(stick.path, r'GNU GRUB[\s\S]*grub>')

    def grub_stick(self, terminal):
        core = make_grub(self.folder, terminal, 'ntfs')
        stick = NtfsStick(self.folder).put(b'reached the stick', 'marker.txt')
        return stick.put(LNXBOOT.read_bytes() + core, layout=('scatter', 8192)).install()

    @needs_lnxboot
    def test_grub_reads_the_stick(self):
        stick = self.grub_stick('terminal_output console')
        emulator.boot(stick.path, 'bootmgr[\\s\\S]*reached the stick')

    @needs_lnxboot
    @needs_bochs
    def test_grub_reads_the_stick_on_bochs(self):
        stick = self.grub_stick('serial\nterminal_output serial')
        emulator.boot_bochs(stick.path, 'bootmgr[\\s\\S]*reached the stick')


if __name__ == '__main__':
    sys.exit(tap.main())
