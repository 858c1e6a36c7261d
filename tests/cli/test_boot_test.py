#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--boot-test, with a script in QEMU's place: what is started, what is told, how it is stopped."""

import json
import os
import pathlib
import signal
import sys

from cli import CliTest, Fifo, make_image, run, run_json, select_events, start, tearDownModule
import tap

WINDOWS = 'if [ "$1" = -display ]; then echo none; echo gtk; exit 0; fi\n'
FIRMWARE = {
    'interface-types': ['uefi'],
    'targets': [{'architecture': 'x86_64', 'machines': ['pc-q35-*']}],
    'features': [],
}


class BootTest(CliTest):
    def setUp(self):
        super().setUp()
        os.environ.update(DISPLAY=':none', XDG_CONFIG_HOME=self.path('config'))
        self.calls = pathlib.Path(self.path('calls'))

    def describe_firmware(self, name, **mapping):
        folder = pathlib.Path(self.path('config'), 'qemu/firmware')
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**FIRMWARE, 'mapping': mapping}) if mapping else ''
        (folder / name).write_text(text, encoding='utf-8')

    def install(self, script='exit 0'):
        """QEMU, which notes its arguments, and UEFI for it."""
        firmware = self.path('firmware.fd')
        pathlib.Path(firmware).write_bytes(b'UEFI')
        file = {'filename': firmware, 'format': 'raw'}
        self.describe_firmware('00-first.json', device='flash', executable=file,
                               **{'nvram-template': file})
        return self.write_program('qemu-system-x86_64',
                                  f'{WINDOWS} echo "$@" >>"{self.calls}"\n{script}')

    def build(self, *arguments):
        stick = self.path('stick.img')
        code, _ = run_json('-c', '-i', make_image(), '-d', stick, '--size', '128M', *arguments)
        self.assertEqual(code, 0)
        return stick

    def list_started(self):
        """What was started, as the names that QEMU was given."""
        calls = self.calls.read_text(encoding='utf-8').splitlines() if self.calls.exists() else []
        return [call.split('-name ')[1].split()[0] for call in calls]

    def assert_started(self, firmware, *arguments):
        env = self.install()
        code, events = run_json('--boot-test', *arguments, env=env)
        self.assertEqual(code, 0, events)
        self.assertEqual(events[-1]['firmware'], firmware)
        self.assertEqual(self.list_started(), [name.upper() for name in firmware])

    def assert_refused(self, arguments, pattern, **more):
        code, events = run_json('--boot-test', *arguments, **more)
        self.assertEqual(code, 64)
        self.assertRegex(select_events(events, 'finding')[0]['meaning'], pattern)
        self.assertEqual(events[-1]['firmware'], [])
        self.assertEqual(self.list_started(), [])

    def test_a_stick_for_both_is_started_on_uefi_and_then_on_bios(self):
        self.assert_started(['uefi', 'bios'], '-d', self.build())

    def test_a_stick_is_not_started_on_what_it_was_not_made_for(self):
        self.assert_started(['uefi'], '-d', self.build('--boot', 'uefi'))

    def test_the_user_may_choose(self):
        self.assert_started(['bios'], '-d', self.build('--boot', 'uefi'), '--boot', 'bios')

    def test_a_stick_of_others_is_tried_on_both(self):
        stick = self.path('foreign.img')
        pathlib.Path(stick).write_bytes(bytes(1 << 20))
        self.assert_started(['uefi', 'bios'], '-d', stick)

    def test_it_says_what_it_does(self):
        stick = self.build()
        done = run('--boot-test', '-d', stick, env=self.install())
        self.assertEqual((done.code, done.err), (0, ''))
        first, second = done.out.splitlines()
        self.assertRegex(first, '^Starting .*stick.img on UEFI. Close the window')
        self.assertRegex(second, '^Starting .*stick.img on BIOS. Close the window')

    def test_without_a_display_it_is_refused(self):
        del os.environ['DISPLAY']
        self.assert_refused(['-d', self.build()], 'no display', env=self.install())

    def test_what_is_not_installed_is_told_before_anything_starts(self):
        stick = self.build()
        self.assert_refused(['-d', stick], 'QEMU.* is not installed; ".*qemu.*" installs it on',
                            env={'PATH': self.path('nowhere')})
        env = self.write_program('qemu-system-x86_64', 'echo none; echo curses')
        self.assert_refused(['-d', stick], 'opens windows is not installed', env=env)
        env = self.install()
        for folder in ('/usr/share/qemu/firmware', '/etc/qemu/firmware'):
            for file in pathlib.Path(folder).glob('*.json'):
                self.describe_firmware(file.name)
        self.describe_firmware('00-first.json')
        self.assert_refused(['-d', stick], 'no UEFI .*; ".*ovmf.*" installs one on', env=env)
        code, events = run_json('--boot-test', '-d', stick, '--boot', 'bios', env=env)
        self.assertEqual((code, events[-1]['firmware']), (0, ['bios']))

    def test_the_words_of_a_failure_are_told_and_nothing_else_is_started(self):
        env = self.install('echo no memory >&2; exit 1')
        code, events = run_json('--boot-test', '-d', self.build(), env=env)
        self.assertEqual(code, 64)
        self.assertRegex(events[-1]['finding']['meaning'], 'cannot start the stick: no memory')
        self.assertEqual(events[-1]['firmware'], [])
        self.assertEqual(self.list_started(), ['UEFI'])

    def test_an_unfinished_stick_is_not_started(self):
        stick = pathlib.Path(self.build())
        data = stick.read_bytes()
        self.assertEqual(data.count(b'"state":"complete"'), 1)
        stick.write_bytes(data.replace(b'"state":"complete"', b'"state":"pending" '))
        code, _ = run_json('--boot-test', '-d', stick, env=self.install())
        self.assertEqual((code, self.list_started()), (27, []))

    def test_a_signal_ends_it_with_its_process(self):
        stick, fifo = self.build(), Fifo(self.path('fifo'))
        self.addCleanup(fifo.close)
        env = self.install(f'echo $$ >"{self.path("pid")}"; echo >"{fifo.path}"; exec sleep 600')
        for number in (signal.SIGINT, signal.SIGTERM):
            with start('--boot-test', '-d', stick, '--json', env=env) as process:
                fifo.wait()
                process.send_signal(number)
                out, _ = process.communicate()
            result = json.loads(out.splitlines()[-1])
            self.assertEqual((process.returncode, result['code'], result['firmware']), (18, 18, []))
            pid = int(pathlib.Path(self.path('pid')).read_text(encoding='ascii'))
            self.assertFalse(os.path.exists(f'/proc/{pid}'))


if __name__ == '__main__':
    sys.exit(tap.main())
