# SPDX-License-Identifier: GPL-3.0-or-later
"""A computer's desktop without a display: an X server, a session bus with its accessibility bus, a
home of its own. Nothing of the person who runs the tests is read or changed.

    with Desktop() as desktop:
        subprocess.Popen([program], env=desktop.environment)
        desktop.keyboard.press('Tab')
        desktop.save_picture('picture.png')

Needs the packages xvfb, dbus-daemon, at-spi2-core, python3-gi, python3-xlib, imagemagick.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from gi.repository import Gio
from Xlib import X, XK, Xatom, display, error
from Xlib.ext import xtest
from Xlib.protocol import event

import services

TOOLS = {'Xvfb': 'xvfb', 'dbus-daemon': 'dbus-daemon', 'import': 'imagemagick'}
SECONDS_TO_END = 10
# How long a service may take to start: the first one after the computer comes from its disk.
START_MS = 240_000
# With the usual one the services of the computer's desktop would be started.
BUS_CONFIG = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/session-bus</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="service_start_timeout">{start_ms}</limit>
</busconfig>
'''
ACCESSIBILITY_SERVICE = '/usr/share/dbus-1/services/org.a11y.Bus.service'
REGISTRY, ROOT = 'org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root'
SETTINGS = '''[Settings]
gtk-font-name=Cantarell 11
gtk-enable-animations=0
gtk-hint-font-metrics=1
'''
USUAL_DPI = 96


def missing():
    """Returns why there can be no desktop here, or None."""
    packages = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    if not os.path.exists(ACCESSIBILITY_SERVICE):
        packages.append('at-spi2-core')
    return f'not installed: {", ".join(packages)}' if packages else None


def end(process):
    """Ends a process that we started."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Desktop:
    """size: of the screen in pixels; text_scale: 2 is twice the usual size of text."""

    def __init__(self, size=(640, 720), text_scale=1):
        self.size = size
        self.text_scale = text_scale
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='rub-desktop-'))
        self.screen = self.bus = None
        self.environment = {}
        self.accessibility_address = None
        self.keyboard = self.pointer = self.services = None

    def __enter__(self):
        try:
            self._make_home()
            self._start_screen()
            self._start_bus()
            self._start_accessibility()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def _make_home(self):
        settings = self.folder / 'home/.config/gtk-4.0/settings.ini'
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS, encoding='utf-8')
        (self.folder / 'run').mkdir(mode=0o700)
        (self.folder / 'services').mkdir()
        shutil.copy(ACCESSIBILITY_SERVICE, self.folder / 'services')
        home = self.folder / 'home'
        self.environment = {
            **os.environ, 'HOME': str(home), 'XDG_RUNTIME_DIR': str(self.folder / 'run'),
            'XDG_CONFIG_HOME': str(home / '.config'), 'XDG_CACHE_HOME': str(home / '.cache'),
            'XDG_DATA_HOME': str(home / '.local/share'),
            'XDG_STATE_HOME': str(home / '.local/state'),
            'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GSETTINGS_BACKEND': 'memory',
            # Files are asked for in the window of the program itself.
            'GTK_USE_PORTAL': '0', 'ADW_DISABLE_PORTAL': '1',
        }
        for name in ('WAYLAND_DISPLAY', 'XAUTHORITY', 'NO_AT_BRIDGE', 'GTK_A11Y', 'GTK_THEME'):
            self.environment.pop(name, None)

    def _start_screen(self):
        """-noreset: otherwise the server starts anew when its first client leaves, which is the
        launcher of the accessibility bus."""
        reading, writing = os.pipe()
        width, height = self.size
        self.screen = subprocess.Popen(
            ['Xvfb', '-displayfd', str(writing), '-screen', '0', f'{width}x{height}x24',
             '-nolisten', 'tcp', '-noreset'], pass_fds=[writing], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        with open(reading, encoding='ascii') as pipe:
            number = pipe.readline().strip()
        if not number:
            raise OSError('Xvfb did not start')
        self.environment['DISPLAY'] = f':{number}'
        connection = display.Display(f':{number}')
        self._set_text_size(connection)
        self.pointer = Pointer(connection)
        self.keyboard = Keyboard(connection)

    def _set_text_size(self, connection):
        """On X11 GTK takes it from the server, as desktops set it there for all programs; the file
        with settings does not count (gdk/x11/gdkxftdefaults.c)."""
        resources = f'Xft.dpi:\t{int(USUAL_DPI * self.text_scale)}\n'.encode()
        connection.screen().root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, resources)
        connection.sync()

    def _start_bus(self):
        config = self.folder / 'session-bus.conf'
        config.write_text(BUS_CONFIG.format(folder=self.folder, start_ms=START_MS), encoding='utf-8')
        self.bus = subprocess.Popen(
            ['dbus-daemon', '--nofork', '--nopidfile', '--nosyslog', f'--config-file={config}',
             '--print-address=1'], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = self.bus.stdout.readline().strip()
        if not address:
            raise OSError('dbus-daemon did not start')
        self.environment['DBUS_SESSION_BUS_ADDRESS'] = address
        self.services = services.Services(self.connect)

    def _start_accessibility(self):
        """Before a program asks for it, which would complain if it had to wait for long."""
        self.accessibility_address, = _call(self.connect(), 'org.a11y.Bus', '/org/a11y/bus',
                                            'org.a11y.Bus', 'GetAddress')
        _call(connect(self.accessibility_address), REGISTRY, ROOT, 'org.freedesktop.DBus.Peer',
              'Ping')

    def connect(self):
        """A new connection to the session bus."""
        return connect(self.environment['DBUS_SESSION_BUS_ADDRESS'])

    def list_windows(self):
        """The names of the windows that are on the screen; there is no window manager that would
        add some."""
        return [name for _, name, _ in self._windows()]

    def count_windows(self, pid):
        """How many windows of a program are on the screen."""
        return sum(owner == pid for _, _, owner in self._windows())

    def _windows(self):
        """Those that can be seen, with their names and the programs they are of; no menus and
        tooltips. One may be gone before it is asked for them."""
        found = []
        connection = self.pointer.connection
        pid = connection.intern_atom('_NET_WM_PID')
        for window in connection.screen().root.query_tree().children:
            try:
                attributes = window.get_attributes()
                if attributes.map_state == X.IsViewable and not attributes.override_redirect:
                    owner = window.get_full_property(pid, Xatom.CARDINAL)
                    found.append((window, window.get_wm_name(), owner and owner.value[0]))
            except error.BadWindow:
                continue
        return found

    def close_window(self, name):
        """As by the button in its title."""
        connection = self.pointer.connection
        for window, title, _ in self._windows():
            if title == name:
                data = [connection.intern_atom('WM_DELETE_WINDOW'), X.CurrentTime, 0, 0, 0]
                window.send_event(event.ClientMessage(
                    window=window, client_type=connection.intern_atom('WM_PROTOCOLS'),
                    data=(32, data)))
        connection.sync()

    def save_picture(self, path):
        """Saves what is on the screen as PNG."""
        subprocess.run(['import', '-window', 'root', str(path)], env=self.environment, check=True)

    def stop(self):
        if self.keyboard:
            self.keyboard.close()
        if self.services:
            self.services.stop()
        end(self.bus)
        if self.bus:
            self.bus.stdout.close()
        end(self.screen)
        self.keyboard = self.pointer = self.bus = self.screen = None
        shutil.rmtree(self.folder, ignore_errors=True)


def connect(address):
    flags = Gio.DBusConnectionFlags
    return Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)


