# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the bench's figures into a page of text."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

TITLES = {
    'large': '(a) 1 GiB in five large files',
    'small': '(b) 10,000 files of 1 to 64 KiB',
    'mixed': '(c) 5 GiB: three large files and 10,000 small ones',
}
ROWS = {
    'build': 'stick, nothing read back',
    'verified': 'stick, all read back',
    'cp': '`cp` of the image and `sync`',
    '7-Zip': '7-Zip into a folder',
    '7-Zip and sync': '7-Zip into a folder and `sync`',
    'mcopy': '`mcopy -s` onto FAT32',
}
COMPARED = {
    'wim': ('A WIM of 5 GiB in parts',
            {'wimlib and cp': '`wimlib-imagex split` into a folder, `cp`, `sync`'}),
    'ntfs': ('NTFS: 1 GiB with 3,000 small files',
             {'ntfs-3g': '`mkntfs`, `cp -r` into an ntfs-3g mount, `umount`, `sync`'}),
}


def write(figures, folder, runs):
    """The whole page."""
    parts = [_head(folder, runs), _targets(figures)]
    parts += [_workload(name, figures[name]) for name in TITLES if name in figures]
    parts += [_against_stick(name, figures[name]) for name in COMPARED if name in figures]
    if 'doubling' in figures:
        parts.append(_doubling(figures['doubling']))
    return '\n'.join(parts)


def save(path, text):
    """Puts a part of the page, which begins with its heading, into the place of the one before."""
    heading = text.split('\n', 1)[0]
    page = path.read_text(encoding='utf-8') if path.exists() else ''
    parts = [part for part in re.split(r'^(?=# )', page, flags=re.MULTILINE) if part]
    parts = [part.rstrip() for part in parts]
    places = [number for number, part in enumerate(parts)
              if part.split('\n', 1)[0] == heading]
    if places:
        parts[places[0]] = text.rstrip()
    else:
        parts.append(text.rstrip())
    path.write_text('\n\n'.join(parts) + '\n', encoding='utf-8')


def write_vm(figures, titles, runs):
    """The part on slow sticks; figures[workload][speed][contestant] are seconds."""
    rows = [_vm_row(titles[name], speed, seconds)
            for name, speeds in figures.items() for speed, seconds in speeds.items()]
    rounds = 'one round' if runs == 1 else f'the median of {runs} rounds'
    return f'''# In the virtual computer

Written by `./dev bench --vm` on {datetime.date.today()}: seconds, {rounds}, on an
emulated stick that takes 20 MB a second, or 100 writes a second whatever their size. Nothing is
read back. `dd` writes the image past the cache (the limit); `cp` is a new filesystem, mounted by
UDisks2, `cp -r`, `sync`, unmount. In brackets: formatting, copying and boot code alone, without
starting, looking at the drive, the password and what the system looks at in the end: these take
seconds here because the processor is emulated. `cp` of small files hardly depends on the stick: on a
volume that UDisks2 mounts the kernel waits a tenth of a second after each file (fat_file_release()
in fs/fat/file.c, option "flush"). Load average of the last 15 minutes: {os.getloadavg()[2]:.1f}.

| image | stick | `dd` | built as a whole | through the kernel | `cp` | whole / `dd` | `cp` / whole | `cp` / kernel |
|---|---|---|---|---|---|---|---|---|
''' + '\n'.join(rows) + '\n'


def _vm_row(title, speed, seconds):
    whole, kernel = seconds['raw'], seconds['mounted']
    cells = [title, speed, f'{seconds["dd"]:.1f}', f'{whole:.1f} ({seconds["raw, writing"]:.1f})',
             f'{kernel:.1f} ({seconds["mounted, writing"]:.1f})', f'{seconds["cp"]:.1f}',
             f'{whole / seconds["dd"]:.2f} × ({seconds["raw, writing"] / seconds["dd"]:.2f} ×)',
             f'{seconds["cp"] / whole:.1f} ×', f'{seconds["cp"] / kernel:.1f} ×']
    return '| ' + ' | '.join(cells) + ' |'


def _head(folder, runs):
    return f'''# Bench results

Written by `./dev bench` on {datetime.date.today()}: the median of {runs} rounds (three of (c))
after one that does not count. In each round every program has a turn, in an order that changes.
Images are in the page cache when a turn begins. Disk images are sparse files that do not exist
before. A peak memory of 10 MiB is that of the measuring program:
what it measures had less.

Machine: {_machine(folder)}.
Load average of the last 15 minutes when it ended: {os.getloadavg()[2]:.1f}. The bench by
itself makes about 1; more means that others were at work and that times are rough.
Programs: {_programs()}.
'''


def _machine(folder):
    cpu = re.search(r'model name\s*:\s*(.*)', pathlib.Path('/proc/cpuinfo').read_text())
    virtual = 'hypervisor' in pathlib.Path('/proc/cpuinfo').read_text()
    memory = int(re.search(r'MemTotal:\s*(\d+)', pathlib.Path('/proc/meminfo').read_text())[1])
    filesystem = _output('findmnt', '-n', '-o', 'FSTYPE', '-T', folder)
    return (f'{os.cpu_count()} {"virtual " if virtual else ""}processors '
            f'({cpu[1] if cpu else platform.machine()}), {memory / 1024 ** 2:.0f} GiB of memory, '
            f'{filesystem} on {"a virtual disk" if virtual else "its disk"}, '
            f'Linux {platform.release().split("-")[0]}')


