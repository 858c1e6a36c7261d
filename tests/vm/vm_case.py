# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests in the virtual computer share: one computer a test, restored from the kept state."""

import json
import shutil
import time

import finished
import image
import machine
import product
import sticks

PROGRAM = '/share/rescue-usb-builder'
# UDisks2 makes FAT16 of what is below 512 MiB.
STICK_BYTES = sticks.GIB
# How volumes are checked and mounted.
FAT = 'fsck.fat -n', 'mount -o ro,utf8'
NTFS = 'ntfsfix -n', 'mount -t ntfs-3g -o ro'


class VmTest(product.ProductTest):
    """A test with a computer, `self.machine`, and the program in its share."""

    packages = image.PACKAGES

    def setUp(self):
        super().setUp()
        if reason := image.missing(self.packages):
            self.skipTest(reason)
        self.restore()

    def restore(self):
        """Puts a fresh computer in the place of the one before, as after a restart."""
        self.machine = machine.Machine(image.get(self.packages))
        self.addCleanup(self.machine.close)
        shutil.copy(product.CLI, self.machine.share)

    def offer(self, path):
        """Puts a file of the host into the share; returns its path in the guest."""
        shutil.copy(path, self.machine.share)
        return f'/share/{path.name}'

    def make_stick(self, serial='STICK0001', size_bytes=STICK_BYTES, **options):
        """A blank stick, not plugged in."""
        path = sticks.make_blank(self.folder / f'{serial}.img', size_bytes)
        return sticks.Stick(path, serial, **options)

    def plug_new(self, serial='STICK0001', **options):
        """Plugs a blank stick in; returns it and its node."""
        stick = self.make_stick(serial, **options)
        return stick, self.machine.plug(stick)

    def start(self, *arguments, listener=None):
        """Starts the program as the plain user."""
        return self.machine.user.start(PROGRAM, *arguments, '--json', listener=listener)

    def outcome(self, job, status=product.OK, seconds=None):
        """Waits for a run of the program; returns its product.Outcome."""
        job.wait()
        self.assertEqual(job.status, status, str(job))
        events = [json.loads(line) for line in job.out.splitlines()]
        return product.Outcome(job.status, events, job.out, job.err, seconds=seconds)

    def run_program(self, *arguments, status=product.OK):
        begin = time.monotonic()
        job = self.start(*arguments).wait()
        return self.outcome(job, status, time.monotonic() - begin)

    def as_stick(self, stick, number=None):
        """Lets tools of the host look at a stick, which has to be unplugged before."""
        if stick in self.machine.sticks:
            self.machine.unplug(stick)
        return finished.Stick(stick.path, number)


def guest_files(machine_, node, filesystem=FAT):
    """The files of a volume as the guest's kernel or ntfs-3g reads them: {path: sha256}, without
    our own records. What repairs such volumes has looked at it before."""
    check, mount = filesystem
    listing = machine_.root.run(
        f'{check} {node} >&2 && mkdir -p /run/look && {mount} {node} /run/look && '
        'cd /run/look && find . -type f -print0 | xargs -0r sha256sum -z | tr "\\0" "\\n"; '
        'status=$?; cd /; umount /run/look; exit $status').out
    pairs = (line.split('  ./', 1) for line in listing.splitlines())
    return {path: digest for digest, path in pairs
            if path.split('/')[0] != finished.OWN_FOLDER}
