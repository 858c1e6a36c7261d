/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"

/* What the tests of the plan share: an image and a stick made of nothing but facts. */

#define KIB ((guint64) 1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

typedef struct {
    RubImageInfo info;
    RubListing *listing;
    RubLayout *layout;
    RubPlanOptions options;
    guint64 next_byte;
} Scene;

/* An empty image that starts on UEFI and BIOS, and a blank stick of 8 GiB. */
static inline void
scene_init(Scene *scene)
{
    *scene = (Scene){
        .info =
            {
                .kind = RUB_IMAGE_WINDOWS_PE,
                .display_name = (char *) "rescue.iso",
                .volume_name = (char *) "PE_X64",
                .boots_bios = TRUE,
                .uefi_machines = RUB_MACHINE_X64,
                .bios_missing = g_ptr_array_new(),
                .uefi_loaders = g_ptr_array_new_with_free_func(g_free),
                .raw_uefi_loaders = g_ptr_array_new_with_free_func(g_free),
                .uefi_missing = g_ptr_array_new(),
                .damaged_wims = g_ptr_array_new(),
                .large_files = g_ptr_array_new(),
                .extra_entries = g_ptr_array_new(),
                .label_menus = g_ptr_array_new_with_free_func((GDestroyNotify) rub_boot_menu_free),
            },
        .listing = rub_listing_new(),
        .layout = rub_layout_new("stick.img", 8 * GIB),
        .options =
            {
                .firmware = RUB_FIRMWARE_MULTI,
                .disk_signature = 0x12345678,
                .volume_id = 0x9abcdef0,
            },
        .next_byte = MIB,
    };
}

