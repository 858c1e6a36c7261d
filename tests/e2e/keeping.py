# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of builds beside a user's files share."""

import os

import discs
import finished
import product

CATALOGUE = ('boot/boot.cat',)  # made by the tools that make discs


class KeepTest(product.ProductTest):
    """Builds of one image beside the files on a stick."""
    ARGUMENTS = ('--keep',)

    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.iso, cls.tree = discs.make(cls.discs, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
                                       efi_loader=os.environ['RUB_STANDIN_EFI'])
        cls.files = finished.read_tree(cls.tree)

    def setUp(self):
        super().setUp()
        self.path = self.folder / 'stick.img'

    def keep(self, *arguments, iso=None, status=product.OK, **options):
        return self.create(iso or self.iso, self.path, *self.ARGUMENTS, *arguments, status=status,
                           **options)

    def check(self, status=product.OK, **options):
        outcome = product.run('--check', '-d', self.path, **options)
        self.assertEqual(outcome.status, status, outcome.output)
        return outcome.result

    def undo(self, status=product.OK):
        outcome = product.run('--undo', '-d', self.path)
        self.assertEqual(outcome.status, status, outcome.output)
        if status == product.OK:
            self.assertEqual(outcome.all_of('progress')[-1]['fraction'], 1)
        return outcome.result

    def assert_all_there(self, stick, before, image=None):
        """The user's files as they were, those of the image, and nothing else."""
        after = stick.extract()
        image = dict(self.files if image is None else image)
        new = {path.lower() for path in image}
        for path, facts in before.items():
            if path.lower() not in new:
                self.assertEqual(after.pop(path), facts, path)
        after = {path.lower(): facts for path, facts in after.items() if path.lower() not in CATALOGUE}
        finished.assert_same_tree(self, after,
                                  {path.lower(): facts for path, facts in image.items()})
        stick.assert_clean()
