#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for the desktop's password dialog, in the guest: registers with polkit for the session.

What it answers is read from $XDG_RUNTIME_DIR/password-answer at each question: a password, which
goes through PAM as it would from a person, or "dismiss". It notes each question as a JSON object a
line in $XDG_RUNTIME_DIR/password-questions. pkttyagent cannot be dismissed: when it is
interrupted, polkit is told of a refusal, not of a person's choice.
"""

import json
import os
import pathlib
import pwd
import subprocess
import sys

from gi.repository import Gio, GLib

HELPER = '/usr/lib/polkit-1/polkit-agent-helper-1'
PATH = '/vm/PasswordAgent'
AUTHORITY = ('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority',
             'org.freedesktop.PolicyKit1.Authority')
INTERFACE = Gio.DBusNodeInfo.new_for_xml('''<node>
  <interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
    <method name="BeginAuthentication">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="a{ss}" direction="in"/><arg type="s" direction="in"/>
      <arg type="a(sa{sv})" direction="in"/>
    </method>
    <method name="CancelAuthentication"><arg type="s" direction="in"/></method>
  </interface>
</node>''').interfaces[0]


def runtime(name):
    return pathlib.Path(os.environ['XDG_RUNTIME_DIR'], name)


def give_password(user, cookie, password):
    """Tells PAM the password, through polkit's helper, which reports to polkit itself."""
    helper = subprocess.Popen([HELPER, user], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True, bufsize=1)
    helper.stdin.write(f'{cookie}\n')
    for line in helper.stdout:
        if line.startswith('PAM_PROMPT_ECHO'):
            helper.stdin.write(f'{password}\n')
        elif line.startswith(('SUCCESS', 'FAILURE')):
            break
    helper.stdin.close()
    helper.wait()


def begin(parameters, invocation):
    action, message, _, _, cookie, identities = parameters.unpack()
    with open(runtime('password-questions'), 'a', encoding='utf-8') as file:
        file.write(json.dumps({'action': action, 'message': message}) + '\n')
    answer = runtime('password-answer').read_text(encoding='utf-8').strip()
    if answer == 'dismiss':
        invocation.return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'dismissed')
        return
    user = next(pwd.getpwuid(details['uid']).pw_name for kind, details in identities
                if kind == 'unix-user')
    give_password(user, cookie, answer)
    invocation.return_value(None)


def on_call(_bus, _sender, _path, _interface, method, parameters, invocation):
    if method == 'BeginAuthentication':
        begin(parameters, invocation)
    else:
        invocation.return_value(None)


def main():
    runtime('password-answer').write_text('boss\n', encoding='utf-8')
    runtime('password-questions').touch()
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
    bus.register_object(PATH, INTERFACE, on_call, None, None)
    subject = ('unix-session', {'session-id': GLib.Variant('s', os.environ['XDG_SESSION_ID'])})
    bus.call_sync(*AUTHORITY, 'RegisterAuthenticationAgent',
                  GLib.Variant('((sa{sv})ss)', (subject, 'C', PATH)), None,
                  Gio.DBusCallFlags.NONE, -1)
    runtime('password-agent-ready').touch()
    GLib.MainLoop().run()


if __name__ == '__main__':
    sys.exit(main())
