/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crash-volume-private.h"

#include "volume/rub-fat-folder.h"

static void
file_free(gpointer data)
{
    File *self = data;
    g_free(self->path);
    g_free(self->to);
    g_free(self->old);
    g_free(self->new);
    g_clear_pointer(&self->old_extents, g_array_unref);
    g_free(self);
}

G_GNUC_PRINTF(5, 6)
static File *
add_file(CrashVolume *self, Fate fate, gsize old_bytes, gsize new_bytes, const char *format, ...)
{
    va_list args;
    File *file = g_new0(File, 1);
    va_start(args, format);
    file->path = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *seed = g_strconcat("new ", file->path, NULL);
    file->fate = fate;
    file->old = make_content(file->path, old_bytes);
    file->old_bytes = old_bytes;
    file->new = make_content(seed, new_bytes);
    file->new_bytes = new_bytes;
    g_ptr_array_add(self->files, file);
    return file;
}

static void
add_folder(CrashVolume *self, const char *path, gboolean is_new)
{
    g_hash_table_add(self->folders, g_strdup(path));
    if (is_new)
        g_ptr_array_add(self->new_folders, g_strdup(path));
}

/* Paths of 1 to 8 slots, in both kinds of names. */
static void
describe_user(CrashVolume *self, const CrashLayout *layout)
{
    guint cluster = self->cluster_bytes;
    add_folder(self, "Documents", FALSE);
    add_folder(self, "EFI", FALSE);
    add_folder(self, "EFI/BOOT", FALSE);
    add_file(self, KEPT, 3 * cluster - 7, 0, "Documents/A letter to the bank.odt");
    add_file(self, KEPT, 0, 0, "Documents/empty");
    add_file(self, KEPT, cluster, 0, "NOTES.TXT");
    add_file(self, REPLACED, 2 * cluster + 9, cluster + 1, "EFI/BOOT/bootx64.efi");
    add_file(self, SAVED, cluster / 2, 2 * cluster, "bootmgr")->to =
        g_strdup(".rescue-usb-builder/undo/0001");
    add_file(self, SAVED, 2 * cluster, 0, "EFI/BOOT/A name that is long enough to cross.bin")->to =
        g_strdup(".rescue-usb-builder/undo/0002 with a long name, too");
    add_file(self, REPLACED, 0, 5, "autorun.inf");
    add_file(self, MOVED, cluster + 3, 0, "Moved away into a folder.dat")->to =
        g_strdup("Documents/It has moved here.dat");
    add_file(self, REMOVED, 2 * cluster + 1, 0,
             "Documents/A file of the build before with a name that takes many slots.wim");
    for (guint i = 0; i < layout->root_fill; i++)
        add_file(self, i % 3 == 2 ? REPLACED : KEPT, i * cluster / 4, i * 100,
                 i % 2 ? "Picture number %u of the holidays.jpeg" : "PIC%u.JPG", i);
}

static void
describe_build(CrashVolume *self, const CrashLayout *layout)
{
    static const char *const folders[] = {".rescue-usb-builder/undo", "sources", "boot",
                                          "boot/fonts with a long name"};
    static const char *const parents[] = {
        "", "EFI/BOOT/", "sources/", "boot/fonts with a long name/", "", "Documents/"};
    add_folder(self, ".rescue-usb-builder", FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
        add_folder(self, folders[i], TRUE);
    for (guint i = 0; i < layout->new_files; i++)
        add_file(self, ADDED, 0, i % 7 * self->cluster_bytes + i % 3,
                 i % 3 ? "%sadded file with a number %u.dll" : "%sADD%u.SYS",
                 parents[i % G_N_ELEMENTS(parents)], i);
}

static void
write_user_files(CrashVolume *self)
{
    g_autoptr(RubVolume) volume = fat_image_write(self->image);
    declare_folder(volume, "Documents");
    declare_folder(volume, "EFI");
    declare_folder(volume, "EFI/BOOT");
    for (guint i = 0; i < self->files->len; i++) {
        File *file = g_ptr_array_index(self->files, i);
        file->id = declare_file(volume, file->path, file->old_bytes);
    }
    prepare_round(volume);
    for (guint i = 0; i < self->files->len; i++) {
        const File *file = g_ptr_array_index(self->files, i);
        g_assert_true(rub_volume_write(volume, file->id, file->old, file->old_bytes, NULL));
    }
    commit_round(volume);
}

/* Every second one of many small files goes away again. */
static void
fragment(CrashVolume *self)
{
    g_autoptr(RubVolume) volume = fat_image_write(self->image);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 40; i++) {
        g_ptr_array_add(paths, g_strdup_printf("Documents/F%u", i));
        declare_file(volume, g_ptr_array_index(paths, i), self->cluster_bytes);
    }
    prepare_round(volume);
    for (guint i = 0; i < paths->len; i++)
        write_content(volume, i, g_ptr_array_index(paths, i), self->cluster_bytes);
    commit_round(volume);
    for (guint i = 0; i < paths->len; i++) {
        const char *path = g_ptr_array_index(paths, i);
        if (i % 2 == 0)
            g_assert_true(rub_volume_remove(volume, path, NULL));
        else
            add_file(self, KEPT, self->cluster_bytes, 0, "%s", path);
    }
    prepare_round(volume);
    commit_round(volume);
}

