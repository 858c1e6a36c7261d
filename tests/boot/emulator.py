# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts disk images in emulated computers and waits for what they say.

    boot('stick.img', until='BOOTMGR OK')                         SeaBIOS, USB 3
    boot('stick.img', until='BOOTX64 OK', firmware='uefi')        OVMF
    boot('stick.img', until='GRUB', firmware='secure-boot')       with Microsoft's keys of 2011
    boot('stick.img', until='BOOTMGR OK', bus='ide')
    boot_bochs('stick.img', until='BOOTMGR OK')                   another BIOS, another processor

The image is never changed. QEMU interprets (TCG): nested virtualisation is slower than that. The
computer is switched off as soon as the text was seen.
"""

import contextlib
import dataclasses
import glob
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import tempfile
import textwrap
import time

OVMF_FOLDER = pathlib.Path('/usr/share/OVMF')
SECURE_BOOT_FILES = (OVMF_FOLDER / 'OVMF_CODE_4M.secboot.fd', OVMF_FOLDER / 'OVMF_VARS_4M.ms.fd')

BOCHS = '/usr/bin/bochs-bin'
BOCHS_BIOS = '/usr/share/bochs/BIOS-bochs-'
BOCHS_VIDEO_BIOS = '/usr/share/bochs/VGABIOS-lgpl-latest'
# What its debugger prints when all is set up and the processor is about to run.
BOCHS_RUNS = 'Next at t=0'
BOCHS_STARTS = 3
BOCHS_DISPLAY = '/usr/lib/*/bochs/plugins/libbx_term_gui.so'

USB_STICK = ['-device', 'usb-storage,bus=hub.0,drive=disk,bootindex=0']
BUSES = {
    'xhci': ['-device', 'qemu-xhci,id=hub', *USB_STICK],
    'ehci': ['-device', 'usb-ehci,id=hub', *USB_STICK],
    'uhci': ['-device', 'piix3-usb-uhci,id=hub', *USB_STICK],
    # Of 4096 bytes a sector.
    'usb-4096': ['-device', 'qemu-xhci,id=hub', '-device', 'usb-bot,id=bot,bus=hub.0',
                 '-device', 'scsi-hd,bus=bot.0,drive=disk,removable=on,bootindex=0,'
                            'logical_block_size=4096,physical_block_size=4096'],
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
    needed = {'uefi': [_ovmf('CODE')], 'secure-boot': SECURE_BOOT_FILES}.get(firmware, [])
    absent = [str(path) for path in needed if not path.exists()]
    return f'{", ".join(absent)}: not installed' if absent else None


def boot(image, until, bus='xhci', firmware='bios', timeout=180, extra=()):
    """Starts `image` until the regular expression `until` matches the console's text.

    Fails with AssertionError and the text when the computer stops before that, or at `timeout`
    seconds, which are many because a busy host is slow. `extra` are more arguments for QEMU.
    """
    command = ['qemu-system-x86_64', '-accel', 'tcg', '-display', 'none', '-nodefaults',
               '-no-reboot', '-net', 'none', '-monitor', 'none', '-serial', 'stdio',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
               '-drive', f'if=none,id=disk,format=raw,snapshot=on,file={image}',
               *BUSES[bus], *_firmware_arguments(firmware), *extra]
    with _Emulator(command) as emulator:
        return emulator.boot(until, timeout)


def _ovmf(part):
    return OVMF_FOLDER / f'OVMF_{part}_4M.fd'


def _firmware_arguments(firmware):
    if firmware == 'bios':
        # Without graphics SeaBIOS sends what programs print through INT 10h to the serial line.
        return ['-machine', 'pc,graphics=off', '-m', '64']
    code, variables = SECURE_BOOT_FILES if firmware == 'secure-boot' else \
        (_ovmf('CODE'), _ovmf('VARS'))
    flash = ['-drive', f'if=pflash,format=raw,readonly=on,file={code}',
             '-drive', f'if=pflash,format=raw,snapshot=on,file={variables}']
    if firmware == 'secure-boot':
        # Only system management mode may change the variables with the keys.
        return ['-machine', 'q35,smm=on', '-m', '512', *flash,
                '-global', 'driver=cfi.pflash01,property=secure,value=on',
                '-global', 'ICH9-LPC.disable_s3=1']
    return ['-machine', 'q35', '-m', '256', *flash]


def missing_bochs():
    """Returns why boot_bochs() cannot work here, or None."""
    files = {BOCHS: 'bochs', BOCHS_BIOS + '*': 'bochsbios', BOCHS_VIDEO_BIOS: 'vgabios',
             BOCHS_DISPLAY: 'bochs-term'}
    absent = [package for file, package in files.items() if not glob.glob(file)]
    return f'not installed: {", ".join(absent)}' if absent else None


def boot_bochs(image, until, bios='latest', timeout=180):
    """Like boot(), in Bochs with one of its own BIOSes ('latest' or 'legacy') and the disk on ATA.

    The text is that of COM1. Bochs was seen to come to nothing before its processor's first
    instruction, which tells nothing of `image`: then it is started anew.
    """
    for _ in range(BOCHS_STARTS):
        with _bochs(image, bios) as emulator:
            if emulator.wait_for(BOCHS_RUNS, timeout / BOCHS_STARTS):
                return emulator.boot(until, timeout)
            report = emulator.report()
            print('\n'.join(f'# {line}' for line in report.splitlines()), flush=True)
    raise AssertionError(f'Bochs does not start: {report}')


@contextlib.contextmanager
def _bochs(image, bios):
    with tempfile.TemporaryDirectory() as folder:
        serial = os.path.join(folder, 'serial')
        os.mkfifo(serial)
        # For reading and writing, so that there is no end of file before Bochs opens it.
        serial_fd = os.open(serial, os.O_RDWR | os.O_NONBLOCK)
        try:
            with _Emulator(_bochs_command(folder, image, bios, serial), serial_fd,
                           log=pathlib.Path(folder, 'log')) as emulator:
                yield emulator
        finally:
            os.close(serial_fd)


def _bochs_command(folder, image, bios, serial):
    """Writes the settings. Debian's Bochs is built with its debugger, which is told to continue."""
    settings = f"""
        display_library: term
        config_interface: textconfig
        sound: waveoutdrv=dummy
        memory: guest=32, host=32
        romimage: file={BOCHS_BIOS}{bios}
        vgaromimage: file={BOCHS_VIDEO_BIOS}
        ata0-master: type=disk, path={image}, mode=volatile, journal={folder}/changes
        boot: disk
        com1: enabled=1, mode=file, dev={serial}
        log: {folder}/log
        panic: action=fatal
        """
    settings_path = os.path.join(folder, 'bochsrc')
    with open(settings_path, 'w', encoding='ascii') as file:
        file.write(textwrap.dedent(settings))
    debugger_path = os.path.join(folder, 'debugger')
    with open(debugger_path, 'w', encoding='ascii') as file:
        file.write('c\n')
    return [BOCHS, '-q', '-f', settings_path, '-rc', debugger_path]


