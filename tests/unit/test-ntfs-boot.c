/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/rub-error.h"
#include "boot-disk-tools.h"
#include "boot/rub-boot-probe.h"

#define VOLUME_SECTORS 40
#define STAGE2_SECTORS 4

static void
make_ntfs(guint8 *sector)
{
    memcpy(sector + 3, "NTFS    ", 8);
    rub_put_u16le(sector + 11, SECTOR_BYTES);
    sector[13] = 8;
    rub_put_u64le(sector + 40, VOLUME_SECTORS);
    rub_put_u16le(sector + 510, 0xaa55);
}

static void
set_up(Fixture *self, gconstpointer unused)
{
    make_disk(self, RUB_FILESYSTEM_NTFS, make_ntfs);
}

static void
write_byte(Fixture *self, gsize at, guint8 byte)
{
    g_assert_true(rub_disk_write(self->disk, at, &byte, 1, NULL));
}

static void
test_record_keeps_the_parameter_block(Fixture *self, gconstpointer unused)
{
    install(self);
    gsize at = START_LBA * SECTOR_BYTES;
    const guint8 *record = self->after + at;
    g_assert_cmpmem(record, 11, "\xeb\x52\x90NTFS    ", 11);
    assert_same(self, at + 11, at + 28);
    g_assert_cmpmem(record + 28, 4, "\x08\0\0\0", 4);
    assert_same(self, at + 32, at + 36);
    g_assert_cmphex(record[36], ==, 0x80);
    assert_same(self, at + 37, at + 84);
    g_assert_cmpmem(record + 510, 2, "\x55\xaa", 2);
}

static void
test_copy_in_the_last_sector_equals_the_record(Fixture *self, gconstpointer unused)
{
    install(self);
    g_assert_cmpmem(volume_sector(self->after, 0), SECTOR_BYTES,
                    volume_sector(self->after, VOLUME_SECTORS), SECTOR_BYTES);
}

static void
test_nothing_else_of_the_disk_changes(Fixture *self, gconstpointer unused)
{
    install(self);
    gsize volume = START_LBA * SECTOR_BYTES;
    assert_same(self, 440, volume);
    assert_same(self, volume + (1 + STAGE2_SECTORS) * SECTOR_BYTES,
                volume + VOLUME_SECTORS * SECTOR_BYTES);
    assert_same(self, volume + (VOLUME_SECTORS + 1) * SECTOR_BYTES, sizeof self->after);
}

static int
fail_at_first_sector(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    *(guint *) user_data += 1;
    return offset_bytes == START_LBA * SECTOR_BYTES ? EIO : 0;
}

