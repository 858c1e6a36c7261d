#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in other languages, in the other direction, with large text in a narrow window; what a
screen reader can say of each control, and whether the keyboard reaches it."""

import dataclasses
import sys

import accessible
import desktop
import tap
import users_stick
from case import MIB, Gate, ImageTest
from wizard import translator

NAME = 'Kingston DataTraveler 3.0'
CONTROLS = {'button', 'check box', 'radio button', 'toggle button', 'text', 'combo box',
            'list item', 'menu item', 'progress bar', 'spin button'}
# Tab goes through these to what is in them. GTK 4.8 calls them focusable all the same.
CONTAINERS = {'list', 'scroll pane', 'frame', 'window'}
# Names that GTK makes up when nobody gave one.
MADE_UP = ('Gtk', 'Adw', 'Rub')
TOLERANCE = 1
# What must at least be seen of a page at a time.
LEAST_HEIGHT = 200


@dataclasses.dataclass(frozen=True)
class Seen:
    """A thing that was on a page. scroller: the place of the area that it scrolls with, or None;
    is_part: made of others, which have names."""
    role: str
    name: str
    extents: tuple
    scroller: tuple
    is_focusable: bool
    is_sensitive: bool
    is_part: bool

    @property
    def is_control(self):
        return not self.is_part and self.role not in CONTAINERS and (
            self.is_focusable or self.role in CONTROLS)

    @property
    def is_visible(self):
        return self.extents[2] > 0 and self.extents[3] > 0

    def __str__(self):
        return f'{self.role} {self.name!r} at {self.extents}'


def note(thing, scroller=None):
    """What a thing is, and all in it."""
    role, children = thing.role, thing.children
    if role == 'scroll pane':
        scroller = scroller or thing.extents
    # AdwExpanderRow is a row of a list of rows.
    is_part = role == 'list item' and any(below.role == 'list' for child in children
                                          for below in (child, *child.children))
    yield Seen(role, thing.name, thing.extents, scroller, thing.is_('focusable'),
               thing.is_('sensitive'), is_part)
    for child in children:
        yield from note(child, scroller)


class Tour(ImageTest):
    """Goes through every page, once for all tests of the class, and notes what is on each."""

    language = 'en'

    def setUp(self):
        super().setUp()
        cls = type(self)
        if 'pages' not in vars(cls):
            cls.pages, cls.widths, cls.focused = {}, {}, {}
            self.go_round()

    def look(self, wizard, page):
        """Notes what is on a page once nothing vanishes or moves any more."""
        things = []

        def look_at_controls():
            things[:] = [seen for window in wizard.windows for seen in note(window)]
            return [(seen.role, seen.extents) for seen in things if seen.is_control]

        wizard.wait(lambda: wizard.settled(look_at_controls, times=2), f'a page {page!r} that stays')
        self.pages[page] = things
        self.widths[page] = wizard.window.extents[2]

    def go_round(self):
        path = self.folder / 'stick.img'
        users_stick.make_table(path, 128 * MIB, 'start=2048, size=100000', label='gpt')
        gate = Gate(self.folder, 'write', MIB, path)
        stick = self.plug(path)
        wizard = self.start(language=self.language, **gate.environment)
        wizard.is_on_step(1)
        self.look(wizard, 'empty')
        wizard.close()
        wizard = self.start(self.iso, language=self.language, **gate.environment)
        self.choose(wizard)
        self.build_it(wizard, gate)
        self.undo(wizard)
        stick.unplug()

    def expand(self, wizard, name, page, content):
        wizard.open(name)
        wizard.sees(content)
        self.look(wizard, page)

    def choose(self, wizard):
        wizard.can_click('Next')
        self.expand(wizard, 'Check the Download', 'image', 'Not calculated yet')
        wizard.click('Next')
        wizard.pick(NAME)
        self.look(wizard, 'sticks')
        self.expand(wizard, 'More Options', 'options', 'Read everything back')
        wizard.click('Next')
        wizard.cannot_click('Build')
        self.look(wizard, 'refused')
        wizard.click('Erase the Whole Stick Instead')
        wizard.can_click('Erase and Build…')
        self.look(wizard, 'review')

    def build_it(self, wizard, gate):
        self.fake.answer('dismissed')
        self.build(wizard, erase=True)
        wizard.ends_with('A Password Is Needed')
        self.look(wizard, 'failed')
        self.fake.answer('right')
        wizard.click('Try Again')
        wizard.click('Erase and Build…')
        wizard.sees('Erase This Stick?')
        self.look(wizard, 'question')
        wizard.click('Erase and Build')
        gate.wait(wizard)
        wizard.point_at(wizard.find('label', wizard.say('Log')))
        wizard.find('text', wizard.say('Log'))
        self.look(wizard, 'build')
        wizard.click('Cancel')
        wizard.sees('Stop Building?')
        self.look(wizard, 'stop')
        wizard.click('Keep Building')
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.look(wizard, 'result')

    def undo(self, wizard):
        wizard.act('win.undo-build')
        wizard.pick(NAME)
        self.look(wizard, 'stick to undo')
        wizard.click('Next')
        # It was erased: there is nothing to be put back.
        wizard.find('list', wizard.say('Problems'))
        wizard.cannot_click('Remove…')
        self.look(wizard, 'undo')

    def each(self):
        """All that is visible, with the name of its page."""
        for page, things in self.pages.items():
            for thing in things:
                if thing.is_visible:
                    yield page, thing


class Usual(Tour):
    def look(self, wizard, page):
        super().look(wizard, page)
        # The entry within an entry row is not on the bus in GTK 4.8.
        if page not in ('empty', 'image'):
            self.focused[page] = has_focus(wizard)

    def test_whatever_can_have_the_focus_has_a_name(self):
        nameless = [f'{page}: {thing}' for page, thing in self.each() if thing.is_control
                    and (not thing.name or thing.name.startswith(MADE_UP)
                         or (thing.role == 'button' and '_' in thing.name)
                         or is_doubled(thing.name))]
        self.assertEqual(nameless, [])
        self.assertGreater(sum(thing.is_control for _, thing in self.each()), 100)

    def test_something_has_the_focus_on_each_page(self):
        self.assertEqual([page for page, has_one in self.focused.items() if not has_one], [])
        self.assertGreater(len(self.focused), 8)


def has_focus(wizard):
    try:
        return wizard.wait(lambda: wizard.focused, 'focus') is not None
    except accessible.NotFound:
        return False


def is_doubled(name):
    half = len(name) // 2
    return len(name) > 2 and name[:half] == name[half + 1:]


class LargeText(Tour):
    """Text twice as large in a window 360 pixels wide: nothing sticks out, and all can be reached.
    With that, the usual size fits as well."""

    screen_size = (360, 640)
    text_scale = 2
    language = 'de'

    def test_the_window_fits_the_screen(self):
        self.assertEqual({page: width for page, width in self.widths.items()
                          if width > self.screen_size[0]}, {})

    def test_all_controls_can_be_reached(self):
        unreachable = [f'{page}: {thing}' for page, thing in self.each()
                       if thing.is_control and not self.can_be_reached(thing)]
        self.assertEqual(unreachable, [])

    def can_be_reached(self, thing):
        """In the window, or scrolled into it: whatever scrolls does so up and down only."""
        x, y, width, height = thing.extents
        left, top, right, bottom = 0, 0, *self.screen_size
        if thing.scroller:
            s_x, s_y, s_width, s_height = thing.scroller
            is_in = s_y >= 0 and s_y + s_height <= bottom and s_height >= LEAST_HEIGHT
            left, right = max(left, s_x), min(right, s_x + s_width)
        else:
            is_in = y >= top and y + height <= bottom + TOLERANCE
        return is_in and x >= left - TOLERANCE and x + width <= right + TOLERANCE

    def test_long_titles_take_several_lines(self):
        """Instead of being cut off."""
        of_undo = self.height('stick to undo', 'Choose the Stick to Remove the Rescue System From')
        self.assertGreater(of_undo, 1.5 * self.height('stick to undo', 'Without a Stick'))

    def height(self, page, title):
        """Of a title that is given in English."""
        wanted = translator(self.language)(title)
        return next(thing.extents[3] for thing in self.pages[page]
                    if thing.role == 'label' and thing.name == wanted)

    def test_text_is_twice_as_large(self):
        """Than the same on a desktop with text of the usual size."""
        large = self.measure(self.desktop)
        with desktop.Desktop((720, 640)) as usual:
            small = self.measure(usual)
        self.assertAlmostEqual(large[2] / small[2], self.text_scale, delta=0.1)

    def measure(self, screen):
        """The place of a short word."""
        wizard = self.start(language=self.language, screen=screen)
        word = wizard.find('label', wizard.say('Next'))
        place = wizard.wait(lambda: wizard.settled(lambda: word.extents), 'its place')
        wizard.close()
        return place


class LargeTextFromRightToLeft(LargeText):
    language = 'ar'

    def test_what_leads_on_is_on_the_left(self):
        for page in ('image', 'sticks', 'review'):
            buttons = [thing.extents for thing in self.pages[page]
                       if thing.role == 'button' and thing.is_visible]
            bottom = max(y for _, y, *_ in buttons)
            self.assertEqual([x < 50 for x, y, *_ in buttons if y == bottom], [True], page)


if __name__ == '__main__':
    sys.exit(tap.main())