class _Emulator:
    """A running emulator, and what it has said on its output and on `console_fd`, if any."""

    def __init__(self, command, console_fd=None, log=None):
        self.log = log
        self.start = time.monotonic()
        self.process = subprocess.Popen(command, env={**os.environ, 'TERM': 'xterm'},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        fds = [self.process.stdout.fileno()] + ([] if console_fd is None else [console_fd])
        self.said = dict.fromkeys(fds, b'')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @property
    def text(self):
        return '\n'.join(_plain(data) for data in self.said.values())

    def boot(self, until, timeout):
        """Waits for `until`; fails with an account of what there was instead."""
        match = self.wait_for(until, timeout)
        if not match:
            raise AssertionError(f'no {until!r}: {self.report()}')
        return Boot(self.text, match, time.monotonic() - self.start)

    def wait_for(self, until, timeout):
        """Returns the match, or None where the emulator ended or `timeout` seconds passed."""
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for fd in self.said:
                selector.register(fd, selectors.EVENT_READ)
            while not (match := re.search(until, self.text)):
                for key, _ in selector.select(max(0, deadline - time.monotonic())):
                    chunk = os.read(key.fd, 65536)
                    if not chunk:
                        return re.search(until, self.text)
                    self.said[key.fd] += chunk
                if time.monotonic() >= deadline:
                    return re.search(until, self.text)
        return match

    def report(self):
        """How it stands with the emulator, and what was said."""
        seconds = time.monotonic() - self.start
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Who has closed the output is about to end.
            self.process.wait(timeout=5)
        status = self.process.returncode
        state = 'still running' if status is None else f'ended with status {status}'
        log = self.log.read_text(errors='replace')[-2000:] if self.log else ''
        return f'{state} after {seconds:.1f} s, said only:\n{self.text}\n{log}'


def _plain(data):
    """The text without terminal control sequences."""
    text = data.decode('latin-1').replace('\r', '').replace('\0', '')
    return re.sub(r'\x1b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|c)', '', text)
