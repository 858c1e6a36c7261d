# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts disk images with SeaBIOS and reads the text screen, for programs that write to it past the
BIOS. UEFI's and the BIOS's own console are on the serial line: emulator.boot()."""

import pathlib
import re
import socket
import subprocess
import tempfile
import time

from qmp import Qmp

# Text mode 3 (80 columns, 25 rows): a character and its colour, from here on.
TEXT_AT, COLUMNS, ROWS = 0xb8000, 80, 25
LOOK_SECONDS = 0.3


def boot(image, until, timeout=120):
    """Starts `image` from an emulated USB stick until the screen matches a regular expression."""
    with tempfile.TemporaryDirectory() as folder:
        ours, qemus = socket.socketpair()
        with ours, qemus:
            process = subprocess.Popen(
                ['qemu-system-x86_64', '-accel', 'tcg', '-display', 'none', '-nodefaults',
                 '-no-reboot', '-machine', 'pc', '-m', '64', '-vga', 'std',
                 '-drive', f'if=none,id=disk,format=raw,snapshot=on,file={image}',
                 '-device', 'qemu-xhci,id=hub',
                 '-device', 'usb-storage,bus=hub.0,drive=disk,bootindex=0',
                 '-chardev', f'socket,id=qmp,fd={qemus.fileno()}', '-mon', 'qmp,mode=control'],
                stdin=subprocess.DEVNULL, pass_fds=[qemus.fileno()])
            try:
                return _watch(process, Qmp(ours), until, timeout, pathlib.Path(folder, 'screen'))
            finally:
                process.kill()
                process.wait()


def _watch(process, qmp, until, timeout, file):
    """Looks at the screen now and then: nothing tells when it changes."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        text = _read(qmp, file)
        if re.search(until, text):
            return text
        try:
            process.wait(LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            pass
    raise AssertionError(f'no {until!r} on the screen, only:\n{text}')


def _read(qmp, file):
    qmp('pmemsave', val=TEXT_AT, size=2 * COLUMNS * ROWS, filename=str(file))
    text = ''.join(chr(byte) if 32 <= byte < 127 else ' ' for byte in file.read_bytes()[::2])
    return '\n'.join(text[at:at + COLUMNS].rstrip() for at in range(0, len(text), COLUMNS))