static void
test_first_sector_is_written_last(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    guint writes = 0;
    rub_disk_set_write_hook(self->disk, fail_at_first_sector, &writes);
    g_assert_false(rub_boot_record_install(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_cmpuint(writes, ==, 3);
}

static void
test_verification_finds_any_changed_byte(Fixture *self, gconstpointer unused)
{
    const gsize volume = START_LBA * SECTOR_BYTES;
    const gsize places[] = {0,
                            439,
                            volume,
                            volume + 28,
                            volume + 13,
                            volume + 84,
                            volume + 511,
                            volume + 512,
                            volume + (1 + STAGE2_SECTORS) * SECTOR_BYTES - 1,
                            volume + VOLUME_SECTORS * SECTOR_BYTES + 100};
    install(self);
    g_assert_true(rub_boot_record_verify(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GError) error = NULL;
        write_byte(self, places[i], self->after[places[i]] ^ 0x10);
        g_assert_false(rub_boot_record_verify(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
        write_byte(self, places[i], self->after[places[i]]);
    }
}

static void
test_records_are_read_as_they_lie(Fixture *self, gconstpointer unused)
{
    install(self);
    g_autoptr(GBytes) records =
        rub_boot_record_read(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, NULL);
    gsize size_bytes;
    const guint8 *data = g_bytes_get_data(records, &size_bytes);
    g_assert_cmpuint(size_bytes, ==, 440 + (2 + STAGE2_SECTORS) * SECTOR_BYTES);
    g_assert_cmpmem(data, 440, self->after, 440);
    data += 440;
    g_assert_cmpmem(data, 512, volume_sector(self->after, 0), 512);
    g_assert_cmpmem(data + 512, 512, volume_sector(self->after, VOLUME_SECTORS), 512);
    g_assert_cmpmem(data + 1024, STAGE2_SECTORS * 512, volume_sector(self->after, 1),
                    STAGE2_SECTORS * 512);
}

static void
test_what_was_there_comes_back(Fixture *self, gconstpointer unused)
{
    g_autoptr(GBytes) saved = save(self);
    g_assert_cmpuint(g_bytes_get_size(saved), ==, (3 + STAGE2_SECTORS) * SECTOR_BYTES);
    install(self);
    g_assert_true(restore(self, saved, FALSE));
    assert_same(self, 0, sizeof self->after);
    g_assert_true(restore(self, saved, FALSE));
    assert_same(self, 0, sizeof self->after);
}

/* Some sectors of the second stage are back already. */
static void
test_a_cut_in_between_is_made_up_for(Fixture *self, gconstpointer unused)
{
    const gsize volume = START_LBA * SECTOR_BYTES;
    g_autoptr(GBytes) saved = save(self);
    install(self);
    g_assert_true(rub_disk_write(self->disk, volume + SECTOR_BYTES,
                                 self->before + volume + SECTOR_BYTES, 2 * SECTOR_BYTES, NULL));
    g_assert_true(restore(self, saved, FALSE));
    assert_same(self, 0, sizeof self->after);
}

static void
test_code_of_others_stays(Fixture *self, gconstpointer unused)
{
    const gsize volume = START_LBA * SECTOR_BYTES;
    g_autoptr(GBytes) saved = save(self);
    install(self);
    write_byte(self, volume + 100, self->after[volume + 100] ^ 1);
    write_byte(self, volume + 600, self->after[volume + 600] ^ 1);
    g_assert_false(restore(self, saved, FALSE));
    g_assert_cmpint(self->after[volume + 100], !=, self->before[volume + 100]);
    g_assert_true(restore(self, saved, TRUE));
    assert_same(self, 0, sizeof self->after);
}

static void
test_the_copy_has_to_be_in_the_partition(Fixture *self, gconstpointer unused)
{
    g_assert_true(
        rub_boot_record_fits(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, VOLUME_SECTORS + 1));
    g_assert_false(
        rub_boot_record_fits(self->disk, RUB_FILESYSTEM_NTFS, START_LBA, VOLUME_SECTORS));
    g_assert_false(
        rub_boot_record_fits(self->disk, RUB_FILESYSTEM_FAT32, START_LBA, VOLUME_SECTORS + 1));
}

static void
test_code_of_others_is_told_from_ours(Fixture *self, gconstpointer unused)
{
    const gsize code = START_LBA * SECTOR_BYTES + 84;
    static const char says[] = "This is not a bootable disk.";
    g_assert_true(rub_boot_has_other_record(self->disk, RUB_FILESYSTEM_NTFS, START_LBA));
    install(self);
    g_assert_false(rub_boot_has_other_record(self->disk, RUB_FILESYSTEM_NTFS, START_LBA));
    g_assert_true(rub_disk_write(self->disk, code + 30, says, strlen(says), NULL));
    g_assert_false(rub_boot_has_other_record(self->disk, RUB_FILESYSTEM_NTFS, START_LBA));
}

static void
assert_refused(RubDisk *disk, guint64 start_lba, RubCode code)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_boot_record_install(disk, RUB_FILESYSTEM_NTFS, start_lba, &error));
    g_assert_error(error, RUB_ERROR, (int) code);
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, 0);
}

static void
test_other_volumes_are_refused(Fixture *self, gconstpointer unused)
{
    static const struct {
        guint at;
        guint8 byte;
    } changes[] = {{3, 'M'}, {12, 16}, {13, 0}, {40, 56}, {40, 15}, {47, 0xff}, {44, 1}, {510, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        guint8 disk[sizeof self->before];
        memcpy(disk, self->before, sizeof disk);
        volume_sector(disk, 0)[changes[i].at] = changes[i].byte;
        g_autoptr(RubDisk) other = open_disk(disk, SECTOR_BYTES);
        assert_refused(other, START_LBA, RUB_CODE_CREATE_FAT32_FAILED);
    }
}

static void
test_other_places_are_refused(Fixture *self, gconstpointer unused)
{
    g_autoptr(RubDisk) large_sectors = open_disk(self->before, 4096);
    assert_refused(large_sectors, START_LBA, RUB_CODE_FIRMWARE_LIMITED);
    assert_refused(self->disk, G_GUINT64_CONSTANT(1) << 32, RUB_CODE_CREATE_FAT32_FAILED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-boot/" path, Fixture, NULL, set_up, function, tear_down)
    ADD("record-keeps-the-parameter-block", test_record_keeps_the_parameter_block);
    ADD("copy-in-the-last-sector-equals-the-record",
        test_copy_in_the_last_sector_equals_the_record);
    ADD("nothing-else-of-the-disk-changes", test_nothing_else_of_the_disk_changes);
    ADD("first-sector-is-written-last", test_first_sector_is_written_last);
    ADD("verification-finds-any-changed-byte", test_verification_finds_any_changed_byte);
    ADD("records-are-read-as-they-lie", test_records_are_read_as_they_lie);
    ADD("what-was-there-comes-back", test_what_was_there_comes_back);
    ADD("a-cut-in-between-is-made-up-for", test_a_cut_in_between_is_made_up_for);
    ADD("code-of-others-stays", test_code_of_others_stays);
    ADD("the-copy-has-to-be-in-the-partition", test_the_copy_has_to_be_in_the_partition);
    ADD("code-of-others-is-told-from-ours", test_code_of_others_is_told_from_ours);
    ADD("other-volumes-are-refused", test_other_volumes_are_refused);
    ADD("other-places-are-refused", test_other_places_are_refused);
    return g_test_run();
}
