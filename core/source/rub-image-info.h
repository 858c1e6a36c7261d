/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-text.h"
#include "source/rub-boot-menu.h"
#include "source/rub-pe-signature.h"
#include "source/rub-pe.h"
#include "source/rub-source.h"

G_BEGIN_DECLS

/** RUB_FAT_MAX_FILE_BYTES: the largest file FAT can hold, 4 GiB - 1 */
#define RUB_FAT_MAX_FILE_BYTES G_GUINT64_CONSTANT(0xffffffff)

/**
 * RubImageKind:
 * @RUB_IMAGE_OTHER: none of these
 * @RUB_IMAGE_WINDOWS_PE: a Windows that runs from its WIM: rescue media
 * @RUB_IMAGE_WINDOWS_SETUP: installs Windows
 * @RUB_IMAGE_LINUX: a Linux
 *
 * What an image is.
 */
typedef enum {
    RUB_IMAGE_OTHER,
    RUB_IMAGE_WINDOWS_PE,
    RUB_IMAGE_WINDOWS_SETUP,
    RUB_IMAGE_LINUX,
} RubImageKind;

/**
 * RubImageNeeds:
 * @RUB_IMAGE_NEEDS_NOTHING: none of these
 * @RUB_IMAGE_NEEDS_SPLIT: a WIM over 4 GiB - 1, which must be split for FAT32
 * @RUB_IMAGE_NEEDS_LARGE_FILES: a file over 4 GiB - 1 that cannot be split
 * @RUB_IMAGE_NEEDS_SYMLINKS: symbolic links, which neither FAT nor Windows would follow
 * @RUB_IMAGE_NEEDS_EL_TORITO_EFI: a UEFI loader is only inside the boot image of the disc
 *
 * What an image asks of the stick and of the builder.
 */
typedef enum {
    RUB_IMAGE_NEEDS_NOTHING = 0,
    RUB_IMAGE_NEEDS_SPLIT = 1 << 0,
    RUB_IMAGE_NEEDS_LARGE_FILES = 1 << 1,
    RUB_IMAGE_NEEDS_SYMLINKS = 1 << 2,
    RUB_IMAGE_NEEDS_EL_TORITO_EFI = 1 << 3,
} RubImageNeeds;

/**
 * RubLoaderState:
 * @RUB_LOADER_GOOD: a UEFI program for its machine
 * @RUB_LOADER_EMPTY: a file of 0 bytes, or a symbolic link
 * @RUB_LOADER_NOT_A_PROGRAM: not a whole UEFI program
 * @RUB_LOADER_WRONG_MACHINE: a program for another machine than its name says
 *
 * Whether firmware would start a loader.
 */
typedef enum {
    RUB_LOADER_GOOD,
    RUB_LOADER_EMPTY,
    RUB_LOADER_NOT_A_PROGRAM,
    RUB_LOADER_WRONG_MACHINE,
} RubLoaderState;

/**
 * RubFileOrigin:
 * @RUB_ORIGIN_IMAGE: it is a file of the image
 * @RUB_ORIGIN_EL_TORITO: it is in the disc's boot image for UEFI
 * @RUB_ORIGIN_WIM: it is in the Windows of a WIM
 *
 * Where a file comes from that the stick needs.
 */
typedef enum {
    RUB_ORIGIN_IMAGE,
    RUB_ORIGIN_EL_TORITO,
    RUB_ORIGIN_WIM,
} RubFileOrigin;

/**
 * RubExtraEntry:
 * @entry: (transfer full): the file or folder, whose path is where it goes on the stick; readable
 *   by rub_source_read()
 * @origin: where it comes from
 * @origin_path: (nullable): the path it has there, where that is another one
 * @replaces: whether the image has a file of this path, which no firmware would start
 *
 * What a stick needs beside the files of the image.
 */
typedef struct {
    RubEntry *entry;
    RubFileOrigin origin;
    char *origin_path;
    gboolean replaces;
} RubExtraEntry;

/**
 * RubUefiLoader:
 * @path: its path on the stick
 * @origin: where it comes from
 * @machine: the machine it was built for; %RUB_MACHINE_NONE where it is not a program
 * @named_for: the machine whose firmware looks for this name (BOOTX64.EFI is x64);
 *   %RUB_MACHINE_NONE for any other name
 * @state: whether it would start
 * @has_rival: whether the disc's boot image for UEFI has another program of this name, with which
 *   discs start, and which is as good
 * @signature: (nullable): what Secure Boot goes by; %NULL unless it is good, and for what is too
 *   large to be a loader
 *
 * A file EFI/BOOT/something.efi. Firmware starts only those that are @named_for a machine and
 * good; others are started by these.
 */
typedef struct {
    char *path;
    RubFileOrigin origin;
    RubMachine machine;
    RubMachine named_for;
    RubLoaderState state;
    gboolean has_rival;
    RubPeSignature *signature;
} RubUefiLoader;

/**
 * RubLargeFile:
 * @path: its path in the image
 * @size_bytes: its size in bytes
 * @parts: (nullable) (element-type RubEntry): what it becomes on a filesystem that cannot hold it:
 *   the parts of a split WIM, made up from the image; %NULL where it cannot be split
 *
 * A file over 4 GiB - 1.
 */
typedef struct {
    char *path;
    guint64 size_bytes;
    GPtrArray *parts;
} RubLargeFile;

