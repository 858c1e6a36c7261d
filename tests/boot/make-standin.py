#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a stand-in BOOTMGR of any size: make-standin.py CODE SIZE OUTPUT"""

import pathlib
import sys

from standin import make_bootmgr

code, size, output = sys.argv[1:]
pathlib.Path(output).write_bytes(make_bootmgr(pathlib.Path(code).read_bytes(), int(size)))
