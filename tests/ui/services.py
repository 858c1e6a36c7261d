# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop's session offers to programs: notifications, and holding off logout and suspend.

It answers in a thread of its own, because a program may wait for it while a test waits for the program.
"""

import threading

from gi.repository import Gio, GLib

INTERFACES = '''<node>
  <interface name="org.freedesktop.Notifications">
    <method name="Notify">
      <arg direction="in" type="s" name="app"/><arg direction="in" type="u" name="replaces"/>
      <arg direction="in" type="s" name="icon"/><arg direction="in" type="s" name="title"/>
      <arg direction="in" type="s" name="body"/><arg direction="in" type="as" name="actions"/>
      <arg direction="in" type="a{sv}" name="hints"/><arg direction="in" type="i" name="time"/>
      <arg direction="out" type="u" name="id"/>
    </method>
    <method name="GetCapabilities"><arg direction="out" type="as" name="names"/></method>
    <method name="CloseNotification"><arg direction="in" type="u" name="id"/></method>
  </interface>
  <interface name="org.gnome.SessionManager">
    <method name="Inhibit">
      <arg direction="in" type="s" name="app"/><arg direction="in" type="u" name="window"/>
      <arg direction="in" type="s" name="reason"/><arg direction="in" type="u" name="what"/>
      <arg direction="out" type="u" name="cookie"/>
    </method>
    <method name="Uninhibit"><arg direction="in" type="u" name="cookie"/></method>
  </interface>
</node>'''
PLACES = {'org.freedesktop.Notifications': '/org/freedesktop/Notifications',
          'org.gnome.SessionManager': '/org/gnome/SessionManager'}
LOGOUT, SUSPEND = 1, 4


class Services:
    """notifications: (title, body) in order; inhibitors: those in force, as {cookie: (reason, what)};
    inhibited: all that ever were."""

    def __init__(self, connect):
        self.notifications, self.inhibitors, self.inhibited = [], {}, []
        self._connect = connect
        self._loop = None
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._is_ready.wait()

    def _run(self):
        context = GLib.MainContext.new()
        context.push_thread_default()
        self._loop = GLib.MainLoop.new(context, False)
        bus = self._connect()
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
            bus.register_object(PLACES[interface.name], interface, self._on_call, None, None)
            bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'RequestName',
                          GLib.Variant('(su)', (interface.name, 0)), None, 0, -1, None)
        self._is_ready.set()
        self._loop.run()
        bus.close_sync(None)
        context.pop_thread_default()

    def _on_call(self, bus, sender, path, interface, method, parameters, invocation):
        reply = getattr(self, '_' + method)(*parameters.unpack())
        invocation.return_value(reply)

    def _Notify(self, _app, _replaces, _icon, title, body, *_rest):
        self.notifications.append((title, body))
        return GLib.Variant('(u)', (len(self.notifications),))

    def _GetCapabilities(self):
        return GLib.Variant('(as)', (['body'],))

    def _CloseNotification(self, _number):
        return None

    def _Inhibit(self, _app, _window, reason, what):
        self.inhibited.append((reason, what))
        self.inhibitors[len(self.inhibited)] = reason, what
        return GLib.Variant('(u)', (len(self.inhibited),))

    def _Uninhibit(self, cookie):
        self.inhibitors.pop(cookie, None)

    def stop(self):
        self._loop.quit()
        self._thread.join()
