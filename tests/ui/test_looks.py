#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in other languages, in the other direction, with large text and in a narrow window; and
what a screen reader can say of each control."""

import sys

from gi.repository import GLib

import tap
from case import MIB, Gate, ImageTest

CONTROLS = ('button', 'check box', 'radio button', 'text', 'list item', 'progress bar', 'spin button')
# Names that GTK makes up when nobody gave one.
MADE_UP = ('Gtk', 'Adw', 'Rub')
TOLERANCE = 1


class Tour(ImageTest):
    """Goes through every page and stops at each."""

    language = 'en'

    def tour(self, look):
        """Calls look(wizard, page) on each page and state."""
        stick = self.plug()
        gate = Gate(self.folder, 'write', MIB, stick.image)
        wizard = self.start(language=self.language, **gate.environment)
        wizard.is_on_step(1)
        look(wizard, 'empty')
        wizard.close()
        wizard = self.start(self.iso, language=self.language, **gate.environment)
        wizard.can_click('Next')
        look(wizard, 'image')
        wizard.click('Next')
        wizard.pick('Kingston DataTraveler 3.0')
        wizard.pick('Erase the whole stick')
        look(wizard, 'sticks')
        wizard.click('Next')
        wizard.can_click('Erase and Build…')
        look(wizard, 'review')
        wizard.click('Erase and Build…')
        wizard.sees('Erase This Stick?')
        look(wizard, 'question')
        wizard.click('Erase and Build')
        wizard.is_on_step(4)
        look(wizard, 'build')
        wizard.click('Cancel')
        wizard.sees('Stop Building?')
        look(wizard, 'stop')
        wizard.click('Keep Building')
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        look(wizard, 'result')
        return wizard


class Names(Tour):
    def test_each_control_of_each_page_has_a_name(self):
        nameless = []

        def find(wizard, page):
            return [f'{page}: {role} {name!r}' for window in wizard.windows
                    for name, role in controls(window)
                    if not name or name.startswith(MADE_UP)
                    or (role == 'button' and '_' in name) or is_doubled(name)]
        self.tour(lambda wizard, page: nameless.extend(wizard.read(find, page)))
        self.assertEqual(nameless, [])

    def test_something_has_the_focus_on_each_page(self):
        lost = []

        def look(wizard, page):
            try:
                wizard.wait(lambda: wizard.focused, 'focus', 3)
            except AssertionError:
                lost.append(page)
        self.tour(look)
        # The entry within an entry row is not on the bus in GTK 4.8.
        self.assertEqual([page for page in lost if page not in ('empty', 'image')], [])


def controls(window):
    for thing, role, _ in window.walk():
        if role not in CONTROLS:
            continue
        try:
            # The row that AdwExpanderRow is made of has a list with rows that have names.
            if role == 'list item' and any(its_role == 'list' for _, its_role, _ in thing.walk()):
                continue
            yield thing.name, role
        except GLib.Error:
            continue


def is_doubled(name):
    half = len(name) // 2
    return len(name) > 2 and name[:half] == name[half + 1:]


class German(Tour):
    language = 'de'

    def test_all_pages(self):
        self.tour(lambda wizard, page: None)


class Arabic(Tour):
    language = 'ar'

    def test_all_pages_from_right_to_left(self):
        places = {}

        def look(wizard, page):
            places[page] = wizard.read(lambda *_: [button.extents for button in
                                                   wizard.look('button')], page)
        self.tour(look)
        self.assertEqual(len(places), 8)
        for page in ('image', 'sticks', 'review'):
            bottom = max(y for _, y, *_ in places[page])
            self.assertLess(min(x for x, y, *_ in places[page] if y == bottom), 100,
                            f'"Next" of {page} is not on the left')


class Narrow(Tour):
    """360 pixels wide: nothing sticks out, and nothing is cut off."""

    screen_size = (360, 640)

    def test_all_pages_fit(self):
        self.assert_fits()

    def assert_fits(self):
        outside = []

        def find(wizard, page):
            width = self.desktop.size[0]
            if wizard.window.extents[2] > width:
                yield f'{page}: the window is {wizard.window.extents[2]} wide'
            for role in ('button', 'check box', 'list item', 'text', 'progress bar'):
                for thing in wizard.look(role):
                    if sticks_out(thing.extents, width):
                        yield f'{page}: {role} {thing.name!r} at {thing.extents}'
        self.tour(lambda wizard, page: outside.extend(wizard.read(find, page)))
        self.assertEqual(outside, [])


class NarrowGerman(Narrow):
    language = 'de'


class LargeText(Narrow):
    """Text twice as large."""

    screen_size = (640, 720)
    text_scale = 2


def sticks_out(extents, width):
    x, _, its_width, its_height = extents
    return its_height > 0 and (x < -TOLERANCE or x + its_width > width + TOLERANCE)


if __name__ == '__main__':
    sys.exit(tap.main())
