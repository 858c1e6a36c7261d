#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad disks and Ctrl-C, at chosen bytes of the disk."""

import sys

import discs
import finished
import product
import tap

MIB = finished.MIB


class Faults(product.ProductTest):
    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.iso, _ = discs.make(cls.discs, extra_file='sources/zeros.bin=60M')

    def setUp(self):
        super().setUp()
        self.stick = finished.Stick(self.folder / 'stick.img')

    def build(self, fault, *arguments, status):
        return self.create(self.iso, self.stick.path, '--size', '256M', *arguments, preload=fault,
                           status=status)

    def assert_does_not_boot(self):
        self.assertEqual(self.stick.read(0, 440), bytes(440), 'boot code in the MBR')

    def test_no_fault_no_failure(self):
        self.build('flip:255000000000', status=product.OK)

    def test_changed_byte_in_a_file_is_noticed(self):
        finding = self.build(f'flip:{40 * MIB}', status=product.VERIFY_FAILED).finding(17)
        self.assertIn('sources/zeros.bin', finding['meaning'])

    def test_changed_byte_goes_unnoticed_only_if_asked(self):
        self.build(f'flip:{40 * MIB}', '--no-verify', status=product.OK)

    def test_changed_byte_in_a_boot_record_is_noticed(self):
        self.build(f'flip:{MIB + 12 * 512 + 100}', status=product.VERIFY_FAILED)

    def test_changed_byte_in_the_mbr_is_noticed(self):
        self.build('flip:100', status=product.VERIFY_FAILED)

    def test_write_error_names_the_offset(self):
        finding = self.build(f'eio:{40 * MIB}', status=product.WRITE_FAILED).finding(16)
        self.assertRegex(finding['meaning'], r'\d')
        self.assert_does_not_boot()

    def test_a_full_disk_below_the_file_is_told_as_such(self):
        for fault in ('nospace#1', 'nospace#2', 'nospace#20', f'nospace:{MIB}'):
            for filesystem in ('fat32', 'ntfs'):
                with self.subTest(fault=fault, filesystem=filesystem):
                    self.stick.path.unlink(missing_ok=True)
                    outcome = self.build(fault, '--boot', 'bios', '--filesystem', filesystem,
                                         status=product.WRITE_FAILED)
                    for finding in (outcome.finding(16), outcome.result['finding']):
                        self.assertIn('stick.img lies is full', finding['meaning'])
                        self.assertIn('put the disk-image file on another', finding['remedy'])

    def test_ctrl_c_while_copying(self):
        outcome = self.build(f'interrupt:{40 * MIB}', status=product.CANCELLED)
        self.assertEqual(outcome.result['code'], product.CANCELLED)
        self.assert_does_not_boot()

    def test_ctrl_c_says_what_it_leaves(self):
        outcome = product.run('--create', '-f', '-i', self.iso, '-d', self.stick.path, '--size',
                              '256M', preload=f'interrupt:{40 * MIB}', as_json=False)
        self.assertEqual(outcome.status, product.CANCELLED)
        self.assertRegex(outcome.errors + outcome.output, r'(?i)stick|unfinished|not start|incomplete')

    def test_cancelled_stick_is_built_again(self):
        self.build(f'interrupt:{40 * MIB}', status=product.CANCELLED)
        self.create(self.iso, self.stick.path)
        self.stick.assert_clean()


if __name__ == '__main__':
    sys.exit(tap.main())
