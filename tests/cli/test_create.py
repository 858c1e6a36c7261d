#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--create through pipes: what it builds and says, its log, and what it does when it is hindered."""

import json
import os
import pathlib
import resource
import signal
import subprocess
import sys

from cli import (PATIENCE_SECONDS, Fifo, CliTest, make_image, run, run_json, select_events, start,
                 tearDownModule)
import tap


class BuildTest(CliTest):
    def setUp(self):
        super().setUp()
        self.stick = self.path('stick.img')
        self.arguments = ['--create', '-i', make_image(), '-d', self.stick]
        self.new = [*self.arguments, '--size', '128M']

    def check_stick(self):
        """The volume is clean and has the files, in the eyes of tools that are not ours."""
        volume = self.path('volume')
        with open(self.stick, 'rb') as disk, open(volume, 'wb') as file:
            disk.seek(1 << 20)
            file.write(disk.read())
        subprocess.run(['fsck.fat', '-n', volume], check=True, stdout=subprocess.DEVNULL)
        listing = subprocess.run(['mdir', '-b', '-/', '-i', volume, '::'], check=True,
                                 capture_output=True, text=True).stdout
        self.assertIn('::/bootmgr\n', listing)
        self.assertIn('::/sources/boot.wim\n', listing)


class Create(BuildTest):
    def test_a_new_stick_is_built(self):
        done = run(*self.new)
        self.assertEqual((done.code, done.err), (0, ''))
        self.assertRegex(done.out, r'\nReady: \S+stick\.img starts on UEFI 64-bit, BIOS\n'
                                   r'  \d+ files, \d\.\d MB, in [^;]+; read back and found right\n'
                                   r"  To try it: qemu-system-x86_64 -m 2G -drive '.*'\n$")
        self.assertEqual(os.path.getsize(self.stick), 128 << 20)
        self.assertLess(os.stat(self.stick).st_blocks * 512, 64 << 20)
        self.check_stick()

    def test_an_old_stick_is_erased_and_built(self):
        with open(self.stick, 'wb') as file:
            file.write(os.urandom(4 << 20))
            file.truncate(128 << 20)
        done = run(*self.arguments, '--label', 'Rescue 7', '--no-verify')
        self.assertEqual((done.code, done.err), (0, ''))
        self.assertIn('; not checked: --no-verify\n', done.out)
        self.assertIn('"RESCUE 7"', done.out)
        self.check_stick()

    def test_a_pipe_implies_no_question_and_no_progress(self):
        with start(*self.new, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, err), (0, b''))
        self.assertIn(b'\nReady: ', out)
        self.assertNotIn(b'[y/N]', out)

    def test_json_tells_each_step_and_the_result(self):
        code, events = run_json(*self.new)
        self.assertEqual(code, 0)
        steps = [(event['id'], event['state']) for event in select_events(events, 'step')]
        ids = ['table', 'format', 'copy', 'boot-code', 'verify']
        self.assertEqual(steps, [(name, 'planned') for name in ids] +
                         [(name, state) for name in ids for state in ('started', 'done')])
        progress = select_events(events, 'progress')
        self.assertTrue(progress)
        self.assertEqual(set(progress[0]), {'event', 'step', 'id', 'stage', 'fraction', 'done',
                                            'total', 'item', 'speed', 'seconds_left'})
        self.assertEqual([progress[-1][key] for key in ('fraction', 'step', 'id')],
                         [1, len(ids), ids[-1]])
        self.assertEqual(progress[-1]['done'], progress[-1]['total'])
        result = events[-1]
        image = select_events(events, 'image')[0]
        self.assertEqual((result['files'], result['bytes']),
                         (image['file_count'], image['files_size']))
        self.assertIs(result['verified'], True)
        self.assertIsNone(result['left_behind'])
        self.assertEqual(result['log'], str(self.list_logs()[0]))

    def test_quiet_json_has_no_progress(self):
        _, events = run_json(*self.new, '--quiet', '--no-verify')
        self.assertEqual(select_events(events, 'progress'), [])
        self.assertIs(events[-1]['verified'], False)

    def test_a_refused_build_changes_nothing_and_shows_its_log(self):
        done = run(*self.arguments, '--size', '16M')
        self.assertEqual(done.code, 4)
        self.assertFalse(os.path.exists(self.stick))
        self.assertTrue(done.err.endswith(f'  Log: {self.list_logs()[0]}\n'), done.err)

    def test_a_missing_image_is_told_without_target_and_steps(self):
        code, events = run_json('-c', '-i', self.path('none.iso'), '-d', self.stick, '--size', '1G')
        self.assertEqual(code, 10)
        self.assertEqual([event['event'] for event in events], ['finding', 'result'])
        self.assertEqual(events[1]['finding']['id'], 'image-unreadable')


