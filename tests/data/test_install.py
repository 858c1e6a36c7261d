# SPDX-License-Identifier: GPL-3.0-or-later
"""What "meson install" installs is found by the shell, the desktop and the translations."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

MESON = os.environ['MESON']
BUILD = os.environ['RUB_BUILD']
PREFIX = os.environ['RUB_PREFIX']
# Empty where the wizard is not built: nothing of the desktop is installed then.
APP_ID = os.environ['RUB_APP_ID']
WIZARD = 'rescue-usb-builder-gtk'

needs_wizard = unittest.skipUnless(APP_ID, 'built without the wizard')


def needs(program):
    return unittest.skipUnless(shutil.which(program), f'needs {program}')


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='rub-install-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run([MESON, 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir',
                        cls.folder], check=True, stdout=subprocess.DEVNULL)
        cls.prefix = cls.folder / PREFIX.lstrip('/')
        cls.share = cls.prefix / 'share'

    def run_desktop(self, *arguments):
        """Runs a tool of the desktop that sees the installed files and nothing of the user's."""
        programs = self.folder / 'programs'
        programs.mkdir(exist_ok=True)
        if not (self.prefix / 'bin' / WIZARD).exists():
            stand_in = programs / WIZARD
            stand_in.write_text('#!/bin/sh\n', encoding='utf-8')
            stand_in.chmod(0o755)
        env = dict(os.environ, XDG_DATA_DIRS=f'{self.share}:/usr/share',
                   XDG_DATA_HOME=str(self.folder / 'home'), XDG_CONFIG_HOME=str(self.folder / 'home'),
                   PATH=f'{self.prefix}/bin:{programs}:{os.environ["PATH"]}')
        return subprocess.run(arguments, env=env, check=True, capture_output=True, text=True).stdout

    def test_the_command_line_has_its_manual_and_completion(self):
        for name in ('bin/rescue-usb-builder', 'share/man/man1/rescue-usb-builder.1',
                     'share/bash-completion/completions/rescue-usb-builder'):
            self.assertTrue((self.prefix / name).is_file(), name)

    def test_the_command_line_finds_its_translations(self):
        program = self.prefix / 'bin/rescue-usb-builder'
        locale = self.share / 'locale'
        # This is where it looks without being told; the test has moved all of it elsewhere.
        self.assertTrue(f'{PREFIX}/share/locale\0'.encode() in program.read_bytes())
        env = dict(os.environ, RUB_LOCALEDIR=str(locale), LANGUAGE='de')
        out = subprocess.run([program, '--help'], env=env, check=True, capture_output=True).stdout
        self.assertIn('\nBefehle:\n', out.decode())

    @needs_wizard
    @needs('desktop-file-validate')
    def test_the_menu_entry_is_valid(self):
        entry = self.share / f'applications/{APP_ID}.desktop'
        self.run_desktop('desktop-file-validate', entry)
        text = entry.read_text(encoding='utf-8')
        self.assertIn(f'\nIcon={APP_ID}\n', text)
        self.assertRegex(text, r'\nComment\[de\]=.*USB-Stick')
        self.assertRegex(text, r'\nComment\[ar\]=.*USB')

    @needs_wizard
    @needs('gio')
    @needs('update-desktop-database')
    def test_images_can_be_opened_with_it(self):
        self.run_desktop('update-desktop-database', self.share / 'applications')
        for kind in ('application/x-cd-image', 'application/vnd.efi.iso'):
            self.assertIn(f'{APP_ID}.desktop', self.run_desktop('gio', 'mime', kind))
        self.assertNotIn(APP_ID, self.run_desktop('gio', 'mime', 'application/x-raw-disk-image'))

    @needs_wizard
    def test_it_has_an_icon_in_colours_and_one_in_lines(self):
        icons = self.share / 'icons/hicolor'
        self.assertTrue((icons / f'scalable/apps/{APP_ID}.svg').is_file())
        self.assertTrue((icons / f'symbolic/apps/{APP_ID}-symbolic.svg').is_file())

    @needs_wizard
    def test_the_bus_starts_the_wizard(self):
        service = (self.share / f'dbus-1/services/{APP_ID}.service').read_text(encoding='utf-8')
        self.assertIn(f'\nName={APP_ID}\n', service)
        self.assertIn(f'\nExec={PREFIX}/bin/{WIZARD} --gapplication-service\n', service)

    @needs_wizard
    @needs('appstreamcli')
    def test_software_centres_can_show_it(self):
        metainfo = self.share / f'metainfo/{APP_ID}.metainfo.xml'
        self.run_desktop('appstreamcli', 'validate', '--no-net', metainfo)
        self.assertIn(f'<launchable type="desktop-id">{APP_ID}.desktop<',
                      metainfo.read_text(encoding='utf-8'))


if __name__ == '__main__':
    sys.exit(tap.main())
