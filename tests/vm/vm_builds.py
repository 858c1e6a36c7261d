# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds of the program in the virtual computer, and what has to be true of a finished stick."""

import json
import os
import pathlib

import discs
import emulator
import finished
import product
import users_stick
import vm_case

AUTOMOUNTER = pathlib.Path(__file__).with_name('automounter.sh')
LARGE_BYTES = 32 * finished.MIB
LABEL = 'PE_X64'
CATALOGUE = 'boot/boot.cat'  # made by the tool that makes discs


class BuildTest(vm_case.VmTest):
    """One rescue image of some 40 MB for all tests of a class, with stand-ins as loaders."""

    @classmethod
    def setUpClass(cls):
        cls.discs = product.scratch(cls)
        cls.iso, tree = discs.make(
            cls.discs, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
            efi_loader=os.environ['RUB_STANDIN_EFI'], label=LABEL, many=50,
            extra=lambda tree: discs.write(tree / 'papers/large.bin', discs.noise(LARGE_BYTES)))
        cls.files = finished.read_tree(tree)
        cls.digests = digests_of(cls.files)

    def create(self, node, *arguments, status=product.OK):
        """Builds to the end."""
        return self.run_program('--create', '-i', self.offer(self.iso), '-d', node, '--force',
                                *arguments, status=status)

    def start_create(self, node, *arguments, **options):
        return self.start('--create', '-i', self.offer(self.iso), '-d', node, '--force',
                          *arguments, **options)

    def plug_holiday(self, fill=None, **options):
        """Plugs in a stick with files of a user; returns it, its node, and these files."""
        stick = self.make_stick(**options)
        seen = users_stick.make_holiday(self.folder, stick.path, 4096, vm_case.STICK_BYTES, fill)
        return stick, self.machine.plug(stick), seen.extract()

    def assert_asked(self, times):
        """How often the password dialog came up, always for the same thing."""
        questions = self.machine.questions()
        self.assertEqual(len(questions), times, questions)
        for question in questions:
            self.assertIn('"org.freedesktop.udisks2.open-device"', question)

    def assert_kernel_agrees(self, node, before=()):
        """The guest's kernel and fsck.fat see the files of the image, those of the user, which
        `before` has as Stick.extract(), and no others."""
        self.assert_files(vm_case.guest_files(self.machine, f'{node}1'), before)

    def assert_files(self, seen, before=()):
        """`seen` is {path: sha256}; a file of the image takes the place of one of the user."""
        seen, expected = dict(seen), {**digests_of(dict(before)), **self.digests}
        self.assertIsNotNone(seen.pop(CATALOGUE, None))
        differing = {path for path in seen.keys() | expected.keys()
                     if seen.get(path) != expected.get(path)}
        self.assertEqual(differing, set())

    def assert_whole(self, stick):
        """Tools of the host see the files of the image and no others."""
        seen = self.as_stick(stick)
        finished.assert_same_tree(self, seen.extract(), self.files, extra=[CATALOGUE])
        seen.assert_clean()

    def assert_starts(self, stick, *firmwares, **options):
        for firmware in firmwares:
            if reason := emulator.missing(firmware):
                self.skipTest(reason)
            until = 'BOOTMGR OK drive=80 hidden=00000800' if firmware == 'bios' else 'BOOTX64 OK'
            emulator.boot(stick.path, until, firmware=firmware, **options)

    def digest_of(self, stick):
        return finished.disk_digest(stick.path)


def digests_of(tree):
    """{path: sha256} of the files of a tree."""
    return {path: facts[0] for path, facts in tree.items() if facts}


def events_in(text):
    """The whole lines of --json in a piece of output."""
    return [json.loads(line) for line in text.splitlines(True)
            if line.startswith('{') and line.endswith('}\n')]