def _call(bus, owner, path, interface, method):
    return bus.call_sync(owner, path, interface, method, None, None, 0, START_MS, None).unpack()


class Pointer:
    """The mouse."""

    def __init__(self, connection):
        self.connection = connection

    def move(self, x, y):
        xtest.fake_input(self.connection, X.MotionNotify, x=x, y=y)
        self.connection.sync()

    def press(self):
        xtest.fake_input(self.connection, X.ButtonPress, 1)
        self.connection.sync()

    def release(self):
        xtest.fake_input(self.connection, X.ButtonRelease, 1)
        self.connection.sync()

    def click(self, x, y):
        self.move(x, y)
        self.press()
        self.release()

    def scroll(self, clicks):
        """Turns the wheel, downwards if positive."""
        button = 5 if clicks > 0 else 4
        for _ in range(abs(clicks)):
            xtest.fake_input(self.connection, X.ButtonPress, button)
            xtest.fake_input(self.connection, X.ButtonRelease, button)
        self.connection.sync()


class Keyboard:
    """Keys of the keyboard that the X server has, which is an American one."""

    def __init__(self, connection):
        self.connection = connection

    def _code(self, keysym):
        """The key, and whether Shift goes with it."""
        code = self.connection.keysym_to_keycode(keysym)
        if not code:
            raise ValueError(f'there is no key for {XK.keysym_to_string(keysym) or hex(keysym)}')
        return code, self.connection.keycode_to_keysym(code, 0) != keysym

    def _strike(self, codes):
        for code in codes:
            xtest.fake_input(self.connection, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.connection, X.KeyRelease, code)
        self.connection.sync()

    def press(self, *chords):
        """Presses keys one after another: 'Tab', 'alt+Right', 'ctrl+shift+a'."""
        modifiers = {'ctrl': 'Control_L', 'alt': 'Alt_L', 'shift': 'Shift_L'}
        for chord in chords:
            names = [modifiers.get(name, name) for name in chord.split('+')]
            self._strike([self._code(XK.string_to_keysym(name))[0] for name in names])

    def type(self, text):
        """Types a text, character by character."""
        shift = self._code(XK.XK_Shift_L)[0]
        for character in text:
            code, is_shifted = self._code(ord(character))
            self._strike([shift, code] if is_shifted else [code])

    def turn_away(self):
        """No window has the keyboard any more, as if the person used another program."""
        self.connection.set_input_focus(X.NONE, X.RevertToNone, X.CurrentTime)
        self.connection.sync()

    def turn_back(self):
        """The window below the pointer has the keyboard, as at the beginning."""
        self.connection.set_input_focus(X.PointerRoot, X.RevertToPointerRoot, X.CurrentTime)
        self.connection.sync()

    def close(self):
        self.connection.close()
