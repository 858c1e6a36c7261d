# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts disk images in emulated computers and waits for what they say.

    boot('stick.img', until='BOOTMGR OK')                         SeaBIOS, USB 3
    boot('stick.img', until='BOOTX64 OK', firmware='uefi')        OVMF
    boot('stick.img', until='BOOTMGR OK', bus='ide')
    boot_bochs('stick.img', until='BOOTMGR OK')                   another BIOS, another processor

The image is never changed. QEMU interprets (TCG): nested virtualisation is slower than that. The
computer is switched off as soon as the text was seen.
"""

import dataclasses
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import tempfile
import time

OVMF_FOLDER = pathlib.Path('/usr/share/OVMF')

BUSES = {
    'xhci': ['-device', 'qemu-xhci,id=hub', '-device', 'usb-storage,bus=hub.0,drive=disk,bootindex=0'],
    'ehci': ['-device', 'usb-ehci,id=hub', '-device', 'usb-storage,bus=hub.0,drive=disk,bootindex=0'],
    'uhci': ['-device', 'piix3-usb-uhci,id=hub',
             '-device', 'usb-storage,bus=hub.0,drive=disk,bootindex=0'],
    'ide': ['-device', 'ide-hd,drive=disk,bootindex=0'],
    'virtio': ['-device', 'virtio-blk-pci,drive=disk,bootindex=0'],
    'floppy': ['-device', 'floppy,drive=disk', '-boot', 'a'],
}


@dataclasses.dataclass
class Boot:
    """What a computer said until the text that was waited for."""
    text: str
    match: re.Match
    seconds: float


def missing(firmware='bios'):
    """Returns why boot() cannot work here, or None."""
    if not shutil.which('qemu-system-x86_64'):
        return 'qemu-system-x86_64 is not installed'
    if firmware == 'uefi' and not _ovmf('CODE').exists():
        return f'{_ovmf("CODE")} is not installed'
    return None


def boot(image, until, bus='xhci', firmware='bios', timeout=60, extra=()):
    """Starts `image` until the regular expression `until` matches the console's text.

    Fails with AssertionError and the text when the computer stops before that, or at `timeout`
    seconds. `extra` are more arguments for QEMU.
    """
    command = ['qemu-system-x86_64', '-accel', 'tcg', '-display', 'none', '-nodefaults',
               '-no-reboot', '-net', 'none', '-monitor', 'none', '-serial', 'stdio',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
               '-drive', f'if=none,id=disk,format=raw,snapshot=on,file={image}',
               *BUSES[bus], *_firmware_arguments(firmware), *extra]
    return _watch(command, until, timeout)


def _ovmf(part):
    return OVMF_FOLDER / f'OVMF_{part}_4M.fd'


def _firmware_arguments(firmware):
    if firmware == 'bios':
        # Without graphics SeaBIOS sends what programs print through INT 10h to the serial line.
        return ['-machine', 'pc,graphics=off', '-m', '64']
    return ['-machine', 'q35', '-m', '256',
            '-drive', f'if=pflash,format=raw,readonly=on,file={_ovmf("CODE")}',
            '-drive', f'if=pflash,format=raw,snapshot=on,file={_ovmf("VARS")}']


def _watch(command, until, timeout):
    """Runs a command until its output matches."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    try:
        text, match = _read_until(process.stdout.fileno(), until, start + timeout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    seconds = time.monotonic() - start
    if not match:
        raise AssertionError(f'no {until!r} after {seconds:.1f} s, only:\n{text}')
    return Boot(text, match, seconds)


def _read_until(fd, until, deadline):
    data = b''
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while selector.select(max(0, deadline - time.monotonic())):
            chunk = os.read(fd, 65536)
            data += chunk
            text = _plain(data)
            match = re.search(until, text)
            if match or not chunk:
                return text, match
    return _plain(data), None


def _plain(data):
    """The text without terminal control sequences."""
    text = data.decode('latin-1').replace('\r', '').replace('\0', '')
    return re.sub(r'\x1b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|c)', '', text)
