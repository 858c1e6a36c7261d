#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--boot-test starts sticks, without a window here, and leaves them and the computer as they were."""

import hashlib
import os
import pathlib
import re
import selectors
import subprocess
import sys
import time
import unittest

import discs
import emulator
import product
import tap

PATIENCE_SECONDS = 180
UEFI, BIOS, CANCELLED = 1, 2, 18


def read_until(fd, pattern):
    """Reads until the text matches; it may never end, so it is watched."""
    text, deadline = '', time.monotonic() + PATIENCE_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while not re.search(pattern, text):
            assert selector.select(max(0, deadline - time.monotonic())), \
                f'no {pattern!r}, only:\n{text}'
            text += os.read(fd, 65536).decode('latin-1')


def list_children(pid):
    return [int(child) for task in pathlib.Path(f'/proc/{pid}/task').iterdir()
            for child in (task / 'children').read_text(encoding='ascii').split()]


class BootTest(product.ProductTest):

    def build(self, *arguments):
        iso, _ = discs.make(self.folder, 'windows', bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
                            efi_loader=os.environ['RUB_STANDIN_EFI'])
        stick = self.folder / 'stick,1.img'
        self.create(iso, stick, '--size', '128M', *arguments)
        return stick

    def start(self, stick, firmware, until):
        """Starts a stick until its serial line matches; returns what the program told."""
        before = hashlib.sha256(stick.read_bytes()).digest()
        temporary = self.folder / 'temporary'
        temporary.mkdir()
        serial = self.folder / 'serial'
        os.mkfifo(serial)
        # For reading and writing, so that there is no end of file before QEMU opens it.
        fd = os.open(serial, os.O_RDWR)
        self.addCleanup(os.close, fd)
        command = [os.environ['RUB_BOOT_STICK'], stick, firmware, serial]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, 'TMPDIR': str(temporary)}) as process:
            try:
                read_until(fd, until)
                children = list_children(process.pid)
            finally:
                told, _ = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(len(children), 1)
        self.assertFalse(os.path.exists(f'/proc/{children[0]}'))
        self.assertEqual(list(temporary.iterdir()), [])
        self.assertEqual(hashlib.sha256(stick.read_bytes()).digest(), before)
        starts_on, code, _ = told.split(' ', 2)
        self.assertEqual(int(code), CANCELLED, told)
        return int(starts_on)

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_uefi(self):
        self.assertEqual(self.start(self.build(), 'uefi', 'BOOTX64 OK'), UEFI | BIOS)

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_bios(self):
        self.assertEqual(self.start(self.build('--boot', 'bios'), 'bios', 'BOOTMGR OK drive=80'),
                         BIOS)


if __name__ == '__main__':
    sys.exit(tap.main())
