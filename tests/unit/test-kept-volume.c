/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a build has to know that adds files to a FAT volume, found out on real images. */
#include "boot/rub-boot-code.h"
#include "boot/rub-boot-record.h"
#include "layout-tools.h"
#include "target/rub-kept-facts.h"
#include "volume/rub-fat.h"
#include "volume/rub-pending.h"

#define CLUSTER_BYTES 512
#define VOLUME_BYTES (63 * MIB)

/* A disk image with one partition, a FAT32 with two files of 3 and 20 clusters. */
typedef struct {
    Fixture fixture;
    char *path;
    char *drive; /* for mtools */
} Stick;

static void
make_file(const Stick *stick, const char *path, gsize size_bytes)
{
    g_autofree char *from = g_build_filename(stick->fixture.folder, "payload", NULL);
    g_autofree char *data = g_malloc(size_bytes + 1);
    g_autofree char *to = g_strconcat("::", path, NULL);
    memset(data, 'x', size_bytes);
    g_assert_true(g_file_set_contents(from, data, (gssize) size_bytes, NULL));
    run("mcopy", "-o", "-i", stick->drive, from, to);
}

static void
format(const Stick *stick, const char *reserved)
{
    run("mkfs.fat", "-F", "32", "-s", "1", "-R", reserved, "--offset=2048", "-n", "HOLIDAY",
        stick->path, "64512");
    make_file(stick, "photo.jpg", 3 * CLUSTER_BYTES);
    make_file(stick, "film.mov", 20 * CLUSTER_BYTES - 1);
}

static void
stick_set_up(Stick *stick, gconstpointer user_data)
{
    set_up(&stick->fixture, NULL);
    stick->path = make_disk(&stick->fixture, 64 * MIB);
    stick->drive = g_strconcat(stick->path, "@@1M", NULL);
    partition(stick->path, "label: dos\nstart=2048, type=c\n");
    format(stick, "32");
}

static void
stick_tear_down(Stick *stick, gconstpointer user_data)
{
    g_free(stick->path);
    g_free(stick->drive);
    tear_down(&stick->fixture, NULL);
}

static guint32
get_boot_u32(const Stick *stick, gsize offset)
{
    guint8 sector[512];
    peek(stick->path, MIB, sector, sizeof sector);
    RubBytes bytes = rub_bytes(sector, sizeof sector);
    return rub_bytes_u32le(&bytes, offset);
}

/* Where an entry of one of the two tables is: after 32 reserved sectors. */
static guint64
locate_entry(const Stick *stick, guint copy, guint32 cluster)
{
    return MIB + (32 + (guint64) copy * get_boot_u32(stick, 36)) * 512 + 4 * (guint64) cluster;
}

static void
put_entry_in(const Stick *stick, guint copy, guint32 cluster, guint32 value)
{
    guint8 bytes[4];
    rub_put_u32le(bytes, value);
    poke(stick->path, locate_entry(stick, copy, cluster), bytes, sizeof bytes);
}

/* A cluster that holds nothing may be one that a build of ours was about to use. */
static void
fill_cluster(const Stick *stick, guint32 cluster)
{
    guint64 data_start = MIB + (32 + 2 * (guint64) get_boot_u32(stick, 36)) * 512;
    poke(stick->path, data_start + (cluster - 2) * (guint64) CLUSTER_BYTES, "film", 4);
}

static void
put_entry_of(const Stick *stick, guint32 cluster, guint32 value)
{
    put_entry_in(stick, 0, cluster, value);
    put_entry_in(stick, 1, cluster, value);
}

static const RubKeptVolume *
get_kept(const RubLayout *layout)
{
    const RubKeptVolume *kept = get_partition(layout, 0)->contents.kept;
    g_assert_nonnull(kept);
    return kept;
}

static char *
list_paths(const RubListing *listing)
{
    GString *paths = g_string_new(NULL);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_string_append_printf(paths, "%s%s%s", i > 0 ? " " : "", entry->path,
                               entry->kind == RUB_ENTRY_FOLDER ? "/" : "");
    }
    return g_string_free(paths, FALSE);
}

static void
assert_listed(const RubKeptVolume *kept, const char *paths)
{
    g_autofree char *found = list_paths(kept->listing);
    g_assert_cmpstr(found, ==, paths);
}

