#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the virtual computer: a person at the desk, with the wizard and the desktop's own password
dialog on the screen.

    desk.py WHAT IMAGE

WHAT is one of SCENES; it fails where the screen does not show what it should.
"""

import subprocess
import sys
import tempfile

import accessible
import desktop
import wizard

STICK = 'QEMU HARDDISK'
AGENT = '/usr/lib/policykit-1-gnome/polkit-gnome-authentication-agent-1'
PASSWORD = 'boss'
READY = 'Your Rescue Stick Is Ready'
PASSWORD_ENTRY = 'role 40'
ON_SCREEN = 0
# The computer is interpreted, and the host may be busy.
wizard.PATIENCE_SECONDS = 300


class PasswordDialog(accessible.Program):
    """The one of the desktop: it is there while polkit has a question."""

    def __init__(self, screen):
        self.desktop = screen
        self.process = subprocess.Popen([AGENT], env=screen.environment, stdin=subprocess.DEVNULL)
        super().__init__(screen, self.process, wizard.PATIENCE_SECONDS)

    def is_open(self):
        return bool(self.windows)

    def asks(self, text):
        self.find('label', containing=text)

    def enter(self, password):
        self._click(self.find(PASSWORD_ENTRY))
        self.desktop.keyboard.type(password)
        self._click(self.find('button', 'Authenticate'))
        self._is_gone()

    def dismiss(self):
        self._click(self.find('button', 'Cancel'))
        self._is_gone()

    def _click(self, thing):
        x, y, width, height = thing.call('Component', 'GetExtents', '(u)', ON_SCREEN)[0]
        self.desktop.pointer.click(x + width // 2, y + height // 2)

    def _is_gone(self):
        self.wait(lambda: not self.is_open(), 'end of the password dialog')


class Desk:
    """The screen, the password dialog that may come, and the wizard with an image."""

    def __init__(self, screen, folder, image):
        self.dialog = PasswordDialog(screen)
        self.wizard = wizard.Wizard(screen, image, folder=folder)

    def choose_erasing(self):
        self.wizard.reads('This image', 'Windows PE')
        self.wizard.click('Next')
        self.wizard.pick(STICK)
        self.wizard.pick('Erase the whole stick')

    def build(self):
        self.wizard.click('Next')
        self.wizard.is_on_step(3)
        self.wizard.click('Erase and Build…')
        self.wizard.answers('Erase This Stick?', 'Erase and Build')

    def is_asked_for_a_password(self):
        self.dialog.asks('Authentication is required to open QEMU QEMU HARDDISK (/dev/sda)')

    def ends_with(self, title, reason=None):
        self.wizard.ends_with(title)
        if reason:
            self.wizard.reads('What went wrong', reason)

    def eject(self):
        """Returns when the stick is switched off."""
        self.wizard.click('Eject')
        self.wizard.cannot_click('Check It Again')

    def stop(self):
        self.wizard.stop()
        desktop.end(self.dialog.process)


def build_with_password(desk):
    desk.choose_erasing()
    desk.build()
    desk.is_asked_for_a_password()
    desk.dialog.enter(PASSWORD)
    desk.ends_with(READY)
    desk.eject()


def build_for_uefi(desk):
    """A password dialog would stay unanswered, and the build with it."""
    desk.choose_erasing()
    desk.wizard.clear('Start old and new computers')
    desk.build()
    desk.ends_with(READY)
    assert not desk.dialog.is_open()
    desk.eject()


def dismiss_password(desk):
    desk.choose_erasing()
    desk.build()
    desk.is_asked_for_a_password()
    desk.dialog.dismiss()
    desk.ends_with('A Password Is Needed', '(code 15)')


def lose_the_stick(desk):
    """It is pulled out by another hand."""
    desk.choose_erasing()
    desk.build()
    desk.dialog.enter(PASSWORD)
    print('building', flush=True)
    desk.ends_with('The Stick Was Unplugged', '(code 13)')


SCENES = (build_with_password, build_for_uefi, dismiss_password, lose_the_stick)


def main():
    what, image = sys.argv[1:]
    scene = next(scene for scene in SCENES if scene.__name__ == what)
    with desktop.Desktop() as screen, tempfile.TemporaryDirectory() as folder:
        desk = Desk(screen, folder, image)
        try:
            scene(desk)
            desk.wizard.close()
        except BaseException:
            print(desk.wizard.said(), file=sys.stderr)
            raise
        finally:
            desk.stop()


if __name__ == '__main__':
    sys.exit(main())
