# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's side of guest/usr/local/lib/vm/remote.py: runs commands in the guest."""

import dataclasses
import itertools
import json
import re
import select
import signal
import time

CHUNK = 65536
# Seconds for a command whose caller does not say; a busy host is slow.
PATIENCE = 300


class GuestGone(Exception):
    """The virtual machine has ended."""


@dataclasses.dataclass
class Job:
    """A command in the guest. `status` is None until it has ended."""
    port: 'RemotePort'
    number: int
    command: str
    out: str = ''
    err: str = ''
    status: int | None = None
    listener: object = None

    def wait(self, timeout=PATIENCE):
        """Waits until it has ended; returns itself."""
        self.port.pump(lambda: self.status is not None, timeout, self)
        return self

    def wait_for(self, pattern, timeout=PATIENCE):
        """Waits until its standard output has a match; fails when it ends without one."""
        self.port.pump(lambda: self.status is not None or re.search(pattern, self.out), timeout,
                       self)
        match = re.search(pattern, self.out)
        assert match, f'no {pattern!r} before the end of {self}'
        return match

    def has_ended(self):
        """Takes in what has been said so far, without waiting."""
        self.port.pump_once()
        return self.status is not None

    def signal(self, number=signal.SIGTERM):
        self.port.send(job=self.number, signal=int(number))

    def stop(self):
        self.signal()
        return self.wait()

    def __str__(self):
        return f'{self.command} (status {self.status}):\n{self.out}{self.err}'


class RemotePort:
    """One of the channels into the guest: everything runs as the user whose channel it is."""

    def __init__(self, connection):
        self.connection = connection
        self.heard = b''
        self.is_ready = False
        self.jobs = {}
        self.numbers = itertools.count(1)

    def start(self, *command, listener=None, **environment):
        """Starts a command: one text for the shell, or a program and its arguments.

        `listener` is called with "out" or "err" and a text, as it comes.
        """
        words = [str(part) for part in command]
        if len(words) == 1:
            words = ['bash', '-c', words[0]]
        job = Job(self, next(self.numbers), ' '.join(words), listener=listener)
        self.jobs[job.number] = job
        self.send(start=job.number, command=words, environment=environment)
        return job

    def run(self, *command, status=0, timeout=PATIENCE, **environment):
        """Runs a command to its end, and fails where that is not `status`; None allows any."""
        job = self.start(*command, **environment).wait(timeout)
        assert status is None or job.status == status, str(job)
        return job

    def send(self, **message):
        self.connection.sendall(json.dumps(message).encode() + b'\n')

    def wait_until_ready(self, timeout):
        self.pump(lambda: self.is_ready, timeout, 'the start of the guest')

    def pump(self, is_done, timeout, what):
        """Takes in what the guest says until `is_done()`."""
        deadline = time.monotonic() + timeout
        while not is_done():
            left = deadline - time.monotonic()
            assert left > 0, f'{timeout} s have passed, waiting for {what}'
            if select.select([self.connection], [], [], left)[0]:
                self._hear()

    def pump_once(self):
        while select.select([self.connection], [], [], 0)[0]:
            self._hear()

    def _hear(self):
        try:
            chunk = self.connection.recv(CHUNK)
        except ConnectionError:
            chunk = b''
        if not chunk:
            raise GuestGone('the virtual machine has ended')
        *lines, self.heard = (self.heard + chunk).split(b'\n')
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message):
        if 'ready' in message:
            self.is_ready = True
            return
        job = self.jobs.get(message['job'])
        if 'status' in message:
            job.status = message['status']
            del self.jobs[job.number]
            return
        text = message['text'].encode('latin-1').decode('utf-8', 'replace')
        if message['stream'] == 'out':
            job.out += text
        else:
            job.err += text
        if job.listener:
            job.listener(message['stream'], text)
