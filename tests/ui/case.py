# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the wizard share: a desktop for each class, a computer with (fake) USB sticks
and a folder for each test, images and sticks to go through the wizard with."""

import errno
import os
import pathlib
import select
import shutil
import tempfile
import unittest

import desktop
import discs
import fake_udisks
import finished
import product
import users_stick
from wizard import PATIENCE_SECONDS, Wizard

MIB = finished.MIB
GB = 1000 ** 3


@unittest.skipIf(desktop.missing(), desktop.missing())
class WizardTest(unittest.TestCase):
    """A test that starts the wizard with start() and has sticks plugged in with plug()."""

    screen_size = (640, 720)
    text_scale = 1

    @classmethod
    def setUpClass(cls):
        cls.desktop = cls.enterClassContext(
            desktop.Desktop(cls.screen_size, cls.text_scale))

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='rub-wizard-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fake = fake_udisks.FakeUdisks()
        self.fake.__enter__()
        self.addCleanup(self.fake.stop)
        self.sticks = 0

    def start(self, *arguments, language='en', screen=None, **environment):
        """Starts the wizard, on another desktop if wanted. At the end of the test it must quit
        without any complaint."""
        variables = {'DBUS_SYSTEM_BUS_ADDRESS': self.fake.environment['DBUS_SYSTEM_BUS_ADDRESS'],
                     **environment}
        wizard = Wizard(screen or self.desktop, *arguments, environment=variables, language=language,
                        folder=self.folder)
        self.addCleanup(self._close, wizard)
        return wizard

    def _close(self, wizard):
        try:
            if self._is_going_well():
                wizard.close()
            else:
                self._keep_picture()
        finally:
            wizard.stop()

    def _is_going_well(self):
        result = self._outcome.result
        return all(test is not self for test, _ in result.failures + result.errors)

    def _keep_picture(self):
        """Of what was on the screen when a test failed, if it is wanted."""
        folder = os.environ.get('RUB_TEST_PICTURES')
        if folder:
            self.desktop.save_picture(pathlib.Path(folder, f'{self.id()}.png'))

    def plug(self, image=None, size=256 * MIB, **facts):
        """Plugs a stick in: an image file, or a blank one of that size."""
        if image is None:
            image = self.folder / f'stick-{self.sticks}.img'
            with open(image, 'wb') as file:
                file.truncate(size)
        self.sticks += 1
        facts = {'vendor': 'Kingston', 'model': 'DataTraveler 3.0', 'serial': f'AB{self.sticks}',
                 **facts}
        return self.fake.plug(image, **facts)

    def make_holiday(self, name='holiday.img', **options):
        """The image of a stick with files of a user, as finished.Stick."""
        return users_stick.make_holiday(self.folder, self.folder / name, **options)

    def build(self, wizard, erase=False, agree=False):
        """From the review page on; agree: to the warnings."""
        if agree:
            wizard.pick('Go on all the same')
        wizard.click('Erase and Build…' if erase else 'Build')
        if erase:
            wizard.answers('Erase This Stick?', 'Erase and Build')

    def check(self, path):
        """What the command says of a finished stick."""
        return product.run('--check', '-d', path).result['state']

    def review(self, *arguments, stick='Kingston DataTraveler 3.0', erase=False, **options):
        """Starts the wizard with an image and goes to the review of a stick."""
        wizard = self.start(*arguments, **options)
        wizard.click('Next')
        wizard.pick(stick)
        if erase:
            wizard.pick('Erase the whole stick')
        wizard.click('Next')
        wizard.is_on_step(3)
        return wizard


class Fifo:
    """Where something that the wizard does, or has started, waits for a test."""

    def __init__(self, path):
        self.path = path
        self.pipe = None
        os.mkfifo(path)

    def wait(self, wizard):
        """Waits until the other side stands there."""
        self.pipe = self.pipe or wizard.wait(self._knock, f'somebody who waits at {self.path.name}')

    def _knock(self):
        """Opens the pipe, which only works while the other end is open, or being opened."""
        try:
            return open(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK), 'wb')
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return None

    def is_left(self):
        """Whether the other side goes away although nobody let it go on."""
        poll = select.poll()
        poll.register(self.pipe, select.POLLERR)
        return bool(poll.poll(PATIENCE_SECONDS * 1000))

    def let_go(self, wizard):
        """Lets the other side go on; waits until it is there if it is not yet."""
        self.wait(wizard)
        self.pipe.close()
        self.pipe = None


class Gate:
    """Stops the wizard in the middle of a stage: after it has read or written ("read", "write") so
    many bytes of a file. Environment of the wizard, and how to let it go on."""

    def __init__(self, folder, what, size_bytes, file):
        self.fifo = Fifo(folder / 'gate')
        self.environment = {'LD_PRELOAD': os.environ['RUB_GATE_LIBRARY'],
                            'RUB_GATE': f'{what}:{size_bytes}:{file}:{self.fifo.path}'}
        self.wait, self.open = self.fifo.wait, self.fifo.let_go


class ImageTest(WizardTest):
    """With a small Windows PE image for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = product.scratch(cls)
        cls.iso, cls.tree = discs.make(
            cls.images, bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
            efi_loader=os.environ['RUB_STANDIN_EFI'])

    def copy_of_image(self, name):
        return pathlib.Path(shutil.copy(self.iso, self.folder / name))
