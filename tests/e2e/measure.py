#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program and writes what it used as JSON: measure.py REPORT PROGRAM [ARGUMENT]...

A process of its own, because the peak memory of a child begins at what its parent had when it was
made; this one stays small, whatever the tests hold.
"""

import json
import os
import signal
import sys
import time


def main():
    report, *command = sys.argv[1:]
    start = time.monotonic()
    # Shells make background programs deaf to Ctrl-C.
    process = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGINT])
    _, status, usage = os.wait4(process, 0)
    seconds = time.monotonic() - start
    with open(report, 'w', encoding='utf-8') as file:
        json.dump({'status': os.waitstatus_to_exitcode(status), 'seconds': seconds,
                   'cpu_seconds': usage.ru_utime + usage.ru_stime,
                   'peak_bytes': usage.ru_maxrss * 1024}, file)


if __name__ == '__main__':
    main()