static void
note_old_extents(CrashVolume *self)
{
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = crash_volume_check(self, &listing);
    g_autoptr(GHashTable) entries = crash_volume_index(listing);
    g_assert_cmpuint(found->lost->len, ==, 0);
    for (guint i = 0; i < self->files->len; i++) {
        File *file = g_ptr_array_index(self->files, i);
        const RubEntry *entry = g_hash_table_lookup(entries, file->path);
        if (file->fate == ADDED)
            continue;
        g_assert_true(crash_volume_holds_old(self, entry, file));
        file->old_extents = g_array_new(FALSE, FALSE, sizeof(RubExtent));
        if (entry->extents)
            g_array_append_vals(file->old_extents, entry->extents->data, entry->extents->len);
        file->old_mtime = entry->mtime_unix;
    }
}

/* What was deleted long ago is still in the clusters. */
static void
fill_with_garbage(CrashVolume *self)
{
    guint64 size_bytes = rub_disk_get_size_bytes(self->disk) - self->data_start;
    g_autofree guint8 *garbage = g_malloc(size_bytes);
    memset(garbage, 0x41, size_bytes);
    gsize kept = self->cluster_bytes;
    fat_image_patch(self->image, self->data_start + kept, garbage, size_bytes - kept);
}

/* Puts what looks like entries behind the sector in which a folder ends. */
static void
litter_folder(CrashVolume *self, guint32 first_cluster)
{
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, 0, self->image->sector_count, NULL);
    g_autoptr(RubFatFolder) folder = rub_fat_folder_read(fat, first_cluster, NULL, NULL);
    guint end = 0;
    while (end < folder->slot_count && folder->slots[end * RUB_FAT_SLOT_BYTES] != 0)
        end++;
    gsize start = (end * RUB_FAT_SLOT_BYTES / 512 + 1) * 512;
    gsize size_bytes = (gsize) folder->slot_count * RUB_FAT_SLOT_BYTES;
    if (start >= size_bytes)
        return;
    memset(folder->slots + start, 0x41, size_bytes - start);
    g_assert_true(rub_fat_folder_write(folder, fat, start, size_bytes, NULL));
}

/* The folders of the user are the first in the root. */
static void
litter(CrashVolume *self)
{
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, 0, self->image->sector_count, NULL);
    g_autoptr(RubFatFolder) root = rub_fat_folder_read(fat, RUB_FAT_ROOT, NULL, NULL);
    RubFatSlotIter iter = {root->slots, root->slot_count, 0, 0};
    RubFatSlot slot;
    char *name = NULL;
    while (rub_fat_slot_iter_next(&iter, &slot, &name)) {
        g_free(name);
        if (slot.attributes & RUB_FAT_ATTR_FOLDER)
            litter_folder(self, slot.first_cluster);
    }
    litter_folder(self, RUB_FAT_ROOT);
}

static guint64
count_needed(CrashVolume *self)
{
    guint pending = 0;
    g_autoptr(RubListing) listing = fat_image_list(self->image);
    g_autoptr(RubVolume) dry = fat_image_write(self->image);
    crash_volume_prepare_build(self, dry, listing, &pending);
    g_autoptr(GArray) runs = rub_fat_writer_get_runs(dry);
    guint64 clusters = 0;
    for (guint i = 0; i < runs->len; i++)
        clusters += g_array_index(runs, RubFatRun, i).count;
    return clusters;
}

/* Leaves as many clusters free as the build takes. The name comes first: it may take one, too. */
static void
fill_up(CrashVolume *self)
{
    static const char path[] = "Documents/FILLER";
    guint32 free_clusters = 0;
    guint id = 0;
    g_autoptr(RubVolume) volume = fat_image_write(self->image);
    add_one_file(volume, path, 0);
    guint64 needed = count_needed(self);
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, 0, self->image->sector_count, NULL);
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    g_assert_cmpuint(needed, <, free_clusters);
    gsize size = (gsize) (free_clusters - needed) * self->cluster_bytes;
    g_assert_true(
        rub_volume_add_file(volume, path, size, 1700000000, RUB_VOLUME_REPLACE, &id, NULL));
    prepare_round(volume);
    write_content(volume, id, path, size);
    commit_round(volume);
    add_file(self, KEPT, size, 0, "%s", path);
}

CrashVolume *
crash_volume_new(const CrashLayout *layout)
{
    CrashVolume *self = g_new0(CrashVolume, 1);
    self->files = g_ptr_array_new_with_free_func(file_free);
    self->new_folders = g_ptr_array_new_with_free_func(g_free);
    self->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->image = fat_image_new(layout->size_kib * G_GUINT64_CONSTANT(1024), layout->options);
    self->crash = crash_disk_new(self->image->path, 512);
    self->disk = crash_disk_open(self->crash);
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, 0, self->image->sector_count, NULL);
    self->cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    self->data_start = rub_fat_get_cluster_offset(fat, RUB_FAT_FIRST_CLUSTER);
    self->claims = rub_fat_bitmap_new(rub_fat_get_geometry(fat)->cluster_count);
    self->is_nearly_full = layout->is_nearly_full;
    fill_with_garbage(self);
    describe_user(self, layout);
    write_user_files(self);
    if (layout->is_fragmented)
        fragment(self);
    describe_build(self, layout);
    if (layout->is_nearly_full)
        fill_up(self);
    if (layout->is_untidy)
        litter(self);
    note_old_extents(self);
    return self;
}

void
crash_volume_free(CrashVolume *self)
{
    crash_disk_free(self->crash);
    rub_disk_unref(self->disk);
    fat_image_free(self->image);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->new_folders);
    g_hash_table_unref(self->folders);
    rub_fat_bitmap_free(self->claims);
    g_free(self);
}

CrashDisk *
crash_volume_get_disk(CrashVolume *self)
{
    return self->crash;
}

const char *
crash_volume_get_path(const CrashVolume *self)
{
    return self->image->path;
}
