#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes OUT/root.ext4, OUT/vmlinuz and OUT/initrd.gz from packages of the distribution that runs
# here: make-root.sh OUT PACKAGE,PACKAGE... Needs root, and nothing but chroot of it.
# Packages come from where this computer's own come from, by its apt settings.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1
packages=$2
export PATH=$PATH:/usr/sbin:/sbin
. /etc/os-release

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt-config dump Acquire >"$work/apt.conf"
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [ -s "$file" ]; then sources+=("$file"); fi
done

mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$work/apt.conf" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='force-confold' \
    --essential-hook="cp -r '$here/guest/.' \"\$1\"" --include="$packages" \
    "$VERSION_CODENAME" "$work/root" "${sources[@]}"

# tester is who sits at the computer; boss is the administrator whose password polkit asks for.
chroot "$work/root" useradd -m -s /bin/bash tester
chroot "$work/root" useradd -m -s /bin/bash -G sudo boss
printf 'root:root\ntester:tester\nboss:boss\n' | chroot "$work/root" chpasswd -c SHA256
echo rescue-vm >"$work/root/etc/hostname"
mkdir "$work/root/share"
# What else would start while a test runs.
for unit in serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
    fstrim.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer; do
    ln -sf /dev/null "$work/root/etc/systemd/system/$unit"
done

cp -L "$work/root/vmlinuz" "$out/vmlinuz"
cp -L "$work/root/initrd.img" "$out/initrd.gz"
rm -rf "$work"/root/boot/* "$work"/root/var/cache/apt "$work"/root/var/lib/apt/lists
truncate -s 3G "$out/root.ext4"
mkfs.ext4 -q -F -m 0 -O ^has_journal -E lazy_itable_init=0 -d "$work/root" "$out/root.ext4"
if [ -n "${SUDO_UID:-}" ]; then chown "$SUDO_UID:$SUDO_GID" "$out"/*; fi
chmod 644 "$out"/*
