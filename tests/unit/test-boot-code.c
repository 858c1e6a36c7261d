/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/rub-error.h"
#include "boot-disk-tools.h"

#define RESERVED_SECTORS 32
#define BACKUP_SECTOR 6
#define STAGE2_SECTOR 12

static void
make_fat32(guint8 *sector)
{
    rub_put_u16le(sector + 11, SECTOR_BYTES);
    sector[13] = 8;
    rub_put_u16le(sector + 14, RESERVED_SECTORS);
    sector[16] = 2;
    rub_put_u16le(sector + 17, 0);
    rub_put_u16le(sector + 22, 0);
    rub_put_u32le(sector + 36, 600);
    rub_put_u16le(sector + 48, 1);
    rub_put_u16le(sector + 50, BACKUP_SECTOR);
    rub_put_u16le(sector + 510, 0xaa55);
}

static void
set_up(Fixture *self, gconstpointer unused)
{
    make_disk(self, RUB_FILESYSTEM_FAT32, make_fat32);
}

static void
test_record_keeps_the_parameter_block(Fixture *self, gconstpointer unused)
{
    install(self);
    gsize at = START_LBA * SECTOR_BYTES;
    const guint8 *record = self->after + at;
    g_assert_cmpmem(record, 11, "\xeb\x58\x90MSWIN4.1", 11);
    assert_same(self, at + 11, at + 28);
    g_assert_cmpmem(record + 28, 4, "\x08\0\0\0", 4);
    assert_same(self, at + 32, at + 64);
    g_assert_cmphex(record[64], ==, 0x80);
    assert_same(self, at + 65, at + 90);
    g_assert_cmpmem(record + 510, 2, "\x55\xaa", 2);
}

static void
test_backup_equals_the_record(Fixture *self, gconstpointer unused)
{
    install(self);
    g_assert_cmpmem(volume_sector(self->after, 0), SECTOR_BYTES,
                    volume_sector(self->after, BACKUP_SECTOR), SECTOR_BYTES);
}

static void
test_nothing_else_of_the_disk_changes(Fixture *self, gconstpointer unused)
{
    install(self);
    gsize volume = START_LBA * SECTOR_BYTES;
    assert_same(self, 440, volume);
    assert_same(self, volume + SECTOR_BYTES, volume + BACKUP_SECTOR * SECTOR_BYTES);
    assert_same(self, volume + (BACKUP_SECTOR + 1) * SECTOR_BYTES,
                volume + STAGE2_SECTOR * SECTOR_BYTES);
    assert_same(self, volume + (STAGE2_SECTOR + 2) * SECTOR_BYTES, sizeof self->after);
}

static int
remember_offset(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    g_array_append_val(user_data, offset_bytes);
    return 0;
}

static void
test_first_sector_is_written_last(Fixture *self, gconstpointer unused)
{
    g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(guint64));
    rub_disk_set_write_hook(self->disk, remember_offset, offsets);
    g_assert_true(rub_boot_record_install(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, NULL));
    g_assert_cmpuint(offsets->len, ==, 3);
    g_assert_cmpuint(g_array_index(offsets, guint64, 2), ==, START_LBA * SECTOR_BYTES);
}

static int
fail_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    return EIO;
}

