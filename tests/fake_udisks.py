# SPDX-License-Identifier: GPL-3.0-or-later
"""A computer with USB sticks, without any: a private bus with fake-udisks on it, over image files.

    with FakeUdisks() as fake:
        stick = fake.plug('stick.img', vendor='Kingston', model='DataTraveler 3.0', serial='AB12')
        fake.policy('open-device', 'password')
        fake.answer('dismissed')
        run(program, env=fake.environment)
        assert fake.prompts == 1
        stick.unplug()

RUB_FAKE_UDISKS names the program fake-udisks, if it is not that of the folder build. The program under test finds the bus through
DBUS_SYSTEM_BUS_ADDRESS. README.md in the folder fake-udisks says what is simulated and what is not.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

BUS_CONFIG = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
'''
BUILT = pathlib.Path(__file__).parent.parent / 'build/tests/fake-udisks/fake-udisks'
ERROR = 'org.freedesktop.UDisks2.Error.'
SECONDS_TO_END = 10
# How long to wait for something that must happen; a loaded computer takes its time.
PATIENCE_SECONDS = 240


class FakeError(Exception):
    """fake-udisks could not do what a test wants."""


def command(name, **members):
    """Something that fake-udisks does later; members as FakeUdisks.control() takes them."""
    return {'command': name, **members}


class Stick:
    """A drive that is plugged in."""

    def __init__(self, fake, image, reply):
        self.fake = fake
        self.image = pathlib.Path(image)
        self.node = reply['node']  # 'sdx'
        self.device = f'/dev/{self.node}'
        self.path = reply['path']  # object paths
        self.drive = reply['drive']

    def partition(self, number):
        """The object path of a partition."""
        return self.path + self._suffix(number)

    def _suffix(self, number):
        if not number:
            return ''
        return f'p{number}' if self.node[-1].isdigit() else str(number)

    def mount_point(self, number=1):
        """The folder that stands for the mounted partition (0: the whole disk), or None."""
        return self.fake.state()['mounted'].get(self.node + self._suffix(number))

    def on_write(self, size, *commands):
        """Runs commands as soon as so many bytes more lie in the image, which should be sparse:
        stick.on_write(1 << 20, command('unplug', node=stick.node, gone=True))."""
        self.fake.control('on-write', node=self.node, bytes=size, do=commands)

    def unplug(self, gone=False):
        """Pulls the stick out. gone: the image is cut to nothing as well, so that a descriptor that
        is still open reads nothing (writing to it still succeeds, as on any file)."""
        self.fake.control('unplug', node=self.node, gone=gone)

    def set_medium(self, medium):
        """Pushes a card into a reader, or pulls it out."""
        self.fake.control('medium', node=self.node, medium=medium)

    def set_read_only(self, read_only=True):
        """Moves the little switch of a memory card."""
        self.fake.control('read-only', node=self.node, read_only=read_only)

    def change(self, interface, name, value, partition=0):
        """Sets a property for good: change('Block', 'hint-system', True). Interfaces: Drive, Block,
        PartitionTable, Partition, Filesystem...; names as GObject has them."""
        self.fake.control('change', node=self.node + self._suffix(partition),
                          interface=interface, property=name, value=value)


class FakeUdisks:
    """The bus, UDisks2 and PolicyKit. Stops all of it when the with block ends."""

    def __init__(self, program=None):
        self.program = program or os.environ.get('RUB_FAKE_UDISKS', BUILT)
        self.folder = self.bus = self.service = None
        self.environment = {}

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='rub-fake-udisks-')
        try:
            self._start_bus()
            self._start_service()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def _start_bus(self):
        socket = f'{self.folder}/bus'
        config = pathlib.Path(self.folder, 'bus.conf')
        config.write_text(BUS_CONFIG.format(socket=socket), encoding='utf-8')
        self.bus = subprocess.Popen(
            ['dbus-daemon', '--nofork', '--nopidfile', '--nosyslog', f'--config-file={config}',
             '--print-address=1'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL)  # It tells of limits that it cannot raise.
        address = self.bus.stdout.readline().strip()
        if not address:
            raise FakeError('dbus-daemon did not start')
        self.environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address)

    def _start_service(self):
        self.service = subprocess.Popen([self.program, self.folder], env=self.environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.service.stdout.readline():
            raise FakeError('fake-udisks did not start')

    def stop_service(self):
        """What a crash of udisksd looks like; the bus stays."""
        _end(self.service)
        self.service = None

    def stop(self):
        """Ends what was started, by process."""
        _end(self.service)
        _end(self.bus)
        self.service = self.bus = None
        for folder, _, _ in os.walk(self.folder):
            os.chmod(folder, 0o700)  # of mounts that are read-only
        shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, name, **members):
        """Runs a command of fake-udisks; returns its reply."""
        self.service.stdin.write(json.dumps(command(name, **members)) + '\n')
        self.service.stdin.flush()
        line = self.service.stdout.readline()
        if not line:
            raise FakeError('fake-udisks has ended')
        reply = json.loads(line)
        if 'error' in reply:
            raise FakeError(reply['error'])
        return reply

    def plug(self, image, **stick):
        """Plugs an image file in as a drive and returns the Stick. Members, all optional: vendor,
        model, serial, bus ('usb', 'sdio', ''), node ('sdx'), removable, media_removable, ejectable,
        can_power_off, medium, read_only (booleans), mounted (all its file systems are mounted
        already), mounted_by_other (by another user), drive (False: a device without one, as dm-0)."""
        reply = self.control('plug', image=str(pathlib.Path(image).resolve()), **stick)
        return Stick(self, image, reply)

    def fault(self, method, error=None, text='', **members):
        """Makes a call go wrong: fault('Block.Format', 'Failed', 'Error wiping device: ...').
        error: a name below org.freedesktop.UDisks2.Error, or a whole one. Members: node ('sdx1'),
        skip (so many calls go well first), times (1; -1 is for ever), delay_ms, never (no answer at
        all), when ('before'; 'after': the call is done and fails then), do (commands that are run
        at that moment, as command() makes them: do=[command('unplug', node='sdx')])."""
        if error is not None:
            members['error'] = error if '.' in error else ERROR + error
            members['text'] = text
        self.control('fault', method=method, **members)

    def clear_faults(self):
        """Every call goes well again."""
        self.control('clear-faults')

    def policy(self, action, rule):
        """What PolicyKit says to 'open-device', another action, or '*': 'yes', 'password', 'no'."""
        self.control('policy', action=action, rule=rule)

    def answer(self, answer, after_ms=0, **members):
        """What is done at password prompts: 'right', 'wrong', 'dismissed', or 'wait' until the next
        answer. keep_seconds: how long the program need not ask again for the same action."""
        self.control('answer', answer=answer, after_ms=after_ms, **members)

    def forget_passwords(self):
        """The time for which a password was good is over."""
        self.control('forget')

    def options(self, **options):
        """late_ms: how long after Rescan, or after the program closed the disk, the bus learns what
        is there (0). automount_ms: how long after a file system appeared it is mounted (-1: never).
        busy_format_ms: how long formatting a disk with a mounted partition hangs (1000)."""
        self.control('options', **options)

    def wait_for_call(self, method, count=1, timeout=PATIENCE_SECONDS):
        """Returns as soon as a method has been called so often in all."""
        self._wait('call', timeout, method=method, count=count)

    def wait_for_prompt(self, count=1, timeout=PATIENCE_SECONDS):
        """Returns as soon as so many prompts in all have been shown."""
        self._wait('prompt', timeout, count=count)

    def wait_for_close(self, timeout=PATIENCE_SECONDS):
        """Returns as soon as no descriptor that was opened with O_EXCL is open any more, and the bus
        knows what it has written."""
        self._wait('close', timeout)

    def _wait(self, what, timeout, **members):
        self.control('wait', timeout_ms=timeout * 1000, **members, **{'for': what})

    def state(self):
        """calls, prompts, mounts, exclusive_opens, mounted."""
        return self.control('state')

    @property
    def prompts(self):
        """How often a password was asked for."""
        return self.state()['prompts']

    def calls(self, method=None):
        """The calls so far: method, object, arguments (as text), pid."""
        return [call for call in self.state()['calls'] if method in (None, call['method'])]

    def methods(self):
        """The names of the methods that were called, in order."""
        return [call['method'] for call in self.calls()]


def _end(process):
    if process is None:
        return
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
