#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes small ISO images in the shapes that rescue media have, from made-up files.

Shapes (--shape):
  windows   what Microsoft's tools make: everything on the UDF side, ISO 9660 shows only a read-me
  bridge    the same files on the UDF and on the ISO 9660 side
  plain     the same files on ISO 9660 with Joliet names, no UDF
  hybrid    the same files with Rock Ridge and Joliet names and an MBR
  linux     a Linux live system: kernel, initrd, links; its UEFI loader is only in the boot image

Needs genisoimage, xorriso (hybrid, linux), wimlib-imagex (unless --wim is given), mkfs.fat and
mtools (boot images for UEFI). With --tree the folder of files is kept, to compare with.
"""
import argparse
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

PE_NUMBERS = {'x86': 0x14c, 'x64': 0x8664, 'arm': 0x1c2, 'arm64': 0xaa64}
WIM_NUMBERS = {'x86': 0, 'x64': 9, 'arm': 5, 'arm64': 12}
LOADER_NAMES = {'x86': 'bootia32.efi', 'x64': 'bootx64.efi', 'arm': 'bootarm.efi',
                'arm64': 'bootaa64.efi'}
README = ('This disc contains a "UDF" file system and requires an operating system\n'
          'that supports the ISO-13346 "UDF" file system specification.\n')
UNITS = {'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}


def run(*command):
    """Runs a tool; its words are shown only where it fails."""
    environment = dict(os.environ, PATH=os.environ['PATH'] + ':/usr/sbin:/sbin')
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f'{command[0]} failed:\n{done.stdout.decode(errors="replace")}')


def noise(size, seed):
    """Bytes that do not compress and are the same every time."""
    return random.Random(seed).randbytes(size)


def make_pe(machine, size=4096, subsystem=10):
    """The smallest UEFI program that passes for one: headers and one section, no code."""
    optional = struct.pack('<HBBIIIII', 0x20b, 0, 0, 512, 0, 0, 4096, 4096)
    optional = optional.ljust(68, b'\0') + struct.pack('<H', subsystem)
    optional = optional.ljust(112, b'\0')
    coff = struct.pack('<4sHHIIIHH', b'PE\0\0', PE_NUMBERS[machine], 1, 0, 0, 0, len(optional),
                       0x22)
    section = struct.pack('<8sIIIIIIHHI', b'.text', 512, 4096, size - 512, 512, 0, 0, 0, 0,
                          0x60000020)
    head = b'MZ'.ljust(0x3c, b'\0') + struct.pack('<I', 0x80)
    return (head.ljust(0x80, b'\0') + coff + optional + section).ljust(size, b'\0')


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def copy_or_make(source, path, make):
    """A file that the caller gave, or else one of our own."""
    write(path, pathlib.Path(source).read_bytes() if source else make())


def make_wim(path, names, kind, arguments):
    """A WIM with one small image for each name, described as Windows would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names, 1):
            write(pathlib.Path(folder, 'Windows/System32/note.txt'), name.encode())
            verb = 'capture' if number == 1 else 'append'
            run('wimlib-imagex', verb, folder, str(path), name, f'{name} for tests')
            major, minor, build = arguments.version.split('.')
            properties = {
                'WINDOWS/ARCH': WIM_NUMBERS[arguments.arch],
                'WINDOWS/PRODUCTNAME': 'Microsoft Windows Operating System',
                'WINDOWS/EDITIONID': 'WindowsPE' if kind == 'pe' else name.split()[-1],
                'WINDOWS/INSTALLATIONTYPE': 'WindowsPE' if kind == 'pe' else 'Client',
                'WINDOWS/LANGUAGES/LANGUAGE': 'en-US',
                'WINDOWS/VERSION/MAJOR': major,
                'WINDOWS/VERSION/MINOR': minor,
                'WINDOWS/VERSION/BUILD': build,
                'WINDOWS/VERSION/SPBUILD': 1,
            }
            options = [f'--image-property={key}={value}' for key, value in properties.items()]
            run('wimlib-imagex', 'info', str(path), str(number), *options)
    if kind == 'pe':
        run('wimlib-imagex', 'info', str(path), '1', '--boot')


