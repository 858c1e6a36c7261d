#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a desktop does: mounts each volume that appears. Prints a line once it is listening.
udisksctl monitor | while read -r line; do
    case $line in
    Monitoring*) echo listening ;;
    *': Added '*/block_devices/* | *'Added interface org.freedesktop.UDisks2.Filesystem'*)
        node=${line##*/block_devices/}
        udisksctl mount --no-user-interaction -b "/dev/${node%%[!a-z0-9]*}" 2>/dev/null ;;
    esac
done
