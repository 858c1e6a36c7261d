# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to QEMU: the QEMU Machine Protocol over a connected socket."""

import json


class QmpError(Exception):
    """QEMU refused a command."""


class Qmp:
    """qmp('query-status') returns what QEMU returns; events are kept until asked for."""

    def __init__(self, connection):
        self.file = connection.makefile('rwb', buffering=0)
        self.events = []
        self._receive()  # the greeting
        self('qmp_capabilities')

    def __call__(self, command, **arguments):
        message = {'execute': command, 'arguments': arguments}
        self.file.write(json.dumps(message).encode() + b'\n')
        while 'event' in (answer := self._receive()):
            self.events.append(answer)
        if 'error' in answer:
            raise QmpError(f'{command}: {answer["error"]["desc"]}')
        return answer['return']

    def human(self, line):
        """A command that only the monitor for people has; returns what it prints."""
        return self('human-monitor-command', **{'command-line': line})

    def wait_event(self, name, **data):
        """Waits for an event whose data include these."""
        def is_it(event):
            return event['event'] == name and data.items() <= event.get('data', {}).items()
        while not any(map(is_it, self.events)):
            self.events.append(self._receive())
        found = next(filter(is_it, self.events))
        self.events.remove(found)
        return found

    def _receive(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError('QEMU has ended')
        return json.loads(line)
