#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a small rescue ISO from the distribution's memtest86+ and GRUB: make-demo-iso.sh OUT.iso
#
# It has the shape of a Windows PE disc: everything is on the UDF side, a bootmgr starts it from
# BIOS, EFI/BOOT/boot*.efi from UEFI. So a stick that is made from it starts by the same way as one
# made from Windows rescue media. Needs genisoimage, wimtools, memtest86+, grub-common, grub-pc-bin,
# grub-efi-amd64-bin and grub-efi-ia32-bin.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: $0 OUT.iso" >&2; exit 64; }
out=$(realpath -m -- "$1")
grub=/usr/lib/grub
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
tree=$work/tree
mkdir -p "$tree"/{boot/grub,efi/boot,efi/microsoft/boot,sources}

note() { printf '%s\n' "$@"; }

# How GRUB finds its stick, whatever drive the firmware makes of it.
cat >"$work/early.cfg" <<'TEXT'
search --no-floppy --set=root --file /boot/grub/rescue-demo.cfg
set prefix=($root)/boot/grub
configfile /boot/grub/rescue-demo.cfg
TEXT

cat >"$tree/boot/grub/rescue-demo.cfg" <<'TEXT'
set timeout=5
set default=0

if cpuid -l; then set bits=x64; else set bits=ia32; fi
if [ "$grub_platform" = efi ]; then
    # The loader's own width counts here: 32-bit firmware on a 64-bit processor is not rare.
    set suffix=efi
    if [ "$grub_cpu" = i386 ]; then set bits=ia32; fi
else
    set suffix=bin
fi

menuentry "Memory test (memtest86+, $bits)" {
    linux /boot/memtest86+$bits.$suffix console=ttyS0,115200
}
menuentry "List the disks" {
    ls -l
    echo "Press a key to go back."
    read line
}
menuentry "Restart" {
    reboot
}
TEXT

modules=(part_msdos part_gpt fat search search_fs_file configfile normal linux cpuid test echo ls read
    reboot minicmd)
make_grub() { # FORMAT OUT MODULE...
    local format=$1 file=$2
    shift 2
    grub-mkimage -O "$format" -o "$file" -c "$work/early.cfg" -p /boot/grub "${modules[@]}" "$@"
}

# lnxboot.img makes of GRUB a program that a boot record can start in place of Windows' bootmgr.
make_grub i386-pc "$work/core.img" biosdisk
cat "$grub/i386-pc/lnxboot.img" "$work/core.img" >"$tree/bootmgr"
make_grub x86_64-efi "$tree/efi/boot/bootx64.efi"
make_grub i386-efi "$tree/efi/boot/bootia32.efi"
cp /boot/memtest86+{x64,ia32}.{bin,efi} "$tree/boot/"

# What a Windows disc has in these places; nothing here reads them.
for file in boot/bcd efi/microsoft/boot/bcd; do
    note "A placeholder of the demonstration disc: on Windows PE this is the list of what to start." \
        >"$tree/$file"
done
note "A placeholder of the demonstration disc: on Windows PE this becomes the RAM disk's first sectors." \
    >"$tree/boot/boot.sdi"
mkdir "$work/wim"
note "A demonstration: a Windows PE disc has its system in this archive." >"$work/wim/README.TXT"
touch -d 2024-01-01T00:00:00Z "$work/wim/README.TXT" "$work/wim"
wimlib-imagex capture "$work/wim" "$tree/sources/boot.wim" Demonstration \
    "memtest86+ and GRUB in the shape of Windows PE, no Windows in it" --boot --no-acls --quiet >&2

cat >"$tree/README.TXT" <<'TEXT'
A demonstration of Rescue USB Builder: memtest86+ and GRUB in the shape of a Windows PE disc.
Everything but this note is on the UDF side of the disc.
TEXT
find "$tree" -exec touch -d 2024-01-01T00:00:00Z {} +

# -hide hides from the ISO 9660 side only, and -D makes it work.
hidden=()
for entry in "$tree"/*; do
    [ "${entry##*/}" = README.TXT ] || hidden+=(-hide "$entry")
done
genisoimage -quiet -sysid "" -A "" -V RESCUE_DEMO -udf -iso-level 3 -relaxed-filenames -D -N \
    "${hidden[@]}" -o "$work/demo.iso" "$tree" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
cp -- "$work/demo.iso" "$out"
