#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command understands, what it refuses with status 64, and what it says about itself."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from cli import PROGRAM, CliTest, make_image, run, run_json, tearDownModule
import tap

MANUAL = pathlib.Path(__file__).resolve().parents[2] / 'data/rescue-usb-builder.1'
COMPLETION = MANUAL.parent / 'completions/bash/rescue-usb-builder'


class Usage(CliTest):
    def assert_refused(self, arguments, pattern, **more):
        """One line that says what is wrong, one that points to the help, status 64, no log."""
        done = run(*arguments, **more)
        self.assertEqual(done.code, 64, done)
        self.assertEqual(done.out, '')
        first, second = done.err.splitlines()
        self.assertRegex(first, '^rescue-usb-builder: ' + pattern)
        self.assertEqual(second, "Try 'rescue-usb-builder --help'.")
        self.assertEqual(self.list_logs(), [])

    def test_unknown_options_are_refused(self):
        self.assert_refused(['--frobnicate'], 'unknown option --frobnicate')
        self.assert_refused(['-x'], 'unknown option -x')

    def test_only_the_documented_short_options_exist(self):
        for letter in set('abegjkmnoprstuvwxyzABCDEFGHIJKLMNOPQRSTUWXYZ?0'):
            with self.subTest(letter):
                self.assert_refused([f'-{letter}'], 'unknown option')

    def test_missing_arguments_are_named(self):
        self.assert_refused(['--create'], '--create needs a rescue image')
        self.assert_refused(['-c', '-i', 'a.iso'], '--create needs a target')
        self.assert_refused(['--inspect'], '--inspect needs a rescue image')
        self.assert_refused(['--inspect', '-i', ''], '--inspect needs a rescue image')
        self.assert_refused(['-c', '-i', 'a.iso', '-d', ''], '--create needs a target')
        self.assert_refused(['--iso'], 'missing argument for --iso')
        for command in ('--check', '--undo'):
            self.assert_refused([command], f'{command} needs a target')
            self.assert_refused([command, '-d', ''], f'{command} needs a target')

    def test_one_command_at_a_time(self):
        self.assert_refused(['--create', '--inspect', '-i', 'a'], 'only one command')
        self.assert_refused(['-c', '-l'], 'only one command')
        self.assert_refused(['--check', '-c'], 'only one command')

    def test_options_without_a_command_are_refused(self):
        self.assert_refused(['-i', 'a.iso'], 'say what to do')
        self.assert_refused(['--force'], 'say what to do')
        self.assert_refused(['-l', '--size', '8G'], '--list-devices takes no other options')
        self.assert_refused(['-l', '-d', 'x'], '--list-devices takes no other options')
        self.assert_refused(['--undo', '-d', 'x', '-i', 'a.iso'], '--undo takes no options of a')
        for option in (['--keep'], ['--size', '8G'], ['--boot', 'uefi']):
            self.assert_refused(['--check', '-d', 'x', *option], '--check takes no options of a')
        for option in (['--keep'], ['--log', 'x']):
            self.assert_refused(['--boot-test', '-d', 'x', *option],
                                '--boot-test takes no options of')
        self.assert_refused(['-l', '--log', 'x'], '--list-devices takes no other options')
        self.assert_refused(['--log', 'x'], 'say what to do')

    def test_writing_raw_leaves_no_choices(self):
        build = ['-c', '-i', 'a', '-d', 'b', '--raw']
        for option in (['--files'], ['--keep'], ['--label', 'X'], ['--filesystem', 'fat32']):
            with self.subTest(option):
                self.assert_refused([*build, *option], '(either )?--raw')

    def test_a_stray_argument_is_refused(self):
        self.assert_refused(['--inspect', '-i', 'a.iso', 'b.iso'], '.*"b.iso"')
        self.assert_refused(['a.iso', 'b.iso'], 'the wizard takes one image')

    def test_without_a_bus_there_are_no_drives(self):
        self.assert_refused(['--list-devices'], 'the system bus .* cannot be reached: .*install')
        for name in ('1', '/dev/sdz', '/dev/null', '4C530001230508112345'):
            with self.subTest(name):
                self.assert_refused(['-c', '-i', make_image(), '-d', name],
                                    'the system bus .* cannot be reached')
        for name in ('1', '/dev/sdz'):
            self.assert_refused(['-c', '-i', make_image(), '-d', name, '--size', '1G'],
                                '--size makes a disk-image file')

    def test_wrong_values_are_refused(self):
        for arguments, pattern in ((['--boot', 'floppy'], '--boot is multi, uefi or bios'),
                                   (['--filesystem', 'exfat'], '--filesystem is auto, fat32'),
                                   (['--label', 'much too long'], '"much too long" cannot be'),
                                   (['--label', 'A:B'], '"A:B" cannot be a label'),
                                   (['--label', ''], '"" cannot be a label'),
                                   (['--size', '8X'], '"8X" is not a size'),
                                   (['--size', '0'], 'no disk image can have the size "0"'),
                                   (['--log', ''], '--log needs the name of a file')):
            with self.subTest(arguments):
                self.assert_refused(['-c', '-i', 'a', '-d', 'b', *arguments], pattern)

    def test_what_takes_no_value_gets_none(self):
        build = ['-c', '-i', 'a', '-d', 'b']
        for flag in ('force', 'quiet', 'json', 'keep', 'raw', 'files', 'no-verify'):
            for value in ('no', '1', ''):
                with self.subTest(flag, value=value):
                    self.assert_refused([*build, f'--{flag}={value}'], f'--{flag} takes no value')
        for command in ('create', 'inspect', 'check', 'undo', 'boot-test', 'list-devices', 'help',
                        'version'):
            with self.subTest(command):
                self.assert_refused([f'--{command}=no'], f'--{command} takes no value')
        code, events = run_json(*build, '--force=no')
        self.assertEqual((code, events[0]['meaning']), (64, '--force takes no value.'))

    def test_keeping_leaves_the_stick_its_name(self):
        for command in ('--create', '--inspect'):
            self.assert_refused([command, '-i', 'a', '-d', 'b', '--keep', '--label', 'NEW'],
                                '--keep leaves the stick its name')

    def test_only_what_is_there_is_checked_or_undone(self):
        for command in ('--check', '--undo'):
            self.assert_refused([command, '-d', self.path('none.img')], '.* does not exist')
            self.assert_refused([command, '-d', self.folder], '.* is a folder')
            self.assert_refused([command, '-d', '/dev/sdz'], 'the system bus .* cannot be reached')

    def test_a_new_file_needs_a_size_and_an_old_one_none(self):
        old, new = self.path('old.img'), self.path('new.img')
        pathlib.Path(old).write_bytes(bytes(4096))
        self.assert_refused(['-c', '-i', make_image(), '-d', new], '.*does not exist; to make it')
        self.assert_refused(['-c', '-i', make_image(), '-d', old, '--size', '1G'],
                            '.*exists already, so leave out --size')
        self.assert_refused(['--inspect', '-i', 'a.iso', '--size', '1G'], '--size needs')
        self.assertFalse(os.path.exists(new))

    def test_a_size_on_an_existing_folder_is_refused(self):
        self.assert_refused(['--inspect', '-i', make_image(), '-d', self.folder],
                            '.*is a folder, not a disk-image file')

    def test_the_image_is_never_the_target(self):
        image = self.path('rescue.iso')
        os.link(make_image(), image)
        os.symlink(image, self.path('link.img'))
        for target in (image, self.path('link.img'), make_image()):
            with self.subTest(target):
                self.assert_refused(['-c', '-i', image, '-d', target],
                                    'the image and the target are the same file')
        new = self.path('new')
        self.assert_refused(['-c', '-i', new, '-d', f'{self.folder}/./new', '--size', '1G'],
                            'the image and the target are the same file')

    def test_the_log_overwrites_neither_image_nor_target(self):
        target = self.path('stick.img')
        pathlib.Path(target).write_bytes(bytes(4096))
        for log in (make_image(), target):
            before = pathlib.Path(log).read_bytes()
            self.assert_refused(['-c', '-i', make_image(), '-d', target, '--log', log],
                                'the log .* would overwrite')
            self.assertEqual(pathlib.Path(log).read_bytes(), before)

    def test_a_log_that_cannot_be_written_is_refused(self):
        self.assert_refused(['-c', '-i', make_image(), '-d', self.path('s.img'), '--size', '128M',
                             '--log', self.path('nowhere/build.log')], 'cannot write the log')
        self.assertFalse(os.path.exists(self.path('s.img')))

    def test_json_tells_usage_errors_too(self):
        for arguments in ((), ('--frobnicate',), ('--create',), ('--boot-test', '-d', 'x'), ('-c', '-l'),
                          ('--check', '-d', self.path('none.img'))):
            with self.subTest(arguments):
                code, events = run_json(*arguments)
                self.assertEqual(code, 64)
                self.assertEqual([event['event'] for event in events], ['finding', 'result'])
                self.assertEqual(events[0]['id'], 'usage')
                self.assertEqual(events[1]['finding']['meaning'], events[0]['meaning'])


