/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "ntfs-tools.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-ntfs-record.h"

#define VOLUME_BYTES ((guint64) 16 * 1024 * 1024)
#define CLUSTER_BYTES 4096
#define RECORD_BYTES 1024
#define FILE_BYTES 50000
#define NOISE_ROUNDS 300

/* NTFS structures: ntfs-3g/layout.h. */
#define DATA 0x80
#define VOLUME_INFORMATION 0x70

/* The library does not free all that it made before it found out about the damage. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libntfs-3g.so";
}

static void
set_up(NtfsImage *self, gconstpointer unused)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, VOLUME_BYTES, "4096");
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    for (guint i = 0; i < 20; i++) {
        g_autofree char *path = g_strdup_printf("file %u", i);
        put_file(volume, path, i, FILE_BYTES, RUB_VOLUME_NONE);
    }
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    if (self->disk)
        ntfs_image_close(self);
}

static RubNtfsCheck *
check(NtfsImage *self, RubListing **listing)
{
    g_autoptr(GError) error = NULL;
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    RubNtfsCheck *found = rub_ntfs_check(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self),
                                         listing, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    return found;
}

static void
assert_fault(NtfsImage *self, const char *words)
{
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubNtfsCheck) found = check(self, &listing);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(found);
    g_assert_nonnull(found->fault);
    g_assert_true(damage == found->fault);
    g_assert_null(listing);
    g_autofree char *fault = rub_text_format(found->fault, NULL);
    if (!strstr(fault, words))
        g_error("“%s” does not say “%s”", fault, words);
}

static guint64
get_table(NtfsImage *self)
{
    guint8 sector[512];
    g_assert_true(rub_disk_read(self->disk, NTFS_START_BYTES, sector, sizeof sector, NULL));
    RubBytes bytes = rub_bytes(sector, sizeof sector);
    return NTFS_START_BYTES + rub_bytes_u64le(&bytes, 48) * CLUSTER_BYTES;
}

/* A record, and where its first attribute of a type is; what is changed in the first 510 bytes
 * needs no new fixups. */
static gsize
read_record(NtfsImage *self, guint64 number, guint32 type, guint8 *record)
{
    g_assert_true(rub_disk_read(self->disk, get_table(self) + number * RECORD_BYTES, record,
                                RECORD_BYTES, NULL));
    RubBytes bytes = rub_bytes(record, RECORD_BYTES);
    gsize at = rub_bytes_u16le(&bytes, 20);
    while (rub_bytes_u32le(&bytes, at) != type)
        at += rub_bytes_u32le(&bytes, at + 4);
    g_assert_cmpuint(at, <, 500);
    return at;
}

static void
write_record(NtfsImage *self, guint64 number, const guint8 *record)
{
    g_assert_true(rub_disk_write(self->disk, get_table(self) + number * RECORD_BYTES, record,
                                 RECORD_BYTES, NULL));
}

/* The number of the record of a file. */
static guint64
find_record(NtfsImage *self, const char *name)
{
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_READ, NULL);
    ntfs_inode *inode = ntfs_pathname_to_inode(rub_ntfs_get_volume(ntfs), NULL, name);
    guint64 number = inode->mft_no;
    ntfs_inode_close(inode);
    return number;
}

/* Changes the first cluster of a file that lies in one run: its offset is the last of the pair. */
static void
move_data(NtfsImage *self, const char *name, gint change)
{
    guint8 record[RECORD_BYTES];
    guint64 number = find_record(self, name);
    gsize at = read_record(self, number, DATA, record);
    gsize pair = at + record[at + 32];
    gsize offset = pair + 1 + (record[pair] & 0xf);
    g_assert_cmpint(record[pair] >> 4, ==, 2);
    RubBytes bytes = rub_bytes(record, sizeof record);
    rub_put_u16le(record + offset, (guint16) (rub_bytes_u16le(&bytes, offset) + change));
    write_record(self, number, record);
}

/* Flips the bit of a cluster. */
static void
flip_cluster(NtfsImage *self, guint64 cluster)
{
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_READ, NULL);
    const runlist_element *run = rub_ntfs_get_volume(ntfs)->lcnbmp_na->rl;
    guint64 at = NTFS_START_BYTES + (guint64) run->lcn * CLUSTER_BYTES + cluster / 8;
    guint8 byte;
    g_assert_true(rub_disk_read(self->disk, at, &byte, 1, NULL));
    byte ^= (guint8) (1u << (cluster % 8));
    g_assert_true(rub_disk_write(self->disk, at, &byte, 1, NULL));
}

