# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that calls UDisks2, and what the tests of the fake share."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from fake_udisks import FakeUdisks

try:
    import gi
    gi.require_version('Gio', '2.0')
    from gi.repository import Gio, GLib
except (ImportError, ValueError):
    Gio = GLib = None

MIB = 1 << 20


class Client:
    """A program on the bus."""

    def __init__(self, fake):
        self.bus = Gio.DBusConnection.new_for_address_sync(
            fake.environment['DBUS_SYSTEM_BUS_ADDRESS'],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.name = self.bus.get_unique_name()

    def call(self, path, method, signature='()', *values, timeout_ms=60000, descriptors=False):
        """Returns the values of the reply, or a list of descriptors."""
        interface, name = method.rsplit('.', 1)
        if '.' not in interface:
            interface = 'org.freedesktop.UDisks2.' + interface
        reply, handles = self.bus.call_with_unix_fd_list_sync(
            'org.freedesktop.UDisks2', path, interface, name, GLib.Variant(signature, values),
            None, Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, timeout_ms, None, None)
        return handles.steal_fds() if descriptors else reply.unpack()

    def get(self, path, interface):
        """All properties of an interface."""
        return self.call(path, 'org.freedesktop.DBus.Properties.GetAll', '(s)',
                         'org.freedesktop.UDisks2.' + interface)[0]

    def objects(self):
        """{path: {interface: properties}}"""
        found = self.call('/org/freedesktop/UDisks2',
                          'org.freedesktop.DBus.ObjectManager.GetManagedObjects')[0]
        return {path: {name.rsplit('.', 1)[1]: properties for name, properties in faces.items()}
                for path, faces in found.items()}

    def open(self, path, flags=os.O_EXCL, mode='rw', **options):
        """OpenDevice; returns the descriptor."""
        members = {'flags': GLib.Variant('i', flags)}
        members.update({name.replace('auth_', 'auth.'): GLib.Variant('b', value)
                        for name, value in options.items()})
        return self.call(path, 'Block.OpenDevice', '(sa{sv})', mode, members, descriptors=True)[0]

    def format(self, path, kind, **options):
        members = {name: GLib.Variant('s', value) for name, value in options.items()}
        self.call(path, 'Block.Format', '(sa{sv})', kind, members)

    def build(self, stick, label='RESCUE'):
        """What an erase build asks for; returns the path of the partition."""
        self.format(stick.path, 'dos')
        return self.call(stick.path, 'PartitionTable.CreatePartitionAndFormat',
                         '(ttssa{sv}sa{sv})', MIB, 0, '0x0c', '', {}, 'vfat',
                         {'label': GLib.Variant('s', label)})[0]


@unittest.skipIf(Gio is None, 'there is no PyGObject (python3-gi)')
class FakeTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='rub-test-fake-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fake = FakeUdisks()
        self.fake.__enter__()
        self.addCleanup(self.fake.stop)
        self.client = Client(self.fake)

    def image(self, name='stick.img', mib=64):
        path = self.folder / name
        with open(path, 'wb') as file:
            file.truncate(mib * MIB)
        return path

    def plug(self, **stick):
        image = stick.pop('image', None) or self.image()
        stick = {'vendor': 'Kingston', 'model': 'DataTraveler 3.0', 'serial': 'AB12', **stick}
        return self.fake.plug(image, **stick)

    def plug_fat(self, files=(), **stick):
        """A stick with a FAT partition and files."""
        image = self.image()
        subprocess.run(['sfdisk', '--quiet', image], input=b'2048,,c\n', check=True)
        subprocess.run(['mkfs.vfat', '-n', 'HOLIDAY', '--offset=2048', image, '64512'],
                       stdout=subprocess.DEVNULL, check=True)
        for name, data in dict(files).items():
            subprocess.run(['mcopy', '-i', f'{image}@@1M', '-', f'::{name}'], input=data,
                           check=True)
        return self.plug(image=image, **stick)

    def assertFails(self, name, call, *arguments, **options):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments, **options)
        self.assertEqual(Gio.DBusError.get_remote_error(caught.exception).rsplit('.', 1)[-1], name)
        return caught.exception.message
