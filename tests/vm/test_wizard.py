#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wizard builds real drives, driven by a plain user who also has the desktop's own password
dialog to answer."""

import os
import pathlib
import shutil
import sys
import unittest

import finished
import image
import product
import tap
import vm_builds

HERE = pathlib.Path(__file__).resolve().parent
WIZARD = os.environ.get('RUB_WIZARD')
DESK = [HERE / 'desk.py',
        *(HERE.parent / 'ui' / name for name in ('accessible.py', 'desktop.py', 'services.py',
                                                 'wizard.py'))]
# For all that a person does, on a computer that is interpreted.
SCENE_SECONDS = 1200


@unittest.skipUnless(WIZARD, 'GTK 4 or libadwaita is not installed')
class WizardTest(vm_builds.BuildTest):
    packages = image.DESKTOP

    def setUp(self):
        super().setUp()
        for path in (WIZARD, *DESK):
            shutil.copy(path, self.machine.share)
        # There is one password dialog in a session, and here it is that of a desktop.
        self.machine.root.run('pkill', '-f', 'password_agent.py')

    def sit_down(self, scene):
        """Has a person do what a scene of desk.py says."""
        return self.machine.user.start(
            'python3', '/share/desk.py', scene, self.offer(self.iso),
            RUB_WIZARD=f'/share/{pathlib.Path(WIZARD).name}')

    def play(self, scene):
        self.assert_played(self.sit_down(scene))

    def assert_played(self, job):
        self.assertEqual(job.wait(SCENE_SECONDS).status, 0, str(job))

    def assert_good(self, stick, *firmwares):
        self.assert_whole(stick)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        self.assert_starts(stick, *firmwares)


@tap.only_full
class Wizard(WizardTest):
    def test_builds_a_stick_once_the_password_dialog_is_filled_in(self):
        stick, _ = self.plug_new()
        self.play('build_with_password')
        self.assert_good(stick, 'bios', 'uefi')

    def test_builds_for_uefi_without_a_password(self):
        stick, _ = self.plug_new()
        self.play('build_for_uefi')
        self.assert_good(stick, 'uefi')

    def test_a_dismissed_password_dialog_leaves_the_stick_as_it_is(self):
        stick, _, _ = self.plug_holiday()
        before = self.digest_of(stick)
        self.play('dismiss_password')
        self.assertEqual(self.digest_of(stick), before)

    def test_tells_that_the_stick_was_unplugged(self):
        stick, _ = self.plug_new(bytes_per_second=8_000_000)
        job = self.sit_down('lose_the_stick')
        job.wait_for('building', SCENE_SECONDS)
        self.machine.wait_until_written(stick, 16 * finished.MIB, job)
        self.machine.unplug(stick)
        self.assert_played(job)


if __name__ == '__main__':
    sys.exit(tap.main())
