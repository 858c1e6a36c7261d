#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sessions with the wizard built with AddressSanitizer: no error, no warning, and at the end
everything is freed."""

import hashlib
import os
import sys
import unittest

import leaks
import tap
from case import MIB, Gate, ImageTest
from wizard import PROGRAM

NAME = 'Kingston DataTraveler 3.0'
REPORT = f'''Direct leak of 8 byte(s) in 1 object(s) allocated from:
    frame|{PROGRAM}|malloc|<null>
    frame|/usr/lib/libglib-2.0.so.0|g_strdup|<null>
    frame|{{}}|{{}}|rub-wizard.c:7:3
    frame|/usr/lib/libgtk-4.so.1|gtk_main|<null>
    frame|{PROGRAM}|main|main.c:14:12
'''


class Judgement(unittest.TestCase):
    """The judge sees what it must see."""

    def test_a_leak_of_ours(self):
        self.assertIn('choose', leaks.judge(leaks.read(REPORT.format(PROGRAM, 'choose')), PROGRAM))

    def test_a_leak_of_a_library(self):
        report = REPORT.format('/usr/lib/libfontconfig.so.1', 'FcInit')
        self.assertEqual(len(leaks.read(report)), 1)
        self.assertEqual(leaks.judge(leaks.read(report), PROGRAM), '')

    def test_many_leaks_of_nobody(self):
        report = REPORT.format('/usr/lib/libgio-2.0.so.0', 'g_file_new')
        self.assertEqual(leaks.judge(leaks.read(report), PROGRAM), '')
        self.assertIn('g_file_new', leaks.judge(leaks.read(report.replace('8', '99999')), PROGRAM))


class Session(ImageTest):
    def open(self, *arguments, **environment):
        self.log = self.folder / 'leaks'
        return self.start(*arguments, **leaks.environment(self.log), **environment)

    def end(self, wizard):
        """Quits; fails for any error, warning or leak."""
        wizard.close()
        report = ''.join(path.read_text(encoding='utf-8', errors='replace')
                         for path in self.folder.glob(f'{self.log.name}.*'))
        self.assertNotIn('fatal error', report)
        # Fontconfig always leaks something: without any the sanitizer has not looked.
        self.assertIn('LeakSanitizer: detected memory leaks', report)
        self.assertNotIn('ERROR: AddressSanitizer', report)
        if found := leaks.judge(leaks.read(report), PROGRAM):
            self.fail(found)

    def use_disk_image(self, wizard, path):
        wizard.click('Use a disk-image file that exists…')
        wizard.answer_dialog(path)
        wizard.sees(path.name)

    def test_build_check_build_another_undo(self):
        self.plug(self.make_holiday().path)
        disk = self.folder / 'disk.img'
        disk.touch()
        os.truncate(disk, 200 * MIB)
        wizard = self.open()
        wizard.enter('Image file', str(self.iso))
        wizard.click('Next')
        self.use_disk_image(wizard, disk)
        wizard.pick('Erase the whole stick')
        wizard.click('Next')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.click('Check It Again')
        wizard.ends_with('The Stick Is Good')
        wizard.click('Build a Stick')
        wizard.pick(NAME)
        wizard.pick('Keep my files')
        wizard.click('Next')
        self.build(wizard, agree=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.act('win.undo-build')
        wizard.pick(NAME)
        wizard.click('Next')
        wizard.click('Remove…')
        wizard.answers('Remove the Rescue System?', 'Remove')
        wizard.ends_with('The Rescue System Was Removed')
        self.end(wizard)

    def test_mistakes_changes_of_mind_and_failures(self):
        stick = self.plug()
        gate = Gate(self.folder, 'write', 4 * MIB, stick.image)
        wizard = self.open(self.iso, **gate.environment)
        wizard.point_at(wizard.find('list item', 'Check the Download'))
        wizard.click('Calculate')
        wizard.sees(hashlib.sha256(self.iso.read_bytes()).hexdigest())
        wizard.enter('Image file', '/does/not/exist.iso')
        wizard.reads('Problems', '(code 10)')
        wizard.enter('Image file', str(self.iso))
        wizard.click('Next')
        other = self.plug(model='Other')
        wizard.pick('Kingston Other')
        other.unplug()
        wizard.cannot_click('Next')
        wizard.pick(NAME)
        wizard.pick('Erase the whole stick')
        wizard.click('Next')
        self.fake.answer('dismissed')
        self.build(wizard, erase=True)
        wizard.ends_with('A Password Is Needed')
        wizard.click('Copy Details')
        self.fake.answer('right')
        wizard.click('Try Again')
        self.build(wizard, erase=True)
        gate.wait(wizard)
        wizard.click('Cancel')
        wizard.stops('Stop Building?')
        gate.open(wizard)
        wizard.ends_with('Stopped')
        wizard.click('Try Again')
        wizard.is_on_step(3)
        stick.unplug()
        wizard.is_on_step(2)
        self.end(wizard)


if __name__ == '__main__':
    sys.exit(tap.main())