static void
assert_text(const RubText *text, const char *expected)
{
    g_autofree char *english = text ? rub_text_format(text, NULL) : NULL;
    g_assert_cmpstr(english, ==, expected);
}

static void
assert_damage(const Stick *stick, const char *damage, gboolean is_listed)
{
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubKeptVolume *kept = get_kept(layout);
    assert_text(kept->damage, damage);
    g_assert_cmpint(kept->listing != NULL, ==, is_listed);
    g_assert_cmpint(get_partition(layout, 0)->contents.is_counted, ==, is_listed);
    g_assert_false(kept->has_pending);
}

static guint32
count_free(const Stick *stick)
{
    g_autoptr(RubLayout) layout = probe(stick->path);
    return get_kept(layout)->free_clusters;
}

static void
test_a_sound_volume(Stick *stick, gconstpointer user_data)
{
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubContents *contents = &get_partition(layout, 0)->contents;
    const RubKeptVolume *kept = get_kept(layout);
    g_assert_cmpuint(contents->fat_bits, ==, 32);
    g_assert_cmpuint(kept->cluster_bytes, ==, CLUSTER_BYTES);
    g_assert_cmpuint((guint64) kept->free_clusters * CLUSTER_BYTES, ==, contents->free_bytes);
    g_assert_cmpuint(contents->used_bytes, ==, 24 * CLUSTER_BYTES);
    g_assert_null(kept->damage);
    g_assert_false(kept->has_manifest);
    g_assert_false(kept->has_pending);
    g_assert_false(kept->has_boot_code);
    g_assert_true(kept->fits_boot_record);
    assert_listed(kept, "photo.jpg film.mov");
}

/* Microsoft FAT specification, "FAT Volume Initialization": bit 27 of entry 1 is clear while the
 * volume is in use, bit 26 once an error was met. */
static void
test_a_volume_that_was_not_closed_is_damaged(Stick *stick, gconstpointer user_data)
{
    const char *damage = "it was not closed properly when it was used last";
    put_entry_of(stick, 1, 0x07ffffff);
    assert_damage(stick, damage, TRUE);
    put_entry_of(stick, 1, 0x0bffffff);
    assert_damage(stick, damage, TRUE);
    put_entry_of(stick, 1, 0x0fffffff);
    assert_damage(stick, NULL, TRUE);
    poke(stick->path, MIB + 65, "\x01", 1);
    assert_damage(stick, damage, TRUE);
}

/* What FAT has only one name for, in whatever case, has no alias. */
static void
test_aliases_are_listed(Stick *stick, gconstpointer user_data)
{
    make_file(stick, "Notes long name.txt", 10);
    make_file(stick, "BootMgr", 10);
    g_autoptr(RubLayout) layout = probe(stick->path);
    const GPtrArray *entries = get_kept(layout)->listing->entries;
    static const char *const aliases[] = {NULL, NULL, "NOTESL~1.TXT", NULL};
    g_assert_cmpuint(entries->len, ==, G_N_ELEMENTS(aliases));
    for (guint i = 0; i < entries->len; i++)
        g_assert_cmpstr(((const RubEntry *) entries->pdata[i])->alias, ==, aliases[i]);
}

static void
test_lost_clusters_are_damage(Stick *stick, gconstpointer user_data)
{
    guint32 free_clusters = count_free(stick);
    put_entry_of(stick, 1000, 1001);
    put_entry_of(stick, 1001, 1002);
    put_entry_of(stick, 1002, 0x0fffffff);
    put_entry_of(stick, 5000, 0x0fffffff);
    assert_damage(stick, "4 of its clusters are in use, but belong to no file", TRUE);
    g_assert_cmpuint(count_free(stick), ==, free_clusters - 4);
}

static void
test_bad_clusters_are_neither_free_nor_damage(Stick *stick, gconstpointer user_data)
{
    guint32 free_clusters = count_free(stick);
    put_entry_of(stick, 1000, 0x0ffffff7);
    put_entry_of(stick, 1001, 0x0ffffff7);
    assert_damage(stick, NULL, TRUE);
    g_assert_cmpuint(count_free(stick), ==, free_clusters - 2);
}

static void
test_tables_that_differ_are_damage(Stick *stick, gconstpointer user_data)
{
    fill_cluster(stick, 1000);
    put_entry_in(stick, 1, 1000, 0x0fffffff);
    assert_damage(stick, "the copies of its file allocation table differ", TRUE);
}

