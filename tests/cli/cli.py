# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share: images to build from, runs of the program through pipes,
and runs on a terminal of their own."""

import collections
import errno
import fcntl
import functools
import json
import os
import pathlib
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

PROGRAM = os.environ['RUB_CLI']
MAKE_IMAGE = os.environ['RUB_MAKE_IMAGE']
# How long to wait for something that must happen; sanitizers and a loaded computer take their time.
PATIENCE_SECONDS = 240

Run = collections.namedtuple('Run', 'code out err')

# What nohup made the tests ignore, the programs that they start would ignore, too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

_images = tempfile.mkdtemp(prefix='rub-cli-images-')


def tearDownModule():
    """Test modules import this name: unittest calls it after their last test."""
    shutil.rmtree(_images, ignore_errors=True)


@functools.lru_cache(maxsize=None)
def make_image(*arguments):
    """Makes an image once for all tests that want the same one."""
    path = os.path.join(_images, f'rescue-{make_image.cache_info().misses}.iso')
    subprocess.run([sys.executable, MAKE_IMAGE, *arguments, path], check=True)
    return path


def start(*arguments, env=None, **more):
    """Starts the program with pipes."""
    options = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
    return subprocess.Popen([PROGRAM, *arguments], env={**os.environ, **(env or {})},
                            **{**options, **more})


def run(*arguments, **more):
    """Runs the program with pipes; returns its exit status and what it said."""
    with start(*arguments, **more) as process:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return Run(process.returncode, *((part or b'').decode() for part in (out, err)))


def run_json(*arguments, **more):
    """Runs the program with --json; returns its exit status and events. Fails if there is anything
    else on standard output, or if the result is not the last line."""
    done = run(*arguments, '--json', **more)
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [event['event'] for event in events].count('result') == 1, done.out
    assert events[-1]['event'] == 'result', done.out
    assert events[-1]['code'] == done.code, (events[-1], done.code)
    assert events[-1]['ok'] == (done.code == 0), events[-1]
    return done.code, events


def select_events(events, name):
    return [event for event in events if event['event'] == name]


class Terminal:
    """A run of the program on a terminal of its own, whose keys the test presses."""

    def __init__(self, *arguments, columns=100, env=None, redirect=None):
        self.output = b''
        self.fd, other = os.openpty()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(other)
            if redirect:
                os.dup2(os.open(redirect, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            os.execve(PROGRAM, [PROGRAM, *arguments], {**os.environ, **(env or {})})
        os.close(other)

    def _read(self):
        """Reads what there is; returns whether more may come."""
        if not select.select([self.fd], [], [], PATIENCE_SECONDS)[0]:
            raise AssertionError(f'nothing came after {self.output!r}')
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            # This is how Linux tells that the other side of the terminal is closed.
            if error.errno != errno.EIO:
                raise
            data = b''
        self.output += data
        return bool(data)

    def wait_for(self, text):
        while text.encode() not in self.output:
            if not self._read():
                raise AssertionError(f'{text!r} never came: {self.output!r}')

    def press(self, keys):
        os.write(self.fd, keys)

    def finish(self):
        """Waits for the end; returns the exit status and all that was on the terminal."""
        while self._read():
            pass
        os.close(self.fd)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), self.output.decode()


class Fifo:
    """A pipe with a name, by which a program that stands in for another one tells that it runs."""

    def __init__(self, path):
        self.path = path
        os.mkfifo(path)
        self.fd = os.open(path, os.O_RDWR)

    def wait(self):
        if not select.select([self.fd], [], [], PATIENCE_SECONDS)[0]:
            raise AssertionError(f'nobody wrote to {self.path}')
        os.read(self.fd, 1)

    def close(self):
        os.close(self.fd)


class CliTest(unittest.TestCase):
    """Each test has a folder of its own, also for logs."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='rub-cli-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = self.path('state')
        # Nothing of the person who runs the tests, of their screen and of their drives.
        saved = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(saved)))
        os.environ.update(XDG_STATE_HOME=self.state, XDG_RUNTIME_DIR=self.path('runtime'),
                          DBUS_SYSTEM_BUS_ADDRESS=f'unix:path={self.path("no-bus")}',
                          LC_ALL='C.UTF-8')
        for name in ('DISPLAY', 'WAYLAND_DISPLAY'):
            os.environ.pop(name, None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_program(self, name, text):
        """Puts a shell script before the program of that name in the search path; returns the
        environment to start with."""
        folder = pathlib.Path(self.path('programs'))
        folder.mkdir(exist_ok=True)
        script = folder / name
        script.write_text(f'#!/bin/sh\n{text}\n', encoding='utf-8')
        script.chmod(0o755)
        return {'PATH': f'{folder}:{os.environ["PATH"]}'}

    def list_logs(self):
        folder = pathlib.Path(self.state, 'rescue-usb-builder')
        return sorted(folder.glob('*.log')) if folder.exists() else []