static inline void
scene_clear(Scene *scene)
{
    g_ptr_array_unref(scene->info.bios_missing);
    g_ptr_array_unref(scene->info.uefi_loaders);
    g_ptr_array_unref(scene->info.raw_uefi_loaders);
    g_ptr_array_unref(scene->info.uefi_missing);
    g_ptr_array_unref(scene->info.damaged_wims);
    g_ptr_array_unref(scene->info.large_files);
    g_ptr_array_unref(scene->info.extra_entries);
    g_ptr_array_unref(scene->info.label_menus);
    rub_listing_free(scene->listing);
    rub_layout_free(scene->layout);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static inline RubEntry *
scene_add(Scene *scene, RubEntryKind kind, const char *path)
{
    RubEntry *entry = rub_entry_new(kind, g_strdup(path));
    g_ptr_array_add(scene->listing->entries, entry);
    return entry;
}

/* Files lie one after the other in the order in which they are added. */
static inline RubEntry *
scene_add_file(Scene *scene, const char *path, guint64 size_bytes)
{
    RubEntry *entry = scene_add(scene, RUB_ENTRY_FILE, path);
    entry->size_bytes = size_bytes;
    rub_entry_add_extent(entry, scene->next_byte, size_bytes);
    scene->next_byte += size_bytes;
    return entry;
}

static inline void
scene_add_link(Scene *scene, const char *path, const char *target)
{
    scene_add(scene, RUB_ENTRY_SYMLINK, path)->link_target = g_strdup(target);
}

/* Adds what a line lists, parted by blanks: "folder/", "file", "link>target". Files have 1 KiB. */
static inline void
scene_add_all(Scene *scene, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    for (guint i = 0; words[i]; i++) {
        char *target = strchr(words[i], '>');
        gsize length = strlen(words[i]);
        if (target) {
            *target = '\0';
            scene_add_link(scene, words[i], target + 1);
        } else if (length > 0 && words[i][length - 1] == '/') {
            words[i][length - 1] = '\0';
            scene_add(scene, RUB_ENTRY_FOLDER, words[i]);
        } else if (length > 0) {
            scene_add_file(scene, words[i], KIB);
        }
    }
}

/* Makes it a stick with an MBR table whose files shall stay, with nothing on it yet. */
static inline void
scene_keep(Scene *scene)
{
    scene->options.keep = TRUE;
    scene->layout->table = RUB_TABLE_MBR;
    scene->layout->table_name = g_strdup("dos");
    scene->layout->disk_signature = 0xcafe0001;
}

static inline RubPartition *
scene_add_partition(Scene *scene, guint number, guint64 start_bytes, guint64 size_bytes)
{
    RubPartition *partition = rub_layout_add_partition(scene->layout);
    partition->number = number;
    partition->start_lba = start_bytes / scene->layout->sector_size;
    partition->sector_count = size_bytes / scene->layout->sector_size;
    partition->mbr_type = 0x83;
    return partition;
}

/* Adds a sound and empty FAT32 volume with clusters of 4 KiB. */
static inline RubPartition *
scene_add_fat(Scene *scene, guint number, guint64 start_bytes, guint64 size_bytes,
              guint64 free_bytes)
{
    RubPartition *partition = scene_add_partition(scene, number, start_bytes, size_bytes);
    RubKeptVolume *kept = g_new0(RubKeptVolume, 1);
    kept->listing = rub_listing_new();
    kept->cluster_bytes = 4 * KIB;
    kept->free_clusters = (guint32) (free_bytes / kept->cluster_bytes);
    kept->fits_boot_record = TRUE;
    partition->mbr_type = 0x0c;
    partition->contents = (RubContents){.filesystem = g_strdup("vfat"),
                                        .fat_bits = 32,
                                        .label = g_strdup("HOLIDAY"),
                                        .is_counted = TRUE,
                                        .used_bytes = size_bytes - free_bytes,
                                        .free_bytes = free_bytes,
                                        .kept = kept};
    return partition;
}

static inline void
scene_add_gap(Scene *scene, guint64 start_bytes, guint64 size_bytes)
{
    RubGap gap = {.start_lba = start_bytes / scene->layout->sector_size,
                  .sector_count = size_bytes / scene->layout->sector_size};
    g_array_append_val(scene->layout->gaps, gap);
}

/* Puts something on a volume: "folder/" or "file". */
static inline void
put_on(RubPartition *partition, const char *path)
{
    gsize length = strlen(path);
    gboolean is_folder = path[length - 1] == '/';
    RubEntry *entry = rub_entry_new(is_folder ? RUB_ENTRY_FOLDER : RUB_ENTRY_FILE,
                                    g_strndup(path, length - (is_folder ? 1 : 0)));
    entry->size_bytes = is_folder ? 0 : KIB;
    g_ptr_array_add(partition->contents.kept->listing->entries, entry);
}

/* The same with the 8.3 name that FAT has for it, too. */
static inline void
put_on_with_alias(RubPartition *partition, const char *path, const char *alias)
{
    put_on(partition, path);
    GPtrArray *entries = partition->contents.kept->listing->entries;
    RubEntry *entry = g_ptr_array_index(entries, entries->len - 1);
    entry->alias = g_strdup(alias);
}

static inline RubPlan *
scene_plan(const Scene *scene)
{
    return rub_plan_new(&scene->info, scene->listing, scene->layout, &scene->options);
}

static inline char *
join(GString *joined)
{
    return g_string_free(joined, FALSE);
}

/* The findings in their order: "E12 W23". */
static inline char *
list_codes(const RubPlan *plan)
{
    GString *codes = g_string_new(NULL);
    for (guint i = 0; i < plan->findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(plan->findings, i);
        g_string_append_printf(codes, "%s%c%d", i > 0 ? " " : "",
                               finding->severity == RUB_SEVERITY_ERROR ? 'E' : 'W', finding->code);
    }
    return join(codes);
}

/* A text in English. GLib puts a no-break space into sizes, which is a plain one here. */
static inline char *
format_text(const RubText *text)
{
    g_autofree char *formatted = rub_text_format(text, NULL);
    g_auto(GStrv) parts = g_strsplit(formatted, "\xc2\xa0", -1);
    return g_strjoinv(" ", parts);
}

/* What the n-th finding says. */
static inline char *
get_meaning(const RubPlan *plan, guint n)
{
    g_assert_cmpuint(n, <, plan->findings->len);
    const RubFinding *finding = g_ptr_array_index(plan->findings, n);
    return format_text(finding->meaning);
}

/* The paths of items on the stick, parted by blanks. */
static inline char *
list_paths(const GPtrArray *items)
{
    GString *paths = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = items->pdata[i];
        g_string_append_printf(paths, "%s%s", i > 0 ? " " : "", item->path);
    }
    return join(paths);
}

/* Texts, one a line. */
static inline char *
list_texts(const GPtrArray *texts)
{
    GString *lines = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *line = format_text(texts->pdata[i]);
        g_string_append_printf(lines, "%s%s", i > 0 ? "\n" : "", line);
    }
    return join(lines);
}

/* What the steps will do, one a line. */
static inline char *
list_steps(const RubPlan *plan)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    for (guint i = 0; i < plan->steps->len; i++)
        g_ptr_array_add(texts, ((const RubStep *) plan->steps->pdata[i])->text);
    return list_texts(texts);
}

static inline void
assert_owned_string(char *actual, const char *expected)
{
    g_assert_cmpstr(actual, ==, expected);
    g_free(actual);
}