def make_efi_image(path, loaders):
    """A FAT floppy with UEFI loaders, as discs carry it for firmware."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size_kib = 1440 + sum(len(data) for data in loaders.values()) // 1024
    run('mkfs.fat', '-C', '-n', 'EFISYS', str(path), str(size_kib))
    run('mmd', '-i', str(path), '::EFI', '::EFI/BOOT')
    with tempfile.TemporaryDirectory() as folder:
        for name, data in loaders.items():
            write(pathlib.Path(folder, name), data)
            run('mcopy', '-i', str(path), f'{folder}/{name}', f'::EFI/BOOT/{name.upper()}')


def read_loader(arguments):
    if arguments.efi_loader:
        return pathlib.Path(arguments.efi_loader).read_bytes()
    return make_pe(arguments.arch)


def make_windows_tree(tree, arguments):
    loader = read_loader(arguments)
    copy_or_make(arguments.bootmgr, tree / 'bootmgr', lambda: noise(400_000, 'bootmgr'))
    write(tree / 'bootmgr.efi', loader)
    write(tree / 'boot/bcd', noise(24_576, 'bcd'))
    write(tree / 'boot/boot.sdi', noise(3_170_304, 'sdi'))
    write(tree / 'boot/etfsboot.com', noise(4096, 'etfsboot'))
    write(tree / 'boot/fonts/wgl4_boot.ttf', noise(49_090, 'font'))
    write(tree / 'efi/boot' / LOADER_NAMES[arguments.arch], loader)
    write(tree / 'efi/microsoft/boot/bcd', noise(24_576, 'efi bcd'))
    write(tree / 'efi/microsoft/boot/fonts/wgl4_boot.ttf', noise(49_090, 'font'))
    make_efi_image(tree / 'efi/microsoft/boot/efisys.bin', {LOADER_NAMES[arguments.arch]: loader})
    if arguments.wim:
        shutil.copyfile(arguments.wim, make_parent(tree / 'sources/boot.wim'))
    else:
        make_wim(tree / 'sources/boot.wim', ['Microsoft Windows PE (amd64)'], 'pe', arguments)
    if arguments.setup:
        write(tree / 'setup.exe', noise(90_000, 'setup'))
        make_wim(tree / 'sources/install.wim', ['Windows 11 Home', 'Windows 11 Professional'],
                 'setup', arguments)


def make_linux_tree(tree, arguments):
    write(tree / 'live/vmlinuz', noise(2_000_000, 'kernel'))
    write(tree / 'live/initrd.img', noise(3_000_000, 'initrd'))
    write(tree / 'live/filesystem.squashfs', noise(5_000_000, 'squashfs'))
    write(tree / 'boot/grub/grub.cfg', b'menuentry "Rescue" { linux /live/vmlinuz }\n')
    write(tree / 'boot/bios.img', noise(4096, 'bios'))
    (tree / 'debian').symlink_to('.')
    (tree / 'vmlinuz').symlink_to('live/vmlinuz')
    os.link(tree / 'live/initrd.img', tree / 'live/initrd-copy.img')
    make_efi_image(tree / 'boot/efi.img', {LOADER_NAMES[arguments.arch]: read_loader(arguments)})


def make_parent(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def change_tree(tree, arguments):
    for name in arguments.remove:
        (tree / name).unlink()
    for folder in arguments.extra:
        shutil.copytree(folder, tree, symlinks=True, dirs_exist_ok=True)
    for item in arguments.extra_file:
        name, size = item.rsplit('=', 1)
        number = int(size[:-1]) * UNITS[size[-1]] if size[-1] in UNITS else int(size)
        with open(make_parent(tree / name), 'ab') as file:
            file.truncate(number)
    for number in range(arguments.many):
        write(tree / f'many/folder {number // 500}/A small file, number {number}.txt',
              b'%d\n' % number * (number % 4000))


def make_with_genisoimage(tree, arguments):
    boot = ['-b', 'boot/etfsboot.com', '-no-emul-boot', '-c', 'boot/boot.cat',
            '-eltorito-alt-boot', '-e', 'efi/microsoft/boot/efisys.bin', '-no-emul-boot']
    options = ['-quiet', '-sysid', '', '-A', '', '-V', arguments.label, '-input-charset', 'utf-8',
               *boot, '-iso-level', '3']
    if arguments.shape == 'plain':
        options += ['-J', '-joliet-long']
    else:
        # Files over 4 GiB get their size modulo 2^32 on the ISO 9660 side.
        options += ['-udf', '-allow-limited-size', '-relaxed-filenames', '-D', '-N']
    if arguments.shape == 'windows':
        write(tree / 'README.TXT', README.encode())
        # Hidden from ISO 9660 only; genisoimage shows it on the UDF side all the same.
        for entry in tree.iterdir():
            if entry.name != 'README.TXT':
                options += ['-hide', str(entry)]
    run('genisoimage', *options, '-o', arguments.out, str(tree))


def make_with_xorriso(tree, arguments):
    bios, efi = ('boot/bios.img', 'boot/efi.img') if arguments.shape == 'linux' else \
        ('boot/etfsboot.com', 'efi/microsoft/boot/efisys.bin')
    run('xorriso', '-as', 'mkisofs', '-quiet', '-V', arguments.label, '-R', '-J', '-joliet-long',
        '-iso-level', '3', '--hardlinks', '-c', 'boot/boot.cat', '-b', bios, '-no-emul-boot',
        '-boot-load-size', '4', '-eltorito-alt-boot', '-e', efi, '-no-emul-boot',
        '--protective-msdos-label', '-partition_offset', '16', '-o', arguments.out, str(tree))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', help='the image to make')
    parser.add_argument('--shape', default='windows',
                        choices=['windows', 'bridge', 'plain', 'hybrid', 'linux'])
    parser.add_argument('--label', default='PE_X64', help='the name of the volume')
    parser.add_argument('--arch', default='x64', choices=sorted(PE_NUMBERS))
    parser.add_argument('--version', default='10.0.26100', help='of Windows')
    parser.add_argument('--bootmgr', metavar='FILE', help='use this as bootmgr')
    parser.add_argument('--efi-loader', metavar='FILE', help='use this as UEFI loader')
    parser.add_argument('--wim', metavar='FILE', help='use this as sources/boot.wim')
    parser.add_argument('--setup', action='store_true', help='add setup.exe and install.wim')
    parser.add_argument('--extra', metavar='FOLDER', action='append', default=[],
                        help='copy what is in this folder into the image')
    parser.add_argument('--extra-file', metavar='PATH=SIZE', action='append', default=[],
                        help='add a file of zeros, or lengthen one, to SIZE with K, M or G')
    parser.add_argument('--many', metavar='COUNT', type=int, default=0,
                        help='add so many files of 0 to 24 KiB')
    parser.add_argument('--remove', metavar='PATH', action='append', default=[],
                        help='leave a file out again')
    parser.add_argument('--tree', metavar='FOLDER', help='keep the files here; what is there already goes along')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(arguments.out))) as folder:
        tree = pathlib.Path(arguments.tree or f'{folder}/tree')
        tree.mkdir(parents=True, exist_ok=True)
        if arguments.shape == 'linux':
            make_linux_tree(tree, arguments)
        else:
            make_windows_tree(tree, arguments)
        change_tree(tree, arguments)
        if arguments.shape in ('hybrid', 'linux'):
            make_with_xorriso(tree, arguments)
        else:
            make_with_genisoimage(tree, arguments)


main()