static guint64
get_cluster(NtfsImage *self, const char *name)
{
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    return (rub_entry_get_first_byte(ntfs_find(listing, name)) - NTFS_START_BYTES) / CLUSTER_BYTES;
}

static void
test_a_sound_volume_has_no_fault(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    RubNtfsState state;
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubNtfsCheck) found = rub_ntfs_check(
        self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), &listing, &state, &error);
    g_assert_no_error(error);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(found);
    g_assert_null(damage);
    g_assert_false(found->was_cut_off || found->is_dirty);
    g_assert_cmpuint(found->lost->len, ==, 0);
    g_assert_cmpuint(listing->entries->len, ==, 20);
    g_assert_cmpuint(state.free_clusters, >, 1000);
}

static void
test_lost_clusters_are_listed(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubListing) listing = NULL;
    static const guint64 lost[] = {3000, 3001, 3002, 3010, 4094};
    for (guint i = 0; i < G_N_ELEMENTS(lost); i++)
        flip_cluster(self, lost[i]);
    g_autoptr(RubNtfsCheck) found = check(self, &listing);
    g_assert_null(found->fault);
    g_assert_nonnull(listing);
    g_assert_cmpuint(found->lost->len, ==, 3);
    const RubNtfsRun *runs = (const RubNtfsRun *) found->lost->data;
    g_assert_cmpuint(runs[0].first, ==, 3000);
    g_assert_cmpuint(runs[0].count, ==, 3);
    g_assert_cmpuint(runs[2].first, ==, 4094);
    g_assert_cmpuint(runs[2].count, ==, 1);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(found);
    g_autofree char *english = rub_text_format(damage, NULL);
    g_assert_nonnull(strstr(english, "5 of its clusters"));
}

static void
test_clusters_that_count_as_free_are_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    flip_cluster(self, get_cluster(self, "file 3") + 2);
    assert_fault(self, "counts as free");
}

static void
test_shared_clusters_are_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    move_data(self, "file 3",
              (gint) get_cluster(self, "file 5") - (gint) get_cluster(self, "file 3"));
    assert_fault(self, "two files");
}

static void
test_files_outside_of_the_volume_are_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    move_data(self, "file 3", 20000);
    assert_fault(self, "out of the volume");
}

static void
test_records_that_count_as_free_are_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_READ, NULL);
    const runlist_element *run = rub_ntfs_get_volume(ntfs)->mftbmp_na->rl;
    guint64 number = find_record(self, "file 4");
    guint64 at = NTFS_START_BYTES + (guint64) run->lcn * CLUSTER_BYTES + number / 8;
    guint8 byte;
    g_assert_true(rub_disk_read(self->disk, at, &byte, 1, NULL));
    byte &= (guint8) ~(1u << (number % 8));
    g_assert_true(rub_disk_write(self->disk, at, &byte, 1, NULL));
    assert_fault(self, "counts as free, but is there");
}

static void
test_damaged_records_are_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    guint8 record[RECORD_BYTES];
    guint64 number = find_record(self, "file 4");
    read_record(self, number, DATA, record);
    record[RECORD_BYTES - 1] ^= 1;
    write_record(self, number, record);
    assert_fault(self, "is damaged");
}

static void
test_records_that_nobody_uses_may_be_anything(NtfsImage *self, gconstpointer unused)
{
    static const guint8 blank[RECORD_BYTES];
    if (!self->disk)
        return;
    write_record(self, FILE_first_user - 1, blank);
    g_autoptr(RubNtfsCheck) found = check(self, NULL);
    g_assert_null(found->fault);
}

static void
test_a_dirty_volume_is_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    guint8 record[RECORD_BYTES];
    gsize at = read_record(self, FILE_Volume, VOLUME_INFORMATION, record);
    record[at + record[at + 20] + 10] |= 1;
    write_record(self, FILE_Volume, record);
    /* The copy, too. */
    guint8 sector[512];
    g_assert_true(rub_disk_read(self->disk, NTFS_START_BYTES, sector, sizeof sector, NULL));
    RubBytes bytes = rub_bytes(sector, sizeof sector);
    guint64 copy = NTFS_START_BYTES + rub_bytes_u64le(&bytes, 56) * CLUSTER_BYTES;
    g_assert_true(
        rub_disk_write(self->disk, copy + FILE_Volume * RECORD_BYTES, record, RECORD_BYTES, NULL));
    g_autoptr(RubNtfsCheck) found = check(self, NULL);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(found);
    g_assert_true(found->is_dirty);
    g_assert_null(found->fault);
    g_autofree char *english = rub_text_format(damage, NULL);
    g_assert_nonnull(strstr(english, "not closed properly"));
}

