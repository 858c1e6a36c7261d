#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of others that are made to be started in BOOTMGR's place start from our sticks.

They go on with the BIOS services, the drive number and the memory that our records leave.
"""

import pathlib
import shutil
import sys
import unittest

import emulator
import tap
from fat import FatVolume
from stick import StickTest, run

G2LDR = pathlib.Path('/usr/share/win32/win32-loader/g2ldr')
LNXBOOT = pathlib.Path('/usr/lib/grub/i386-pc/lnxboot.img')
BUSES = [('xhci',), ('ehci',), ('uhci',), ('ide',), ('virtio',)]


needs_g2ldr = unittest.skipUnless(G2LDR.exists(), f'{G2LDR} is not installed (win32-loader)')
needs_lnxboot = unittest.skipUnless(LNXBOOT.exists() and shutil.which('grub-mkimage'),
                                    f'{LNXBOOT} is not installed (grub-pc-bin)')


def make_grub(folder, terminal, filesystem):
    """The core of a GRUB that finds its filesystem by a file and shows what is in it."""
    folder = pathlib.Path(folder)
    script, core = folder / 'script', folder / 'core.img'
    script.write_text(f'{terminal}\nsearch --file --set=root /marker.txt\n'
                      'ls ($root)/\ncat ($root)/marker.txt\n')
    modules = ['biosdisk', 'part_msdos', filesystem, 'search', 'ls', 'cat', 'serial', 'terminal']
    run('grub-mkimage', '-O', 'i386-pc', '-p', '/', '-c', script, '-o', core, *modules)
    return core.read_bytes()


@needs_g2ldr
@tap.expand
class Win32Loader(StickTest):
    """GRUB as Debian's installer for Windows has it started by NTLDR or BOOTMGR."""

    @tap.cases(quick=[('xhci',)], full=BUSES)
    def test_prompt_over(self, bus):
        stick = self.make_stick(G2LDR.read_bytes())
        FatVolume(stick.path, stick.start).scatter('random')
        emulator.boot(stick.path, r'GNU GRUB[\s\S]*grub>', bus=bus)


@needs_lnxboot
@tap.expand
class LnxBoot(StickTest):
    """GRUB in the form that is copied over BOOTMGR: lnxboot.img in front of its core."""

    def grub_stick(self, terminal):
        core = make_grub(self.folder, terminal, 'fat')
        stick = self.make_stick(LNXBOOT.read_bytes() + core)
        FatVolume(stick.path, stick.start).scatter('random')
        return stick.put(b'reached the stick', 'marker.txt')

    @tap.cases(quick=[('xhci',)], full=BUSES)
    def test_reads_the_stick_over(self, bus):
        stick = self.grub_stick('terminal_output console')
        emulator.boot(stick.path, 'bootmgr[\\s\\S]*reached the stick', bus=bus)

    @unittest.skipIf(emulator.missing_bochs(), emulator.missing_bochs())
    def test_reads_the_stick_on_bochs(self):
        stick = self.grub_stick('serial\nterminal_output serial')
        emulator.boot_bochs(stick.path, 'bootmgr[\\s\\S]*reached the stick')


if __name__ == '__main__':
    sys.exit(tap.main())