class Words(CliTest):
    def test_help_and_version_end_well(self):
        for arguments in (['-h'], ['--help'], ['--help', '--create']):
            done = run(*arguments)
            self.assertEqual((done.code, done.err), (0, ''))
            self.assertIn('--create -i ISO -d DEVICE', done.out)
        self.assertRegex(done.out, r'rescue-usb-builder \d+\.\d+\.\d+\n'
                                   r'Copyright The Rescue USB Builder authors\n'
                                   r'Licence GPL-3\.0-or-later: [^\0]*$')
        for arguments in (['-V'], ['--version']):
            done = run(*arguments)
            self.assertEqual((done.code, done.err), (0, ''))
            self.assertRegex(done.out, r'^rescue-usb-builder \d+\.\d+\.\d+\n$')

    def test_help_fits_a_terminal(self):
        self.assertLessEqual(max(len(line) for line in run('--help').out.splitlines()), 98)

    def test_help_manual_and_completion_know_the_same_options(self):
        known = set(re.findall(r'--[a-z][a-z-]+', run('--help').out))
        manual = MANUAL.read_text(encoding='utf-8').replace('\\-', '-')
        self.assertEqual(known, set(re.findall(r'--[a-z][a-z-]+', manual)))
        completion = COMPLETION.read_text(encoding='utf-8')
        self.assertEqual(known, set(re.findall(r'--[a-z][a-z-]+', completion)))

    @unittest.skipUnless(shutil.which('man'), 'needs man')
    def test_the_manual_is_set_without_warnings(self):
        done = subprocess.run(['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', MANUAL],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b''))

    def complete(self, *words):
        """What the shell offers for the last word."""
        script = (f'source {COMPLETION}; compopt() {{ :; }}; COMP_WORDS=("$@"); '
                  'COMP_CWORD=$(($# - 1)); _rescue_usb_builder; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(['bash', '-c', script, 'bash', 'rescue-usb-builder', *words],
                              cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, '')
        return done.stdout.splitlines()

    def test_the_shell_completes_options_values_and_images(self):
        for name in ('my rescue.iso', 'other.ISO', 'stick.img'):
            pathlib.Path(self.path(name)).touch()
        self.assertEqual(self.complete('--in'), ['--inspect'])
        self.assertEqual(self.complete('--boot', 'u'), ['uefi'])
        self.assertEqual(sorted(self.complete('-i', '')), ['my rescue.iso', 'other.ISO'])
        self.assertEqual(self.complete('-d', 'st'), ['stick.img'])
        self.assertEqual(self.complete('my'), ['my rescue.iso'])



