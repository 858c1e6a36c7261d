#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first page: every way to say which image, and what is said of it."""

import hashlib
import os
import pathlib
import subprocess
import sys

from gi.repository import GLib

import desktop
import discs
import tap
from case import ImageTest
from wizard import PATIENCE_SECONDS, PROGRAM

APP_ID = os.environ['RUB_APP_ID']
DRAG_SOURCE = os.environ['RUB_DRAG_SOURCE']


class Chosen(ImageTest):
    def assert_taken(self, wizard, name=None):
        wizard.reads('This image', 'Windows PE 10.0 (build 26100), 64-bit')
        wizard.reads('This image', 'UEFI 64-bit, BIOS')
        if name:
            wizard.wait(lambda: name in wizard.look('text', 'Image file')[0].text, 'its name')
        wizard.can_click('Next')

    def test_nothing_yet(self):
        wizard = self.start()
        wizard.is_on_step(1)
        wizard.sees('No Image Chosen Yet')
        wizard.cannot_click('Next')

    def test_typed(self):
        wizard = self.start()
        wizard.enter('Image file', '/does/not/exist.iso')
        wizard.reads('Problems', '(code 10)')
        wizard.cannot_click('Next')
        wizard.enter('Image file', str(self.iso))
        self.assert_taken(wizard, 'windows.iso')
        wizard.sees_no('(code 10)')

    def test_pasted_as_a_file_manager_copies_it(self):
        image = self.copy_of_image('rescue image.iso')
        self.start_file_manager(image)
        wizard = self.start()
        wizard.point_at(wizard.find('text', 'Image file'))
        wizard.press('ctrl+v')
        wizard.wait(lambda: wizard.look('text', 'Image file')[0].text == image.as_uri(), 'text')
        wizard.press('Return')
        self.assert_taken(wizard, 'rescue image.iso')

    def test_dragged_from_another_program(self):
        wizard = self.start()
        wizard.sees('No Image Chosen Yet')
        source = self.start_file_manager(self.iso)
        pointer = self.desktop.pointer
        pointer.move(50, 30)
        pointer.press()
        for step in range(1, 11):
            pointer.move(50 + 25 * step, 30 + 30 * step)
            wizard.wait_for_change()
        # What is let go of before the other side has agreed to take it falls down.
        self.assertEqual(source.stdout.readline(), 'accepted\n')
        pointer.release()
        source.wait(PATIENCE_SECONDS)
        self.assert_taken(wizard, 'windows.iso')

    def start_file_manager(self, path):
        """Its window is in the corner, and the file on its clipboard."""
        process = subprocess.Popen([DRAG_SOURCE, str(path)], env=self.desktop.environment,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(desktop.end, process)
        self.assertEqual(process.stdout.readline(), 'ready\n')
        return process

    def test_given_on_the_command_line(self):
        self.assert_taken(self.start(self.iso), 'windows.iso')

    def test_given_to_a_second_start_of_the_program(self):
        wizard = self.start()
        wizard.sees('No Image Chosen Yet')
        subprocess.run([PROGRAM, self.iso], env=self.desktop.environment, check=True,
                       timeout=PATIENCE_SECONDS)
        self.assert_taken(wizard, 'windows.iso')
        self.assertEqual(len(wizard.windows), 1)

    def test_opened_by_a_file_manager_over_the_bus(self):
        wizard = self.start()
        bus = self.desktop.connect()
        bus.call_sync(APP_ID, '/' + APP_ID.replace('.', '/'), 'org.freedesktop.Application', 'Open',
                      GLib.Variant('(asa{sv})', ([self.iso.as_uri()], {})), None, 0, -1, None)
        self.assert_taken(wizard, 'windows.iso')

    def test_from_those_used_before(self):
        first = self.start(self.copy_of_image('used before.iso'))
        # Written down by then.
        first.find('list item', 'used before.iso')
        first.close()
        wizard = self.start()
        row = wizard.find('list item', 'used before.iso')
        wizard.point_at(row)
        self.assert_taken(wizard, 'used before.iso')

    def test_replaced_by_another(self):
        other, _ = discs.make(self.folder, 'linux')
        wizard = self.start(self.iso)
        wizard.enter('Image file', str(other))
        wizard.reads('This image', 'Linux')
        wizard.enter('Image file', str(self.iso))
        self.assert_taken(wizard, 'windows.iso')

    def test_a_name_that_looks_like_markup(self):
        name = 'R&D <b>rescue &amp; 100%.iso'
        wizard = self.start(self.copy_of_image(name))
        self.assert_taken(wizard, name)
        wizard.find('list item', name)


class Refused(ImageTest):
    def test_a_text_that_is_called_iso(self):
        text = self.folder / 'text.iso'
        text.write_text('This is not an image.\n' * 10_000)
        wizard = self.start(text)
        wizard.reads('Problems', 'The rescue image cannot be read (code 10)')
        wizard.reads('Problems', 'Choose an ISO image that you may read')
        wizard.cannot_click('Next')

    def test_one_that_was_cut_off(self):
        image = self.copy_of_image('short.iso')
        os.truncate(image, image.stat().st_size * 3 // 4)
        wizard = self.start(image)
        wizard.reads('Problems', 'The rescue image is incomplete (code 11)')
        wizard.reads('Problems', 'Download or copy the image again')
        wizard.cannot_click('Next')

    def test_a_folder(self):
        wizard = self.start(self.folder)
        wizard.reads('Problems', '(code 10)')
        wizard.cannot_click('Next')

    def test_one_that_starts_nothing(self):
        iso, _ = discs.make_plain(self.folder)
        empty = self.folder / 'empty.iso'
        (self.folder / 'data').mkdir()
        pathlib.Path(self.folder, 'data', 'file.txt').write_text('data')
        subprocess.run(['genisoimage', '-quiet', '-o', empty, self.folder / 'data'], check=True)
        wizard = self.start(empty)
        wizard.reads('Problems', 'The rescue image does not start a computer (code 12)')
        wizard.enter('Image file', str(iso))
        wizard.sees_no('(code 12)')


class Unsuitable(ImageTest):
    def test_a_file_of_four_gib(self):
        wizard = self.start(discs.make_with_hole(self.folder, 4 << 30))
        wizard.reads('Problems', 'A file is too large for FAT32 (code 20)')
        wizard.reads('Problems', 'large.bin')

    def test_names_that_differ_by_case(self):
        def fill(folder):
            discs.write(folder / 'sources/Extra.bin', b'first')
            discs.write(folder / 'sources/EXTRA.BIN', b'second')
        wizard = self.start(discs.make(self.folder, 'hybrid', extra=fill)[0])
        wizard.reads('Problems', 'A name cannot be kept on the stick (code 21)')
        wizard.reads('Problems', 'sources/EXTRA.BIN and sources/Extra.bin')
        wizard.cannot_click('Next')


class Digest(ImageTest):
    def test_sha256_is_compared_with_what_was_published(self):
        digest = hashlib.sha256(self.iso.read_bytes()).hexdigest()
        wizard = self.start(self.iso)
        wizard.point_at(wizard.find('list item', 'Check the Download'))
        wizard.click('Calculate')
        wizard.sees(digest)
        wizard.enter('Expected SHA-256', digest.upper())
        wizard.sees('The image is exactly what it should be.')
        wizard.enter('Expected SHA-256', '0' * 64)
        wizard.sees('The image differs from what was published.')
        wizard.enter('Expected SHA-256', 'abc')
        wizard.sees('A SHA-256 has 64 digits')


if __name__ == '__main__':
    sys.exit(tap.main())