def _programs():
    seven = re.search(r'p7zip Version ([\d.]+)|7-Zip.*? ([\d.]+)', _output('7z'))
    mtools = re.search(r'mtools\) ([\d.]+)', _output('mtools', '--version'))
    coreutils = re.search(r'([\d.]+)$', _output('cp', '--version').splitlines()[0])
    return (f'7-Zip {seven[1] or seven[2]}, mtools {mtools[1]}, coreutils {coreutils[1]}')


def _output(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False).stdout.strip()


def _targets(figures):
    rows = []

    def add(what, target, value, is_met):
        rows.append(f'| {what} | {target} | {value} | {"met" if is_met else "**missed**"} |')

    if 'large' in figures:
        large = figures['large']
        for row, limit in (('build', 1.3), ('verified', 2.0)):
            ratio = _ratio(large[row], large['cp'])
            add(f'(a) {ROWS[row]}, against `cp`', f'at most {limit} ×', f'{ratio:.2f} ×',
                ratio <= limit)
        share = large['build']['large'] / large['build']['written']
        add('(a) bytes in writes of 1 MiB and more', 'at least 99 %', f'{share:.2%}',
            share >= 0.99)
    if 'small' in figures:
        _add_small_targets(add, figures['small'])
    if 'mixed' in figures:
        _add_mixed_targets(add, figures['mixed'])
    if 'doubling' in figures:
        for low, high in ((5_000, 10_000), (10_000, 20_000)):
            ratio = _ratio(figures['doubling'][high], figures['doubling'][low])
            add(f'{low:,} to {high:,} files', 'at most 2.2 ×', f'{ratio:.2f} ×', ratio <= 2.2)
    return '\n'.join(['## Targets', '', '| what | target | measured | |', '|---|---|---|---|',
                      *rows, ''])


def _add_small_targets(add, small):
    mcopy = small['mcopy']
    ratio = (mcopy['seconds'] or mcopy['limit']) / small['build']['seconds']
    more = '' if mcopy['seconds'] else 'more than '
    add('(b) faster than mcopy', 'at least 20 ×', f'{more}{ratio:.0f} ×', ratio >= 20)
    for row in ('build', 'verified'):
        for other in ('7-Zip', '7-Zip and sync'):
            ratio = _ratio(small[row], small[other])
            add(f'(b) {ROWS[row]}, against {ROWS[other]}', 'at most 1.0 ×', f'{ratio:.2f} ×',
                ratio <= 1)


def _add_mixed_targets(add, mixed):
    inspect = mixed['inspect']
    add('(c) `--inspect`, time', 'below 0.2 s', f'{inspect["seconds"]:.3f} s',
        inspect['seconds'] < 0.2)
    add('(c) `--inspect`, peak memory', 'below 64 MiB', _mib(inspect['peak_bytes']),
        inspect['peak_bytes'] < 64 * 1024 ** 2)
    add('(c) building, peak memory', 'below 64 MiB', _mib(mixed['verified']['peak_bytes']),
        mixed['verified']['peak_bytes'] < 64 * 1024 ** 2)


def _ratio(one, other):
    return one['seconds'] / other['seconds']


def _mib(size):
    return f'{size / 1024 ** 2:.1f} MiB'


def _workload(name, figures):
    lines = [f'## {TITLES[name]}', '', '| | wall | against `cp` | processor | peak memory |',
             '|---|---|---|---|---|']
    for row, title in ROWS.items():
        if row in figures:
            lines.append(_row(title, figures[row], figures['cp']))
    disk = figures['build']
    lines += ['', f'The stick: {disk["writes"]:,} writes, {disk["written"]:,} bytes, '
              f'{disk["large"] / disk["written"]:.2%} of them in writes of 1 MiB and more, '
              f'{disk["backward"]:,} backward seeks.', '']
    return '\n'.join(lines)


def _row(title, figures, cp):
    if figures['seconds'] is None:
        return f'| {title} | stopped after {figures["limit"]:.0f} s | | | |'
    return (f'| {title} | {figures["seconds"]:.2f} s | {_ratio(figures, cp):.2f} × | '
            f'{figures["cpu_seconds"]:.2f} s | {_mib(figures["peak_bytes"])} |')


def _against_stick(name, figures):
    """A table whose measure is the stick itself."""
    heading, others = COMPARED[name]
    rows = [f'| {title} | {figures[row]["seconds"]:.2f} s | '
            f'{_ratio(figures[row], figures["build"]):.2f} × | '
            f'{figures[row]["cpu_seconds"]:.2f} s | {_mib(figures[row]["peak_bytes"])} |'
            for row, title in {**ROWS, **others}.items() if row in figures]
    return '\n'.join([f'## {heading}', '',
                      '| | wall | against the stick | processor | peak memory |',
                      '|---|---|---|---|---|', *rows, ''])


def _doubling(figures):
    lines = ['## Number of files (1 to 64 KiB, nothing read back)', '',
             '| files | wall | processor | peak memory |', '|---|---|---|---|']
    lines += [f'| {count:,} | {result["seconds"]:.2f} s | {result["cpu_seconds"]:.2f} s | '
              f'{_mib(result["peak_bytes"])} |' for count, result in figures.items()]
    return '\n'.join(lines + [''])