class Wizard(CliTest):
    """Without a command the program becomes the wizard."""

    def setUp(self):
        super().setUp()
        # A copy, so that the real wizard beside the program is out of the way.
        self.program = self.path('rescue-usb-builder')
        pathlib.Path(self.program).write_bytes(pathlib.Path(PROGRAM).read_bytes())
        os.chmod(self.program, 0o755)
        self.env = self.write_program('rescue-usb-builder-gtk', 'echo "wizard:$1:$#"; exit 7')

    def run_copy(self, *arguments, **env):
        return run(*arguments, executable=self.program, env=env)

    def test_it_starts_with_a_display(self):
        for display in ({'DISPLAY': ':99'}, {'WAYLAND_DISPLAY': 'wayland-0'}):
            done = self.run_copy(**self.env, **display)
            self.assertEqual((done.code, done.out), (7, 'wizard::0\n'))

    def test_it_gets_the_image(self):
        done = self.run_copy('my rescue.iso', **self.env, DISPLAY=':99')
        self.assertEqual((done.code, done.out), (7, 'wizard:my rescue.iso:1\n'))

    def test_the_one_beside_the_program_comes_first(self):
        sibling = pathlib.Path(self.path('rescue-usb-builder-gtk'))
        sibling.write_text('#!/bin/sh\necho sibling\n', encoding='utf-8')
        sibling.chmod(0o755)
        self.assertEqual(self.run_copy(**self.env, DISPLAY=':99').out, 'sibling\n')

    def test_without_a_display_it_says_so(self):
        done = self.run_copy(**self.env)
        self.assertEqual(done.code, 64)
        self.assertIn('there is no display', done.err)
        self.assertIn('--help', done.err)

    def test_without_the_program_it_says_so(self):
        done = self.run_copy(DISPLAY=':99', PATH='/nonexistent')
        self.assertEqual(done.code, 64)
        self.assertIn('rescue-usb-builder-gtk) is not installed', done.err)
        self.assertIn('--help', done.err)


if __name__ == '__main__':
    sys.exit(tap.main())
