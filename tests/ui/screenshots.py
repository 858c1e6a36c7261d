#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a picture of every page and its main states, light, dark, with high contrast and from right to
left, into the folder RUB_PICTURES: ./dev screenshots [FOLDER]. The sticks are those of the fake UDisks2.
"""

import os
import pathlib
import sys
import unittest

import discs
import users_stick
from case import GB, MIB, Gate, ImageTest

STYLES = {
    'light': {},
    'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
    'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'},
    'rtl': {'language': 'ar'},
}


class Screenshots(ImageTest):
    """Each test is one way through the pages, in each style."""

    folder_for_pictures = pathlib.Path(os.environ.get('RUB_PICTURES', 'screenshots')).absolute()
    style = 'light'

    def take(self, name):
        """Takes a picture when nothing moves any more."""
        path = self.folder_for_pictures / f'{name}-{self.style}.png'
        self.desktop.pointer.move(2, 2)
        self.wizard.wait_for_change()
        self.desktop.save_picture(path)
        print(path, flush=True)

    def open(self, *arguments, **environment):
        preloaded = [os.environ['RUB_FAKE_ROOM_LIBRARY'], environment.pop('LD_PRELOAD', '')]
        self.wizard = self.start(*arguments, **STYLES[self.style], **environment,
                                 LD_PRELOAD=':'.join(filter(None, preloaded)))
        return self.wizard

    def to_review(self, *arguments, erase=False, **environment):
        wizard = self.open(*arguments, **environment)
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        if erase:
            wizard.pick('Erase the whole stick')
        wizard.click('Next')
        wizard.is_on_step(3)
        wizard.find('list', wizard.say('Image and stick'))
        return wizard

    def test_1_image(self):
        wizard = self.open()
        wizard.is_on_step(1)
        self.take('1-image-none')
        wizard.close()
        wizard = self.open(self.iso)
        wizard.can_click('Next')
        self.take('1-image')
        image = self.copy_of_image('short.iso')
        os.truncate(image, image.stat().st_size // 2)
        wizard.enter('Image file', str(image))
        wizard.sees('short.iso')
        self.take('1-image-incomplete')

    def test_2_sticks(self):
        wizard = self.open(self.iso)
        wizard.click('Next')
        wizard.sees('Insert a USB Stick')
        self.take('2-stick-none')
        self.plug(self.make_holiday().path)
        self.plug(size=32 * GB, vendor='SanDisk', model='Ultra')
        self.plug(model='Card Reader', medium=False)
        self.plug(size=500 * GB, vendor='Samsung', model='Portable SSD')
        wizard.pick('SanDisk Ultra')
        self.take('2-stick')
        wizard.open('More Options')
        self.take('2-stick-options')

    def test_3_review(self):
        self.plug(self.make_holiday().path)
        self.to_review(self.iso)
        self.take('3-review-keep')
        self.wizard.close()
        self.to_review(self.iso, erase=True)
        self.take('3-review-erase')
        self.wizard.click('Erase and Build…')
        self.wizard.sees('Erase This Stick?')
        self.take('3-review-question')

    def test_3_review_refused(self):
        path = self.folder / 'gpt.img'
        users_stick.make_table(path, 128 * MIB, 'start=2048, size=100000', label='gpt')
        self.plug(path)
        self.to_review(self.iso)
        self.take('3-review-refused')

    def test_4_build(self):
        stick = self.plug(size=512 * MIB)
        folder = self.folder / 'image'
        folder.mkdir()
        image, _ = discs.make(folder, extra_file='sources/data.bin=200M')
        gate = Gate(self.folder, 'write', 120 * MIB, stick.image)
        wizard = self.to_review(image, erase=True, **gate.environment)
        self.build(wizard, erase=True)
        wizard.wait(lambda: wizard.look('progress bar') and
                    wizard.look('progress bar')[0].value > 0.2, 'some progress')
        self.take('4-build')
        wizard.click('Cancel')
        wizard.sees('Stop Building?')
        self.take('4-build-stop')
        wizard.stops('Stop Building?')
        gate.open(wizard)
        wizard.ends_with('Stopped')
        self.take('5-result-stopped')

    def test_5_result(self):
        self.plug()
        wizard = self.to_review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.take('5-result-ready')
        wizard.act('win.check-stick')
        self.take('6-check')

    def test_5_result_failed(self):
        self.plug()
        self.fake.answer('dismissed')
        wizard = self.to_review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('A Password Is Needed')
        self.take('5-result-password')


def main():
    Screenshots.folder_for_pictures.mkdir(parents=True, exist_ok=True)
    works = True
    for style in STYLES:
        Screenshots.style = style
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(Screenshots)
        works &= unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful()
    return 0 if works else 1


if __name__ == '__main__':
    sys.exit(main())
