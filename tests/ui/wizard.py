# SPDX-License-Identifier: GPL-3.0-or-later
"""The wizard under test, RUB_WIZARD, with a person before it: who sees what a screen reader reads
out, and has a mouse and a keyboard.

    wizard.choose_image('/tmp/rescue.iso')
    wizard.click('Next')
    wizard.pick('Kingston DataTraveler 3.0')
    wizard.click('Next')
    wizard.reads('What will happen', 'New MBR partition table')

Texts are given in English, whatever language the wizard speaks.
"""

import gettext
import os
import pathlib
import re
import subprocess

import accessible
import desktop

PROGRAM = os.environ['RUB_WIZARD']
# How long to wait for something that must happen; a loaded computer takes its time.
PATIENCE_SECONDS = 240 if os.environ.get('RUB_TEST_SANITIZED') == '1' else 60
SCROLL_SECONDS = 2
# What GTK draws around a window where there is no window manager.
FRAME = 5
# Texts that make a session fail, wherever GTK says them.
COMPLAINTS = re.compile(r'^.*(?:WARNING|CRITICAL|ERROR|Sanitizer).*$', re.MULTILINE)
DIRECTION_MARKS = re.compile('[\u200f\u2068\u2069]')
# Said by libraries about a computer that is not whole, not about the program.
HARMLESS = re.compile(r'gtk_recent_manager|GtkRecentManager|recently-used')


