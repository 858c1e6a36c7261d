#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks with NTFS: judged by the tools of ntfs-3g, and started on an emulated BIOS."""

import hashlib
import os
import pathlib
import subprocess
import sys
import unittest

import discs
import emulator
import finished
import product
import tap

START = 1 << 20


@tap.expand
class Ntfs(product.ProductTest):
    def build(self, iso, *arguments, size='256M'):
        stick = self.folder / 'stick.img'
        outcome = self.create(iso, stick, '--size', size, '--filesystem', 'ntfs', *arguments)
        return stick, outcome

    def cut_out(self, stick):
        """The partition as a file of its own, which is how the tools of ntfs-3g take it."""
        volume = self.folder / 'volume.img'
        subprocess.run(['dd', f'if={stick}', f'of={volume}', 'bs=1M', 'skip=1', 'conv=sparse',
                        'status=none'], check=True)
        return volume

    def read(self, volume, path):
        return subprocess.run(['ntfscat', str(volume), path], check=True,
                              stdout=subprocess.PIPE).stdout

    def test_files_are_those_of_the_image(self):
        iso, tree = discs.make(self.folder, extra=lambda folder: discs.add_many(folder, 300))
        stick, outcome = self.build(iso)
        self.assertEqual([event['code'] for event in outcome.events if event['event'] == 'finding'], [23])
        self.assertEqual(outcome.result['starts_on'], ['bios'])
        entry = finished.Stick(stick).table()[1]
        self.assertEqual((entry['type'], entry['start'], entry['bootable']), ('7', 2048, True))
        volume = self.cut_out(stick)
        subprocess.run(['ntfsfix', '-n', volume], check=True, stdout=subprocess.DEVNULL)
        for path in sorted(pathlib.Path(tree).rglob('*')):
            if not path.is_file():
                continue
            name = str(path.relative_to(tree))
            self.assertEqual(hashlib.sha256(self.read(volume, name)).hexdigest(),
                             hashlib.sha256(path.read_bytes()).hexdigest(), name)

    def test_a_finished_stick_is_checked(self):
        iso, _ = discs.make(self.folder)
        stick, _ = self.build(iso)
        self.assertEqual(product.run('--check', '-d', stick).status, product.OK)
        with open(stick, 'r+b') as file:
            data = file.read()
            at = data.index(b'PE\0\0', START)
            file.seek(at + 20)
            file.write(bytes([data[at + 20] ^ 1]))
        self.assertEqual(product.run('--check', '-d', stick).status, 17)

    def test_a_stick_that_is_too_small_is_refused(self):
        iso, _ = discs.make(self.folder, extra=lambda folder: discs.add_many(folder, 300))
        stick = self.folder / 'stick.img'
        outcome = product.run('--create', '-f', '-i', iso, '-d', stick, '--size', '8M',
                              '--filesystem', 'ntfs')
        self.assertEqual(outcome.status, 4, outcome.output)
        self.assertFalse(stick.exists())

    def test_uefi_only_is_refused(self):
        iso, _ = discs.make(self.folder)
        outcome = product.run('--inspect', '-i', iso, '-d', self.folder / 's.img', '--size', '1G',
                              '--filesystem', 'ntfs', '--boot', 'uefi')
        self.assertEqual(outcome.status, 12, outcome.output)
        self.assertIn('UEFI does not start from NTFS', outcome.output)

    @tap.cases(quick=[('windows',)], full=[('plain',)])
    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios(self, shape):
        iso, _ = discs.make(self.folder, shape, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'], many=50)
        stick, _ = self.build(iso)
        emulator.boot(stick, 'BOOTMGR OK drive=80 hidden=00000800')


if __name__ == '__main__':
    sys.exit(tap.main())
