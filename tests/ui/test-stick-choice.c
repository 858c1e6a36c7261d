/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stick-choice.h"

#include "target/rub-drive-private.h"

typedef struct {
    GListStore *drives;
    RubStickChoice *choice;
    guint losses;
} Fixture;

static void
on_lost_cb(Fixture *fixture)
{
    fixture->losses++;
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->drives = g_list_store_new(RUB_TYPE_DRIVE);
    fixture->choice = rub_stick_choice_new();
    rub_stick_choice_take_drives(fixture->choice, G_LIST_MODEL(fixture->drives));
    g_signal_connect_swapped(fixture->choice, "lost", G_CALLBACK(on_lost_cb), fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_assert_finalize_object(fixture->choice);
    g_assert_finalize_object(fixture->drives);
}

static RubDriveFacts *
make_facts(const char *id, const char *serial)
{
    RubDriveFacts *facts = rub_drive_facts_new(id, "/dev/sdx");
    g_free(facts->serial);
    facts->serial = g_strdup(serial);
    g_free(facts->bus);
    facts->bus = g_strdup("usb");
    facts->size_bytes = (guint64) 8 << 30;
    facts->has_medium = TRUE;
    return facts;
}

static void
plug(Fixture *fixture, const char *id, const char *serial)
{
    g_autoptr(RubDrive) drive = rub_drive_new(make_facts(id, serial));
    g_list_store_append(fixture->drives, drive);
}

static void
assert_chosen(const Fixture *fixture, const char *id)
{
    g_assert_cmpstr(rub_stick_choice_get_chosen(fixture->choice), ==, id);
    g_assert_true(rub_stick_choice_is_complete(fixture->choice) == (*id != '\0'));
}

static void
test_no_stick_is_chosen_by_itself(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "AB12");
    assert_chosen(fixture, "");
}

static void
test_a_stick_that_comes_back_is_chosen_again(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "AB12");
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    assert_chosen(fixture, "/a");
    g_list_store_remove(fixture->drives, 0);
    assert_chosen(fixture, "");
    g_assert_cmpuint(fixture->losses, ==, 1);

    plug(fixture, "/b", "CD34");
    assert_chosen(fixture, "");
    plug(fixture, "/c", "AB12");
    assert_chosen(fixture, "/c");
}

static void
test_a_choice_made_meanwhile_stays(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "AB12");
    plug(fixture, "/b", "CD34");
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    g_list_store_remove(fixture->drives, 0);
    g_object_set(fixture->choice, "chosen", "/b", NULL);
    plug(fixture, "/a", "AB12");
    assert_chosen(fixture, "/b");
}

static void
test_a_stick_without_a_serial_is_not_known_again(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "");
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    g_list_store_remove(fixture->drives, 0);
    plug(fixture, "/a", "");
    assert_chosen(fixture, "");
}

static void
test_a_stick_that_cannot_be_used_any_more_leads_nowhere(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "AB12");
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    RubDriveFacts *facts = make_facts("/a", "AB12");
    facts->is_read_only = TRUE;
    rub_drive_update(rub_stick_choice_get_drive(fixture->choice), facts);
    g_assert_false(rub_stick_choice_is_complete(fixture->choice));
}

static void
test_a_write_protected_stick_can_only_be_read(Fixture *fixture, gconstpointer data)
{
    RubDriveFacts *facts = make_facts("/a", "AB12");
    facts->is_read_only = TRUE;
    g_autoptr(RubDrive) drive = rub_drive_new(facts);
    g_list_store_append(fixture->drives, drive);
    g_assert_false(rub_stick_choice_suits(fixture->choice, drive));
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    g_assert_false(rub_stick_choice_is_complete(fixture->choice));

    rub_stick_choice_set_for_reading(fixture->choice, TRUE);
    g_assert_true(rub_stick_choice_suits(fixture->choice, drive));
    assert_chosen(fixture, "/a");
}

static void
test_a_file_is_remembered_beside_a_drive(Fixture *fixture, gconstpointer data)
{
    plug(fixture, "/a", "AB12");
    rub_stick_choice_choose_file(fixture->choice, "/there/is/none.img");
    assert_chosen(fixture, RUB_STICK_CHOICE_FILE);
    g_assert_cmpuint(rub_stick_choice_get_new_size_bytes(fixture->choice), >, 0);
    g_object_set(fixture->choice, "chosen", "/a", NULL);
    g_assert_cmpstr(rub_stick_choice_get_path(fixture->choice), ==, "/there/is/none.img");
    g_list_store_remove_all(fixture->drives);
    g_object_set(fixture->choice, "chosen", RUB_STICK_CHOICE_FILE, NULL);
    assert_chosen(fixture, RUB_STICK_CHOICE_FILE);
}

#define ADD(name, function)                                                                        \
    g_test_add("/stick-choice/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("no-stick-is-chosen-by-itself", test_no_stick_is_chosen_by_itself);
    ADD("a-stick-that-comes-back-is-chosen-again", test_a_stick_that_comes_back_is_chosen_again);
    ADD("a-choice-made-meanwhile-stays", test_a_choice_made_meanwhile_stays);
    ADD("a-stick-without-a-serial-is-not-known-again",
        test_a_stick_without_a_serial_is_not_known_again);
    ADD("a-stick-that-cannot-be-used-any-more-leads-nowhere",
        test_a_stick_that_cannot_be_used_any_more_leads_nowhere);
    ADD("a-write-protected-stick-can-only-be-read", test_a_write_protected_stick_can_only_be_read);
    ADD("a-file-is-remembered-beside-a-drive", test_a_file_is_remembered_beside_a_drive);
    return g_test_run();
}
