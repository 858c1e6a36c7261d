# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of drives share: sticks of the fake UDisks2, and drive-tool talking to it."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from fake_udisks import FakeUdisks

MIB = 1 << 20
TOOL = os.environ.get('RUB_DRIVE_TOOL', 'build/tests/devices/drive-tool')
PATIENCE_SECONDS = 240


class Tool:
    """A running drive-tool."""

    def __init__(self, environment, *arguments):
        self.process = subprocess.Popen([TOOL, *arguments], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.events = []
        self.is_paused = False

    def read(self):
        """The next event, or None at the end."""
        line = self.process.stdout.readline()
        if not line:
            return None
        self.events.append(json.loads(line))
        self.is_paused = self.events[-1]['event'] == 'pause'
        return self.events[-1]

    def until(self, name, **members):
        """Reads up to an event that has these members, and returns it."""
        while (event := self.read()) is not None:
            if event['event'] == name and members.items() <= event.items():
                return event
        raise AssertionError(f'no {name} {members} in {self.events}')

    def until_pause(self, where):
        return self.until('pause', where=where)

    def go_on(self):
        """Ends a pause."""
        self.is_paused = False
        self.process.stdin.write('\n')
        self.process.stdin.flush()

    def finish(self):
        """Goes on through all pauses to the end; returns the last event. That it is stopping is told
        by a thread of its own, which may come last."""
        while True:
            if self.is_paused:
                self.go_on()
            if self.read() is None:
                return [event for event in self.events if event['event'] != 'stopping'][-1]

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class DeviceTestCase(unittest.TestCase):
    """Each test has a folder and a bus of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='rub-test-devices-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fake = FakeUdisks()
        self.fake.__enter__()
        self.addCleanup(self.fake.stop)
        self.count = 0

    def make_image(self, size=64 * MIB):
        self.count += 1
        image = self.folder / f'stick{self.count}.img'
        with open(image, 'wb') as file:
            file.truncate(size)
        return image

    def make_fat(self, size=64 * MIB, label='HOLIDAY', files=('hello.txt',)):
        """An MBR stick with a FAT in it."""
        image = self.make_image(size)
        run('sfdisk', '-q', image, input='label: dos\nstart=2048, type=c, bootable\n')
        run('mkfs.fat', '-n', label, '--offset=2048', image, str((size - MIB) // 1024))
        for name in files:
            run('mcopy', '-i', f'{image}@@1M', '-', f'::{name}', input=f'text of {name}\n')
        return image

    def plug(self, image=None, **members):
        stick = {'vendor': 'Kingston', 'model': 'DataTraveler 3.0', 'serial': 'AB12'}
        return self.fake.plug(image or self.make_image(), **{**stick, **members})

    def plug_fat(self, **members):
        return self.plug(self.make_fat(), **members)

    def start(self, *arguments, **environment):
        tool = Tool({**self.fake.environment, **environment}, *arguments)
        self.addCleanup(tool.close)
        return tool

    def run_tool(self, *arguments, **environment):
        """Runs it to its end; returns the last event."""
        return self.start(*arguments, **environment).finish()

    def list_drives(self):
        tool = self.start('list')
        tool.finish()
        return [event for event in tool.events if event['event'] == 'drive']

    def assert_code(self, code, event, *words):
        self.assertEqual(event.get('code'), str(code), event)
        for word in words:
            self.assertIn(word, event['message'])

    def assert_released(self):
        """Nothing is mounted or held any more."""
        self.fake.wait_for_close()
        self.assertEqual(self.fake.state()['mounted'], {})


def run(*command, **options):
    path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
    return subprocess.run([str(part) for part in command], check=True, text=True,
                          capture_output=True, env={**os.environ, 'PATH': path}, **options).stdout