class Log(BuildTest):
    def test_it_tells_the_whole_story(self):
        log = self.path('build.log')
        self.assertEqual(run(*self.new, '--log', log).code, 0)
        self.assertEqual(self.list_logs(), [])
        text = pathlib.Path(log).read_text(encoding='utf-8')
        for part in ('rescue-usb-builder 0.', f'image: {make_image()}', 'Windows PE 10.0',
                     f'target: {self.stick}', 'step 1: New MBR partition table', 'disk signature',
                     'table done after', 'verify done after', 'backward seeks'):
            self.assertIn(part, text)

    def test_failures_are_in_it(self):
        self.assertEqual(run(*self.arguments, '--size', '16M').code, 4)
        self.assertIn('error 4 (disk-too-small): The image needs',
                      self.list_logs()[0].read_text(encoding='utf-8'))

    def test_a_folder_of_logs_that_is_not_absolute_is_ignored(self):
        home = self.path('home')
        for name in ('logs', '../logs', ''):
            with self.subTest(name=name):
                _, events = run_json(*self.new, '--no-verify', cwd=self.path('.'),
                                     env={'XDG_STATE_HOME': name, 'HOME': home})
                folder = os.path.join(home, '.local/state/rescue-usb-builder')
                self.assertEqual(os.path.dirname(events[-1]['log']), folder)
                os.remove(self.stick)

    def test_the_newest_20_stay(self):
        folder = pathlib.Path(self.state, 'rescue-usb-builder')
        folder.mkdir(parents=True)
        for day in range(1, 26):
            (folder / f'202001{day:02}-120000-000000-1.log').write_text('old', encoding='utf-8')
        (folder / 'notes.txt').write_text('mine', encoding='utf-8')
        self.assertEqual(run(*self.new).code, 0)
        logs = self.list_logs()
        self.assertEqual(len(logs), 20)
        self.assertEqual(logs[0].name, '20200107-120000-000000-1.log')
        self.assertIn('verify done', logs[-1].read_text(encoding='utf-8'))
        self.assertTrue((folder / 'notes.txt').exists())

    def test_the_build_goes_on_where_none_can_be_kept(self):
        done = run(*self.new, env={'XDG_STATE_HOME': '/dev/null'})
        self.assertEqual(done.code, 0)
        self.assertRegex(done.err, '^rescue-usb-builder: there is no log: .*\n$')
        _, events = run_json(*self.arguments, env={'XDG_STATE_HOME': '/dev/null'})
        self.assertIsNone(events[-1]['log'])
        self.assertIn('there is no log', events[-1]['note'])


class Hindered(BuildTest):
    def test_a_limit_on_file_sizes_is_told(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))
        done = run(*self.new, preexec_fn=limit)
        self.assertEqual(done.code, 16, done)
        self.assertRegex(done.err, r'^Build failed: writing failed \(code 16\)\n')
        self.assertIn('ulimit', done.err)
        self.assertNotIn('USB port', done.err)
        self.assertFalse(os.path.exists(self.stick))
        with open(self.stick, 'wb') as file:
            file.truncate(128 << 20)
        # The first thing that is made is the table, in memory, where the limit holds, too.
        done = run(*self.arguments, preexec_fn=limit)
        self.assertEqual(done.code, 7, done)
        self.assertIn('File too large', done.err)
        self.assertIn('ulimit', done.err)

    def test_a_reader_that_went_away_does_not_stop_the_build(self):
        for more in ([], ['--json']):
            with self.subTest(more):
                reader, writer = os.pipe()
                os.close(reader)
                target = self.arguments if os.path.exists(self.stick) else self.new
                done = run(*target, *more, stdout=writer)
                os.close(writer)
                self.assertEqual((done.code, done.err), (0, ''))
                self.check_stick()

    def test_closed_streams_do_not_lead_into_the_stick(self):
        def close_all():
            for fd in range(3):
                os.close(fd)
        done = run(*self.new, stdin=None, stdout=None, stderr=None, preexec_fn=close_all)
        self.assertEqual(done.code, 0)
        self.check_stick()
        self.assertNotIn(b'Ready:', pathlib.Path(self.stick).read_bytes())


