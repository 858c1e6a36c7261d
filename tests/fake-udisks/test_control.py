#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test can do to the fake UDisks2: passwords, faults, and sticks that come and go."""

import os
import pathlib
import sys
import threading

import tap
from client import MIB, Client, FakeTestCase, Gio, GLib
from fake_udisks import command


class Passwords(FakeTestCase):
    def test_opening_asks_each_process_once(self):
        stick = self.plug()
        for _ in range(3):
            os.close(self.client.open(stick.path))
        self.assertEqual(self.fake.prompts, 1)
        self.fake.forget_passwords()
        os.close(self.client.open(stick.path))
        self.assertEqual(self.fake.prompts, 2)

    def test_a_password_that_is_not_kept_is_asked_for_each_time(self):
        stick = self.plug()
        self.fake.answer('right', keep_seconds=0)
        for _ in range(2):
            os.close(self.client.open(stick.path))
        self.assertEqual(self.fake.prompts, 2)

    def test_formatting_and_mounting_ask_nothing(self):
        stick = self.plug()
        part = self.client.build(stick)
        self.client.call(part, 'Filesystem.Mount', '(a{sv})', {})
        self.client.call(part, 'Filesystem.Unmount', '(a{sv})', {})
        self.client.call(stick.drive, 'Drive.PowerOff', '(a{sv})', {})
        self.assertEqual(self.fake.prompts, 0)

    def test_refusals_have_the_names_of_udisksd(self):
        stick = self.plug()
        self.assertFails('NotAuthorizedCanObtain', self.client.open, stick.path,
                         auth_no_user_interaction=True)
        self.assertEqual(self.fake.prompts, 0)
        self.fake.answer('wrong')
        self.assertFails('NotAuthorized', self.client.open, stick.path)
        self.fake.answer('dismissed')
        self.assertFails('NotAuthorizedDismissed', self.client.open, stick.path)
        self.fake.policy('open-device', 'no')
        self.assertFails('NotAuthorized', self.client.open, stick.path)
        self.assertEqual(self.fake.prompts, 2)
        self.fake.policy('open-device', 'yes')
        os.close(self.client.open(stick.path))

    def test_a_prompt_can_stay_open(self):
        stick = self.plug()
        self.fake.answer('wait')
        opened = []
        thread = threading.Thread(target=lambda: opened.append(self.client.open(stick.path)))
        thread.start()
        self.fake.wait_for_prompt()
        self.assertEqual(opened, [])
        self.assertEqual(Client(self.fake).get(stick.path, 'Block')['ReadOnly'], False)
        self.fake.answer('right')
        thread.join()
        os.close(opened[0])

    def test_system_disks_and_mounts_of_others_need_a_password(self):
        stick = self.plug_fat(mounted=True, mounted_by_other=True)
        self.fake.answer('dismissed')
        self.assertFails('NotAuthorizedDismissed', self.client.call, stick.partition(1),
                         'Filesystem.Unmount', '(a{sv})', {})
        stick.change('Block', 'hint-system', True)
        self.assertFails('NotAuthorizedDismissed', self.client.format, stick.path, 'dos')

    def test_policykit_answers_from_the_same_table(self):
        def check(action, flags):
            reply = self.client.bus.call_sync(
                'org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority',
                'org.freedesktop.PolicyKit1.Authority', 'CheckAuthorization',
                GLib.Variant('((sa{sv})sa{ss}us)',
                             (('system-bus-name', {'name': GLib.Variant('s', self.client.name)}),
                              'org.freedesktop.udisks2.' + action, {}, flags, '')),
                None, Gio.DBusCallFlags.NONE, -1, None)
            return reply.unpack()[0][:2]
        self.assertEqual(check('modify-device', 0), (True, False))
        self.assertEqual(check('open-device', 0), (False, True))
        self.assertEqual(check('open-device', 1), (True, False))
        # The same process may now open without being asked again.
        os.close(self.client.open(self.plug().path))
        self.assertEqual(self.fake.prompts, 1)


