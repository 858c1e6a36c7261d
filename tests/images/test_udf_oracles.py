#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UDF reader against images made by tools that are not ours, and against 7-Zip as a second reader.

Usage: test_udf_oracles.py UDF_LIST [unittest options], where UDF_LIST is the program built from udf-list.c
"""
import collections
import hashlib
import io
import lzma
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

try:
    import pycdlib
except ImportError:
    pycdlib = None

HERE = os.path.dirname(os.path.abspath(__file__))
UDF_LIST = ''

Entry = collections.namedtuple('Entry', 'kind size mtime extents target path')


def unescape(text):
    return text.encode('ascii').decode('unicode_escape').encode('latin-1').decode('utf-8')


def parse_extents(text):
    pairs = [part.split('+') for part in text.split(',') if part]
    return [(None if offset == 'hole' else int(offset), int(size)) for offset, size in pairs]


def run_list(image):
    return subprocess.run([UDF_LIST, image], capture_output=True, text=True, check=False)


def list_image(image):
    """Returns the volume's name and size, and its entries by path."""
    result = run_list(image)
    if result.returncode != 0:
        raise AssertionError(f'udf-list failed ({result.returncode}): {result.stderr}')
    lines = result.stdout.splitlines()
    _, size, name = lines[0].split('\t')
    entries = {}
    for line in lines[1:]:
        kind, length, mtime, extents, target, path = line.split('\t')
        entry = Entry(kind, int(length), int(mtime), parse_extents(extents), unescape(target), unescape(path))
        entries[entry.path] = entry
    return unescape(name), int(size), entries


def digest_entry(image, entry):
    digest = hashlib.sha256()
    with open(image, 'rb') as file:
        for offset, size in entry.extents:
            if offset is None:
                digest.update(bytes(size))
                continue
            file.seek(offset)
            digest.update(file.read(size))
    return digest.hexdigest()


def digest_file(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def digest_tree(root):
    """Digest of every file below root, None for folders, by path."""
    tree = {}
    for folder, names, files in os.walk(root):
        for name in names:
            tree[os.path.relpath(os.path.join(folder, name), root)] = None
        for name in files:
            path = os.path.join(folder, name)
            tree[os.path.relpath(path, root)] = digest_file(path)
    return tree


def digest_image(image):
    _, _, entries = list_image(image)
    return {path: digest_entry(image, entry) if entry.kind == 'file' else None for path, entry in entries.items()}


def extract_with_7zip(image, folder):
    subprocess.run(['7z', 'x', '-y', '-tudf', '-o' + folder, image], check=True, stdout=subprocess.DEVNULL)
    return digest_tree(folder)


def needs(program):
    return unittest.skipUnless(shutil.which(program), program + ' is not installed')


def make_source(root):
    """A tree like that of a Windows image, with names of all widths."""
    rng = random.Random(2)
    sizes = {'bootmgr': 400_000, 'boot/bcd': 16_384, 'boot/boot.sdi': 3_170_304, 'efi/boot/bootx64.efi': 1_500_001,
             'sources/boot.wim': 9_000_003, 'empty': 0, 'one': 1, 'block': 2048, 'Grüße é.txt': 10,
             '漢字/読む.txt': 5000, 'a' * 180 + '.dat': 77}
    sizes.update({f'many/{number:04}-file.inf': number % 5000 for number in range(700)})
    for path, size in sizes.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'wb') as file:
            file.write(rng.randbytes(size))
        os.utime(full, (1_600_000_000 + size, 1_600_000_000 + size))
    os.makedirs(os.path.join(root, 'folder/with/nothing'))


class OracleTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='rub-udf-')
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)


