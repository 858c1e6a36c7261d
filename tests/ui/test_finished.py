#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with finished sticks: checking them, trying them out in a window, taking a build
off again."""

import os
import sys
import unittest

import discs
import emulator
import finished
import product
import tap
from case import MIB, Fifo, Gate, ImageTest
from fake_udisks import command

NAME = 'Kingston DataTraveler 3.0'


class FinishedTest(ImageTest):
    """With sticks that the command has made."""

    def make(self, *arguments, iso=None, size=128 * MIB):
        path = self.folder / 'stick.img'
        if not path.exists():
            arguments = ('--size', size, *arguments)
        outcome = product.run('--create', '-f', '-i', iso or self.iso, '-d', path, *arguments)
        self.assertEqual(outcome.status, product.OK, outcome.output)
        return path

    def make_kept(self, **options):
        """Beside a user's files, which are returned as well."""
        stick = self.make_holiday('stick.img', **options)
        files = stick.extract()
        return self.make('--keep'), files

    def begin(self, action, button, **environment):
        """Chooses a task from the menu and the stick, and clicks."""
        wizard = self.start(**environment)
        wizard.act(action)
        wizard.pick(NAME)
        wizard.click(button)
        return wizard

    def check_it(self, **environment):
        return self.begin('win.check-stick', 'Check', **environment)