static void
test_a_chain_that_loops_names_its_file(Stick *stick, gconstpointer user_data)
{
    put_entry_of(stick, 4, 3);
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubKeptVolume *kept = get_kept(layout);
    g_assert_nonnull(kept->damage);
    g_autofree char *damage = rub_text_format(kept->damage, NULL);
    g_assert_nonnull(strstr(damage, "photo.jpg"));
    g_assert_null(kept->listing);
    g_assert_cmpuint(kept->free_clusters, >, 0);
}

static void
test_a_root_that_leads_nowhere_is_damage(Stick *stick, gconstpointer user_data)
{
    put_entry_of(stick, 2, 0);
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubKeptVolume *kept = get_kept(layout);
    g_assert_nonnull(kept->damage);
    g_assert_null(kept->listing);
}

static void
test_our_manifest_is_noticed(Stick *stick, gconstpointer user_data)
{
    run("mmd", "-i", stick->drive, "::.rescue-usb-builder");
    assert_damage(stick, NULL, TRUE);
    make_file(stick, ".rescue-usb-builder/manifest.json", 100);
    g_autoptr(RubLayout) layout = probe(stick->path);
    g_assert_true(get_kept(layout)->has_manifest);
}

static RubDisk *
open_writable(const Stick *stick)
{
    int fd = open(stick->path, O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    return rub_disk_new(fd, 64 * MIB, 512, stick->path);
}

static void
assert_boot_code(const Stick *stick, gboolean has_other_record, gboolean has_mbr_code,
                 gboolean is_ours)
{
    g_autoptr(RubLayout) layout = probe(stick->path);
    g_assert_cmpint(get_kept(layout)->has_boot_code, ==, has_other_record);
    g_assert_cmpint(layout->has_boot_code, ==, has_mbr_code);
    g_assert_cmpint(layout->has_our_boot_code, ==, is_ours);
}

static void
test_boot_code_of_others_is_told_from_ours(Stick *stick, gconstpointer user_data)
{
    g_autofree guint8 *zeros = g_malloc0(420);
    assert_boot_code(stick, FALSE, FALSE, FALSE);
    poke(stick->path, MIB + 90, zeros, 420);
    assert_boot_code(stick, FALSE, FALSE, FALSE);
    poke(stick->path, MIB + 90, "\xfa\x33\xc0", 3);
    poke(stick->path, 0, "\xfa\x33\xc0", 3);
    assert_boot_code(stick, TRUE, TRUE, FALSE);
    g_autoptr(RubDisk) disk = open_writable(stick);
    g_assert_true(rub_boot_record_install(disk, RUB_FILESYSTEM_FAT32, 2048, NULL));
    g_assert_true(rub_boot_install_mbr(disk, NULL));
    assert_boot_code(stick, FALSE, TRUE, TRUE);
    poke(stick->path, 439, "\x5a", 1);
    poke(stick->path, MIB + 300, "\x5a", 1);
    assert_boot_code(stick, TRUE, TRUE, FALSE);
}

static void
test_too_few_reserved_sectors_leave_no_room_for_ours(Stick *stick, gconstpointer user_data)
{
    format(stick, "14");
    g_autoptr(RubLayout) just = probe(stick->path);
    g_assert_true(get_kept(just)->fits_boot_record);
    format(stick, "13");
    g_autoptr(RubLayout) few = probe(stick->path);
    g_assert_null(get_kept(few)->damage);
    g_assert_false(get_kept(few)->fits_boot_record);
}

static void
test_small_fats_are_looked_into_too(Stick *stick, gconstpointer user_data)
{
    static const char *const bits[] = {"12", "16"};
    for (guint i = 0; i < G_N_ELEMENTS(bits); i++) {
        run("mkfs.fat", "-F", bits[i], "-s", i == 0 ? "64" : "4", "--offset=2048", stick->path,
            "64512");
        make_file(stick, "photo.jpg", 100);
        g_autoptr(RubLayout) layout = probe(stick->path);
        const RubKeptVolume *kept = get_kept(layout);
        g_assert_cmpuint(get_partition(layout, 0)->contents.fat_bits, ==, i == 0 ? 12 : 16);
        g_assert_null(kept->damage);
        g_assert_false(kept->fits_boot_record);
        assert_listed(kept, "photo.jpg");
    }
}

static void
test_other_filesystems_are_not_looked_into(Stick *stick, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4"))
        return;
    run("mkfs.ext4", "-q", "-F", "-E", "offset=1048576", stick->path, "60000");
    g_autoptr(RubLayout) layout = probe(stick->path);
    g_assert_null(get_partition(layout, 0)->contents.kept);
}

/* Where a file on the volume begins. */
static guint32
find_first_cluster(const Stick *stick, const char *path)
{
    g_autoptr(RubDisk) disk = open_writable(stick);
    g_autoptr(RubFat) fat = rub_fat_open(disk, 2048, VOLUME_BYTES / 512, NULL);
    g_autoptr(RubListing) listing = rub_fat_list(fat, NULL);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (g_str_equal(entry->path, path))
            return (guint32) ((rub_entry_get_first_byte(entry) -
                               rub_fat_get_cluster_offset(fat, 2)) /
                              CLUSTER_BYTES) +
                   2;
    }
    g_error("%s is not there", path);
}