@needs('genisoimage')
class GenisoimageTest(OracleTest):
    OPTIONS = ['-quiet', '-V', 'WINPE_TEST', '-udf', '-iso-level', '3', '-allow-limited-size',
               '-relaxed-filenames', '-D', '-N']

    def setUp(self):
        super().setUp()
        self.source = self.path('source')
        make_source(self.source)
        self.image = self.path('image.iso')

    def make(self, *options):
        subprocess.run(['genisoimage', *self.OPTIONS, *options, '-o', self.image, self.source], check=True,
                       stderr=subprocess.DEVNULL)

    def test_bridge_image_has_every_file(self):
        self.make()
        self.assertEqual(digest_image(self.image), digest_tree(self.source))

    def test_windows_shape_has_every_file(self):
        """The ISO 9660 side holds only a read-me, as that of Microsoft's images does."""
        with open(os.path.join(self.source, 'readme.txt'), 'w', encoding='ascii') as file:
            file.write('The files of this disc are on its UDF side.\n')
        hidden = [os.path.join(self.source, name) for name in os.listdir(self.source) if name != 'readme.txt']
        self.make(*(word for name in hidden for word in ('-hide', name)))
        self.assertEqual(digest_image(self.image), digest_tree(self.source))

    def test_volume_name_and_times_are_right(self):
        self.make()
        name, size, entries = list_image(self.image)
        self.assertEqual(name, 'WINPE_TEST')
        self.assertLessEqual(size, os.path.getsize(self.image))
        for path, entry in entries.items():
            if entry.kind == 'file':
                self.assertEqual(entry.mtime, int(os.path.getmtime(os.path.join(self.source, path))), path)

    @needs('7z')
    def test_7zip_reads_the_same(self):
        self.make()
        self.assertEqual(digest_image(self.image), extract_with_7zip(self.image, self.path('out')))

    def test_truncated_image_is_incomplete(self):
        self.make()
        _, size, _ = list_image(self.image)
        os.truncate(self.image, size - 1)
        result = run_list(self.image)
        self.assertEqual(result.returncode, 11)
        self.assertIn('up to 1 byte behind', result.stderr)


class LinuxTest(OracleTest):
    """Volumes that Linux 6.1 filled, on what mkudffs made: files it wrote in turns, so that both are in pieces, with
    holes between; embedded files; deleted, renamed and linked names. KERNEL.SHA is what the kernel read back."""

    def check(self, name):
        image = self.path('image')
        with lzma.open(os.path.join(HERE, f'udf-linux-{name}.xz')) as packed, open(image, 'wb') as file:
            shutil.copyfileobj(packed, file)
        label, _, entries = list_image(image)
        self.assertEqual(label, 'KERNEL')
        sums = entries.pop('KERNEL.SHA')
        with open(image, 'rb') as file:
            text = b''.join(os.pread(file.fileno(), size, offset) for offset, size in sums.extents).decode('utf-8')
        expected = {line[66:].removeprefix('./'): line[:64] for line in text.splitlines()}
        self.assertEqual(len(expected), 73)
        self.assertEqual({path: digest_entry(image, entry) for path, entry in entries.items() if entry.kind == 'file'},
                         expected)
        self.assertGreater(len(entries['fragA'].extents), 10)
        self.assertIn('folder/with/nothing', entries)
        self.assertEqual(entries['folder/link'].target, '../many/005-file.inf')
        self.assertEqual(entries['hardlink'].extents, entries['one'].extents)

    def test_hard_disk_1_02(self):
        self.check('hd-1.02')

    def test_hard_disk_2_01_blocks_of_512(self):
        self.check('hd-2.01')

    def test_sparable_2_01(self):
        self.check('cdrw-2.01')

    def test_dvd_ram_2_00_blocks_of_4096(self):
        self.check('dvdram-2.00')


