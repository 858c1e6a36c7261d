#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-udf.py [--seeds] FOLDER: writes one UDF image a shape into FOLDER, NAME.udf.

With --seeds they are small, for a fuzzer: blocks of 512 bytes and no gap in front of the volume.
"""
import os
import sys

import udf_damaged_shapes  # pylint: disable=unused-import
import udf_shapes


def main(arguments):
    if arguments[0] == '--seeds':
        udf_shapes.TINY = True
        arguments = arguments[1:]
    folder, = arguments
    os.makedirs(folder, exist_ok=True)
    for make in udf_shapes.SHAPES:
        make().save(os.path.join(folder, make.__name__.replace('_', '-') + '.udf'))


if __name__ == '__main__':
    main(sys.argv[1:])