static void
put_note(const Stick *stick, RubPending *note)
{
    g_autofree char *from = g_build_filename(stick->fixture.folder, "note", NULL);
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    gsize size_bytes;
    const char *data = g_bytes_get_data(bytes, &size_bytes);
    g_assert_true(g_file_set_contents(from, data, (gssize) size_bytes, NULL));
    run("mcopy", "-o", "-i", stick->drive, from, "::.rescue-usb-builder/pending");
}

static void
add_claim(const Stick *stick, RubPending *note, const char *path, guint32 count)
{
    RubFatRun run = {find_first_cluster(stick, path), count};
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof run);
    g_array_append_val(runs, run);
    rub_pending_add_claims(note, runs);
}

/* A build was cut off after its files existed, and before its note went. What the user has put
 * there since stays: a file in one of its folders, and one under the name of one of its files. */
static void
test_an_unfinished_build_counts_as_taken_back(Stick *stick, gconstpointer user_data)
{
    run("mmd", "-i", stick->drive, "::.rescue-usb-builder");
    g_autoptr(RubPending) note = rub_pending_new();
    rub_pending_add_folder(note, "sources");
    rub_pending_add_folder(note, "boot");
    rub_pending_add_file(note, "sources/boot.wim", 10 * CLUSTER_BYTES);
    rub_pending_add_file(note, "bootmgr", 600);
    rub_pending_add_file(note, "boot/bcd", 700);
    rub_pending_add_file(note, "boot/empty", 0);
    put_note(stick, note);
    guint32 free_clusters = count_free(stick);
    run("mmd", "-i", stick->drive, "::sources");
    run("mmd", "-i", stick->drive, "::boot");
    make_file(stick, "sources/boot.wim", 10 * CLUSTER_BYTES);
    make_file(stick, "bootmgr", 600);
    make_file(stick, "boot/bcd", 701);
    make_file(stick, "boot/empty", 0);
    add_claim(stick, note, "sources/boot.wim", 10);
    add_claim(stick, note, "bootmgr", 1001);
    add_claim(stick, note, "boot/bcd", 2);
    put_note(stick, note);
    put_entry_of(stick, find_first_cluster(stick, "bootmgr") + 1000, 0x0fffffff);
    put_entry_of(stick, 1, 0x07ffffff);
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubKeptVolume *kept = get_kept(layout);
    g_assert_null(kept->damage);
    g_assert_true(kept->has_pending);
    assert_listed(kept, "photo.jpg film.mov .rescue-usb-builder/ boot/ "
                        ".rescue-usb-builder/pending boot/bcd");
    /* The folder "boot" and the file in it. */
    g_assert_cmpuint(kept->free_clusters, ==, free_clusters - 3);
    fill_cluster(stick, 9000);
    put_entry_of(stick, 9000, 0x0fffffff);
    g_autoptr(RubLayout) lost = probe(stick->path);
    g_assert_nonnull(get_kept(lost)->damage);
}

static RubPendingSaved
describe_saved(const Stick *stick, const char *path, const char *saved_as, guint64 size_bytes)
{
    RubPendingSaved saved = {.path = (char *) path,
                             .saved_as = (char *) saved_as,
                             .size_bytes = size_bytes,
                             .first_cluster = find_first_cluster(stick, path)};
    memset(saved.digest, '0', sizeof saved.digest - 1);
    return saved;
}

