#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs commands for the host, in the guest: remote.py PORT.

PORT is a virtio-serial port. Each line from the host is a JSON object:
    {"start": 1, "command": ["sh", "-c", "..."], "environment": {...}}
    {"signal": 2, "job": 1}        to the whole process group
Each line to the host is one as well:
    {"ready": true}                                       once, at the beginning
    {"job": 1, "stream": "out" or "err", "text": "..."}   as latin-1, so that no byte is lost
    {"job": 1, "status": 0}                               as of the shell: 128 + signal if killed
"""

import json
import os
import selectors
import subprocess
import sys
import time

CHUNK = 65536


class Remote:
    """The port and the commands that run."""

    def __init__(self, port):
        self.port = port
        self.selector = selectors.DefaultSelector()
        self.selector.register(port, selectors.EVENT_READ, self.hear)
        self.heard = b''
        self.jobs = {}
        self.streams = {}

    def say(self, **message):
        data = json.dumps(message).encode() + b'\n'
        while data:
            data = data[os.write(self.port, data):]

    def hear(self):
        chunk = os.read(self.port, CHUNK)
        if not chunk:  # the host is not there, for a moment after the state was restored
            time.sleep(0.02)
        *lines, self.heard = (self.heard + chunk).split(b'\n')
        for line in lines:
            message = json.loads(line)
            if 'start' in message:
                self.start(message['start'], message['command'], message.get('environment', {}))
            else:
                self.kill(message['job'], message['signal'])

    def start(self, job, command, environment):
        try:
            process = subprocess.Popen(command, env={**os.environ, **environment},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            self.say(job=job, stream='err', text=f'{command[0]}: {error.strerror}\n')
            self.say(job=job, status=127)
            return
        self.jobs[job] = process
        self.streams[job] = 2
        for stream, name in ((process.stdout, 'out'), (process.stderr, 'err')):
            self.selector.register(stream, selectors.EVENT_READ,
                                   lambda stream=stream, name=name: self.pass_on(job, stream, name))

    def kill(self, job, number):
        if job in self.jobs:
            os.killpg(self.jobs[job].pid, number)

    def pass_on(self, job, stream, name):
        """Sends what a command printed; after the end of both streams, its status."""
        chunk = os.read(stream.fileno(), CHUNK)
        if chunk:
            self.say(job=job, stream=name, text=chunk.decode('latin-1'))
            return
        self.selector.unregister(stream)
        stream.close()
        self.streams[job] -= 1
        if self.streams[job] == 0:
            status = self.jobs.pop(job).wait()
            self.say(job=job, status=status if status >= 0 else 128 - status)

    def run(self):
        self.say(ready=True)
        while True:
            for key, _ in self.selector.select():
                key.data()


def main():
    path = f'/dev/virtio-ports/{sys.argv[1]}'
    while not os.access(path, os.R_OK | os.W_OK):  # udev is about to make it
        time.sleep(0.1)
    Remote(os.open(path, os.O_RDWR | os.O_CLOEXEC)).run()


if __name__ == '__main__':
    main()
