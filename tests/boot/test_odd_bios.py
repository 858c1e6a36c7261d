#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drive numbers that lie, and a BIOS that shows the stick as a floppy disk without LBA.

SeaBIOS refuses LBA for floppy disks, so a floppy disk with the stick's first sectors beside the
stick as a hard disk is what a BIOS with floppy emulation shows.
"""

import os
import pathlib
import struct
import sys

import emulator
import tap
from stick import TABLE, StickTest

FLOPPY_SIZE = 2880 * 1024
FLOPPY_CHS = bytes([1, 1, 0])   # sector 36 with 2 heads and 36 sectors


class OddBiosTest(StickTest):
    def boot_floppy(self, data, until, hard_disk=None):
        path = pathlib.Path(self.folder) / 'floppy.img'
        path.write_bytes(data.ljust(FLOPPY_SIZE, b'\0'))
        extra = []
        if hard_disk:
            extra = ['-drive', f'if=none,id=other,format=raw,snapshot=on,file={hard_disk.path}',
                     '-device', 'ide-hd,drive=other']
        emulator.boot(path, until, bus='floppy', extra=extra)


@tap.expand
class DriveNumbers(OddBiosTest):
    def boot_with_drive(self, drive, sector, stick):
        code = bytearray(pathlib.Path(os.environ['RUB_ODD_BIOS']).read_bytes())
        code[3] = int(drive, 16)
        struct.pack_into('<I', code, 12, sector)
        self.boot_floppy(bytes(code), f'BOOTMGR OK drive=80 hidden={stick.start:08x}', stick)

    @tap.cases(quick=[('0F',), ('FF',)], full=[('01',), ('10',), ('7F',)])
    def test_mbr_started_with(self, drive):
        self.boot_with_drive(drive, 0, self.make_stick())

    @tap.cases(quick=[('0F',), ('FF',)], full=[('01',), ('10',), ('7F',)])
    def test_record_started_with(self, drive):
        stick = self.make_stick()
        self.boot_with_drive(drive, stick.start, stick)


class FloppyEmulation(OddBiosTest):
    def test_no_lba_at_all(self):
        stick = self.make_stick(start=36, cluster_sectors=1).write(TABLE + 1, FLOPPY_CHS)
        self.boot_floppy(stick.read(0, FLOPPY_SIZE), r'this BIOS offers no LBA \(drive 00\)')

    def test_mbr_finds_the_same_disk_as_drive_80(self):
        stick = self.make_stick()
        self.boot_floppy(stick.read(0, FLOPPY_SIZE), 'BOOTMGR OK drive=80 hidden=00000800', stick)

    def test_mbr_leaves_another_disk_80_alone(self):
        stick = self.make_stick(start=36, cluster_sectors=1)
        floppy = stick.read(0, FLOPPY_SIZE)
        stick.write(440, b'another signature'[:4])
        self.boot_floppy(floppy, r'cannot read active partition \(drive 00\)', stick)

    def test_record_finds_the_same_volume_as_drive_80(self):
        stick = self.make_stick(start=0)
        self.boot_floppy(stick.read(0, FLOPPY_SIZE), 'BOOTMGR OK drive=80 hidden=00000000', stick)

    def test_record_leaves_another_disk_80_alone(self):
        stick = self.make_stick(start=0)
        floppy = stick.read(0, FLOPPY_SIZE)
        stick.write(0x43, b'another serial'[:4])
        self.boot_floppy(floppy, r'volume not found \(drive 80\)', stick)


if __name__ == '__main__':
    sys.exit(tap.main())
