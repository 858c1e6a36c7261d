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
    def build(self, iso, *arguments, size='256M', full_file=None):
        stick = finished.Stick(self.folder / 'stick.img')
        outcome = self.create(iso, stick.path, '--size', size, *arguments)
        self.assertTrue(outcome.result['ok'])
        stick.assert_clean(full_file)
        return stick, outcome

    def check(self, iso, tree, extra=CATALOGUE, **options):
        stick, _ = self.build(iso, **options)
        finished.assert_same_tree(self, stick.extract(),
                                  finished.read_tree(tree), extra)
        return stick

    @tap.cases(quick=[('windows', 20), ('bridge', 12), ('plain', 6)])
    def test_shape_by_genisoimage(self, shape, depth):
        self.check(*discs.make(self.folder, shape, extra=lambda folder: discs.add_odd_names(
            folder, depth, has_all=False)))

    def test_rock_ridge_by_xorriso(self):
        self.check(*discs.make(self.folder, 'hybrid', extra=discs.add_odd_names))

    def test_iso9660_without_extensions(self):
        iso, tree = discs.make_plain(self.folder)
        stick, _ = self.build(iso)
        finished.assert_same_tree(self, lower_case(stick.extract()),
                                  lower_case(finished.read_tree(tree)))

    def test_mtools_reads_the_same(self):
        iso, tree = discs.make(self.folder, extra=lambda folder: discs.add_many(folder, 300))
        stick, _ = self.build(iso)
        finished.assert_same_tree(self, stick.extract_with_mtools(self.folder / 'out'),
                                  finished.read_tree(tree), CATALOGUE)

    def test_ten_thousand_small_files_in_64_mib(self):
        iso, tree = discs.make(self.folder, extra=discs.add_many)
        stick = finished.Stick(self.folder / 'stick.img')
        inspected = product.run('--inspect', '-i', iso, '-d', stick.path, '--size', '512M')
        self.assertEqual(inspected.status, product.OK, inspected.output)
        self.assertLess(inspected.peak_bytes, 64 * MIB)
        stick, created = self.build(iso, size='512M')
        self.assertLess(created.peak_bytes, 64 * MIB)
        finished.assert_same_tree(self, stick.extract(), finished.read_tree(tree), CATALOGUE)

    def test_bootmgr_has_exactly_that_short_name(self):
        iso, _ = discs.make(self.folder)
        stick, _ = self.build(iso)
        start = stick.partition()['start'] * finished.SECTOR
        listing = product.tool('mdir', '-a', '-i', f'{stick.path}@@{start}', '::/')
        self.assertRegex(listing, r'(?mi)^bootmgr +400000 ')

    def test_links(self):
        def fill(folder):
            discs.write(folder / 'papers/real.txt', b'words')
            (folder / 'papers/link.txt').symlink_to('real.txt')
            (folder / 'papers/up').symlink_to('..')
            (folder / 'papers/second name.txt').hardlink_to(folder / 'papers/real.txt')
        iso, tree = discs.make(self.folder, 'hybrid', extra=fill)
        stick, outcome = self.build(iso)
        finding = outcome.finding(product.NAME_NOT_REPRESENTABLE)
        self.assertEqual(finding['severity'], 'warning')
        self.assertEqual(len(finding['files']), 1)
        self.assertIn('papers/up', finding['files'][0])
        (tree / 'papers/up').unlink()
        finished.assert_same_tree(self, stick.extract(), finished.read_tree(tree), CATALOGUE)

    def test_linux_disc_whose_loader_is_only_in_its_boot_image_gets_it_from_there(self):
        iso, _ = discs.make(self.folder, 'linux')
        stick, _ = self.build(iso, '--files')
        self.assertIn('EFI/BOOT/BOOTX64.EFI', stick.extract())

    def test_file_names_that_fat_cannot_hold_are_changed(self):
        def fill(folder):
            discs.write(folder / 'papers/a:b*?.txt', b'colon')
            discs.write(folder / 'papers/CON', b'device')
            discs.write(folder / 'papers/Twin.txt', b'first')
            discs.write(folder / 'papers/TWIN.TXT', b'second')
        iso, tree = discs.make(self.folder, 'hybrid', extra=fill)
        stick, outcome = self.build(iso)
        self.assertEqual(len(outcome.finding(product.NAME_NOT_REPRESENTABLE)['files']), 3)
        contents = sorted(facts[0] for path, facts in stick.extract().items()
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
        finding = outcome.finding(product.NAME_NOT_REPRESENTABLE)
        for name in ('sources/Extra.bin', 'sources/EXTRA.BIN'):
            self.assertIn(name, finding['meaning'])

    @tap.only_full
    def test_file_of_four_gib_less_one(self):
        iso, tree = discs.make(self.folder, extra_file='large.bin=4294967295')
        self.check(iso, tree, size='5G', full_file='LARGE.BIN')

    @tap.only_full
    def test_file_of_four_gib_is_refused(self):
        iso, _ = discs.make(self.folder, extra_file='large.bin=4294967296')
        outcome = self.create(iso, self.folder / 'stick.img', '--size', '8G', status=20)
        self.assertEqual(outcome.finding(20)['files'], ['large.bin'])


if __name__ == '__main__':
    sys.exit(tap.main())
