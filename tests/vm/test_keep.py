#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the files of real drives: build, check, undo, and power cuts in the middle."""

import os
import sys

import discs
import finished
import product
import sticks
import tap
import users_stick
import vm_builds
import vm_case

UNSUPPORTED_TYPE = 3
NAME_NOT_REPRESENTABLE = 21
REPLACED = 'boot/bcd'
LOADER = 'efi/boot/bootx64.efi'


class KeepTest(vm_builds.BuildTest):
    def plug_user(self, **options):
        """A user's stick that has files of the image's names, too."""
        def fill(seen):
            users_stick.put(seen, self.folder, {REPLACED: 5000})
        return self.plug_holiday(fill, **options)

    def state(self, node, status=product.OK):
        return self.run_program('--check', '-d', node, status=status).result['state']


@tap.expand
class Keep(KeepTest):
    @tap.cases(quick=[('multi', 1)], full=[('multi', 1), ('uefi', 0)])
    def test_build_check_undo(self, boot, questions):
        stick, node, before = self.plug_user()
        self.create(node, '--keep', '--boot', boot)
        self.assert_asked(questions)
        self.assert_kernel_agrees(node, before)
        # Of a mounted stick, as its user would have it.
        self.machine.user.run('udisksctl', 'mount', '-b', f'{node}1')
        self.assertEqual(self.state(node), 'good')
        self.assert_asked(questions)
        self.machine.user.run('udisksctl', 'unmount', '-b', f'{node}1')
        self.assert_starts_from(stick, boot)
        node = self.machine.plug(stick)
        outcome = self.run_program('--undo', '-d', node)
        self.assertEqual([name.lower() for name in outcome.result['restored']], [REPLACED])
        self.assertEqual(vm_case.guest_files(self.machine, f'{node}1'),
                         vm_builds.digests_of(before))

    def assert_starts_from(self, stick, boot):
        self.as_stick(stick, 1).assert_clean()
        self.assert_starts(stick, *(['bios', 'uefi'] if boot == 'multi' else ['uefi']))

    @tap.only_full
    def test_check_of_a_changed_stick_needs_no_password(self):
        stick, node, _ = self.plug_holiday()
        self.create(node, '--keep', '--boot', 'uefi')
        users_stick.put(self.as_stick(stick, 1), self.folder, {LOADER: b'changed'})
        node = self.machine.plug(stick)
        self.machine.answer('dismiss')
        self.assertEqual(self.state(node, product.VERIFY_FAILED), 'changed')

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_a_name_that_is_the_short_name_of_a_users_file_is_told_before(self, boot):
        """The kernel's driver knows a file by both of its names, and tells them."""
        iso, _ = discs.make(self.folder, efi_loader=os.environ['RUB_STANDIN_EFI'], label='SHORT',
                            bootmgr=os.environ['RUB_STANDIN_BOOTMGR'],
                            extra=lambda tree: discs.write(tree / 'Papers/LONGNA~1.TXT', b'new'))
        stick, node, _ = self.plug_holiday(lambda seen: users_stick.put(
            seen, self.folder, {'Papers/Long name of a user.txt': 5000}))
        before = self.digest_of(stick)
        outcome = self.run_program('--create', '-i', self.offer(iso), '-d', node, '--force',
                                   '--keep', '--boot', boot, status=NAME_NOT_REPRESENTABLE)
        finding = outcome.finding(NAME_NOT_REPRESENTABLE)
        self.assertEqual(finding['files'], ['Papers/LONGNA~1.TXT'])
        self.assertEqual(self.digest_of(stick), before)

    @tap.cases(full=[('multi',), ('uefi',)])
    def test_a_stick_of_unknown_contents_is_refused(self, boot):
        """What nobody recognises may be encrypted as a whole."""
        stick, node = self.plug_new()
        with open(stick.path, 'r+b') as file:
            file.write(b'\x5a' * 512)
        before = self.digest_of(stick)
        outcome = self.create(node, '--keep', '--boot', boot, status=UNSUPPORTED_TYPE)
        self.assertEqual(outcome.finding(UNSUPPORTED_TYPE)['action'], 'erase')
        self.assertEqual(self.digest_of(stick), before)

    @tap.only_full
    def test_a_blank_stick_is_initialised_once_it_was_looked_at(self):
        """Which takes the password: without one it is refused, because UDisks2 cannot tell."""
        stick, node = self.plug_new()
        self.create(node, '--keep', '--boot', 'uefi', status=UNSUPPORTED_TYPE)
        self.create(node, '--keep')
        self.assertEqual(self.state(node), 'good')
        self.assert_whole(stick)


@tap.expand
class PowerCut(KeepTest):
    """In the middle of a keep build; what QEMU has written to the stick is there after it."""

    @tap.cases(full=[('multi', 1), ('multi', 16), ('multi', 33),
                     ('uefi', 1), ('uefi', 16), ('uefi', 33)])
    def test_earlier_files_are_there_after_a_restart(self, boot, mib):
        stick, node, before = self.plug_user(bytes_per_second=8_000_000)
        job = self.start_create(node, '--keep', '--boot', boot)
        self.machine.wait_until_written(stick, mib * finished.MIB, job)
        self.assertIsNone(job.status, job)
        self.machine.cut_power()
        self.restore()
        sound = sticks.Stick(stick.path)
        node = self.machine.plug(sound)
        self.assert_all_whole(node, before)
        self.finish(node, boot)
        seen = self.as_stick(sound, 1)
        self.assert_files(vm_builds.digests_of(seen.extract()), before)
        seen.assert_clean()

    def assert_all_whole(self, node, before):
        """As the kernel mounts it, with whatever fsck.fat would have to say."""
        job = self.machine.root.run(
            f'mkdir -p /run/look && mount -o ro,utf8 {node}1 /run/look && cd /run/look && '
            'find . -type f -print0 | xargs -0r sha256sum -z | tr "\\0" "\\n"; '
            'status=$?; cd /; umount /run/look; exit $status')
        seen = dict(reversed(line.split('  ./', 1)) for line in job.out.splitlines())
        expected = vm_builds.digests_of(before)
        replaced = expected.pop(REPLACED)
        self.assertLessEqual(expected.items(), seen.items())
        # The new one, or the old one that has moved out of its way, or not yet.
        self.assertIn(replaced, seen.values())

    def finish(self, node, boot):
        """The user builds again. A build through the kernel has to be preceded by a check, which
        makes files of clusters that were lost."""
        if boot == 'uefi':
            self.machine.root.run(f'fsck.fat -a {node}1; mount {node}1 /mnt && '
                                  'rm -f /mnt/FSCK*.REC && umount /mnt')
        self.create(node, '--keep', '--boot', boot)


if __name__ == '__main__':
    sys.exit(tap.main())