static void
test_write_errors_are_reported(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    rub_disk_set_write_hook(self->disk, fail_write, NULL);
    g_assert_false(rub_boot_record_install(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_clear_error(&error);
    g_assert_false(rub_boot_install_mbr(self->disk, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
}

/* Sets a 16-bit field of the volume's first sector, and expects a refusal that changes nothing. */
static void
assert_refused(Fixture *self, gsize field, guint16 value, const char *message)
{
    guint8 bytes[sizeof self->before];
    memcpy(bytes, self->before, sizeof bytes);
    rub_put_u16le(volume_sector(bytes, 0) + field, value);
    g_autoptr(RubDisk) disk = open_disk(bytes, SECTOR_BYTES);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_boot_record_install(disk, RUB_FILESYSTEM_FAT32, START_LBA, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED);
    g_assert_nonnull(strstr(error->message, message));
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, 0);
    g_assert_null(rub_boot_record_read(disk, RUB_FILESYSTEM_FAT32, START_LBA, NULL));
}

static void
test_what_is_not_fat32_is_refused(Fixture *self, gconstpointer unused)
{
    assert_refused(self, 510, 0, "not a FAT32");
    assert_refused(self, 11, 4096, "not a FAT32");
    assert_refused(self, 13, 0x2000, "not a FAT32");
    assert_refused(self, 16, 0, "not a FAT32");
    assert_refused(self, 17, 512, "not a FAT32");
    assert_refused(self, 22, 200, "not a FAT32");
    assert_refused(self, 36, 0, "not a FAT32");
}

static void
test_volume_without_room_is_refused(Fixture *self, gconstpointer unused)
{
    assert_refused(self, 14, 13, "it has 13 reserved sectors, and the boot record needs 14");
    assert_refused(self, 50, 0, "no backup");
    assert_refused(self, 50, RESERVED_SECTORS, "no backup");
    assert_refused(self, 50, 11, "uses reserved sectors 12 and 13 itself");
    assert_refused(self, 50, 13, "uses reserved sectors 12 and 13 itself");
    assert_refused(self, 48, 13, "uses reserved sectors 12 and 13 itself");
}

static void
test_large_sectors_are_refused(Fixture *self, gconstpointer unused)
{
    g_autoptr(RubDisk) disk = open_disk(self->before, 4096);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_boot_record_install(disk, RUB_FILESYSTEM_FAT32, 0, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_FIRMWARE_LIMITED);
    g_clear_error(&error);
    g_assert_false(rub_boot_install_mbr(disk, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_FIRMWARE_LIMITED);
    g_clear_error(&error);
    g_assert_false(rub_boot_record_verify(disk, RUB_FILESYSTEM_FAT32, 0, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_FIRMWARE_LIMITED);
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, 0);
}

static void
test_places_outside_the_disk_are_refused(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_boot_record_install(self->disk, RUB_FILESYSTEM_FAT32, DISK_SECTORS, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_clear_error(&error);
    g_assert_false(rub_boot_record_install(self->disk, RUB_FILESYSTEM_FAT32,
                                           G_GUINT64_CONSTANT(1) << 32, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED);
    g_clear_error(&error);
    g_assert_false(rub_boot_record_verify(self->disk, RUB_FILESYSTEM_FAT32, G_MAXUINT64, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED);
}

static void
test_mbr_needs_a_partition_table(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    self->before[511] = 0;
    g_assert_true(rub_disk_write(self->disk, 0, self->before, SECTOR_BYTES, NULL));
    g_assert_false(rub_boot_install_mbr(self->disk, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NO_PARTITION_TABLE);
    read_back(self);
    assert_same(self, 0, SECTOR_BYTES);
}

static void
test_verify_accepts_what_was_installed(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    install(self);
    rub_boot_record_verify(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, &error);
    g_assert_no_error(error);
}

/* Flips one bit of a disk that passed, and expects the message. */
static void
assert_noticed(Fixture *self, guint sector, gsize at, const char *message)
{
    g_autoptr(GError) error = NULL;
    guint64 offset_bytes = sector * SECTOR_BYTES + at;
    guint8 byte = self->after[offset_bytes] ^ 0x10;
    g_assert_true(rub_disk_write(self->disk, offset_bytes, &byte, 1, NULL));
    g_assert_false(rub_boot_record_verify(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_true(rub_disk_write(self->disk, offset_bytes, &self->after[offset_bytes], 1, NULL));
}

static void
test_verify_names_what_differs(Fixture *self, gconstpointer unused)
{
    static const struct {
        guint sector;
        const char *record;
        guint at[7];
    } regions[] = {
        {0, "the master boot record", {0, 100, 439}},
        {START_LBA, "the boot record", {0, 3, 28, 64, 90, 509, 511}},
        {START_LBA + BACKUP_SECTOR, "the backup boot record", {0, 3, 13, 28, 64, 90, 511}},
        {START_LBA + STAGE2_SECTOR, "the second stage of the boot record", {0, 511, 512, 1023}},
    };
    install(self);
    for (guint i = 0; i < G_N_ELEMENTS(regions); i++) {
        for (guint j = 0; j < 7 && (j == 0 || regions[i].at[j] > 0); j++) {
            guint at = regions[i].at[j];
            g_autofree char *message = g_strdup_printf(
                "%s differs from what was written at byte %u", regions[i].record, at);
            assert_noticed(self, regions[i].sector, at, message);
        }
    }
}

static void
test_verify_notices_a_changed_parameter_block(Fixture *self, gconstpointer unused)
{
    install(self);
    assert_noticed(self, START_LBA, 13,
                   "the backup boot record differs from what was written at byte 13");
    assert_noticed(self, START_LBA, 89,
                   "the backup boot record differs from what was written at byte 89");
    assert_noticed(self, START_LBA, 22, "the boot record no longer describes a FAT32 filesystem");
    assert_noticed(self, START_LBA, 50,
                   "the backup boot record differs from what was written at byte 0");
}

static void
test_records_are_read_in_order(Fixture *self, gconstpointer unused)
{
    install(self);
    g_autoptr(GBytes) records =
        rub_boot_record_read(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, NULL);
    gsize size_bytes;
    const guint8 *data = g_bytes_get_data(records, &size_bytes);
    g_assert_cmpuint(size_bytes, ==, 440 + 512 + 512 + 1024);
    g_assert_cmpmem(data, 440, self->after, 440);
    g_assert_cmpmem(data + 440, 512, volume_sector(self->after, 0), 512);
    g_assert_cmpmem(data + 952, 512, volume_sector(self->after, BACKUP_SECTOR), 512);
    g_assert_cmpmem(data + 1464, 1024, volume_sector(self->after, STAGE2_SECTOR), 1024);
}

/* The flags of the four partitions. */
static void
assert_active(const guint8 *disk, guint number)
{
    for (guint i = 0; i < 4; i++)
        g_assert_cmphex(disk[446 + i * 16], ==, i + 1 == number ? 0x80 : 0);
}

static void
test_code_and_flags_come_in_one_write(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    g_assert_true(rub_boot_install_mbr_for(self->disk, 3, &error));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + 1);
    read_back(self);
    assert_active(self->after, 3);
    assert_same(self, 440, 446);
    for (guint i = 0; i < 4; i++)
        assert_same(self, 447 + i * 16, 462 + i * 16);
    assert_same(self, 510, sizeof self->before);
}

static void
install_for_partition(Fixture *self)
{
    g_assert_true(rub_boot_record_install(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, NULL));
    g_assert_true(rub_boot_install_mbr_for(self->disk, 2, NULL));
}

static void
test_what_was_saved_comes_back(Fixture *self, gconstpointer unused)
{
    g_autoptr(GBytes) saved = save(self);
    for (guint is_surely_ours = 0; is_surely_ours < 2; is_surely_ours++) {
        install_for_partition(self);
        g_assert_true(restore(self, saved, is_surely_ours));
        assert_same(self, 0, sizeof self->before);
        g_assert_true(restore(self, saved, FALSE));
        assert_same(self, 0, sizeof self->before);
    }
}

static int
fail_at(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    return (*(guint *) user_data)-- == 0 ? EIO : 0;
}

static void
test_a_restoration_that_was_cut_off_can_be_repeated(Fixture *self, gconstpointer unused)
{
    g_autoptr(GBytes) saved = save(self);
    for (guint at = 0; at < 4; at++) {
        guint left = at;
        gboolean is_restored;
        install_for_partition(self);
        rub_disk_set_write_hook(self->disk, fail_at, &left);
        g_assert_false(rub_boot_restore_sectors(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, saved,
                                                FALSE, &is_restored, NULL));
        rub_disk_set_write_hook(self->disk, NULL, NULL);
        g_assert_true(restore(self, saved, FALSE));
        assert_same(self, 0, sizeof self->before);
    }
}

static void
poke(Fixture *self, guint64 offset_bytes, guint8 value)
{
    g_assert_true(rub_disk_write(self->disk, offset_bytes, &value, 1, NULL));
}

static void
test_code_that_somebody_else_installed_stays(Fixture *self, gconstpointer unused)
{
    g_autoptr(GBytes) saved = save(self);
    install_for_partition(self);
    poke(self, 100, 0x5a);
    poke(self, (START_LBA + STAGE2_SECTOR) * SECTOR_BYTES + 7, 0x5a);
    poke(self, START_LBA * SECTOR_BYTES + 200, 0x5a);
    g_assert_false(restore(self, saved, FALSE));
    g_assert_cmphex(self->after[100], ==, 0x5a);
    g_assert_cmphex(volume_sector(self->after, STAGE2_SECTOR)[7], ==, 0x5a);
    g_assert_cmphex(volume_sector(self->after, 0)[200], ==, 0x5a);
    assert_same(self, (START_LBA + BACKUP_SECTOR) * SECTOR_BYTES,
                (START_LBA + BACKUP_SECTOR + 1) * SECTOR_BYTES);
}

static void
test_a_partition_that_came_since_keeps_its_entry(Fixture *self, gconstpointer unused)
{
    for (guint i = 0; i < 16; i++)
        poke(self, 446 + 16 + i, 0);
    g_autoptr(GBytes) saved = save(self);
    poke(self, 446 + 16 + 4, 0x0c);
    poke(self, 446 + 16 + 8, START_LBA);
    poke(self, 446 + 4, 0x07);
    install_for_partition(self);
    g_assert_false(restore(self, saved, FALSE));
    g_assert_cmphex(self->after[446 + 16], ==, 0);
    g_assert_cmphex(self->after[446 + 16 + 4], ==, 0x0c);
    g_assert_cmphex(self->after[446 + 4], ==, 0x07);
}

static void
test_saved_sectors_of_another_size_are_refused(Fixture *self, gconstpointer unused)
{
    g_autoptr(GBytes) saved = rub_boot_save_sectors(self->disk, RUB_FILESYSTEM_FAT32, 0, NULL);
    g_autoptr(GError) error = NULL;
    gboolean is_restored;
    g_assert_cmpuint(g_bytes_get_size(saved), ==, SECTOR_BYTES);
    g_assert_false(rub_boot_restore_sectors(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, saved,
                                            TRUE, &is_restored, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    read_back(self);
    assert_same(self, 0, sizeof self->before);
}

static void
add(const char *path, void (*test)(Fixture *, gconstpointer))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/boot-code/record-keeps-the-parameter-block", test_record_keeps_the_parameter_block);
    add("/boot-code/backup-equals-the-record", test_backup_equals_the_record);
    add("/boot-code/nothing-else-changes", test_nothing_else_of_the_disk_changes);
    add("/boot-code/first-sector-is-written-last", test_first_sector_is_written_last);
    add("/boot-code/write-errors-are-reported", test_write_errors_are_reported);
    add("/boot-code/what-is-not-fat32-is-refused", test_what_is_not_fat32_is_refused);
    add("/boot-code/volume-without-room-is-refused", test_volume_without_room_is_refused);
    add("/boot-code/large-sectors-are-refused", test_large_sectors_are_refused);
    add("/boot-code/places-outside-are-refused", test_places_outside_the_disk_are_refused);
    add("/boot-code/mbr-needs-a-partition-table", test_mbr_needs_a_partition_table);
    add("/boot-code/verify-accepts-the-installed", test_verify_accepts_what_was_installed);
    add("/boot-code/verify-names-what-differs", test_verify_names_what_differs);
    add("/boot-code/verify-notices-the-parameter-block",
        test_verify_notices_a_changed_parameter_block);
    add("/boot-code/records-are-read-in-order", test_records_are_read_in_order);
    add("/boot-code/code-and-flags-in-one-write", test_code_and_flags_come_in_one_write);
    add("/boot-code/saved-comes-back", test_what_was_saved_comes_back);
    add("/boot-code/cut-off-restoration", test_a_restoration_that_was_cut_off_can_be_repeated);
    add("/boot-code/others-code-stays", test_code_that_somebody_else_installed_stays);
    add("/boot-code/new-partition", test_a_partition_that_came_since_keeps_its_entry);
    add("/boot-code/saved-of-another-size", test_saved_sectors_of_another_size_are_refused);
    return g_test_run();
}