/**
 * RubImageInfo:
 * @kind: what it is
 * @path: the path it was opened by
 * @real_path: (nullable): where it lies, without links; %NULL where that is not known
 * @display_name: the file's name without folders
 * @volume_name: the volume's name; "" if none
 * @format: "UDF", "ISO 9660", "Joliet" or "Rock Ridge"
 * @size_bytes: the size of the image file, in bytes
 * @file_count: how many files it has
 * @folder_count: how many folders
 * @symlink_count: how many symbolic links
 * @files_size_bytes: the sizes of all files together, in bytes (a hard link counts each time)
 * @machines: the processors what it starts is for: of the Windows in it, else of its UEFI loaders
 * @windows_version: (nullable): "10.0"; %NULL unless Windows
 * @windows_build: 26100, say; 0 where not known
 * @has_wim: whether it has a WIM, be it damaged
 * @damaged_wims: (element-type utf8): the files that have a WIM's name but are none
 * @windows_names: (element-type utf8): the names of the Windows editions in it, without repeats
 * @boots_bios: whether BIOS starts its files from a stick, through bootmgr
 * @bios_missing: (element-type utf8): what that lacks: "bootmgr", "boot/bcd", "boot/boot.sdi",
 *   "sources/boot.wim"; all four where it was never meant to
 * @uefi_machines: the machines whose UEFI firmware starts its files, with those of @extra_entries,
 *   from a stick
 * @uefi_loaders: (element-type RubUefiLoader): every EFI/BOOT/something.efi that the stick would
 *   have, also those of @extra_entries
 * @uefi_missing: (element-type utf8): what Windows lacks to start from UEFI once its loader runs:
 *   "efi/microsoft/boot/bcd", "boot/boot.sdi"
 * @has_el_torito_bios: whether the disc has a boot image for BIOS
 * @has_el_torito_efi: whether the disc has a boot image for UEFI
 * @el_torito_efi_offset_bytes: where that, a FAT filesystem, begins in the image; 0 if none
 * @extra_entries: (element-type RubExtraEntry): what the stick needs for UEFI and the files of the
 *   image do not have, each folder before what is in it
 * @is_hybrid: whether the image was made to be written to a stick byte by byte, too: it has an MBR
 *   with a partition
 * @raw_starts_bios: whether BIOS starts such a stick
 * @raw_uefi_machines: the machines whose UEFI firmware starts such a stick
 * @raw_uefi_loaders: (element-type RubUefiLoader): every EFI/BOOT/something.efi in the system
 *   partitions of such a stick
 * @bios_menu: (nullable): the boot menu that a GRUB for BIOS would read of its files, if one were
 *   put beside them; %NULL for Windows and for what does not start on BIOS from a disc either
 * @label_menus: (element-type RubBootMenu): the boot menus that look for the system on a volume of
 *   the image's name, and those of which that is not known
 * @largest_file_path: (nullable): its largest file; %NULL without files
 * @largest_file_bytes: the size of that in bytes
 * @large_files: (element-type RubLargeFile): the files over 4 GiB - 1
 * @needs: what it asks of the stick and of the builder
 *
 * What an image is, what it starts on and what it needs. Immutable, reference counted.
 */
typedef struct {
    RubImageKind kind;
    char *path;
    char *real_path;
    char *display_name;
    char *volume_name;
    char *format;
    guint64 size_bytes;
    guint file_count;
    guint folder_count;
    guint symlink_count;
    guint64 files_size_bytes;
    RubMachine machines;
    char *windows_version;
    guint windows_build;
    gboolean has_wim;
    GPtrArray *damaged_wims;
    GPtrArray *windows_names;
    gboolean boots_bios;
    GPtrArray *bios_missing;
    RubMachine uefi_machines;
    GPtrArray *uefi_loaders;
    GPtrArray *uefi_missing;
    gboolean has_el_torito_bios;
    gboolean has_el_torito_efi;
    guint64 el_torito_efi_offset_bytes;
    GPtrArray *extra_entries;
    gboolean is_hybrid;
    gboolean raw_starts_bios;
    RubMachine raw_uefi_machines;
    GPtrArray *raw_uefi_loaders;
    char *bios_menu;
    GPtrArray *label_menus;
    char *largest_file_path;
    guint64 largest_file_bytes;
    GPtrArray *large_files;
    RubImageNeeds needs;
} RubImageInfo;

/**
 * rub_image_info_new:
 * @source: an opened image
 * @cancellable: (nullable): stops it
 * @error: return location
 *
 * Looks into an image; reads only heads of files. Errors: %RUB_CODE_IMAGE_UNREADABLE where the
 * image cannot be read, %RUB_CODE_IMAGE_INCOMPLETE where it became shorter meanwhile,
 * %RUB_CODE_CANCELLED. A damaged WIM or loader is no error: its facts are missing then.
 *
 * Returns: (transfer full) (nullable): what it is; %NULL on an error
 */
RubImageInfo *rub_image_info_new(RubSource *source, GCancellable *cancellable, GError **error);

/** rub_image_info_ref: Returns: (transfer full): @self with one reference more */
RubImageInfo *rub_image_info_ref(RubImageInfo *self);

/** rub_image_info_unref: drops a reference */
void rub_image_info_unref(RubImageInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubImageInfo, rub_image_info_unref)

/**
 * rub_image_info_describe:
 * @self: what an image is
 * @translate: (nullable): puts the words into the user's language; %NULL for English
 *
 * Returns: (transfer full): a short name: "Windows PE 10.0 (build 26100), 64-bit"
 */
char *rub_image_info_describe(const RubImageInfo *self, RubTranslate translate);

G_END_DECLS
