# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program that was built with AddressSanitizer had not freed when it ended.

Libraries keep caches for as long as a process lives; ours keeps nothing. So every leak counts that
one of our functions has a part in, and of what has none only what the libraries below are known to
keep, and a little that GTK keeps for good, may stay.
"""

import dataclasses
import re

# Unwinding by frame pointers, which is faster, would end at the first library. Between us and what
# GtkBuilder makes of our templates are 25 frames.
OPTIONS = ('detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=30:'
           'detect_stack_use_after_return=1:exitcode=86:'
           'stack_trace_format="frame|%m|%f|%S":log_path={log}')
KEPT_BY_LIBRARIES = {
    'libfontconfig.so': 'patterns and caches of fonts, which FcFini() alone would free',
    'libcloudproviders.so': "the collector behind the file dialog's list of places",
    'ld-linux': 'tables that constructors of libraries make when these are loaded',
}
# The clock's zones of GtkRecentManager, what the file dialog has listed: 5 kB in all, measured.
KEPT_BY_GTK_BYTES = 16_384

LEAK = re.compile(r'(?:Direct|Indirect) leak of (\d+) byte')
FRAME = re.compile(r'\s*frame\|([^|]*)\|([^|]*)\|(.*)')
STARTS = ('main', '_start')


@dataclasses.dataclass
class Leak:
    """frames: (module, function, source) from the allocation to main()."""
    size_bytes: int
    text: str
    frames: list = dataclasses.field(default_factory=list)

    def is_ours(self, program):
        """The first frame is the allocator, which is linked into the program."""
        return any(module == program and function not in STARTS
                   for module, function, _ in self.frames[1:])

    def is_of_library(self):
        return any(library in module for module, *_ in self.frames for library in KEPT_BY_LIBRARIES)


def environment(log):
    """For a program that shall write what it leaks into files that begin with this path."""
    return {'ASAN_OPTIONS': OPTIONS.format(log=log),
            # The program ends as it would without leaks; what they are is judged here.
            'LSAN_OPTIONS': 'exitcode=0',
            # GLib has an allocator of its own, in which leaks would not be seen.
            'G_SLICE': 'always-malloc'}


def read(text):
    """The leaks that a report tells."""
    leaks = []
    for line in text.splitlines():
        if found := LEAK.match(line):
            leaks.append(Leak(int(found[1]), line))
        elif leaks and (found := FRAME.match(line)):
            leaks[-1].frames.append(found.groups())
            leaks[-1].text += f'\n    {found[2]} {found[3]} ({found[1]})'
    return leaks


def judge(leaks, program):
    """What must not be, as a text; empty if all is well."""
    ours = [leak for leak in leaks if leak.is_ours(program)]
    others = [leak for leak in leaks if leak not in ours and not leak.is_of_library()]
    too_many = others if sum(leak.size_bytes for leak in others) > KEPT_BY_GTK_BYTES else []
    return '\n'.join(leak.text for leak in ours + too_many)
