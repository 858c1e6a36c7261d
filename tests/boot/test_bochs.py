#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot code on a second BIOS and a second model of the processor: Bochs, which checks segment
limits, with its own BIOS."""

import itertools
import sys
import unittest

import emulator
import tap
from fat import FatVolume, layouts
from stick import StickTest


@unittest.skipIf(emulator.missing_bochs(), emulator.missing_bochs())
@tap.expand
class Bochs(StickTest):
    @tap.cases(quick=[(1, 'random')], full=list(itertools.product((1, 8, 64), layouts)))
    def test_starts_bootmgr(self, cluster_sectors, layout):
        stick = self.make_stick(cluster_sectors=cluster_sectors)
        FatVolume(stick.path, stick.start).scatter(layout)
        emulator.boot_bochs(stick.path, 'BOOTMGR OK drive=80 hidden=00000800')

    def test_starts_bootmgr_with_the_legacy_bios(self):
        emulator.boot_bochs(self.make_stick().path, 'BOOTMGR OK drive=80', bios='legacy')

    def test_starts_bootmgr_of_a_whole_disk(self):
        stick = self.make_stick(start=0)
        emulator.boot_bochs(stick.path, 'BOOTMGR OK drive=80 hidden=00000000')


if __name__ == '__main__':
    sys.exit(tap.main())
