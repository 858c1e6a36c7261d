#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of an image arrives on the stick: compared with 7-Zip and mtools, not by ourselves."""

import sys

import discs
import finished
import product
import tap

MIB = finished.MIB
CATALOGUE = ('boot/boot.cat',)  # made by the tools that make discs


def lower_case(tree):
    return {path.lower(): facts for path, facts in tree.items()}


@tap.expand
class Contents(product.ProductTest):
    def build(self, iso, *arguments, size='256M'):
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(iso, stick.path, '--size', size, *arguments)
        self.assertTrue(outcome.result['ok'])
        stick.assert_clean()
        return stick, outcome

    def check(self, iso, tree, extra=CATALOGUE, **options):
        stick, _ = self.build(iso, **options)
        finished.assert_same_tree(self, stick.extract(self.folder / 'out'),
                                  finished.read_tree(tree), extra)
        return stick

    @tap.cases(quick=[('windows',), ('bridge',), ('plain',)])
    def test_shape_by_genisoimage(self, shape):
        # genisoimage drops what is beyond the Basic Multilingual Plane.
        self.check(*discs.make(self.folder, shape, many=20,
                               extra=lambda folder: discs.add_odd_names(folder, emoji=False)))

    def test_rock_ridge_by_xorriso(self):
        self.check(*discs.make(self.folder, 'hybrid', many=20, extra=discs.add_odd_names))

    def test_iso9660_without_extensions(self):
        iso, tree = discs.make_plain(self.folder)
        stick, _ = self.build(iso)
        finished.assert_same_tree(self, lower_case(stick.extract(self.folder / 'out')),
                                  lower_case(finished.read_tree(tree)))

    def test_mtools_reads_the_same(self):
        iso, tree = discs.make(self.folder, extra=lambda folder: discs.add_many(folder, 300))
        stick, _ = self.build(iso)
        finished.assert_same_tree(self, stick.extract_with_mtools(self.folder / 'out'),
                                  finished.read_tree(tree), CATALOGUE)

    def test_ten_thousand_small_files(self):
        iso, tree = discs.make(self.folder, extra=discs.add_many)
        self.check(iso, tree, size='512M')

    def test_three_thousand_names_with_one_beginning(self):
        def fill(folder):
            for number in range(3000):
                discs.write(folder / 'alike' / f'The same beginning {number}.txt', b'%d' % number)
        self.check(*discs.make(self.folder, extra=fill))

    def test_bootmgr_has_exactly_that_short_name(self):
        iso, _ = discs.make(self.folder)
        stick, _ = self.build(iso)
        start = stick.partition()['start'] * finished.SECTOR
        listing = product.tool('mdir', '-a', '-i', f'{stick.path}@@{start}', '::/')
        self.assertRegex(listing, r'(?mi)^bootmgr +400000 ')

    def test_links_of_linux_images(self):
        iso, tree = discs.make(self.folder, 'linux')
        # A link to the root of the disc is left out; a link to a file becomes the file.
        (tree / 'debian').unlink()
        stick, outcome = self.build(iso)
        self.assertIn('debian', ' '.join(outcome.finding(product.NAME_NOT_REPRESENTABLE)['files']))
        self.assertEqual(outcome.finding(product.NAME_NOT_REPRESENTABLE)['severity'], 'warning')
        actual = stick.extract(self.folder / 'out')
        expected = finished.read_tree(tree)
        loader = 'EFI/BOOT/BOOTX64.EFI'
        self.assertEqual({path.lower(): facts and facts[0] for path, facts in actual.items()
                          if not path.lower().startswith('efi') and path not in CATALOGUE},
                         {path.lower(): facts and facts[0] for path, facts in expected.items()})
        self.assertIn(loader.lower(), {path.lower() for path in actual})

    def test_file_names_that_fat_cannot_hold_are_changed(self):
        def fill(folder):
            discs.write(folder / 'papers/a:b*?.txt', b'colon')
            discs.write(folder / 'papers/CON', b'device')
            discs.write(folder / 'papers/Twin.txt', b'first')
            discs.write(folder / 'papers/TWIN.TXT', b'second')
        iso, tree = discs.make(self.folder, 'hybrid', extra=fill)
        stick, outcome = self.build(iso)
        self.assertEqual(len(outcome.finding(product.NAME_NOT_REPRESENTABLE)['files']), 3)
        contents = sorted(facts[0] for path, facts in stick.extract(self.folder / 'out').items()
                          if path.startswith('papers/'))
        self.assertEqual(contents, sorted(facts[0] for path, facts in
                                          finished.read_tree(tree).items()
                                          if path.startswith('papers/')))

    def test_boot_files_that_differ_by_case_are_refused(self):
        def fill(folder):
            discs.write(folder / 'sources/Extra.bin', b'first')
            discs.write(folder / 'sources/EXTRA.BIN', b'second')
        iso, _ = discs.make(self.folder, 'hybrid', extra=fill)
        outcome = self.create(iso, self.folder / 'stick.img', '--size', '256M',
                              status=product.NAME_NOT_REPRESENTABLE)
        self.assertEqual(sorted(outcome.finding(product.NAME_NOT_REPRESENTABLE)['files']),
                         ['sources/EXTRA.BIN', 'sources/Extra.bin'])

    @tap.only_full
    def test_file_of_four_gib_less_one(self):
        iso, tree = discs.make(self.folder, extra_file='large.bin=4294967295')
        self.check(iso, tree, size='5G')

    @tap.only_full
    def test_file_of_four_gib_is_refused(self):
        iso, _ = discs.make(self.folder, extra_file='large.bin=4294967296')
        outcome = self.create(iso, self.folder / 'stick.img', '--size', '8G', status=20)
        self.assertEqual(outcome.finding(20)['files'], ['large.bin'])


if __name__ == '__main__':
    sys.exit(tap.main())
