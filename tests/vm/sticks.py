# SPDX-License-Identifier: GPL-3.0-or-later
"""USB sticks for virtual computers, sound and faulty; each is a file of the host."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess

EIO = 5
SECTOR = 512
GIB = 1024 ** 3


@dataclasses.dataclass
class Stick:
    """A stick of the size of its file.

    `broken_at` are byte offsets where each write fails; `sector_bytes` other than 512 make a stick
    of another maker, too; `server` is the socket of an NBD server that stands for the medium;
    `name` tells it from another one of the same serial number.
    """
    path: pathlib.Path
    serial: str = 'STICK0001'
    is_removable: bool = True
    is_read_only: bool = False
    broken_at: tuple = ()
    bytes_per_second: int | None = None
    writes_per_second: int | None = None
    sector_bytes: int = SECTOR
    server: pathlib.Path | None = None
    name: str | None = None

    def __post_init__(self):
        self.name = self.name or self.serial

    def plug(self, qmp):
        if self._is_slow():
            qmp('object-add', **{'qom-type': 'throttle-group'}, id=self._limits(),
                limits=self._speed())
        qmp('blockdev-add', **self._medium())
        if self.sector_bytes == SECTOR:
            qmp('device_add', driver='usb-storage', id=self._device(), bus='xhci.0',
                drive=self.name, removable=self.is_removable, serial=self.serial)
            return
        # usb-storage ignores sizes of sectors.
        qmp('device_add', driver='usb-bot', id=self._device(), bus='xhci.0', serial=self.serial)
        qmp('device_add', driver='scsi-hd', bus=f'{self._device()}.0', drive=self.name,
            removable=self.is_removable, vendor='SanDisk', product='CruzerBlade', ver='1.26',
            logical_block_size=self.sector_bytes, physical_block_size=self.sector_bytes)
        # It waits for its disks (QEMU's documentation, "USB emulation", usb-bot).
        qmp('qom-set', path=self._device(), property='attached', value=True)

    def unplug(self, qmp):
        qmp('device_del', id=self._device())
        qmp.wait_event('DEVICE_DELETED', device=self._device())
        # All that was under way has ended, and the file is closed.
        qmp('blockdev-del', **{'node-name': self.name})
        if self._is_slow():
            qmp('object-del', id=self._limits())

    def written_bytes(self, qmp):
        """How many bytes the guest has written since it was plugged in."""
        for entry in qmp('query-blockstats'):
            if entry.get('node-name') == self.name:
                return entry['stats']['wr_bytes']
        raise LookupError(self.name)

    def _device(self):
        return f'device-{self.name}'

    def _limits(self):
        return f'limits-{self.name}'

    def _is_slow(self):
        return self.bytes_per_second or self.writes_per_second

    def _speed(self):
        limits = {'bps-write': self.bytes_per_second, 'iops-write': self.writes_per_second}
        return {name: value for name, value in limits.items() if value}

    def _medium(self):
        """The graph of block nodes, from the one that the device uses to the file."""
        if self.server:
            bottom = {'driver': 'nbd', 'server': {'type': 'unix', 'path': str(self.server)}}
        else:
            bottom = {'driver': 'file', 'filename': str(self.path),
                      'read-only': self.is_read_only}
        if self.broken_at:
            errors = [{'event': 'none', 'iotype': 'write', 'errno': EIO, 'once': False,
                       'sector': offset // SECTOR} for offset in self.broken_at]
            bottom = {'driver': 'blkdebug', 'image': bottom, 'inject-error': errors}
        top = {'driver': 'raw', 'file': bottom, 'read-only': self.is_read_only}
        if self._is_slow():
            top = {'driver': 'throttle', 'throttle-group': self._limits(), 'file': top}
        return {**top, 'node-name': self.name}


def make_blank(path, size_bytes=2 * GIB):
    """Makes a sparse file for a stick."""
    with open(path, 'wb') as file:
        file.truncate(size_bytes)
    return path


@contextlib.contextmanager
def serve(plugin, folder, **settings):
    """Runs nbdkit with a plugin; yields the socket of the server."""
    path = pathlib.Path(folder) / 'stick.nbd'
    arguments = [f'{name}={value}' for name, value in settings.items()]
    # It writes its process id once it can be connected to.
    note = pathlib.Path(folder) / 'nbdkit.pid'
    os.mkfifo(note)
    process = subprocess.Popen(['nbdkit', '--foreground', '--unix', path, '--pidfile', note,
                                plugin, *arguments], stdin=subprocess.DEVNULL)
    try:
        note.read_text(encoding='ascii')
        yield path
    finally:
        process.kill()
        process.wait()