class Wizard(accessible.Program):
    """language: 'en', 'de', 'ar'; arguments: of the program."""

    def __init__(self, screen, *arguments, environment=None, language='en', folder):
        self.desktop = screen
        self.say = _translator(language)
        self.output = pathlib.Path(folder, 'wizard-output')
        variables = {**screen.environment, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': language,
                     'G_DEBUG': 'fatal-warnings', **(environment or {})}
        with open(self.output, 'ab') as output:
            self.process = subprocess.Popen([PROGRAM, *map(str, arguments)], env=variables,
                                            stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)
        try:
            super().__init__(screen, self.process, PATIENCE_SECONDS)
            self.wait(lambda: self.windows, 'a window')
            # Without a window manager, keys go to the window below the pointer.
            screen.pointer.move(screen.size[0] // 2, FRAME + 2)
        except BaseException:
            desktop.end(self.process)
            raise

    @property
    def window(self):
        """The wizard itself: the oldest window, which a frame is."""
        return self.windows[0]

    # What is seen.

    def sees(self, text):
        """A text that starts like this, or is this."""
        return self.wait(lambda: self._texts_with(self.say(text)), f'text {text!r}')[0]

    def sees_no(self, text):
        self.wait(lambda: not self._texts_with(self.say(text)), f'end of text {text!r}')

    def _texts_with(self, text):
        return [thing for thing in self.look('label') if _squeeze(text) in _squeeze(thing.name)]

    def shows(self, text):
        """Whether a text is there right now."""
        return bool(self._texts_with(self.say(text)))

    def is_on_step(self, number):
        self.sees(self.say('Step %d of %d') % (number, 4))

    def is_at_stage(self, name):
        """The stage that is under way, and no other, is this one."""
        wanted, mark = self.say(name), self.say('Under way')
        self.wait(lambda: [row.name for stages in self.look('list', self.say('Steps'))
                           for row in stages.children
                           if any(role == 'image' and thing.name == mark
                                  for thing, role, _ in row.walk())] == [wanted], f'stage {name!r}')

    def reads(self, name, text):
        """A list has a row with this text."""
        wanted = _squeeze(self.say(text))
        self.wait(lambda: any(wanted in line for line in self.rows(name)),
                  f'{text!r} in the list {name!r}')

    def rows(self, name):
        """The texts of the rows of a list, now."""
        for found in self.look('list', self.say(name)):
            return [_squeeze(' '.join(label.name for label, role, _ in row.walk()
                                      if role == 'label')) for row in found.children]
        return []

    def button(self, name):
        return self.find('button', self.say(name))

    def can_click(self, name):
        """Waits until a button can be used."""
        return self.wait(lambda: any(button.is_('sensitive') for button in
                                     self.look('button', self.say(name))), f'a usable {name!r}')

    def cannot_click(self, name):
        """Waits until a button is there, but greyed."""
        return self.wait(lambda: any(not button.is_('sensitive') for button in
                                     self.look('button', self.say(name))), f'a greyed {name!r}')

    def read(self, find, page):
        """A list of what find(wizard, page) yields, once nothing vanishes while it looks."""
        return self.wait(lambda: [list(find(self, page))], f'a page {page!r} that stays')[0]

    # What is done.

    def point_at(self, thing, press=True):
        """Moves the pointer onto a thing, scrolling to it if needed, and clicks."""
        x, y = self.wait(lambda: self._place(thing), f'place of {thing.name!r}')
        self.desktop.pointer.move(x, y)
        if press:
            self.desktop.pointer.press()
            self.desktop.pointer.release()

    def _place(self, thing):
        """The middle of a thing on the screen; None, after a turn of the wheel, if it is not
        within the part of the window that shows."""
        x, y, width, height = thing.extents
        if width <= 0 or height <= 0:
            return None
        x, y = FRAME + x + width // 2, FRAME + y + height // 2
        if self._is_in_bars(thing):
            return x, y
        top, bottom = self._visible_part()
        if top < y < bottom:
            return x, y
        self._scroll(thing, 1 if y >= bottom else -1, (top + bottom) // 2)
        return None

    def _scroll(self, thing, clicks, y):
        """Turns the wheel and waits until the page has moved, or does not: a turn that is still to
        come would move what is clicked on next."""
        before = thing.extents
        self.desktop.pointer.move(self.desktop.size[0] // 2, y)
        self.desktop.pointer.scroll(clicks)
        try:
            self.wait(lambda: thing.extents != before, 'movement', SCROLL_SECONDS)
        except accessible.NotFound:
            pass  # it is at its end

    def _is_in_bars(self, thing):
        """Whether it is above or below the page, where nothing scrolls."""
        y = FRAME + thing.extents[1]
        top, bottom = self._visible_part()
        return y < top or (y >= bottom and thing.role == 'button' and self._is_in_action_bar(thing))

    def _is_in_action_bar(self, thing):
        return any(bar.name == 'GtkActionBar' and any(part.path == thing.path
                                                      for part, _, _ in bar.walk())
                   for bar in self.look('filler'))

    def _visible_part(self):
        """Between header and bottom bar, as coordinates of the screen."""
        _, y, _, height = self.window.extents
        bars = [bar.extents for bar in self.look('filler', 'GtkActionBar')]
        bottom = bars[0][1] if bars else y + height
        return FRAME + 47, FRAME + bottom

    def click(self, name):
        """Clicks on a button as soon as it can be used."""
        self.can_click(name)
        button = next(button for button in self.look('button', self.say(name))
                      if button.is_('sensitive'))
        self.point_at(button)

    def pick(self, name):
        """Clicks on a round or square button and waits for its mark."""
        self._mark(name, True)

    def clear(self, name):
        """Clicks on a square button or a switch to take its mark away."""
        self._mark(name, False)

    def _mark(self, name, is_marked):
        if self.is_picked(name) != is_marked:
            self.point_at(self.boxes(name)[0])
        self.wait(lambda: self.boxes(name)[0].is_('checked') == is_marked, f'change of {name!r}')

    def boxes(self, name=None):
        """Check boxes, radio buttons and switches; with this name."""
        name = name and self.say(name)
        return [box for role in ('check box', 'radio button', 'switch')
                for box in self.look(role) if name in (None, box.name)]

    def is_picked(self, name):
        return self.wait(lambda: [box.is_('checked') for box in self.boxes(name)],
                         f'choice {name!r}')[0]

    def press(self, *chords):
        self.desktop.keyboard.press(*chords)

    def enter(self, name, text):
        """Clicks into a field, replaces what is there by typing, and confirms."""
        field = self.find('text', self.say(name))
        self.point_at(field)
        self.press('ctrl+a')
        self.desktop.keyboard.type(text)
        self.wait(lambda: field.text == text, f'{text!r} in {name!r}')
        self.press('Return')

    def go_to(self, name, key='Tab', most=80):
        """Presses a key until a thing of that name has the focus."""
        name = self.say(name)
        for _ in range(most):
            focused = self.focused
            if focused and focused.name == name:
                return
            self.press(key)
            self.wait_for_change()
        raise accessible.NotFound(f'{key} does not lead to {name!r} in:\n{self.tell()}')

    def act(self, action):
        """Activates an action of the window, "win.check-stick", as a screen reader can."""
        self.wait(lambda: action in self.window.actions, f'action {action}')
        self.window.act(action)

    # The ways through the pages.

    def answers(self, question, answer):
        """A question that takes the place of a page."""
        self.sees(question)
        self.click(answer)

    def stops(self, question):
        """Says that the work is to stop, and waits until the program knows: a gate that is opened
        before would let it finish."""
        self.answers(question, 'Stop')
        self.wait(lambda: self.shows('Stopping…') or self.shows('Stopped'), 'stopping')

    def answer_dialog(self, path):
        """Types a path into the file dialog that has opened, and confirms."""
        dialog = self.wait(lambda: self.windows[1:], 'a file dialog')[0]
        # Keys that come before it is on the screen are not for it.
        self.wait(lambda: len(self.desktop.list_windows()) > 1, 'dialog on the screen')
        self.press('ctrl+a', 'BackSpace')
        self.desktop.keyboard.type(str(path))
        self.wait(lambda: any(role == 'text' and thing.text.startswith(str(path))
                              for thing, role, _ in dialog.walk()), 'path in the dialog')
        self.press('Return')
        self.wait(lambda: dialog.path not in [window.path for window in self.windows],
                  'end of the dialog')

    def ends_with(self, title, patience_seconds=PATIENCE_SECONDS):
        """The result page with this title."""
        self.wait(lambda: self.shows(title), f'result {title!r}', patience_seconds)

    # The end.

    def close(self):
        """Quits by keyboard and waits; fails if it does not end well, or has complained."""
        if self.process.poll() is None:
            self.press('ctrl+q')
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise AssertionError('it does not quit') from error
        complaints = [line for line in COMPLAINTS.findall(self.said()) if not HARMLESS.search(line)]
        assert not complaints, '\n'.join(complaints)
        assert self.process.returncode == 0, \
            f'it ended with {self.process.returncode}: {self.said()}'

    def said(self):
        """What it wrote to its standard output and error."""
        return self.output.read_text(encoding='utf-8', errors='replace')

    def stop(self):
        desktop.end(self.process)


def _squeeze(text):
    """Without line breaks and with plain spaces: those before units are no-break ones; without what
    marks parts of a text that is written from right to left, which nobody sees."""
    return ' '.join(DIRECTION_MARKS.sub('', text).split())


def _translator(language):
    """A function from English to a language, for texts without the marks of access keys."""
    folder = os.environ.get('RUB_LOCALEDIR')
    catalogue = gettext.translation('rescue-usb-builder', folder, [language], fallback=True)
    texts = {key.replace('_', ''): text.replace('_', '')
             for key, text in getattr(catalogue, '_catalog', {}).items() if isinstance(key, str)}
    return lambda text: texts.get(text, text)
