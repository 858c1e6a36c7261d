#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a file into a C header that defines its bytes: embed.py NAME FILE HEADER"""

import sys

name, source, header = sys.argv[1:]
with open(source, 'rb') as file:
    data = file.read()
with open(header, 'w', encoding='ascii') as file:
    file.write(f'/* Generated from {name}.asm. */\n#pragma once\n\n#include <glib.h>\n\n')
    file.write(f'static const guint8 {name}_code[{len(data)}] = {{\n')
    for at in range(0, len(data), 16):
        file.write('    ' + ' '.join(f'0x{byte:02x},' for byte in data[at:at + 16]) + '\n')
    file.write('};\n')
