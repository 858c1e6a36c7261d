#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second page: sticks that come and go, on every page, and which of them may be chosen."""

import sys

import tap
from case import GB, MIB, Gate, ImageTest

NAME = 'Kingston DataTraveler 3.0'


class Listed(ImageTest):
    def to_sticks(self, **options):
        wizard = self.start(self.iso, **options)
        wizard.click('Next')
        wizard.is_on_step(2)
        return wizard

    def test_none_then_one_then_none(self):
        wizard = self.to_sticks()
        wizard.sees('Insert a USB Stick')
        wizard.cannot_click('Next')
        stick = self.plug()
        wizard.find('check box', NAME)
        wizard.sees_no('Insert a USB Stick')
        stick.unplug()
        wizard.sees('Insert a USB Stick')

    def test_none_is_chosen_before_the_person_does(self):
        self.plug()
        wizard = self.to_sticks()
        self.assertFalse(wizard.is_picked(NAME))
        wizard.cannot_click('Next')
        wizard.pick(NAME)
        wizard.can_click('Next')

    def test_what_is_told_of_one(self):
        self.plug(self.make_holiday().path)
        wizard = self.to_sticks()
        wizard.reads('USB sticks', '68.2 MB · /dev/sdx · “HOLIDAY”')

    def test_names_that_look_like_markup(self):
        self.plug(vendor='A & B', model='<b>Stick</b> &amp;', serial='<&>')
        wizard = self.to_sticks()
        name = 'A & B <b>Stick</b> &amp;'
        wizard.reads('USB sticks', name)
        wizard.pick(name)
        wizard.pick('Erase the whole stick')
        wizard.click('Next')
        wizard.reads('Image and stick', name)
        wizard.click('Erase and Build…')
        wizard.sees('Erase This Stick?')
        wizard.sees(name)
        wizard.click('Cancel')

    def test_large_ones_are_apart(self):
        self.plug()
        self.plug(size=300 * GB, model='Archive')
        wizard = self.to_sticks()
        wizard.reads('Large drives', 'Kingston Archive')
        wizard.sees('Look twice')
        wizard.reads('USB sticks', NAME)
        self.assertNotIn('Archive', ' '.join(wizard.rows('USB sticks')))

    def test_those_that_do_not_suit_are_greyed_and_say_why(self):
        self.plug(model='Locked', read_only=True)
        self.plug(model='Reader', medium=False)
        wizard = self.to_sticks()
        wizard.reads('USB sticks', 'This drive is write-protected.')
        wizard.reads('USB sticks', 'There is no medium in this drive.')
        for model in ('Locked', 'Reader'):
            self.assertFalse(wizard.find('list item', 'Kingston ' + model).is_('sensitive'))
            wizard.point_at(wizard.find('check box', 'Kingston ' + model))
            self.assertFalse(wizard.is_picked('Kingston ' + model))
        wizard.cannot_click('Next')

    def test_a_disk_of_the_system_is_not_offered(self):
        stick = self.plug(model='System')
        stick.change('Block', 'hint-system', True)
        self.plug()
        wizard = self.to_sticks()
        wizard.reads('USB sticks', NAME)
        self.assertNotIn('System', ' '.join(wizard.rows('USB sticks')))

    def test_a_card_is_pushed_into_a_reader(self):
        reader = self.plug(model='Reader', medium=False)
        wizard = self.to_sticks()
        wizard.reads('USB sticks', 'Kingston Reader')
        reader.set_medium(True)
        wizard.pick('Kingston Reader')
        wizard.can_click('Next')
        reader.set_medium(False)
        wizard.cannot_click('Next')

    def test_udisks_is_not_there(self):
        self.fake.stop_service()
        wizard = self.to_sticks()
        wizard.sees('Drives Cannot Be Listed')
        wizard.can_click('Try Again')


class ComeAndGo(ImageTest):
    """A stick is pulled out while a page shows it, and put in again."""

    def test_on_the_first_page(self):
        stick = self.plug()
        wizard = self.start(self.iso)
        wizard.can_click('Next')
        stick.unplug()
        wizard.click('Next')
        wizard.sees('Insert a USB Stick')

    def test_while_it_is_chosen_and_the_choice_comes_back_with_it(self):
        stick = self.plug()
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick(NAME)
        stick.unplug()
        wizard.sees('The chosen stick was unplugged')
        wizard.cannot_click('Next')
        self.plug(stick.image, serial='AB1')
        wizard.wait(lambda: wizard.is_picked(NAME), 'choice')
        wizard.can_click('Next')

    def test_another_one_is_not_taken_for_it(self):
        stick = self.plug()
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick(NAME)
        stick.unplug()
        wizard.sees('Insert a USB Stick')
        self.plug(serial='OTHER')
        wizard.reads('USB sticks', '/dev/sdx')
        self.assertFalse(wizard.is_picked(NAME))
        wizard.cannot_click('Next')

    def test_on_the_review_page(self):
        stick = self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.can_click('Erase and Build…')
        stick.unplug()
        wizard.is_on_step(2)
        wizard.sees('The chosen stick was unplugged')

    def test_write_protection_is_switched_on_under_the_review(self):
        stick = self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.can_click('Erase and Build…')
        stick.set_read_only()
        wizard.is_on_step(2)
        wizard.reads('USB sticks', 'This drive is write-protected.')
        wizard.cannot_click('Next')
        stick.set_read_only(False)
        wizard.can_click('Next')

    def test_another_one_comes_to_the_review_page(self):
        self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.can_click('Erase and Build…')
        self.plug(model='Other')
        wizard.click('Back')
        wizard.reads('USB sticks', 'Kingston Other')
        self.assertTrue(wizard.is_picked(NAME))

    def test_while_it_is_asked_whether_to_erase(self):
        stick = self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.click('Erase and Build…')
        wizard.sees('Erase This Stick?')
        stick.unplug()
        wizard.is_on_step(2)
        wizard.sees_no('Erase This Stick?')

    def test_another_stick_comes_while_one_is_built(self):
        stick = self.plug()
        gate = Gate(self.folder, 'write', MIB, stick.image)
        wizard = self.review(self.iso, erase=True, **gate.environment)
        self.build(wizard, erase=True)
        wizard.is_on_step(4)
        other = self.plug(model='Other')
        other.unplug()
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_on_the_result_page(self):
        stick = self.plug()
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.can_click('Eject')
        stick.unplug()
        wizard.cannot_click('Eject')


if __name__ == '__main__':
    sys.exit(tap.main())