@needs('mkudffs')
class MkudffsTest(OracleTest):
    def make(self, *options):
        image = self.path('image')
        with open(image, 'wb') as file:
            file.truncate(40 << 20)
        subprocess.run(['mkudffs', '--utf8', '-l', 'Größe漢', *options, image], check=True,
                       stdout=subprocess.DEVNULL)
        return image

    def test_every_block_size_revision_and_medium(self):
        kinds = {'hd': ('1.02', '1.50', '2.00', '2.01'), 'dvdram': ('2.01',), 'dvd': ('1.02', '2.01'),
                 'cdrw': ('1.50', '2.01'), 'dvdrw': ('1.50', '2.01')}
        for medium, revisions in kinds.items():
            for revision in revisions:
                for block_size in (512, 1024, 2048, 4096):
                    with self.subTest(medium=medium, revision=revision, block_size=block_size):
                        image = self.make('-b', str(block_size), '-m', medium, '-r', revision)
                        name, size, entries = list_image(image)
                        self.assertEqual(name, 'Größe漢')
                        self.assertLessEqual(size, 40 << 20)
                        self.assertLessEqual(set(entries), {'Non-Allocatable Space', 'lost+found'})

    def test_virtual_partition_is_refused_by_name(self):
        for medium, revision in (('cdr', '1.50'), ('bdr', '2.60')):
            result = run_list(self.make('-b', '2048', '-m', medium, '-r', revision))
            self.assertEqual(result.returncode, 10)
            self.assertIn('virtual partition (VAT)', result.stderr)


@unittest.skipUnless(pycdlib, 'pycdlib is not installed')
class PycdlibTest(OracleTest):
    def test_names_of_all_widths(self):
        files = {'é.txt': b'latin', 'dir/Grüße 漢字.txt': b'x' * 5000, 'emoji😀.txt': b'emoji',
                 'dir/sub/empty': b''}
        iso = pycdlib.PyCdlib()
        iso.new(interchange_level=4, udf='2.60')
        iso.add_directory(udf_path='/dir')
        iso.add_directory(udf_path='/dir/sub')
        for path, data in files.items():
            iso.add_fp(io.BytesIO(data), len(data), udf_path='/' + path)
        iso.add_symlink(udf_symlink_path='/link', udf_target='dir')
        image = self.path('image')
        iso.write(image)
        iso.close()
        _, _, entries = list_image(image)
        self.assertEqual({path: digest_entry(image, entry) for path, entry in entries.items() if entry.kind == 'file'},
                         {path: hashlib.sha256(data).hexdigest() for path, data in files.items()})
        self.assertEqual(entries['link'].target, 'dir')


class CraftedTest(OracleTest):
    """What make-udf.py makes means to other readers what it means to ours: else our tests would prove little."""

    def setUp(self):
        super().setUp()
        subprocess.run([sys.executable, '-B', os.path.join(HERE, 'make-udf.py'), self.folder], check=True)

    @needs('7z')
    def test_7zip_reads_the_same(self):
        for shape in ('plain', 'revision-2-01', 'deleted-names', 'embedded', 'extended-entries', 'folder-in-pieces',
                      'hard-links', 'long-descriptors', 'real-time-file', 'two-partitions'):
            with self.subTest(shape=shape):
                image = self.path(shape + '.udf')
                self.assertEqual(digest_image(image), extract_with_7zip(image, self.path(shape)))

    @needs('grub-fstest')
    def test_grub_reads_the_same(self):
        for shape in ('blocks-512', 'blocks-1024', 'blocks-4096', 'chains', 'zero-extent-ends', 'tail-beyond-length',
                      'anchor-at-512'):
            with self.subTest(shape=shape):
                image = self.path(shape + '.udf')
                _, _, entries = list_image(image)
                for entry in entries.values():
                    if entry.kind == 'file':
                        result = subprocess.run(['grub-fstest', image, 'cat', '/' + entry.path], check=True,
                                                capture_output=True)
                        self.assertEqual(hashlib.sha256(result.stdout).hexdigest(), digest_entry(image, entry))


if __name__ == '__main__':
    UDF_LIST = sys.argv.pop(1)
    sys.exit(tap.main())