class Faults(FakeTestCase):
    def test_a_call_fails_as_often_as_wanted(self):
        stick = self.plug()
        self.fake.fault('Block.Rescan', 'TimedOut', 'too late', skip=1, times=2)
        calls = [self.rescan(stick) for _ in range(5)]
        self.assertEqual(calls, [None, 'TimedOut', 'TimedOut', None, None])
        self.fake.fault('Block.Rescan', 'Failed', 'always', times=-1)
        self.assertEqual([self.rescan(stick) for _ in range(3)], ['Failed'] * 3)
        self.fake.clear_faults()
        self.assertIsNone(self.rescan(stick))

    def rescan(self, stick):
        """The last part of the error's name, or None."""
        try:
            self.client.call(stick.path, 'Block.Rescan', '(a{sv})', {})
        except GLib.Error as error:
            return Gio.DBusError.get_remote_error(error).rsplit('.', 1)[-1]
        return None

    def test_a_call_fails_after_it_was_done(self):
        stick = self.plug_fat()
        self.fake.fault('Block.Format', 'Failed', 'it is gone all the same', when='after')
        self.assertFails('Failed', self.client.format, stick.path, 'empty')
        self.assertNotIn('PartitionTable', self.client.objects()[stick.path])

    def test_a_call_is_never_answered(self):
        stick = self.plug()
        self.fake.fault('Block.Rescan', never=True)
        with self.assertRaises(GLib.Error) as caught:
            self.client.call(stick.path, 'Block.Rescan', '(a{sv})', {}, timeout_ms=100)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT))

    def test_sticks_are_swapped_between_two_calls(self):
        first = self.plug(serial='FIRST')
        other = self.image('other.img', mib=32)
        self.fake.fault('Block.Rescan', when='after', do=[
            command('unplug', node='sdx'),
            command('plug', image=str(other), node='sdx', serial='SECOND')])
        self.client.call(first.path, 'Block.Rescan', '(a{sv})', {})
        objects = self.client.objects()
        self.assertEqual(objects[first.path]['Block']['Size'], 32 << 20)
        self.assertNotIn(first.drive, objects)

    def test_a_stick_is_pulled_out_in_the_middle_of_a_write(self):
        stick = self.plug()
        descriptor = self.client.open(stick.path)
        stick.on_write(MIB, command('unplug', node=stick.node, gone=True))
        written = 0
        while stick.path in self.client.objects():
            written += os.pwrite(descriptor, bytes(64 << 10), written)
        self.assertGreaterEqual(written, MIB)
        os.close(descriptor)

    def test_what_was_called_is_known(self):
        stick = self.plug()
        self.client.format(stick.path, 'dos')
        call, = self.fake.calls('Block.Format')
        self.assertEqual((call['object'], call['pid']), ('sdx', os.getpid()))
        self.assertEqual(call['arguments'], "('dos', {})")
        self.fake.wait_for_call('Block.Format')

    def test_udisksd_can_crash(self):
        self.plug()
        self.fake.stop_service()
        self.assertFails('ServiceUnknown', self.client.objects)


