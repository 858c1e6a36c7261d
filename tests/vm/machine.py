# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual computer with the distribution's own kernel, UDisks2 and polkit.

    with Machine(image.get()) as machine:
        machine.plug(Stick('stick.img'))
        machine.user.run('udisksctl status')         as the plain user, in an active session
        machine.root.run('fsck.fat -n /dev/sda1')

It is restored from a state kept when it was ready, so it is there within a second. QEMU interprets
(TCG): nested virtualisation does not start a distribution's kernel everywhere.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import qmp
import remote_port

BOOT_PATIENCE = 300
READY = 'ready'
MEMORY_MIB = 768
# One is as fast as two on a computer of two processors that others use as well.
PROCESSORS = 1
KERNEL_ARGUMENTS = ('root=/dev/vda rw rootflags=noatime fsck.mode=skip console=ttyS0 quiet '
                    'loglevel=4 panic=1 mitigations=off net.ifnames=0')
# The same when the state is kept and when it is restored; sticks are plugged in afterwards.
COMPUTER = [
    'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none',
    '-machine', 'q35,sata=off,smbus=off', '-accel', 'tcg,thread=multi', '-cpu', 'max',
    '-smp', str(PROCESSORS), '-m', str(MEMORY_MIB), '-device', 'virtio-rng-pci',
    '-device', 'virtio-blk-pci,drive=root',
    '-device', 'virtio-9p-pci,fsdev=share,mount_tag=share',
    '-device', 'virtio-serial-pci',
    '-device', 'virtserialport,chardev=root,name=vm.root',
    '-device', 'virtserialport,chardev=user,name=vm.tester',
    '-device', 'qemu-xhci,id=xhci,p2=12,p3=12',
]


class Machine:
    """A running computer. `share` is a folder of the host, /share in the guest."""

    def __init__(self, files, disk=None):
        """Restores the kept state; `disk` is given to start without one, on that disk."""
        self.files = files
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='rub-vm-'))
        self.share = self.folder / 'share'
        self.share.mkdir()
        # The plain user of the guest is another one than ours.
        self.folder.chmod(0o755)
        self.share.chmod(0o777)
        self.sticks = []
        self.connections = []
        try:
            self._start(disk)
        except BaseException:
            self.close()
            raise

    def _start(self, disk):
        own_disk = disk or shutil.copy(self.files.ready, self.folder / 'disk.qcow2')
        pairs = {name: socket.socketpair() for name in ('qmp', 'root', 'user')}
        command = [*COMPUTER, '-kernel', self.files.kernel, '-initrd', self.files.initrd,
                   '-append', KERNEL_ARGUMENTS,
                   '-drive', f'if=none,id=root,format=qcow2,file={own_disk}',
                   '-fsdev', f'local,id=share,path={self.share},security_model=none,'
                             'multidevs=remap',
                   '-serial', f'file:{self.folder}/serial.txt', '-mon', 'qmp,mode=control']
        self.connections = [ours for ours, _ in pairs.values()]
        for name, (_, theirs) in pairs.items():
            command += ['-chardev', f'socket,id={name},fd={theirs.fileno()}']
        if not disk:
            command += ['-loadvm', READY]
        with open(self.folder / 'qemu.txt', 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[theirs.fileno() for _, theirs in pairs.values()])
        for _, theirs in pairs.values():
            theirs.close()
        self.root = remote_port.RemotePort(pairs['root'][0])
        self.user = remote_port.RemotePort(pairs['user'][0])
        try:
            self.qmp = qmp.Qmp(pairs['qmp'][0])
        except ConnectionError:
            raise remote_port.GuestGone((self.folder / 'qemu.txt').read_text()) from None
        if not disk:
            self._wake()

    def _wake(self):
        """Sets what has changed since the state was kept, and mounts the share, which a state
        cannot have."""
        self.root.run(f'date -s @{time.time():.3f} && mount -t 9p -o '
                      'trans=virtio,version=9p2000.L,msize=512000 share /share')

    def plug(self, stick):
        """Plugs a stick in and waits until UDisks2 has it; returns its node."""
        stick.plug(self.qmp)
        self.sticks.append(stick)
        return self.root.run('/usr/local/lib/vm/await-stick', stick.serial).out.strip()

    def unplug(self, stick):
        """Pulls a stick out; returns when QEMU has let go of it."""
        stick.unplug(self.qmp)
        self.sticks.remove(stick)

    def answer(self, text):
        """What the password dialog answers from now on: a password, or "dismiss"."""
        self.user.run('printf "%s\\n" "$ANSWER" >"$XDG_RUNTIME_DIR/password-answer"', ANSWER=text)

    def hold_answer(self):
        """The password dialog waits for answer() from now on."""
        self.user.run('cd "$XDG_RUNTIME_DIR" && rm password-answer && mkfifo password-answer')

    def wait_for_question(self):
        """Waits until the password dialog was asked something."""
        self.user.run('until [ -s "$XDG_RUNTIME_DIR/password-questions" ]; do sleep 0.2; done')

    def questions(self):
        """The questions that the password dialog was asked, a JSON object a line."""
        return self.user.run('cat "$XDG_RUNTIME_DIR/password-questions"').out.splitlines()

    def wait_until_written(self, stick, size_bytes, job=None):
        """Waits until so many bytes have reached a stick since it was plugged in, or until a job
        has ended; QEMU counts them, and has no event for that."""
        while stick.written_bytes(self.qmp) < size_bytes:
            if job and job.has_ended():
                return
            time.sleep(0.005)

    def cut_power(self):
        """What is in the guest's memory is lost; what QEMU has written to a stick stays."""
        self.process.kill()
        self.process.wait()

    def messages(self):
        """The end of what the guest's kernel and services said on the serial line."""
        return (self.folder / 'serial.txt').read_text(errors='replace')[-4000:]

    def close(self):
        process = getattr(self, 'process', None)
        if process:
            process.kill()
            process.wait()
        for connection in self.connections:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def missing():
    """Returns why no virtual machine can run here, or None."""
    for program, package in (('qemu-system-x86_64', 'qemu-system-x86'),
                             ('qemu-img', 'qemu-utils')):
        if not shutil.which(program):
            return f'{package} is not installed'
    return None


def keep_ready_state(files, disk):
    """Starts the computer on a disk, waits until a user could work, and keeps that state on it."""
    with Machine(files, disk) as machine:
        machine.root.wait_until_ready(BOOT_PATIENCE)
        machine.user.wait_until_ready(BOOT_PATIENCE)
        machine.root.run('systemctl start udisks2.service && udevadm settle')
        machine.user.run('until [ -e "$XDG_RUNTIME_DIR/password-agent-ready" ]; do sleep 0.2; done')
        # So that programs and what they read are in memory.
        machine.user.run('udisksctl status; udisksctl dump; gdbus introspect --system '
                         '-d org.freedesktop.UDisks2 -o /org/freedesktop/UDisks2; '
                         'busctl --system list; python3 -c "import json"', status=None)
        machine.root.run('systemctl is-system-running --wait', status=None)
        machine.root.run('mkfs.vfat --help; fsck.vfat --help; sync', status=None)
        machine.qmp('stop')
        refusal = machine.qmp.human(f'savevm {READY}')
        assert not refusal, refusal
        os.sync()