/* Of two files that give way, one has done so and the other not yet. */
static void
test_files_that_gave_way_count_as_put_back(Stick *stick, gconstpointer user_data)
{
    run("mmd", "-i", stick->drive, "::.rescue-usb-builder");
    g_autoptr(RubPending) note = rub_pending_new();
    RubPendingSaved film =
        describe_saved(stick, "film.mov", ".rescue-usb-builder/undo/1", 20 * CLUSTER_BYTES - 1);
    RubPendingSaved photo =
        describe_saved(stick, "photo.jpg", ".rescue-usb-builder/undo/2", 3 * CLUSTER_BYTES);
    rub_pending_add_file(note, "film.mov", 5 * CLUSTER_BYTES);
    rub_pending_add_file(note, "photo.jpg", 7 * CLUSTER_BYTES);
    rub_pending_add_folder(note, ".rescue-usb-builder/undo");
    rub_pending_add_saved(note, &film);
    rub_pending_add_saved(note, &photo);
    put_note(stick, note);
    guint32 free_clusters = count_free(stick);
    run("mmd", "-i", stick->drive, "::.rescue-usb-builder/undo");
    run("mmove", "-i", stick->drive, "::film.mov", "::.rescue-usb-builder/undo/1");
    make_file(stick, "film.mov", 5 * CLUSTER_BYTES);
    add_claim(stick, note, "film.mov", 5);
    put_note(stick, note);
    g_autoptr(RubLayout) layout = probe(stick->path);
    const RubKeptVolume *kept = get_kept(layout);
    g_assert_null(kept->damage);
    g_assert_true(kept->has_pending);
    assert_listed(kept, "photo.jpg .rescue-usb-builder/ .rescue-usb-builder/pending film.mov");
    const RubEntry *entry = g_ptr_array_index(kept->listing->entries, 3);
    g_assert_cmpuint(entry->size_bytes, ==, 20 * CLUSTER_BYTES - 1);
    g_assert_cmpuint(kept->free_clusters, ==, free_clusters);
}

static gboolean
settle(RubContents *contents, RubCode code, GError **error)
{
    contents->is_counted = TRUE;
    return rub_contents_settle(contents, g_new0(RubKeptVolume, 1),
                               g_error_new_literal(RUB_ERROR, (int) code, "words"), error);
}

/* A plan takes what is counted for known. */
static void
test_what_cannot_be_read_to_its_end_is_not_known(Stick *stick, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    RubContents unread = {0}, damaged = {0}, gone = {0};
    g_assert_true(settle(&unread, RUB_CODE_WRITE_FAILED, &error));
    g_assert_null(unread.kept);
    g_assert_false(unread.is_counted);
    g_assert_true(settle(&damaged, RUB_CODE_VOLUME_DAMAGED, &error));
    assert_text(damaged.kept->damage, "words");
    rub_contents_clear(&damaged);
    g_assert_no_error(error);
    g_assert_false(settle(&gone, RUB_CODE_DEVICE_GONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    g_assert_null(gone.kept);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    g_autofree char *mtools = g_find_program_in_path("mcopy");
    if (!mtools) {
        g_print("1..0 # SKIP mtools is not installed\n");
        return 0;
    }
#define ADD(name, function)                                                                        \
    g_test_add("/kept-volume/" name, Stick, NULL, stick_set_up, function, stick_tear_down)
    ADD("sound", test_a_sound_volume);
    ADD("dirty", test_a_volume_that_was_not_closed_is_damaged);
    ADD("aliases", test_aliases_are_listed);
    ADD("lost", test_lost_clusters_are_damage);
    ADD("bad", test_bad_clusters_are_neither_free_nor_damage);
    ADD("copies", test_tables_that_differ_are_damage);
    ADD("loop", test_a_chain_that_loops_names_its_file);
    ADD("root", test_a_root_that_leads_nowhere_is_damage);
    ADD("manifest", test_our_manifest_is_noticed);
    ADD("boot-code", test_boot_code_of_others_is_told_from_ours);
    ADD("reserved", test_too_few_reserved_sectors_leave_no_room_for_ours);
    ADD("small", test_small_fats_are_looked_into_too);
    ADD("other", test_other_filesystems_are_not_looked_into);
    ADD("unfinished/added", test_an_unfinished_build_counts_as_taken_back);
    ADD("unfinished/replaced", test_files_that_gave_way_count_as_put_back);
    ADD("unreadable", test_what_cannot_be_read_to_its_end_is_not_known);
    return g_test_run();
}
