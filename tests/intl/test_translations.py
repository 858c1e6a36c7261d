# SPDX-License-Identifier: GPL-3.0-or-later
"""Every translation is complete, up to date with the sources, and fits the texts it translates."""

import ast
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

PO = pathlib.Path(__file__).resolve().parents[2] / 'po'
PATHS = [PO / f'{line}.po' for line in (PO / 'LINGUAS').read_text(encoding='utf-8').split('\n')
         if line and not line.startswith('#')]
GAP = re.compile(r'\{\w+\}')
KEYWORD = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")')


def run(*arguments):
    """Runs a tool of gettext; returns what it said, on either stream, if anything."""
    done = subprocess.run(arguments, cwd=PO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout or ('' if done.returncode == 0 else f'status {done.returncode}')


def read_entries(path):
    """Yields the English texts and the translations of each entry but the header."""
    text = subprocess.run(['msgcat', '--no-wrap', path], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    for paragraph in text.split('\n\n'):
        texts = {}
        for line in paragraph.split('\n'):
            keyword = KEYWORD.fullmatch(line)
            if keyword:
                name = keyword[1]
                texts[name] = ast.literal_eval(keyword[2])
            elif line.startswith('"'):
                texts[name] += ast.literal_eval(line)
        if texts.get('msgid'):
            yield ([texts[name] for name in texts if name.startswith('msgid')],
                   [texts[name] for name in texts if name.startswith('msgstr')])


def read_all():
    return [entry for path in PATHS for entry in read_entries(path)]


@unittest.skipUnless(shutil.which('msgcmp'), 'needs gettext')
class Translations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix='rub-intl-')
        self.addCleanup(shutil.rmtree, folder)
        self.template = pathlib.Path(folder, 'template.pot')

    def test_every_text_of_the_sources_is_translated(self):
        self.assertEqual(run('./update.sh', '--template', self.template), '')
        self.assertGreater(len(list(read_entries(self.template))), 300)
        for path in PATHS:
            self.assertEqual(run('msgcmp', path, self.template), '', 'run ./dev po, and translate')

    def test_nothing_is_left_over(self):
        for path in PATHS:
            self.assertEqual(run('msgattrib', '--only-fuzzy', path), '')
            self.assertEqual(run('msgattrib', '--only-obsolete', path), '')

    def test_gettext_finds_no_fault(self):
        for path in PATHS:
            self.assertEqual(run('msgfmt', '--check', '--output-file=/dev/null', path), '')

    def test_gaps_are_those_of_the_english_text(self):
        for originals, translations in read_all():
            wanted = {gap for text in originals for gap in GAP.findall(text)}
            # One or two of a thing may go without the number.
            optional = {'{count}'} if len(originals) > 1 else set()
            for text in translations:
                found = set(GAP.findall(text))
                self.assertLessEqual(found, wanted, text)
                self.assertLessEqual(wanted - found, optional, text)

    def test_ends_are_those_of_the_english_text(self):
        """What is put before or behind a text relies on its blanks, and on its full stop."""
        for originals, translations in read_all():
            for text in translations:
                self.assertEqual(text[:1].isspace(), originals[0][:1].isspace(), text)
                self.assertEqual(text[-1:].isspace(), originals[0][-1:].isspace(), text)
                self.assertEqual(text.endswith('.'), originals[0].endswith('.'), text)


if __name__ == '__main__':
    sys.exit(tap.main())
