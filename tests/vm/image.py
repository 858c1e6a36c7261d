#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the virtual computer of the tests, and keeps it: image.get(), or image.get(image.DESKTOP).

Its kernel and programs are packages of the distribution that runs here, so that a program built
here runs there. What is made lies in $XDG_CACHE_HOME/rescue-usb-builder/vm, under a name that
stands for everything it is made of; it can be removed at any time.
"""

import dataclasses
import fcntl
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import machine

HERE = pathlib.Path(__file__).resolve().parent
MAKE_ROOT = HERE / 'make-root.sh'
GUEST = HERE / 'guest'
# A program that is to run in the guest needs its libraries here.
PACKAGES = [
    'linux-image-amd64', 'systemd-sysv', 'udev', 'dbus', 'dbus-user-session', 'libpam-systemd',
    'polkitd', 'udisks2', 'kmod', 'procps', 'psmisc',
    'dosfstools', 'ntfs-3g', 'mtools', 'fdisk',
    'libglib2.0-bin', 'python3', 'python3-gi', 'gir1.2-glib-2.0',
    'libarchive13', 'libfdisk1', 'libblkid1', 'libjson-glib-1.0-0', 'libxxhash0',
    'libudisks2-0', 'libwim15', 'libgnutls30', 'libntfs-3g89',
]
# The same with what the wizard needs, a screen, and a desktop's password dialog. It takes longer to
# make, and only the full set of the tests uses it.
DESKTOP = PACKAGES + [
    'libgtk-4-1', 'libadwaita-1-0', 'adwaita-icon-theme', 'fonts-cantarell',
    'xvfb', 'at-spi2-core', 'python3-xlib', 'policykit-1-gnome',
]
KINDS = {'plain': PACKAGES, 'desktop': DESKTOP}
# The newest and the ones before, of both.
KEPT_COMPUTERS = 4


@dataclasses.dataclass(frozen=True)
class Files:
    """What a virtual computer starts from. `ready` has the kept state."""
    folder: pathlib.Path
    ready: pathlib.Path

    @property
    def kernel(self):
        return self.folder / 'vmlinuz'

    @property
    def initrd(self):
        return self.folder / 'initrd.gz'

    @property
    def root(self):
        return self.folder / 'root.ext4'


def cache():
    home = os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache'
    return pathlib.Path(home) / 'rescue-usb-builder' / 'vm'


def missing(packages=PACKAGES):
    """Returns why the computer cannot be made or run here, or None."""
    if platform.freedesktop_os_release().get('ID') != 'debian' or platform.machine() != 'x86_64':
        return 'the virtual computer can be made on Debian for x86-64 only'
    if reason := machine.missing():
        return reason
    if _files(packages).root.exists():
        return None
    for program, package in (('mmdebstrap', 'mmdebstrap'), ('mkfs.ext4', 'e2fsprogs')):
        if not shutil.which(program, path=_path()):
            return f'{package} is not installed'
    if os.getuid() != 0 and not shutil.which('sudo'):
        return 'making the virtual computer needs root, once: please run tests/vm/image.py as root'
    return None


def get(packages=PACKAGES):
    """Returns the Files of a computer with these packages, made where they are not there yet."""
    files = _files(packages)
    files.folder.parent.mkdir(parents=True, exist_ok=True)
    with open(files.folder.parent / 'lock', 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not files.root.exists():
            _make_root(files, packages)
        if not files.ready.exists():
            _make_ready(files)
        os.utime(files.folder)
    return files


def _files(packages):
    folder = cache() / _root_key(packages)
    return Files(folder, folder / f'ready-{_ready_key()}.qcow2')


def _root_key(packages):
    """Stands for the scripts, the packages, and their versions where they are installed here too:
    a program that was built against a newer library needs that in the guest."""
    sources = [MAKE_ROOT, *sorted(path for path in GUEST.rglob('*') if path.is_file())]
    parts = [path.read_bytes() for path in sources]
    versions = subprocess.run(['dpkg-query', '-W', '-f', '${Package} ${Version}\n', *packages],
                              capture_output=True, check=False).stdout
    return _digest(*parts, ' '.join(packages).encode(), versions)


def _ready_key():
    """Stands for the emulated computer, and for the emulator, whose states others cannot read."""
    version = subprocess.run(['qemu-system-x86_64', '--version'], capture_output=True,
                             check=False).stdout
    return _digest(' '.join([*machine.COMPUTER, machine.KERNEL_ARGUMENTS]).encode(), version)


def _digest(*parts):
    return hashlib.sha256(b'\0'.join(parts)).hexdigest()[:12]


def _path():
    return os.environ['PATH'] + ':/usr/sbin:/sbin'


def _make_root(files, packages):
    if reason := missing(packages):
        sys.exit(f'There is no virtual computer: {reason}.')
    _say('Making the virtual computer from packages of this distribution')
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=cache(), prefix='new-') as folder:
        as_root = [] if os.getuid() == 0 else ['sudo']
        subprocess.run([*as_root, MAKE_ROOT, folder, ','.join(packages)], check=True,
                       stdin=subprocess.DEVNULL, env={**os.environ, 'PATH': _path()})
        _forget_old()
        shutil.copytree(folder, files.folder, copy_function=os.rename)
    _say(f'Made in {time.monotonic() - start:.0f} s')


def _forget_old():
    folders = sorted((path for path in cache().iterdir()
                      if (path / 'root.ext4').exists() and not path.name.startswith('new-')),
                     key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_COMPUTERS - 1:]:
        shutil.rmtree(folder)


def _make_ready(files):
    _say('Starting it, to keep the state in which it is ready')
    start = time.monotonic()
    disk = files.ready.with_suffix('.new')
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', files.root, '-F', 'raw', disk],
                   check=True, stdin=subprocess.DEVNULL)
    machine.keep_ready_state(files, disk)
    disk.rename(files.ready)
    _say(f'Ready after {time.monotonic() - start:.0f} s')


def _say(text):
    print(f'== {text}', file=sys.stderr, flush=True)


if __name__ == '__main__':
    print(get(KINDS[sys.argv[1] if sys.argv[1:] else 'plain']).ready)
