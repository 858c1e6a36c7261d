#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the wizard takes to its first frame, against a window of libadwaita with nothing in it:
bench_startup.py BUILD-FOLDER [RUNS]. Both are started in turn; the medians are compared."""

import pathlib
import select
import statistics
import subprocess
import sys
import time

from Xlib import X, display
from Xlib.ext import damage

import desktop

TARGET = 1.3
SECONDS_TO_SHOW = 60
# Helper windows, which GTK never shows, are smaller.
LEAST_WIDTH = 100


def next_event(connection, kind, end):
    """Waits for an event of a kind."""
    while True:
        while connection.pending_events():
            event = connection.next_event()
            if event.type == kind:
                return event
        left = end - time.monotonic()
        if left <= 0 or not select.select([connection], [], [], left)[0]:
            raise TimeoutError('nothing is shown')


def seconds_to_first_frame(screen, program):
    """Starts a program, waits until something is drawn in its window, and ends it."""
    connection = display.Display(screen.environment['DISPLAY'])
    connection.damage_query_version()
    connection.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
    connection.sync()
    start = time.monotonic()
    process = subprocess.Popen([program], env={**screen.environment, 'LC_ALL': 'C.UTF-8'},
                               stdin=subprocess.DEVNULL)
    try:
        end = start + SECONDS_TO_SHOW
        while True:
            window = next_event(connection, X.MapNotify, end).window
            if window.get_geometry().width >= LEAST_WIDTH:
                break
        window.damage_create(damage.DamageReportRawRectangles)
        next_event(connection, connection.extension_event.DamageNotify, end)
        return time.monotonic() - start
    finally:
        desktop.end(process)
        connection.close()


def main():
    build = pathlib.Path(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    programs = {'bare window': build / 'tests/ui/bare-window',
                'wizard': build / 'app/rescue-usb-builder-gtk'}
    times = {name: [] for name in programs}
    with desktop.Desktop() as screen:
        for number in range(runs + 1):
            for name, program in programs.items():
                seconds = seconds_to_first_frame(screen, program)
                if number:  # The first reads the files from the disk.
                    times[name].append(seconds)
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, each in times.items():
        print(f'{name:12} {1000 * medians[name]:6.0f} ms, {1000 * min(each):.0f} to '
              f'{1000 * max(each):.0f} ms')
    print(f'ratio {medians["wizard"] / medians["bare window"]:.2f}, at most {TARGET} is wanted')


if __name__ == '__main__':
    main()