class Stop(BuildTest):
    def start_formatting(self):
        """Starts a build that waits in its second step until it is stopped."""
        fifo = Fifo(self.path('fifo'))
        self.addCleanup(fifo.close)
        env = self.write_program('mkfs.fat', f'echo > {fifo.path}; exec tail -f /dev/null')
        process = start(*self.new, '--json', env=env)
        fifo.wait()
        return process

    def finish(self, process):
        with process:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, out.decode(), err.decode()

    def test_signals_stop_a_build_and_say_what_is_left(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = self.start_formatting()
                process.send_signal(number)
                code, out, err = self.finish(process)
                self.assertEqual((code, err), (18, ''))
                self.assertIn('"state":"started"', out)
                self.assertIn('was made and is unfinished', out.splitlines()[-1])
                self.assertIn('"starts_on":null', out.splitlines()[-1])
                os.remove(self.stick)
                os.remove(self.path('fifo'))

    def test_signals_stop_it_while_the_plan_is_made(self):
        """Making the GRUB that is to start a Linux image takes a while."""
        if not os.path.exists('/usr/lib/grub/i386-pc/diskboot.img'):
            self.skipTest('GRUB for BIOS is not installed (grub-pc-bin)')
        with open(self.stick, 'wb') as file:
            file.truncate(128 << 20)
        image, fifo = self.make_linux_image(), Fifo(self.path('fifo'))
        self.addCleanup(fifo.close)
        env = self.write_program('grub-mkimage', f'echo > {fifo.path}; exec tail -f /dev/null')
        for command in ('--create', '--inspect'):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(command, signal=number.name):
                    process = start(command, '-i', image, '-d', self.stick, '--files', '--json',
                                    env=env)
                    fifo.wait()
                    process.send_signal(number)
                    code, out, err = self.finish(process)
                    self.assertEqual((code, err), (18, ''))
                    result = json.loads(out.splitlines()[-1])
                    self.assertEqual((result['event'], result['ok'], result['code']),
                                     ('result', False, 18))

    def make_linux_image(self):
        tree = pathlib.Path(self.path('tree'))
        (tree / 'boot/grub').mkdir(parents=True)
        (tree / 'boot/grub/grub.cfg').write_text('sleep 30\n')
        (tree / 'boot/bios.img').write_bytes(b'x' * 2048)
        (tree / 'vmlinuz').write_bytes(b'kernel')
        image = self.path('linux.iso')
        subprocess.run(['xorriso', '-as', 'mkisofs', '-quiet', '-R', '-V', 'LIVE', '-b',
                        'boot/bios.img', '-no-emul-boot', '-boot-load-size', '4', '-o', image, tree],
                       check=True, stderr=subprocess.DEVNULL)
        return image

    def test_a_second_signal_changes_nothing(self):
        process = self.start_formatting()
        for _ in range(3):
            process.send_signal(signal.SIGINT)
        code, out, _ = self.finish(process)
        self.assertEqual(code, 18)
        self.assertIn('"code":18', out.splitlines()[-1])

    def test_a_build_that_is_stopped_while_it_copies_ends_soon(self):
        image = make_image('--extra-file', 'large.bin=768M')
        with start('-c', '-i', image, '-d', self.stick, '--size', '1G', '--json') as process:
            for line in process.stdout:
                if b'"event":"progress"' in line and b'"id":"copy"' in line:
                    break
            process.send_signal(signal.SIGINT)
            rest, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, err), (18, b''))
        last = rest.decode().splitlines()[-1]
        self.assertIn('was made and is unfinished', last)
        self.assertNotIn('"id":"boot-code"', rest.decode())

    def test_a_stopped_stick_can_be_built_again(self):
        process = self.start_formatting()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process)[0], 18)
        self.assertEqual(run(*self.arguments).code, 0)
        self.check_stick()

    def test_a_signal_that_was_ignored_stays_so(self):
        # As nohup starts a program.
        fifo = Fifo(self.path('fifo'))
        self.addCleanup(fifo.close)
        answer = Fifo(self.path('answer'))
        self.addCleanup(answer.close)
        env = self.write_program('mkfs.fat', f'echo > {fifo.path}; read line < {answer.path}; '
                                             'PATH=/usr/sbin:/sbin exec mkfs.fat "$@"')
        process = start(*self.new, env=env,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        fifo.wait()
        process.send_signal(signal.SIGHUP)
        os.write(answer.fd, b'go on\n')
        code, out, err = self.finish(process)
        self.assertEqual((code, err), (0, ''))
        self.assertIn('\nReady: ', out)


if __name__ == '__main__':
    sys.exit(tap.main())
