# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line speaks the user's language, and programs that read it need not care."""

import os
import sys

import tap
from cli import CliTest, Terminal, make_image, run, run_json, tearDownModule  # noqa: F401

GERMAN = {'LANGUAGE': 'de'}
ARABIC = {'LANGUAGE': 'ar'}


class Language(CliTest):
    def test_help_is_translated_but_for_what_is_typed(self):
        for env, heading in ((GERMAN, 'Befehle:'), (ARABIC, 'الأوامر:')):
            done = run('--help', env=env)
            self.assertIn(f'\n{heading}\n  -c, --create          ', done.out)
            self.assertIn('--check -d holiday.img\n', done.out)
            self.assertLessEqual(max(map(len, done.out.splitlines())), 98)

    def test_without_a_translation_it_is_english(self):
        for env in ({'LANGUAGE': 'tlh'}, {'LC_ALL': 'C', **GERMAN},
                    {'RUB_LOCALEDIR': '/nonexistent', **GERMAN}):
            self.assertIn('\nCommands:\n', run('--help', env=env).out)

    def test_facts_stand_in_columns(self):
        out = run('--inspect', '-i', make_image(), env=GERMAN).out
        for name, fact in (('Art', 'Windows PE'), ('Größte Datei', 'boot/boot.sdi'),
                           ('Startet auf', 'UEFI 64 Bit, BIOS')):
            self.assertRegex(out, rf'(?m)^{name:<15}{fact}')

    def test_a_finding_is_translated_as_a_whole(self):
        done = run('-c', '-i', make_image(), '-d', self.path('stick.img'), '--size', '16M',
                   env=GERMAN)
        self.assertEqual(done.code, 4)
        self.assertRegex(done.err, r'^Erstellen nicht möglich: Der Stick ist zu klein \(Code 4\)\n'
                                   r'  Das Abbild braucht einen Stick von .*\n'
                                   r'  Was tun: Wählen Sie einen größeren Stick\.\n')

    def test_an_error_is_translated_with_its_reason(self):
        archive = self.path('rescue.iso')
        with open(archive, 'wb') as out:
            out.write(b'PK\3\4' + bytes(70000))
        done = run('--inspect', '-i', archive, env=GERMAN)
        self.assertEqual(done.code, 10)
        self.assertIn(f'  {archive} ist weder ISO 9660 noch UDF; es ist ein ZIP-Archiv: entpacken Sie '
                      'es und nehmen Sie die ISO-Datei darin.\n', done.out + done.err)
        done = run('--inspect', '-i', self.path('none.iso'), env=GERMAN)
        self.assertRegex(done.out + done.err, r'none\.iso lässt sich nicht öffnen: .*\.\n')

    def test_only_texts_of_the_json_differ(self):
        arguments = ('--inspect', '-i', make_image(), '-d', self.path('stick.img'), '--size', '16M')
        english = run_json(*arguments)
        german = run_json(*arguments, env=GERMAN)
        self.assertEqual(german[0], english[0])
        texts = {'title', 'meaning', 'remedy', 'text', 'stage', 'contents', 'description', 'reason',
                 'lost', 'left_behind', 'note', 'notes', 'secure_boot'}
        self.assertEqual(strip(german[1], texts), strip(english[1], texts))
        self.assertEqual(german[1][-1]['finding']['title'], 'Der Stick ist zu klein')

    def test_the_log_is_english(self):
        log = self.path('build.log')
        done = run('-c', '-i', make_image(), '-d', self.path('stick.img'), '--size', '128M',
                   '--log', log, env=GERMAN)
        self.assertEqual(done.code, 0)
        with open(log, encoding='utf-8') as lines:
            text = lines.read()
        for words in ('Windows PE 10.0 (build 26100), 64-bit', 'starts on: bios, uefi-x64',
                      'New MBR partition table'):
            self.assertIn(words, text)

    def test_yes_is_said_in_the_language_of_the_question(self):
        stick = self.path('stick.img')
        for keys in (b'ja\n', b'J\n', b'yes\n'):
            terminal = Terminal('-c', '-i', make_image(), '-d', stick, '--size', '128M', env=GERMAN)
            terminal.wait_for('Erstellen? [j/N] ')
            terminal.press(keys)
            code, output = terminal.finish()
            self.assertEqual(code, 0, output)
            self.assertIn('Fertig: ', output)
            os.remove(stick)

    def test_anything_else_is_no(self):
        terminal = Terminal('-c', '-i', make_image(), '-d', self.path('stick.img'), '--size', '128M',
                            env=ARABIC)
        terminal.wait_for('[ن/ل] ')
        terminal.press('لا\n'.encode())
        code, _ = terminal.finish()
        self.assertEqual(code, 18)


def strip(value, texts):
    """A JSON value without the members that are texts for people."""
    if isinstance(value, list):
        return [strip(part, texts) for part in value]
    if isinstance(value, dict):
        return {key: strip(part, texts) for key, part in value.items() if key not in texts}
    return value


if __name__ == '__main__':
    sys.exit(tap.main())
