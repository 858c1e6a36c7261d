#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows discs whose WIM is too large for FAT32: wimlib takes the parts on the stick for the WIM."""

import re
import sys

import finished
import product
import tap
import users_stick
import wims

GIB = wims.GIB
PARTS = '::/sources/install*.swm'


class LargeWim(product.ProductTest):
    def take_off(self, stick):
        """The parts as mtools reads them from the stick."""
        parts = self.folder / 'parts'
        parts.mkdir()
        product.tool('mcopy', '-n', '-m', '-i', stick.mtools_name(), PARTS, parts)
        return parts

    def assert_whole(self, parts, *trees):
        """wimlib verifies the parts, unpacks them to what went in, and joins them."""
        first, reference = parts / 'install.swm', f'--ref={parts}/install*.swm'
        product.tool('wimlib-imagex', 'verify', first, reference)
        for number, tree in enumerate(trees, 1):
            out = self.folder / f'out{number}'
            product.tool('wimlib-imagex', 'apply', first, number, out, reference)
            product.tool('diff', '-r', tree, out)
            product.tool('rm', '-r', out)
        joined = self.folder / 'joined.wim'
        product.tool('wimlib-imagex', 'join', joined, *sorted(parts.iterdir()))
        product.tool('wimlib-imagex', 'verify', joined)
        joined.unlink()

    def make_gap_disc(self, *options):
        trees = wims.make_trees(self.folder)
        wim = wims.widen(wims.capture(self.folder / 'large.wim', *trees, options=options),
                         4 * GIB)
        return wims.make_disc(self.folder, wim), trees

    def test_what_is_told_before_is_what_comes(self):
        iso, trees = self.make_gap_disc()
        stick = finished.Stick(self.folder / 'stick.img')
        told = product.run('--inspect', '-i', iso, '-d', stick.path, '--size', '256M')
        self.assertEqual(told.status, product.OK, told.output)
        self.assertRegex(told.output, r'sources/install\.wim, 4[.,]3.GB, .*\b1 part\b')
        self.create(iso, stick.path, '--size', '256M')
        stick.assert_clean()
        self.assert_whole(self.take_off(stick), *trees)
        checked = product.run('--check', '-d', stick.path)
        self.assertEqual(checked.status, product.OK, checked.output)

    def test_files_that_are_kept_stay_beside_the_parts(self):
        iso, trees = self.make_gap_disc('--compress=LZX')
        stick = users_stick.make_holiday(self.folder, self.folder / 'stick.img')
        before = stick.extract()
        self.create(iso, stick.path, '--keep')
        stick.assert_clean()
        self.assertLessEqual(before.items(), stick.extract().items())
        self.assert_whole(self.take_off(stick), *trees)
        self.assertEqual(product.run('--check', '-d', stick.path).status, product.OK)
        self.assertEqual(product.run('--undo', '-d', stick.path).status, product.OK)
        self.assertEqual(stick.extract(), before)

    def test_a_solid_one_is_refused(self):
        trees = wims.make_trees(self.folder)
        wim = wims.widen(wims.capture(self.folder / 'large.esd', *trees, options=['--solid']),
                         4 * GIB)
        iso = wims.make_disc(self.folder, wim, 'install.esd')
        outcome = self.create(iso, self.folder / 'stick.img', '--size', '8G', status=20)
        self.assertIn('sources/install.esd', outcome.finding(20)['meaning'])
        self.assertFalse((self.folder / 'stick.img').exists())

    @tap.only_full
    def test_five_gibibytes_in_two_parts(self):
        tree = wims.make_zero_trees(self.folder)
        wim = wims.capture(self.folder / 'large.wim', tree, options=['--compress=none'])
        iso = wims.make_disc(self.folder, wim)
        wim.unlink()
        stick = finished.Stick(self.folder / 'stick.img')
        built = self.create(iso, stick.path, '--size', '6G')
        self.assertLess(built.peak_bytes, 64 * finished.MIB)
        listing = product.tool('mdir', '-b', '-i', stick.mtools_name(), PARTS)
        self.assertEqual(sorted(re.findall(r'install\d*\.swm', listing)),
                         ['install.swm', 'install2.swm'])
        checked = product.run('--check', '-d', stick.path)
        self.assertEqual(checked.status, product.OK, checked.output)
        parts = self.take_off(stick)
        stick.path.unlink()
        for part in parts.iterdir():
            self.assertLessEqual(part.stat().st_size, 3800 * finished.MIB)
        self.assert_whole(parts, tree)


if __name__ == '__main__':
    sys.exit(tap.main())
