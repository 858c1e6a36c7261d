#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be built is refused with its code, and the target stays as it was."""

import os
import stat
import sys
import unittest

import discs
import finished
import product
import tap


class Refusals(product.ProductTest):
    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.iso, _ = discs.make(cls.discs)

    def setUp(self):
        super().setUp()
        self.stick = self.folder / 'stick.img'
        self.stick.write_bytes(discs.noise(8 * finished.MIB))
        self.before = finished.digest(self.stick)

    def refuse(self, iso, code, **options):
        """Create and inspect both say the code, and nothing is written."""
        outcome = self.create(iso, self.stick, status=code, **options)
        self.assertEqual((outcome.result['ok'], outcome.result['code']), (False, code))
        finding = outcome.finding(code)
        self.assertEqual(finding['severity'], 'error')
        for key in ('title', 'meaning', 'remedy'):
            self.assertTrue(finding[key], key)
        inspected = product.run('--inspect', '-i', iso, '-d', self.stick, **options)
        self.assertEqual(inspected.status, code, inspected.output)
        self.assertEqual(finished.digest(self.stick), self.before)
        return finding

    def test_disk_too_small_says_what_is_missing(self):
        finding = self.refuse(self.iso, product.DISK_TOO_SMALL)
        self.assertRegex(finding['meaning'], r'\d')

    def test_new_disk_too_small_is_not_made(self):
        path = self.folder / 'new.img'
        self.create(self.iso, path, '--size', '2M', status=product.DISK_TOO_SMALL)
        self.assertFalse(path.exists())

    def test_truncated_image(self):
        short = self.folder / 'short.iso'
        data = self.iso.read_bytes()
        short.write_bytes(data[:len(data) * 3 // 4])
        finding = self.refuse(short, product.IMAGE_INCOMPLETE)
        self.assertRegex(finding['meaning'], r'\d')

    def test_truncated_image_of_xorriso(self):
        iso, _ = discs.make(self.folder, 'hybrid')
        os.truncate(iso, iso.stat().st_size // 2)
        self.refuse(iso, product.IMAGE_INCOMPLETE)

    def test_empty_image(self):
        empty = self.folder / 'empty.iso'
        empty.touch()
        self.refuse(empty, product.IMAGE_UNREADABLE)

    def test_text_file(self):
        text = self.folder / 'text.iso'
        text.write_text('This is not an image.\n' * 10_000)
        self.refuse(text, product.IMAGE_UNREADABLE)

    def test_random_bytes(self):
        noise = self.folder / 'noise.iso'
        noise.write_bytes(discs.noise(4 * finished.MIB))
        self.refuse(noise, product.IMAGE_UNREADABLE)

    def test_folder(self):
        self.refuse(self.folder, product.IMAGE_UNREADABLE)

    def test_missing_image(self):
        self.refuse(self.folder / 'missing.iso', product.IMAGE_UNREADABLE)

    @unittest.skipIf(os.getuid() != 0, 'needs a file that this user may not read')
    def test_image_without_permission(self):
        secret = self.folder / 'secret.iso'
        secret.write_bytes(b'x')
        secret.chmod(0)
        self.stick.chmod(0o666)
        self.refuse(secret, product.IMAGE_UNREADABLE, user=product.NOBODY,
                    program=self.copy_of_program())

    @unittest.skipIf(os.getuid() != 0, 'needs a drive that this user may not read')
    def test_drive_without_permission(self):
        drive = self.folder / 'drive'
        try:
            os.mknod(drive, stat.S_IFBLK | 0o600, os.makedev(7, 0))
        except PermissionError:
            self.skipTest('no device nodes can be made here')
        self.stick.chmod(0o666)
        self.refuse(drive, product.IMAGE_UNREADABLE, user=product.NOBODY,
                    program=self.copy_of_program())


class Inspect(product.ProductTest):
    def test_writes_nothing(self):
        iso, _ = discs.make(self.folder)
        stick = self.folder / 'stick.img'
        stick.write_bytes(discs.noise(64 * finished.MIB))
        before = {path: (finished.digest(path), path.stat().st_mtime_ns) for path in (iso, stick)}
        names = sorted(self.folder.iterdir())
        outcome = product.run('--inspect', '-i', iso, '-d', stick)
        self.assertEqual(outcome.status, 0, outcome.output)
        self.assertEqual(sorted(self.folder.iterdir()), names)
        self.assertEqual({path: (finished.digest(path), path.stat().st_mtime_ns)
                          for path in (iso, stick)}, before)

    def test_new_image_file_is_not_made(self):
        iso, _ = discs.make(self.folder)
        stick = self.folder / 'new.img'
        outcome = product.run('--inspect', '-i', iso, '-d', stick, '--size', '1G')
        self.assertEqual(outcome.status, 0, outcome.output)
        self.assertFalse(stick.exists())

    def test_says_what_the_image_is(self):
        iso, tree = discs.make(self.folder, label='MY_PE', version='10.0.22621')
        image = product.run('--inspect', '-i', iso).all_of('image')[0]
        files = [path for path in tree.rglob('*') if path.is_file()]
        text = str(image)
        for word in ('MY_PE', '22621', 'x64'):
            self.assertIn(word, text)
        self.assertIn(image['file_count'], (len(files), len(files) + 1))  # with the boot catalogue
        self.assertEqual(image['size'], iso.stat().st_size)


if __name__ == '__main__':
    sys.exit(tap.main())
