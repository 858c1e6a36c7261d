#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the rules of CONTRIBUTING.md that a program can check. Prints "file:line: what" for each
breach and exits with 1 if there is any. Names of files on the command line limit it to those.
"""

import ast
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = {'.c', '.h', '.asm', '.inc', '.py', '.sh', '.ui', '.css'}
SCRIPTS = {'dev', '.ci/run'}
TEXTS = SOURCES | {'.md', '.build', '.txt', '.in', '.xml'}
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60

PRINTS = re.compile(r'\b(?:g_print|g_printerr|v?printf|puts|putchar|perror)\s*\('
                    r'|\bf(?:printf|write)\s*\(\s*std(?:out|err)|\bf(?:puts|putc)\s*\([^;]*\bstd')
WIDGETS = re.compile(r'#\s*include\s*[<"](?:gtk|gdk|adwaita|libadwaita)\b')
# In pieces, so that this line does not match itself.
UNFINISHED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|X' r'XX)\b')
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                               re.DOTALL)
BLOCK_COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)
# The call with its text, so that the definition of a mark is none.
MARKED = re.compile(r'\b(?:_|N_|C_|NC_|N_PLURAL|ngettext)\s*\(\s*"')
COUNTED = re.compile(r'\bN_\s*\(\s*(?:"(?:\\.|[^"\\])*"\s*)*?"(?:\\.|[^"\\])*\{count\}')
DECLARATION = re.compile(r'^[A-Za-z_][\w\s*]*?\b(rub_\w+)\s*\([^;{}]*\)[^;{}()]*(?:\([^;{}]*\))?;',
                         re.MULTILINE)


def is_ours(path):
    parts = path.relative_to(ROOT).parts
    return not (parts[0].startswith('build') or '.git' in parts or '__pycache__' in parts
                or 'corpus' in parts)


def list_files():
    files = (path for path in ROOT.rglob('*') if is_ours(path) and path.is_file())
    return sorted(path for path in files
                  if path.suffix in TEXTS or str(path.relative_to(ROOT)) in SCRIPTS)


def is_told(path):
    """Whether its functions and its purpose are written down."""
    return any(path.is_relative_to(ROOT / folder) for folder in ('core', 'ui'))


def is_source(path):
    return path.suffix in SOURCES or str(path.relative_to(ROOT)) in SCRIPTS


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def only_code(text):
    """The text with comments and strings blanked out, every line at its place."""
    return COMMENT_OR_STRING.sub(lambda found: re.sub(r'[^\n]', ' ', found.group()), text)


def check_whitespace(path, text):
    for number, line in enumerate(text.split('\n'), 1):
        if line != line.rstrip():
            yield number, 'white space at the end of the line'
    if text and not text.endswith('\n'):
        yield line_of(text, len(text)), 'no newline at the end of the file'


def check_source(path, text):
    if 'SPDX-License-Identifier: GPL-3.0-or-later' not in '\n'.join(text.split('\n')[:3]):
        yield 1, 'no "SPDX-License-Identifier: GPL-3.0-or-later" in the first lines'
    lines = text.count('\n')
    if lines > MAX_FILE_LINES:
        yield lines, f'{lines} lines; a file has {MAX_FILE_LINES} at most'
    for found in UNFINISHED.finditer(text):
        yield line_of(text, found.start()), f'{found.group()}: do it, or say it in an issue'


def check_c(path, text):
    code = only_code(text)
    for found in re.finditer(r'\bgoto\b', code):
        yield line_of(code, found.start()), 'goto'
    if path.suffix == '.h' and not re.search(r'^#pragma once$', code, re.MULTILINE):
        yield 1, 'a header without #pragma once'
    # The formatter puts the braces of functions, and of nothing else, alone into column 1.
    for found in re.finditer(r'^\{\n(.*?)^\}$', code, re.MULTILINE | re.DOTALL):
        lines = found.group(1).count('\n')
        if lines > MAX_FUNCTION_LINES:
            yield (line_of(code, found.start()),
                   f'a function of {lines} lines; {MAX_FUNCTION_LINES} at most')


def check_core(path, text):
    code = only_code(text)
    for found in COUNTED.finditer(text):
        yield line_of(text, found.start()), 'a text with {count} is marked by N_PLURAL()'
    for found in PRINTS.finditer(code):
        yield line_of(code, found.start()), f'core never prints: {found.group()}'
    for found in WIDGETS.finditer(text):
        yield line_of(text, found.start()), 'core never includes GTK or libadwaita'


def check_documentation(path, text):
    if path.suffix != '.h' or path.stem.endswith('-private'):
        return
    code = only_code(text)
    for found in DECLARATION.finditer(code):
        name = found.group(1)
        if not name.endswith(('_quark', '_get_type')) and not re.search(rf'^/\*\* {name}:|^ \* {name}:$', text,
                                                         re.MULTILINE):
            yield line_of(code, found.start(1)), f'{name} has no gtk-doc comment'


def check_python(path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = node.end_lineno - node.lineno
            if lines > MAX_FUNCTION_LINES:
                yield node.lineno, f'a function of {lines} lines; {MAX_FUNCTION_LINES} at most'


def checks_for(path):
    yield check_whitespace
    if is_source(path):
        yield check_source
    if path.suffix in ('.c', '.h'):
        yield check_c
        if path.is_relative_to(ROOT / 'core'):
            yield check_core
        if is_told(path):
            yield check_documentation
    if path.suffix == '.py':
        yield check_python


def check_file(path):
    text = path.read_text(encoding='utf-8')
    for check in checks_for(path):
        for line, what in check(path, text):
            yield f'{path.relative_to(ROOT)}:{line}: {what}'


def check_architecture(files):
    """ARCHITECTURE.md has a line for each file of the library and the wizard."""
    page = ROOT / 'ARCHITECTURE.md'
    if not page.exists():
        return
    text = page.read_text(encoding='utf-8')
    for path in files:
        if is_told(path) and is_source(path) and not is_named(path, text):
            yield f'ARCHITECTURE.md:1: says nothing of {path.relative_to(ROOT)}'


def is_named(path, text):
    """A .c and its .h may share a line, as rub-plan.[ch]."""
    return path.name in text or (path.suffix in ('.c', '.h') and f'{path.stem}.[ch]' in text)


def check_translatable(files):
    """po/POTFILES.in lists the files that have texts for translators, and no other."""
    listing = ROOT / 'po/POTFILES.in'
    listed = listing.read_text(encoding='utf-8').splitlines()
    if listed != sorted(set(listed)):
        yield 'po/POTFILES.in:1: not sorted'
    for number, name in enumerate(listed, 1):
        if not (ROOT / name).is_file():
            yield f'po/POTFILES.in:{number}: there is no {name}'
    for path in files:
        name = str(path.relative_to(ROOT))
        if name not in listed and is_translatable(path):
            yield f'{name}:1: has texts for translators, but is not in po/POTFILES.in'


def is_translatable(path):
    text = path.read_text(encoding='utf-8')
    if path.suffix == '.ui':
        return 'translatable="' in text
    is_program = path.suffix in ('.c', '.h') and path.relative_to(ROOT).parts[0] != 'tests'
    return is_program and MARKED.search(BLOCK_COMMENT.sub('', text)) is not None


def check_format(files):
    sources = [str(path.relative_to(ROOT)) for path in files if path.suffix in ('.c', '.h')]
    if not sources:
        return
    done = subprocess.run(['clang-format', '--dry-run', '-Werror', *sources], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    lines = sorted({':'.join(line.split(':')[:2]) for line in done.stderr.splitlines()
                    if ' error: ' in line})
    yield from (f'{line}: not as clang-format -i makes it' for line in lines)
    if done.returncode and not lines:
        yield f'.clang-format:1: {done.stderr.strip()}'


def main():
    chosen = {pathlib.Path(name).resolve() for name in sys.argv[1:]}
    files = [path for path in list_files() if not chosen or path in chosen]
    breaches = [breach for path in files for breach in check_file(path)]
    breaches += check_architecture(files)
    breaches += check_translatable(files)
    breaches += check_format(files)
    for breach in breaches:
        print(breach)
    print(f'{len(files)} files, {len(breaches)} breaches', flush=True)
    return 1 if breaches else 0


if __name__ == '__main__':
    os.environ.setdefault('LC_ALL', 'C.UTF-8')
    sys.exit(main())
