# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader sees of a program, over plain D-Bus.

Not through libatspi: it asks for the children one by one, and GTK 4.8.3 crashes when a window has
gone meanwhile. GetChildren has no such trouble.
"""

import time

from gi.repository import GLib

import desktop

PREFIX = 'org.a11y.atspi.'
CALL_MS = 120_000
# Some changes send no signal, so that it is looked again after this time whatever happens.
LOOK_AGAIN_MS = 150
# GTK lays a window out when it draws the next frame; what it says of places before is old.
FRAME_MS = 20

# AtspiStateType
STATES = {'active': 1, 'checked': 4, 'editable': 7, 'enabled': 8, 'expanded': 10, 'focusable': 11,
          'focused': 12, 'sensitive': 24}
# AtspiRole: GetRoleName is no use, because GTK 4.8 translates its own names.
ROLES = {7: 'check box', 11: 'combo box', 16: 'dialog', 20: 'filler', 23: 'frame', 27: 'image',
         29: 'label', 31: 'list', 32: 'list item', 33: 'menu', 35: 'menu item', 39: 'panel',
         42: 'progress bar', 43: 'button', 44: 'radio button', 48: 'scroll bar', 49: 'scroll pane',
         50: 'separator', 52: 'spin button', 60: 'text', 61: 'text', 62: 'toggle button',
         67: 'unknown', 69: 'window', 79: 'text'}
# What GTK puts below these is of no interest.
LEAVES = {'label', 'image', 'scroll bar', 'check box', 'radio button', 'progress bar', 'separator'}


class NotFound(AssertionError):
    """Something that should be on the screen is not."""


class Accessible:
    """A thing on the screen."""

    def __init__(self, bus, owner, path):
        self.bus, self.owner, self.path = bus, owner, path

    def call(self, interface, method, signature=None, *arguments):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.bus.call_sync(self.owner, self.path, PREFIX + interface, method, parameters,
                                  None, 0, CALL_MS, None).unpack()

    def get(self, interface, name):
        parameters = GLib.Variant('(ss)', (PREFIX + interface, name))
        return self.bus.call_sync(self.owner, self.path, 'org.freedesktop.DBus.Properties', 'Get',
                                  parameters, None, 0, CALL_MS, None).unpack()[0]

    @property
    def name(self):
        return self.get('Accessible', 'Name')

    @property
    def description(self):
        return self.get('Accessible', 'Description')

    @property
    def role(self):
        number, = self.call('Accessible', 'GetRole')
        return ROLES.get(number, f'role {number}')

    @property
    def children(self):
        children, = self.call('Accessible', 'GetChildren')
        return [Accessible(self.bus, owner, path) for owner, path in children]

    @property
    def interfaces(self):
        return [name.removeprefix(PREFIX) for name in self.call('Accessible', 'GetInterfaces')[0]]

    def is_(self, state):
        low, high = self.call('Accessible', 'GetState')[0]
        return bool((low | high << 32) >> STATES[state] & 1)

    @property
    def extents(self):
        """x, y, width, height in the window."""
        return self.call('Component', 'GetExtents', '(u)', 1)[0]

    @property
    def text(self):
        """What an entry or a label says; -1 for "all of it" does not work in GTK 4.8."""
        count = self.get('Text', 'CharacterCount')
        return self.call('Text', 'GetText', '(ii)', 0, count)[0]

    @property
    def value(self):
        return self.get('Value', 'CurrentValue')

    @property
    def actions(self):
        return [action[0] for action in self.call('Action', 'GetActions')[0]]

    def act(self, name=None):
        """Does an action, by default the first one; those of a window are its "win.…"."""
        index = self.actions.index(name) if name else 0
        return self.call('Action', 'DoAction', '(i)', index)[0]

    def walk(self, depth=0):
        """Everything below it and itself, as (thing, role, depth); what vanishes is left out."""
        try:
            role = self.role
            yield self, role, depth
            children = [] if role in LEAVES else self.children
        except GLib.Error:
            return
        for child in children:
            yield from child.walk(depth + 1)


class Program:
    """A running program on the accessibility bus of a desktop.

    process: what was started; it is told when it ended while something was waited for.
    """

    def __init__(self, screen, process, patience_seconds):
        self.process = process
        self.patience_seconds = patience_seconds
        self.bus = desktop.connect(screen.accessibility_address)
        self.has_changed = False
        # What got the focus, and was read out, one after the other: paths of things.
        self.told = []
        self.bus.signal_subscribe(None, None, None, None, None, 0, self._on_signal)
        self.root = self.wait(self._find_root, 'the program on the accessibility bus')

    def _on_signal(self, _bus, _sender, path, _interface, signal, parameters):
        self.has_changed = True
        if signal == 'StateChanged' and parameters.unpack()[:2] == ('focused', 1):
            self.told.append(path)

    def _find_root(self):
        registry = Accessible(self.bus, desktop.REGISTRY, desktop.ROOT)
        for child in registry.children:
            pid, = self.bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus',
                                      'GetConnectionUnixProcessID',
                                      GLib.Variant('(s)', (child.owner,)), None, 0, CALL_MS,
                                      None).unpack()
            if pid == self.process.pid:
                return child
        return None

    def wait(self, condition, what, patience_seconds=None):
        """Waits until condition() is true, and returns it; looks after each sign of change, but no
        more than half of the time, because each look is work for the program, too."""
        end = time.monotonic() + (patience_seconds or self.patience_seconds)
        while True:
            begin = time.monotonic()
            trouble = None
            try:
                if result := condition():
                    return result
            except (GLib.Error, NotFound, IndexError) as error:
                trouble = error
            if self.process.poll() is not None:
                raise AssertionError(f'it ended with {self.process.returncode}, without {what}')
            if time.monotonic() > end:
                raise NotFound(f'no {what}{f" ({trouble})" if trouble else ""} in:\n{self.tell()}')
            self.wait_for_change(time.monotonic() - begin)

    def settled(self, look, times=4):
        """What look() yields if it is the same several times, a frame apart, or None. One look may
        come just before a frame that is late, but hardly several do."""
        seen = look()
        for _ in range(times - 1):
            self._wait_for_signals(FRAME_MS, lambda: False)
            if look() != seen:
                return None
        return seen

    def wait_for_change(self, least_seconds=0):
        """Waits for a sign of change, but not for long."""
        self.has_changed = False
        if least_seconds:
            self._wait_for_signals(least_seconds * 1000, lambda: False)
        if not self.has_changed:
            self._wait_for_signals(LOOK_AGAIN_MS, lambda: self.has_changed)

    def _wait_for_signals(self, most_ms, is_enough):
        is_over = []
        timer = GLib.timeout_source_new(int(most_ms))
        timer.set_callback(lambda *unused: is_over.append(True))
        timer.attach(None)
        while not is_over and not is_enough():
            GLib.MainContext.default().iteration(True)
        timer.destroy()

    @property
    def windows(self):
        return self.root.children

    def look(self, role=None, name=None, containing=None):
        """All things of a role, or with a name, that are there now; those of the newest window
        first."""
        found = []
        for window in reversed(self.windows):
            for thing, its_role, _ in window.walk():
                if role in (None, its_role) and _fits(thing, name, containing):
                    found.append(thing)
        return found

    def find(self, role=None, name=None, containing=None, patience_seconds=None):
        """Waits for a thing."""
        return self.wait(lambda: self.look(role, name, containing),
                         f'{role or "thing"} {name or containing!r}', patience_seconds)[0]

    def find_none(self, role=None, name=None, containing=None):
        """Waits until there is no such thing."""
        self.wait(lambda: not self.look(role, name, containing),
                  f'end of {role or "thing"} {name or containing!r}')

    @property
    def focused(self):
        """What has the keyboard, or None."""
        return next((thing for thing in self.look() if _has_focus(thing)), None)

    def tell(self):
        """All that is on the screen, as indented lines."""
        lines = []
        for window in self.windows:
            for thing, role, depth in window.walk():
                line = _tell(thing, role)
                if line:
                    lines.append('  ' * depth + line)
        return '\n'.join(lines)


def _fits(thing, name, containing):
    if name is None and containing is None:
        return True
    try:
        its_name = thing.name
    except GLib.Error:
        return False
    return its_name == name if name is not None else containing in its_name


def _has_focus(thing):
    try:
        return thing.is_('focused')
    except GLib.Error:
        return False  # it has vanished


def _tell(thing, role):
    try:
        marks = [state for state in ('checked', 'focused') if thing.is_(state)]
        if not thing.is_('sensitive'):
            marks.append('insensitive')
        name = thing.name
    except GLib.Error:
        return None
    if not name and role in ('panel', 'filler', 'scroll bar', 'scroll pane'):
        return None
    return f'{role} "{name}"' + (f' ({", ".join(marks)})' if marks else '')
