/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-rules.h"

#include <string.h>

#include "drive-tools.h"

static void
add_use(RubDriveFacts *facts, RubDriveUseKind kind, const char *name)
{
    g_ptr_array_add(facts->uses, rub_drive_use_new(kind, name));
}

/* The reason must have the words in it. */
static void
assert_verdict(const RubDriveFacts *facts, gboolean is_listed, RubCode code, const char *words)
{
    g_auto(RubDriveVerdict) verdict = rub_drive_judge(facts);
    g_assert_cmpint(verdict.is_listed, ==, is_listed);
    g_assert_cmpint((int) verdict.code, ==, (int) code);
    if (!words) {
        g_assert_null(verdict.reason);
        return;
    }
    g_autofree char *reason = rub_text_format(verdict.reason, NULL);
    g_assert_nonnull(strstr(reason, words));
}

static void
test_a_stick_is_offered(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    assert_verdict(facts, TRUE, 0, NULL);
}

static void
test_a_usb_hard_disk_is_offered(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->is_removable = FALSE;
    assert_verdict(facts, TRUE, 0, NULL);
}

static void
test_a_card_is_offered_on_whatever_bus(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->bus, "sdio");
    assert_verdict(facts, TRUE, 0, NULL);
    set_text(&facts->bus, "");
    facts->is_card = TRUE;
    assert_verdict(facts, TRUE, 0, NULL);
}

static void
test_other_disks_are_left_alone(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->bus, "");
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not a USB drive");
    set_text(&facts->bus, "ieee1394");
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not a USB drive");
}

static void
test_what_udisks_calls_a_system_disk_is_left_alone(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->is_internal = TRUE;
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not touched");
}

static void
test_a_soldered_chip_is_no_card(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->bus, "sdio");
    facts->is_soldered = TRUE;
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not touched");
}

static void
test_discs_and_floppy_disks_are_left_out(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->is_optical = TRUE;
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not touched");
    facts->is_optical = FALSE;
    facts->is_floppy = TRUE;
    assert_verdict(facts, FALSE, RUB_CODE_SYSTEM_DISK, "not touched");
}

static void
test_the_usb_disk_of_a_live_system_is_shown_but_refused(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    add_use(facts, RUB_DRIVE_USE_CRYPT, "luks");
    add_use(facts, RUB_DRIVE_USE_SYSTEM, "/run/live/medium");
    assert_verdict(facts, TRUE, RUB_CODE_SYSTEM_DISK, "/run/live/medium");
}

static void
test_an_empty_reader_has_no_medium(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->has_medium = FALSE;
    facts->is_read_only = TRUE;
    assert_verdict(facts, TRUE, RUB_CODE_DEVICE_GONE, "no medium");
}

static void
test_what_uses_it_is_named(void)
{
    static const RubDriveUseKind kinds[] = {RUB_DRIVE_USE_CRYPT, RUB_DRIVE_USE_LVM,
                                            RUB_DRIVE_USE_RAID, RUB_DRIVE_USE_SWAP,
                                            RUB_DRIVE_USE_OTHER};
    static const char *const words[] = {"encrypted", "LVM", "RAID", "swap space", "in use by"};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(RubDriveFacts) facts = make_stick();
        add_use(facts, kinds[i], "name-of-it");
        assert_verdict(facts, TRUE, RUB_CODE_DEVICE_BUSY, words[i]);
        assert_verdict(facts, TRUE, RUB_CODE_DEVICE_BUSY, "name-of-it");
    }
}

static void
test_a_member_that_is_not_in_use_is_no_obstacle(void)
{
    static const char *const members[] = {"crypto_LUKS", "LVM2_member", "linux_raid_member", "swap",
                                          "BitLocker"};
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autoptr(RubDriveFacts) facts = make_stick();
        set_text(&facts->whole->filesystem, members[i]);
        assert_verdict(facts, TRUE, 0, NULL);
    }
}

static void
test_a_volume_that_its_user_mounted_is_no_obstacle(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    RubVolumeFacts *partition = get_partition(facts);
    g_strfreev(partition->mount_points);
    partition->mount_points = g_strsplit("/media/me/STICK", " ", -1);
    assert_verdict(facts, TRUE, 0, NULL);
}

static void
test_write_protection_is_told_last(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->is_read_only = TRUE;
    assert_verdict(facts, TRUE, RUB_CODE_TRACK_0_NOT_WRITABLE, "write-protected");
    add_use(facts, RUB_DRIVE_USE_SWAP, "/dev/sdb1");
    assert_verdict(facts, TRUE, RUB_CODE_DEVICE_BUSY, "/dev/sdb1");
}

static void
test_places_of_users(void)
{
    static const char *const users[] = {"/media/me/STICK", "/run/media/me/STICK", "/mnt",
                                        "/mnt/usb", "/media"};
    static const char *const systems[] = {
        "/",     "/boot",        "/boot/efi",   "/usr",   "/var", "/home",           "/home/me",
        "/mnt2", "/mediatheque", "/run/mediax", "/cdrom", "/srv", "/run/live/medium"};
    for (guint i = 0; i < G_N_ELEMENTS(users); i++)
        g_assert_true(rub_drive_is_user_place(users[i]));
    for (guint i = 0; i < G_N_ELEMENTS(systems); i++)
        g_assert_false(rub_drive_is_user_place(systems[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/drive-rules/" name, function)
    ADD("stick", test_a_stick_is_offered);
    ADD("usb-hard-disk", test_a_usb_hard_disk_is_offered);
    ADD("card", test_a_card_is_offered_on_whatever_bus);
    ADD("other-disks", test_other_disks_are_left_alone);
    ADD("system-disk", test_what_udisks_calls_a_system_disk_is_left_alone);
    ADD("soldered-chip", test_a_soldered_chip_is_no_card);
    ADD("discs-and-floppy-disks", test_discs_and_floppy_disks_are_left_out);
    ADD("live-system", test_the_usb_disk_of_a_live_system_is_shown_but_refused);
    ADD("no-medium", test_an_empty_reader_has_no_medium);
    ADD("in-use", test_what_uses_it_is_named);
    ADD("members-not-in-use", test_a_member_that_is_not_in_use_is_no_obstacle);
    ADD("mounted-by-its-user", test_a_volume_that_its_user_mounted_is_no_obstacle);
    ADD("write-protected", test_write_protection_is_told_last);
    ADD("places", test_places_of_users);
    return g_test_run();
}
