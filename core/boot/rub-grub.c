/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-grub.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rub-bytes.h"
#include "base/rub-process.h"
#include "boot/grub-bootmgr-code.h"

#define SECTOR_BYTES 512
#define SECTOR_COUNT_OFFSET 4

/* The first sector of what grub-mkimage makes is diskboot.img, which reads the rest from a disk to
 * 8200h; the head of our file is in its place. */
#define DISKBOOT_BYTES SECTOR_BYTES

/* What our boot record has room for between 20000h and the BIOS's own data. */
#define MAX_BYTES ((gsize) 480 * 1024)

/* Where the child finds its first commands. */
#define COMMANDS_FD 3
#define COMMANDS_PATH "/proc/self/fd/3"

/* Where it puts what it makes. */
#define OUTPUT_FD 4
#define OUTPUT_PATH "/proc/self/fd/4"

/* Where distributions have the modules: Debian, Fedora and Arch; SUSE, now and before. */
static const char *const folders[] = {"/usr/lib/grub/i386-pc", "/usr/share/grub2/i386-pc",
                                      "/usr/lib/grub2/i386-pc"};
static const char *const programs[] = {"grub-mkimage", "grub2-mkimage"};

/* Without these nothing starts. */
static const char *const needed_modules[] = {"biosdisk", "part_msdos", "fat",
                                             "normal",   "configfile", "linux"};

/* What menus of live systems use. All of it is built in: the modules on the stick are those of
 * another GRUB. */
static const char other_modules[] =
    "syslinuxcfg linux16 multiboot multiboot2 chain ntldr memdisk loopback iso9660 udf ext2 "
    "squash4 part_gpt gzio xzio lzopio search search_label search_fs_file search_fs_uuid test true "
    "regexp read echo cat ls sleep help date cpuid minicmd keystatus loadenv reboot halt password "
    "password_pbkdf2 all_video video vbe vga video_bochs video_cirrus font png jpeg gfxterm "
    "gfxterm_background gfxmenu terminal terminfo serial";

static gboolean
has_file(const char *folder, const char *name, const char *suffix)
{
    g_autofree char *file = g_strconcat(name, suffix, NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static const char *
find_folder(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        gboolean is_whole = has_file(folders[i], "diskboot", ".img");
        for (guint k = 0; k < G_N_ELEMENTS(needed_modules); k++)
            is_whole = is_whole && has_file(folders[i], needed_modules[k], ".mod");
        if (is_whole)
            return folders[i];
    }
    return NULL;
}

static char *
find_program(void)
{
    char *path = NULL;
    for (guint i = 0; !path && i < G_N_ELEMENTS(programs); i++)
        path = g_find_program_in_path(programs[i]);
    return path;
}

/* GRUB reads the menu of its own folder by itself. That of Syslinux it has to be told, and takes
 * its paths as Isolinux does; one that shows nothing only loads a kernel. */
static char *
make_commands(const char *menu)
{
    g_autofree char *name = g_path_get_basename(menu);
    if (g_ascii_strcasecmp(name, "grub.cfg") == 0)
        return g_strdup("");
    return g_strdup_printf("syslinux_configfile -i '/%s'\nboot\n", menu);
}

static GStrv
make_arguments(const char *program, const char *folder, const char *menu)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *menu_folder = g_path_get_dirname(menu);
    g_autofree char *prefix = g_strdup_printf("(,msdos%d)/%s", RUB_GRUB_PARTITION, menu_folder);
    g_strv_builder_add_many(builder, program, "-O", "i386-pc", "-d", folder, "-p", prefix, "-c",
                            COMMANDS_PATH, "-o", OUTPUT_PATH, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(needed_modules); i++)
        g_strv_builder_add(builder, needed_modules[i]);
    g_auto(GStrv) others = g_strsplit(other_modules, " ", -1);
    for (guint i = 0; others[i]; i++) {
        if (has_file(folder, others[i], ".mod"))
            g_strv_builder_add(builder, others[i]);
    }
    return g_strv_builder_end(builder);
}

/* A file in memory with a text. Returns -1 where that cannot be had. */
static int
open_memory(const char *text)
{
    int fd = memfd_create("grub", MFD_CLOEXEC);
    gsize size_bytes = strlen(text);
    if (fd >= 0 && pwrite(fd, text, size_bytes, 0) == (ssize_t) size_bytes)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Gives the child a copy of a descriptor, under a number. */
static gboolean
lend(GSubprocessLauncher *launcher, int fd, int number)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return FALSE;
    g_subprocess_launcher_take_fd(launcher, copy, number);
    return TRUE;
}

/* Runs the program; its output goes to a file, because it insists on syncing that. */
static gboolean
run(const char *const *arguments, int commands_fd, int output_fd, GCancellable *cancellable)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    if (!lend(launcher, commands_fd, COMMANDS_FD) || !lend(launcher, output_fd, OUTPUT_FD))
        return FALSE;
    g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, arguments, NULL);
    return process && rub_process_wait(process, cancellable, NULL, NULL) &&
           g_subprocess_get_successful(process);
}

static GBytes *
read_all(int fd)
{
    g_autofree guint8 *data = g_malloc(MAX_BYTES + 1);
    ssize_t size_bytes = pread(fd, data, MAX_BYTES + 1, 0);
    return size_bytes < 0 ? NULL : g_bytes_new_take(g_steal_pointer(&data), (gsize) size_bytes);
}

static GBytes *
make_image(const char *program, const char *folder, const char *menu, GCancellable *cancellable)
{
    g_autofree char *commands = make_commands(menu);
    g_auto(GStrv) arguments = make_arguments(program, folder, menu);
    int commands_fd = open_memory(commands);
    int output_fd = open_memory("");
    GBytes *image = NULL;
    if (commands_fd >= 0 && output_fd >= 0 &&
        run((const char *const *) arguments, commands_fd, output_fd, cancellable))
        image = read_all(output_fd);
    if (commands_fd >= 0)
        close(commands_fd);
    if (output_fd >= 0)
        close(output_fd);
    return image;
}

static RubEntry *
make_file(GBytes *image)
{
    gsize size_bytes;
    const guint8 *data = g_bytes_get_data(image, &size_bytes);
    if (size_bytes <= DISKBOOT_BYTES || size_bytes > MAX_BYTES)
        return NULL;
    static const guint8 zeros[SECTOR_BYTES] = {0};
    guint8 head[sizeof grub_bootmgr_code];
    gsize kernel_bytes = size_bytes - DISKBOOT_BYTES;
    gsize sector_count = (kernel_bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    memcpy(head, grub_bootmgr_code, sizeof head);
    rub_put_u16le(head + SECTOR_COUNT_OFFSET, (guint16) sector_count);
    RubEntry *file = rub_entry_new(RUB_ENTRY_FILE, g_strdup(RUB_GRUB_PATH));
    rub_entry_add_memory(file, head, sizeof head);
    rub_entry_add_memory(file, data + DISKBOOT_BYTES, kernel_bytes);
    rub_entry_add_memory(file, zeros, sector_count * SECTOR_BYTES - kernel_bytes);
    file->size_bytes = sizeof head + sector_count * SECTOR_BYTES;
    return file;
}

RubEntry *
rub_grub_new(const RubImageInfo *info, GCancellable *cancellable)
{
    const char *folder = find_folder();
    g_autofree char *program = find_program();
    if (!info->bios_menu || !folder || !program)
        return NULL;
    g_autoptr(GBytes) image = make_image(program, folder, info->bios_menu, cancellable);
    return image ? make_file(image) : NULL;
}