class Plugging(FakeTestCase):
    def wait_until(self, condition):
        """Runs the main loop, on which signals arrive, until something is so."""
        subscription = self.client.bus.signal_subscribe(
            'org.freedesktop.UDisks2', None, None, None, None, Gio.DBusSignalFlags.NONE,
            lambda *signal: None)
        context = GLib.MainContext.default()
        while not condition():
            context.iteration(True)
        self.client.bus.signal_unsubscribe(subscription)

    def mount_points(self, stick):
        faces = self.client.objects().get(stick.partition(1), {})
        return faces.get('Filesystem', {}).get('MountPoints', [])

    def test_a_stick_is_pulled_out_while_it_is_mounted(self):
        stick = self.plug_fat({'a': b'a'}, mounted=True)
        self.assertTrue(stick.mount_point())
        stick.unplug()
        self.assertEqual([path for path in self.client.objects() if 'Manager' not in path], [])

    def test_a_stick_is_pulled_out_while_it_is_read(self):
        stick = self.plug_fat()
        descriptor = self.client.open(stick.path)
        self.assertEqual(os.pread(descriptor, 2, 510), b'\x55\xaa')
        stick.unplug(gone=True)
        self.assertEqual(os.pread(descriptor, 2, 510), b'')
        os.close(descriptor)

    def test_two_sticks_without_a_serial_are_one_drive(self):
        first = self.plug(serial='')
        second = self.plug(serial='', image=self.image('second.img'))
        self.assertEqual((first.node, second.node), ('sdx', 'sdy'))
        self.assertEqual(first.drive, second.drive)
        first.unplug()
        objects = self.client.objects()
        self.assertIn(second.drive, objects)
        self.assertNotIn(first.path, objects)

    def test_a_card_comes_and_goes(self):
        stick = self.plug_fat(bus='sdio', node='mmcblk0', medium=False)
        self.assertFalse(self.client.get(stick.drive, 'Drive')['MediaAvailable'])
        self.assertEqual(self.client.get(stick.path, 'Block')['Size'], 0)
        stick.set_medium(True)
        self.assertTrue(self.client.get(stick.drive, 'Drive')['MediaAvailable'])
        self.assertTrue(stick.partition(1).endswith('/mmcblk0p1'))
        self.assertIn(stick.partition(1), self.client.objects())
        stick.set_read_only()
        self.assertTrue(self.client.get(stick.partition(1), 'Block')['ReadOnly'])

    def test_properties_a_test_sets_stay(self):
        stick = self.plug()
        stick.change('Block', 'mdraid-member', '/org/freedesktop/UDisks2/mdraid/x')
        stick.change('Drive', 'media-removable', False)
        self.client.format(stick.path, 'dos')
        self.assertEqual(self.client.get(stick.path, 'Block')['MDRaidMember'],
                         '/org/freedesktop/UDisks2/mdraid/x')
        self.assertFalse(self.client.get(stick.drive, 'Drive')['MediaRemovable'])

    def test_a_disk_can_look_used_by_the_system(self):
        stick = self.plug_fat()
        stick.change('Filesystem', 'mount-points', ['/boot'], partition=1)
        points = self.client.get(stick.partition(1), 'Filesystem')['MountPoints']
        self.assertEqual([bytes(point) for point in points], [b'/boot\0'])
        opened = self.plug(image=self.image('opened.img'), node='dm-0', drive=False)
        opened.change('Block', 'crypto-backing-device', stick.partition(1))
        self.assertEqual(self.client.get(opened.path, 'Block')['Drive'], '/')
        opened.unplug()

    def test_it_is_known_when_a_disk_was_closed(self):
        stick = self.plug_fat()
        descriptor = self.client.open(stick.path)
        os.pwrite(descriptor, bytes(512), 0)
        os.close(descriptor)
        self.fake.wait_for_close()
        self.assertNotIn(stick.partition(1), self.client.objects())

    def test_an_automounter_mounts_what_appears_and_what_was_closed(self):
        self.fake.options(automount_ms=1)
        stick = self.plug_fat({'a': b'a'})
        self.wait_until(lambda: self.mount_points(stick))
        self.client.call(stick.partition(1), 'Filesystem.Unmount', '(a{sv})', {})
        descriptor = self.client.open(stick.path)
        self.assertEqual(self.mount_points(stick), [])
        os.close(descriptor)
        self.wait_until(lambda: self.mount_points(stick))
        self.assertTrue(pathlib.Path(stick.mount_point(), 'a').exists())

    def test_the_bus_can_learn_late_what_was_written(self):
        # No computer is so slow that it would come to that.
        self.fake.options(late_ms=3_600_000)
        stick = self.plug_fat()
        descriptor = self.client.open(stick.path, flags=0)
        os.pwrite(descriptor, bytes(512), 0)
        os.close(descriptor)
        self.client.call(stick.path, 'Block.Rescan', '(a{sv})', {})
        self.assertIn(stick.partition(1), self.client.objects())
        self.fake.options(late_ms=1)
        self.client.call(stick.path, 'Block.Rescan', '(a{sv})', {})
        self.wait_until(lambda: stick.partition(1) not in self.client.objects())


if __name__ == '__main__':
    sys.exit(tap.main())