static void
test_a_copy_that_differs_is_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    guint8 record[RECORD_BYTES];
    gsize at = read_record(self, FILE_Volume, VOLUME_INFORMATION, record);
    record[at + record[at + 20] + 10] |= 1;
    write_record(self, FILE_Volume, record);
    assert_fault(self, "cannot be used");
}

static void
test_hibernated_windows_is_told(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autofree guint8 *bytes = g_malloc0(CLUSTER_BYTES);
    memcpy(bytes, "hibr", 4);
    RubVolume *volume = ntfs_image_write(self);
    guint id = declare_file(volume, "hiberfil.sys", CLUSTER_BYTES, RUB_VOLUME_NONE);
    prepare_round(volume);
    g_assert_true(rub_volume_write(volume, id, bytes, CLUSTER_BYTES, NULL));
    commit_round(volume);
    rub_volume_free(volume);
    assert_fault(self, "asleep");
}

/* The first byte of a run tells how long the two numbers after it are: up to 15 bytes. */
static void
test_numbers_that_are_too_long_are_broken(NtfsImage *self, gconstpointer unused)
{
    static const guint8 heads[] = {0x9f, 0x1f, 0xf1, 0xff, 0x19, 0x91};
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        guint8 pairs[40];
        memset(pairs, 0xff, sizeof pairs);
        pairs[0] = heads[i];
        RubNtfsAttribute attribute = {.pairs = rub_bytes(pairs, sizeof pairs)};
        gint64 first, count;
        gboolean is_broken = FALSE;
        g_assert_false(rub_ntfs_attribute_next_run(&attribute, &first, &count, &is_broken));
        g_assert_true(is_broken);
    }
}

/* Sectors of tables with noise in them: always an answer, never a write. */
static void
test_noise_is_survived(NtfsImage *self, gconstpointer unused)
{
    guint faults = 0;
    if (!self->disk)
        return;
    for (guint i = 0; i < NOISE_ROUNDS; i++) {
        guint8 old[512], noisy[512];
        guint64 at = get_table(self) + (guint64) g_test_rand_int_range(0, 168) * sizeof old;
        g_assert_true(rub_disk_read(self->disk, at, old, sizeof old, NULL));
        memcpy(noisy, old, sizeof old);
        for (guint j = 0; j < 4; j++)
            noisy[g_test_rand_int_range(0, 510)] = (guint8) g_test_rand_int();
        g_assert_true(rub_disk_write(self->disk, at, noisy, sizeof noisy, NULL));
        g_autoptr(RubNtfsCheck) found = check(self, NULL);
        faults += found->fault != NULL;
        g_assert_true(rub_disk_write(self->disk, at, old, sizeof old, NULL));
    }
    g_test_message("%u of %u had a fault", faults, NOISE_ROUNDS);
    g_assert_cmpuint(faults, >, NOISE_ROUNDS / 30);
}

static void
test_what_cannot_be_read_is_no_fault(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", rub_disk_get_fd(self->disk));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    /* The descriptor has fewer bytes than the disk says. */
    g_autoptr(RubDisk) disk = rub_disk_new(fd, 2 * VOLUME_BYTES, 512, "the stick");
    g_autoptr(RubNtfsCheck) found =
        rub_ntfs_check(disk, VOLUME_BYTES / 512 + 4096, 2048, NULL, NULL, &error);
    g_assert_null(found);
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-check/" path, NtfsImage, NULL, set_up, function, tear_down)
    ADD("sound", test_a_sound_volume_has_no_fault);
    ADD("lost", test_lost_clusters_are_listed);
    ADD("free-clusters", test_clusters_that_count_as_free_are_told);
    ADD("shared", test_shared_clusters_are_told);
    ADD("outside", test_files_outside_of_the_volume_are_told);
    ADD("free-records", test_records_that_count_as_free_are_told);
    ADD("damaged-records", test_damaged_records_are_told);
    ADD("reserved-records", test_records_that_nobody_uses_may_be_anything);
    ADD("dirty", test_a_dirty_volume_is_told);
    ADD("copy", test_a_copy_that_differs_is_told);
    ADD("hibernated", test_hibernated_windows_is_told);
    ADD("long-numbers", test_numbers_that_are_too_long_are_broken);
    ADD("noise", test_noise_is_survived);
    ADD("unreadable", test_what_cannot_be_read_is_no_fault);
    return g_test_run();
}
