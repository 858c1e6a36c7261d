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
PATIENCE_SECONDS = 240
SCROLL_SECONDS = 2
# What may be seen above something that was scrolled to.
SCROLL_MARGIN = 20
# For how long a key is waited for where what it does cannot be seen.
KEY_SECONDS = 2
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
        self.say = translator(language)
        self.output = pathlib.Path(folder, 'wizard-output')
        variables = {**screen.environment, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': language,
                     'G_DEBUG': 'fatal-warnings', **(environment or {})}
        if os.environ.get('RUB_TEST_LATE') == '1':
            preloaded = [os.environ['RUB_LATE_LIBRARY'], variables.get('LD_PRELOAD', '')]
            variables['LD_PRELOAD'] = ':'.join(filter(None, preloaded))
        with open(self.output, 'ab') as output:
            self.process = subprocess.Popen([PROGRAM, *map(str, arguments)], env=variables,
                                            stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)
        try:
            super().__init__(screen, self.process, PATIENCE_SECONDS)
            self.wait(lambda: self.windows, 'a window')
            # Keys and clicks that come before it is on the screen are not for it.
            self.wait(lambda: self.desktop.count_windows(self.process.pid), 'window on the screen')
            # Without a window manager, keys go to the window below the pointer.
            screen.pointer.move(screen.size[0] // 2, FRAME + 2)
        except BaseException:
            self.stop()
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

    def has_focus_on(self, name):
        self.wait(lambda: (focused := self.focused) and focused.name == self.say(name),
                  f'focus on {name!r}')

    def holds(self, path):
        """Whether it has a file open."""
        return any(os.path.realpath(file) == os.path.realpath(path)
                   for file in pathlib.Path('/proc', str(self.process.pid), 'fd').iterdir())

    def button(self, name):
        return self.find('button', self.say(name))

    def can_click(self, name):
        """Waits until a button can be used."""
        return self.wait(lambda: [button for button in self.look('button', self.say(name))
                                  if button.is_('sensitive')], f'a usable {name!r}')[0]

    def cannot_click(self, name):
        """Waits until a button is there, but greyed."""
        return self.wait(lambda: any(not button.is_('sensitive') for button in
                                     self.look('button', self.say(name))), f'a greyed {name!r}')

    # What is done.

    def point_at(self, thing, press=True):
        """Moves the pointer onto a thing, scrolling to it if needed, and clicks."""
        self._point_at_found(lambda: thing, press)

    def _point_at_found(self, find, press=True):
        """The same with what is found at that moment: a page may make its parts anew."""
        x, y = self.wait(lambda: self._place(find()), 'a place to point at')
        self.desktop.pointer.move(x, y)
        if press:
            self.desktop.pointer.press()
            self.desktop.pointer.release()

    def _place(self, thing):
        """The middle of a thing on the screen; None while things move and, after a turn of the wheel,
        if it is not within the part of the window that shows."""
        extents = self.settled(lambda: thing.extents)
        if not extents or extents[2] <= 0 or extents[3] <= 0:
            return None
        x, y, width, height = extents
        x, y = x + width // 2, y + height // 2
        scroller = self._scroller(thing)
        if scroller:
            _, top, _, height = scroller.extents
            if not top < y < top + height:
                self._scroll(thing, 1 if y > top else -1, FRAME + top + height // 2)
                return None
        return (FRAME + x, FRAME + y) if thing.extents == extents else None

    def _scroller(self, thing):
        """The part of the page that it scrolls with; None if it stays where it is."""
        return next((area for area in self.look('scroll pane')
                     if any(part.path == thing.path for part, _, _ in area.walk())), None)

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

    def click(self, name):
        """Clicks on a button as soon as it can be used."""
        self._point_at_found(lambda: self.can_click(name))

    def pick(self, name):
        """Clicks on a round or square button and waits for its mark."""
        self._mark(name, True)

    def clear(self, name):
        """Clicks on a square button or a switch to take its mark away."""
        self._mark(name, False)

    def _mark(self, name, is_marked):
        if self.is_picked(name) != is_marked:
            self._point_at_found(lambda: self.boxes(name)[0])
        self.wait(lambda: is_marked in [box.is_('checked') for box in self.boxes(name)[:1]],
                  f'change of {name!r}')

    def boxes(self, name=None):
        """Check boxes, radio buttons and switches; with this name."""
        name = name and self.say(name)
        return [box for role in ('check box', 'radio button', 'switch')
                for box in self.look(role) if name in (None, box.name)]

    def is_picked(self, name):
        return self.wait(lambda: [box.is_('checked') for box in self.boxes(name)],
                         f'choice {name!r}')[0]

    def open(self, name):
        """Clicks on a row that opens, and waits until all of it is in sight, or as much as there is
        room for."""
        header = self.find('list item', self.say(name))
        self.point_at(header)
        self.wait(lambda: self._is_open_in_sight(header), f'view of what {name!r} opens')

    def _is_open_in_sight(self, header):
        row = [row for row in self.look('list item') if row.path != header.path and
               any(part.path == header.path for part, _, _ in row.walk())][0]
        scroller = self._scroller(row)
        if not scroller:
            return False
        _, y, _, height = row.extents
        _, top, _, room = scroller.extents
        return height > 1.5 * header.extents[3] and (
            y + height <= top + room or top <= y <= top + SCROLL_MARGIN)

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
            self._wait_for_focus_to_leave(focused)
        raise accessible.NotFound(f'{key} does not lead to {name!r} in:\n{self.tell()}')

    def _wait_for_focus_to_leave(self, thing):
        """A key that is still to come would move it away from where it was wanted. Not all that can
        have it is on the bus: from one such thing to the next nothing is to be seen."""
        path = thing and thing.path
        try:
            self.wait(lambda: ((focused := self.focused) and focused.path) != path, 'movement of the focus',
                      None if thing else KEY_SECONDS)
        except accessible.NotFound:
            if thing:
                raise

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
        self._wait_for_windows_on_screen(2)
        self.press('ctrl+a', 'BackSpace')
        self.desktop.keyboard.type(str(path))
        self.wait(lambda: any(role == 'text' and thing.text.startswith(str(path))
                              for thing, role, _ in dialog.walk()), 'path in the dialog')
        self.press('Return')
        self.wait(lambda: dialog.path not in [window.path for window in self.windows],
                  'end of the dialog')
        self._wait_for_windows_on_screen(1)

    def _wait_for_windows_on_screen(self, count):
        """Keys and clicks that come earlier are for another one."""
        self.wait(lambda: self.desktop.count_windows(self.process.pid) == count,
                  f'{count} windows on the screen')

    def ends_with(self, title):
        """The result page with this title."""
        self.wait(lambda: self.shows(title), f'result {title!r}')

    # The end.

    def quit(self):
        """Quits by keyboard, which nothing may stand in the way of, and waits until it is gone."""
        self.press('ctrl+q')
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise AssertionError('it does not quit') from error

    def close(self):
        """Quits if it has not yet; fails if it did not end well, or has complained."""
        if self.process.poll() is None:
            self.quit()
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


def translator(language):
    """A function from English to a language, for texts without the marks of access keys."""
    folder = os.environ.get('RUB_LOCALEDIR')
    catalogue = gettext.translation('rescue-usb-builder', folder, [language], fallback=True)
    texts = {key.replace('_', ''): text.replace('_', '')
             for key, text in getattr(catalogue, '_catalog', {}).items() if isinstance(key, str)}
    return lambda text: texts.get(text, text)