class Checked(FinishedTest):
    def test_one_that_is_good_and_then_changed(self):
        path = self.make()
        self.plug(path)
        wizard = self.check_it()
        wizard.ends_with('The Stick Is Good')
        wizard.reads('Details', self.iso.name)
        self.change_a_byte(path)
        wizard.click('Check It Again')
        wizard.ends_with('The Stick Was Changed')
        wizard.reads('What went wrong', '(code 17)')
        wizard.point_at(wizard.find('button', '1 file concerned'))
        wizard.reads('What went wrong', 'sources/boot.wim')

    def change_a_byte(self, path):
        """Changes a byte in the middle of the largest file."""
        data = path.read_bytes()
        wim = (self.tree / 'sources/boot.wim').read_bytes()
        with open(path, 'r+b') as file:
            file.seek(data.index(wim[:4096]) + len(wim) // 2)
            file.write(b'\xff\x00\xff\x00')

    def test_one_that_is_write_protected(self):
        self.plug(self.make(), read_only=True)
        wizard = self.check_it()
        wizard.ends_with('The Stick Is Good')

    def test_one_that_is_unfinished(self):
        path = self.make_holiday('stick.img').path
        product.run('--create', '-f', '-i', self.iso, '-d', path, '--keep', preload='kill#30')
        self.plug(path)
        wizard = self.check_it()
        wizard.ends_with('The Stick Is Unfinished')
        wizard.reads('What went wrong', '(code 27)')

    def test_nothing_is_said_of_a_disk_image_that_is_still_to_be_made(self):
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.sees('For a virtual machine')
        wizard.act('win.check-stick')
        wizard.sees_no('For a virtual machine')

    def test_one_of_somebody_else(self):
        self.plug(self.make_holiday('stick.img').path)
        wizard = self.check_it()
        wizard.ends_with('Not Made by This Program')
        wizard.reads('What went wrong', '(code 26)')

    def test_it_is_stopped(self):
        """On a disk image: of a drive the files are read, through a folder."""
        large = self.folder / 'large'
        large.mkdir()
        path = self.make(iso=discs.make(large, extra_file='data.bin=24M')[0])
        gate = Gate(self.folder, 'read', 8 * MIB, path)
        wizard = self.start(**gate.environment)
        wizard.act('win.check-stick')
        wizard.click('Use a disk-image file that exists…')
        wizard.answer_dialog(path)
        wizard.click('Check')
        gate.wait(wizard)
        wizard.click('Cancel')
        wizard.sees('Nothing on the stick changes')
        wizard.stops('Stop Checking?')
        gate.open(wizard)
        wizard.ends_with('Stopped')
        wizard.click('Try Again')
        wizard.ends_with('The Stick Is Good')

    def test_the_stick_does_not_answer_and_the_way_back_is_open(self):
        self.plug(self.make())
        self.fake.fault('Filesystem.Mount', never=True)
        wizard = self.check_it()
        wizard.sees('Looking at the Stick…')
        self.fake.wait_for_call('Filesystem.Mount')
        wizard.click('Back')
        wizard.sees('Choose the Stick to Be Checked')
        self.fake.clear_faults()
        wizard.click('Check')
        wizard.ends_with('The Stick Is Good')

    def test_it_is_unplugged_while_it_is_looked_at(self):
        stick = self.plug(self.make())
        self.fake.fault('Filesystem.Mount', never=True)
        wizard = self.check_it()
        self.fake.wait_for_call('Filesystem.Mount')
        stick.unplug()
        wizard.sees('Choose the Stick to Be Checked')
        wizard.cannot_click('Check')

    def test_it_is_unplugged_while_it_is_read(self):
        stick = self.plug(self.make())
        self.fake.fault('Filesystem.Mount', 'Failed', 'gone', skip=1, times=-1,
                        do=[command('unplug', node=stick.node)])
        wizard = self.check_it()
        wizard.ends_with('The Stick Was Unplugged')
        wizard.reads('What went wrong', '(code 13)')


class TakenOff(FinishedTest):
    def undo(self, **environment):
        return self.begin('win.undo-build', 'Next', **environment)

    def test_from_beside_the_files_of_a_user(self):
        path, files = self.make_kept()
        self.plug(path)
        wizard = self.undo()
        wizard.click('Remove…')
        wizard.answers('Remove the Rescue System?', 'Remove')
        wizard.ends_with('The Rescue System Was Removed')
        self.assertEqual(finished.Stick(path, 1).extract(), files)

    def test_it_is_unplugged_while_it_is_asked(self):
        path, _ = self.make_kept()
        stick = self.plug(path)
        before = finished.disk_digest(path)
        wizard = self.undo()
        wizard.click('Remove…')
        wizard.sees('Remove the Rescue System?')
        stick.unplug()
        wizard.sees('Choose the Stick to Remove the Rescue System From')
        wizard.cannot_click('Next')
        self.assertEqual(finished.disk_digest(path), before)

    def test_it_is_stopped_and_finished_later(self):
        path, files = self.make_kept()
        stick = self.plug(path)
        gate = Gate(self.folder, 'write', 0, stick.image)
        wizard = self.undo(**gate.environment)
        wizard.click('Remove…')
        wizard.answers('Remove the Rescue System?', 'Remove')
        gate.wait(wizard)
        wizard.click('Cancel')
        wizard.stops('Stop Removing?')
        gate.open(wizard)
        wizard.ends_with('Stopped')
        self.assertLessEqual(files.items(), finished.Stick(path, 1).extract().items())
        wizard.click('Try Again')
        wizard.click('Remove…')
        wizard.answers('Remove the Rescue System?', 'Remove')
        wizard.ends_with('The Rescue System Was Removed')
        self.assertEqual(finished.Stick(path, 1).extract(), files)


class TriedOut(FinishedTest):
    """In an emulated PC; with a script in its place, and once with the real one."""

    def install(self, script):
        """QEMU."""
        program = self.folder / 'programs/qemu-system-x86_64'
        program.parent.mkdir()
        program.write_text('#!/bin/sh\nif [ "$1" = -display ]; then echo none; echo gtk; exit; fi\n'
                           f'unset G_DEBUG LD_PRELOAD\n{script}\n')
        program.chmod(0o755)
        return {'PATH': f'{program.parent}:{os.environ["PATH"]}'}

    def to_result(self, **environment):
        wizard = self.check_it(**environment)
        wizard.ends_with('The Stick Is Good')
        return wizard

    @unittest.skipIf(emulator.missing('uefi'), emulator.missing('uefi'))
    def test_on_uefi_and_then_on_bios(self):
        self.plug(self.make())
        names, fifo = self.folder / 'names', Fifo(self.folder / 'runs')
        wizard = self.to_result(**self.install(
            f'echo "$@" | sed "s/.*-name //; s/ .*//" >>{names}\ncat <{fifo.path}'))
        wizard.click('Try It in a Window')
        fifo.wait(wizard)
        wizard.sees('Nothing is written to it')
        for button in ('Eject', 'Check It Again', 'Try It in a Window'):
            wizard.cannot_click(button)
        self.assertEqual(names.read_text().split(), ['UEFI'])
        fifo.let_go(wizard)
        wizard.wait(lambda: names.read_text().split() == ['UEFI', 'BIOS'], 'BIOS')
        fifo.let_go(wizard)
        wizard.can_click('Eject')
        wizard.sees_no('Nothing is written to it')

    def test_it_ends_with_the_wizard(self):
        self.plug(self.make('--boot', 'bios'))
        fifo = Fifo(self.folder / 'runs')
        wizard = self.to_result(**self.install(f'exec cat <{fifo.path}'))
        wizard.click('Try It in a Window')
        fifo.wait(wizard)
        wizard.quit()
        self.assertTrue(fifo.is_left())

    def test_what_the_emulator_says_against_it(self):
        self.plug(self.make('--boot', 'bios'))
        wizard = self.to_result(**self.install('echo no memory >&2; exit 1'))
        wizard.click('Try It in a Window')
        wizard.sees('cannot start the stick: no memory')
        wizard.can_click('Try It in a Window')

    def test_that_it_is_not_installed(self):
        self.plug(self.make())
        wizard = self.to_result(PATH='/usr/sbin:/sbin')
        wizard.click('Try It in a Window')
        wizard.sees('is not installed')
        wizard.can_click('Try It in a Window')

    @unittest.skipIf(emulator.missing('bios'), emulator.missing('bios'))
    def test_with_a_real_window(self):
        path = self.make('--boot', 'bios')
        before = finished.disk_digest(path)
        self.plug(path)
        wizard = self.to_result(**self.install('exec /usr/bin/qemu-system-x86_64 "$@"'))
        wizard.click('Try It in a Window')
        wizard.wait(lambda: 'QEMU (BIOS)' in self.desktop.list_windows(), 'window')
        self.desktop.close_window('QEMU (BIOS)')
        wizard.can_click('Try It in a Window')
        self.assertEqual(finished.disk_digest(path), before)


if __name__ == '__main__':
    sys.exit(tap.main())
