#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UDF reader against images made by tools that are not ours, and against 7-Zip as a second reader.

Usage: test_udf_oracles.py UDF_LIST [unittest options], where UDF_LIST is the program built from udf-list.c
"""
import collections
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

UDF_LIST = ''

Entry = collections.namedtuple('Entry', 'kind size mtime extents target path')


def unescape(text):
    return text.encode('ascii').decode('unicode_escape').encode('latin-1').decode('utf-8')


def parse_extents(text):
    pairs = [part.split('+') for part in text.split(',') if part]
    return [(None if offset == 'hole' else int(offset), int(size)) for offset, size in pairs]


def list_image(image):
    """Returns the volume's name and size, and its entries by path."""
    result = subprocess.run([UDF_LIST, image], capture_output=True, text=True, check=False)
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
        result = subprocess.run([UDF_LIST, self.image], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 11)
        self.assertIn('too short by 1 byte:', result.stderr)


if __name__ == '__main__':
    UDF_LIST = sys.argv.pop(1)
    unittest.main(verbosity=2)
