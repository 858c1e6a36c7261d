#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds that are stopped, fail, or are disturbed: what is said, and how it goes on."""

import os
import sys
import time

import discs
import finished
import services
import tap
from case import MIB, Gate, ImageTest
from fake_udisks import command

NAME = 'Kingston DataTraveler 3.0'


class TroubleTest(ImageTest):
    """With an image that takes a while."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.images / 'large'
        folder.mkdir()
        cls.large, _ = discs.make(folder, extra_file='data.bin=24M')

    def halt(self, what, size_bytes, stick, erase=True, agree=False):
        """A wizard that stands still in the middle of building a stick."""
        gate = Gate(self.folder, what, size_bytes, stick.image)
        wizard = self.review(self.large, erase=erase, **gate.environment)
        self.build(wizard, erase=erase, agree=agree)
        gate.wait(wizard)
        return wizard, gate


class Stopped(TroubleTest):
    def stop(self, wizard, gate, says):
        wizard.click('Cancel')
        wizard.sees(says)
        wizard.stops('Stop Building?')
        gate.open(wizard)
        wizard.ends_with('Stopped')

    def test_while_the_table_is_written(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 0, stick)
        wizard.is_at_stage('Partitioning')
        self.stop(wizard, gate, 'it will not start a computer')

    def test_while_it_is_formatted(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 3 * MIB, stick)
        wizard.is_at_stage('Formatting')
        self.stop(wizard, gate, 'What was on the stick may be gone already')
        wizard.sees(f'{NAME} (268.4 MB, /dev/sdx) was erased')
        self.assertNotEqual(self.check(stick.image), 'good')

    def test_while_files_are_copied_onto_an_erased_stick(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        wizard.is_at_stage('Copying')
        self.stop(wizard, gate, 'What was on the stick may be gone already')
        wizard.sees('unfinished')
        self.assertEqual(self.check(stick.image), 'incomplete')
        wizard.click('Try Again')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_while_files_are_put_beside_those_of_the_user(self):
        holiday = self.make_holiday(size_bytes=128 * MIB, cluster_bytes=1024)
        files = holiday.extract()
        stick = self.plug(holiday.path)
        wizard, gate = self.halt('write', 4 * MIB, stick, erase=False, agree=True)
        self.stop(wizard, gate, 'Your files stay as they are')
        self.assertLessEqual(files.items(), holiday.extract().items())

    def test_while_it_is_read_back(self):
        stick = self.plug()
        wizard, gate = self.halt('read', 8 * MIB, stick)
        wizard.is_at_stage('Checking')
        self.stop(wizard, gate, 'What was on the stick may be gone already')

    def test_before_the_password_is_entered(self):
        holiday = self.make_holiday()
        before = finished.disk_digest(holiday.path)
        self.plug(holiday.path)
        self.fake.answer('wait')
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        self.fake.wait_for_prompt()
        wizard.click('Cancel')
        wizard.stops('Stop Building?')
        self.fake.answer('right')
        wizard.ends_with('Stopped')
        self.assertEqual(finished.disk_digest(holiday.path), before)

    def test_not_after_all(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        wizard.click('Cancel')
        wizard.answers('Stop Building?', 'Keep Building')
        wizard.is_at_stage('Copying')
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_by_closing_the_window(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        for keys in ('ctrl+w', 'ctrl+q'):
            wizard.press(keys)
            wizard.answers('Stop Building?', 'Keep Building')
        wizard.click('Close')
        wizard.stops('Stop Building?')
        gate.open(wizard)
        wizard.ends_with('Stopped')


class WhileItLooks(TroubleTest):
    """Looking changes nothing, so that it may be left at any moment."""

    def halt_inspection(self):
        gate = Gate(self.folder, 'read', 0, self.large)
        wizard = self.start(**gate.environment)
        wizard.enter('Image file', str(self.large))
        gate.wait(wizard)
        wizard.cannot_click('Next')
        return wizard, gate

    def test_another_image_is_chosen(self):
        wizard, gate = self.halt_inspection()
        wizard.enter('Image file', str(self.iso))
        wizard.can_click('Next')
        gate.open(wizard)
        wizard.wait(lambda: not wizard.holds(self.large), 'end of the other look')
        wizard.reads('Recently used images', self.iso.name)
        self.assertNotIn('large', ' '.join(wizard.rows('Recently used images')))

    def test_the_window_is_closed(self):
        wizard, gate = self.halt_inspection()
        wizard.quit()
        gate.open(wizard)

    def test_the_stick_does_not_answer_and_another_is_chosen(self):
        self.plug(self.make_holiday().path)
        self.fake.fault('Filesystem.Mount', never=True)
        wizard = self.review(self.iso)
        wizard.sees('Looking at the Stick…')
        self.fake.wait_for_call('Filesystem.Mount')
        wizard.cannot_click('Build')
        wizard.click('Back')
        self.plug(model='Other')
        wizard.pick('Kingston Other')
        wizard.pick('Erase the whole stick')
        wizard.click('Next')
        wizard.can_click('Erase and Build…')


class WhileItBuilds(TroubleTest):
    def test_the_session_is_held_and_the_person_is_told_at_the_end(self):
        seen = self.desktop.services
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        (reason, what), = wizard.wait(lambda: list(seen.inhibitors.values()), 'an inhibitor')
        self.assertEqual(reason, 'A stick is being built')
        both = services.LOGOUT | services.SUSPEND
        self.assertEqual(what & both, both)
        self.desktop.keyboard.turn_away()
        self.addCleanup(self.desktop.keyboard.turn_back)
        wizard.wait(lambda: not wizard.window.is_('active'), 'end of its turn')
        gate.open(wizard)
        wizard.wait(lambda: 'Your Rescue Stick Is Ready' in dict(seen.notifications), 'notification')
        wizard.wait(lambda: not seen.inhibitors, 'end of the inhibitor')
        self.desktop.keyboard.turn_back()

    def test_stages_bytes_and_log_are_shown(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        wizard.is_at_stage('Copying')
        wizard.sees(' of ')
        bar = wizard.find('progress bar', 'Progress')
        wizard.wait(lambda: 0 < bar.value < 1, 'some progress')
        for stage in ('Partitioning', 'Formatting', 'Copying', 'Boot code', 'Checking'):
            wizard.reads('Steps', stage)
        marks = [mark.name for mark in wizard.look('image')
                 if mark.name in ('Done', 'Under way', 'Still to come')]
        self.assertEqual(marks.count('Under way'), 1)
        self.assertEqual(sorted(marks, key=['Done', 'Under way', 'Still to come'].index), marks)
        wizard.point_at(wizard.find('label', 'Log'))
        wizard.wait(lambda: any('step 1:' in view.text for view in wizard.look('text', 'Log')), 'log')
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_each_stage_is_read_out(self):
        """GTK 4.8 has no live regions; what gets the focus is read out, and that goes with them."""
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        wizard.has_focus_on('Copying')
        rows = {row.path: row.name for row in wizard.look('list', 'Steps')[0].children}

        def read_out():
            return [rows[path] for path in wizard.told if path in rows]

        wizard.wait(lambda: read_out()[-1] == 'Copying', 'the stage to be read out')
        # Those between may be over too soon to be told of.
        self.assertEqual(read_out(), sorted(set(read_out()), key=list(rows.values()).index))
        self.assertEqual(read_out()[0], 'Partitioning')
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')
        wizard.has_focus_on('Eject')

    def test_another_image_has_to_wait(self):
        stick = self.plug()
        wizard, gate = self.halt('write', 8 * MIB, stick)
        self.assertNotIn('win.open-image', wizard.window.actions)
        gate.open(wizard)
        wizard.ends_with('Your Rescue Stick Is Ready')


class Unplugged(TroubleTest):
    def test_before_anything_is_written(self):
        """Raw writing goes on in the fake after the stick is gone: that is for the VM."""
        stick = self.plug()
        self.fake.fault('Block.OpenDevice', 'Failed', 'Error opening /dev/sdx: No such device',
                        times=-1, do=[command('unplug', node=stick.node)])
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Was Unplugged')
        wizard.reads('What went wrong', '(code 13)')
        wizard.reads('What went wrong', 'Plug it in again')
        wizard.click('Try Again')
        wizard.is_on_step(2)

    def test_while_it_is_written_through_a_folder(self):
        stick = self.plug(size=600 * MIB)
        self.fake.fault('Filesystem.Mount', 'Failed', 'gone', times=-1,
                        do=[command('unplug', node=stick.node)])
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick(NAME)
        wizard.pick('Erase the whole stick')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Was Unplugged')


class Refused(TroubleTest):
    def refuse(self, says='(code 15)'):
        holiday = self.make_holiday()
        before = finished.disk_digest(holiday.path)
        self.plug(holiday.path)
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('A Password Is Needed')
        wizard.reads('What went wrong', says)
        self.assertEqual(finished.disk_digest(holiday.path), before)
        return wizard

    def test_the_prompt_is_dismissed_and_answered_the_second_time(self):
        self.fake.answer('dismissed')
        wizard = self.refuse()
        self.fake.answer('right')
        wizard.click('Try Again')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_the_password_is_wrong(self):
        self.fake.answer('wrong')
        self.refuse()

    def test_nobody_may_be_asked(self):
        self.fake.policy('open-device', 'no')
        self.plug()
        wizard = self.review(self.iso, erase=True)
        wizard.reads('Problems', '(code 15)')
        wizard.cannot_click('Erase and Build…')
        wizard.click('Build for UEFI Only')
        wizard.sees_no('(code 15)')


class Failed(TroubleTest):
    def test_a_stick_that_cannot_be_opened_and_the_second_try(self):
        self.plug()
        self.fake.fault('Block.OpenDevice', 'Failed', 'Error opening /dev/sdx: Input/output error')
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', '(code')
        begin = time.monotonic()
        wizard.click('Copy Details')
        wizard.sees('Details copied')
        wizard.sees_no('Details copied')
        self.assertGreater(time.monotonic() - begin, 5, 'it is gone too soon to be read')
        wizard.click('Try Again')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')

    def test_it_turns_out_to_be_write_protected(self):
        self.plug()
        self.fake.fault('Block.OpenDevice', 'Failed', 'Error opening /dev/sdx: Read-only file system')
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', 'The stick cannot be written to (code 1)')
        wizard.reads('What went wrong', 'Switch off write protection')

    def fails(self, fault, title):
        stick = self.plug()
        wizard = self.review(self.large, erase=True, LD_PRELOAD=os.environ['RUB_FAULTY_DISK'],
                             RUB_FAULT=fault)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', title)
        return wizard, stick

    def test_a_write_fails_once(self):
        wizard, stick = self.fails('eio#20', 'Writing failed (code 16)')
        wizard.click('Try Again')
        self.build(wizard, erase=True)
        wizard.ends_with('Your Rescue Stick Is Ready')
        self.assertEqual(self.check(stick.image), 'good')

    def test_the_table_cannot_be_written(self):
        self.fails(f'eio:{256 * MIB - 512}', 'The partition table could not be written (code 7)')

    def test_what_is_read_back_differs(self):
        wizard, _ = self.fails(f'flip:{5 * MIB}', '(code 17)')
        wizard.click('Choose Another Stick')
        wizard.is_on_step(2)

    def test_formatting_fails(self):
        self.plug(size=600 * MIB)
        self.fake.fault('PartitionTable.CreatePartitionAndFormat', 'Failed',
                        'Error formatting: mkfs <fat> & more')
        wizard = self.start(self.iso)
        wizard.click('Next')
        wizard.pick(NAME)
        wizard.pick('Erase the whole stick')
        wizard.clear('Start old and new computers')
        wizard.click('Next')
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        wizard.reads('What went wrong', 'The partition could not be formatted (code 8)')
        wizard.click('Choose Another Stick')
        wizard.is_on_step(2)

    def test_the_log_is_saved(self):
        self.plug()
        self.fake.fault('Block.OpenDevice', 'Failed', 'Error opening /dev/sdx: Input/output error')
        wizard = self.review(self.iso, erase=True)
        self.build(wizard, erase=True)
        wizard.ends_with('The Stick Could Not Be Built')
        path = self.folder / 'saved.log'
        wizard.click('Save log')
        wizard.answer_dialog(path)
        wizard.sees('Log saved')
        self.assertIn('Input/output error', path.read_text())


if __name__ == '__main__':
    sys.exit(tap.main())
