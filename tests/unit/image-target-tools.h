/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "base/rub-error.h"
#include "disk-tools.h"
#include "target/rub-image-target.h"

/* What the tests of the disk-image target share. */

#define MIB ((guint64) 1024 * 1024)

typedef struct {
    char *folder;
    char *path;
} Fixture;

static inline void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
    fixture->path = g_build_filename(fixture->folder, "stick.img", NULL);
}

static inline void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static inline RubLayout *
read_layout(RubTarget *target)
{
    GError *error = NULL;
    RubLayout *layout = rub_target_read_layout(target, NULL, &error);
    g_assert_no_error(error);
    return layout;
}

/* An existing image with something in it, and the layout a person has agreed to. */
typedef struct {
    char *path;
    RubTarget *target;
    RubLayout *layout;
} Reviewed;

static inline void
reviewed_clear(Reviewed *reviewed)
{
    g_free(reviewed->path);
    rub_target_free(reviewed->target);
    rub_layout_free(reviewed->layout);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reviewed, reviewed_clear)

static inline Reviewed
review(const Fixture *fixture, guint64 size_bytes)
{
    Reviewed reviewed = {.path = make_image(fixture->folder, "stick.img", size_bytes)};
    g_free(run_tool("label: dos\nstart=2048, size=4096, type=c\n", "sfdisk", "--quiet",
                    reviewed.path, NULL));
    reviewed.target = rub_image_target_new(reviewed.path, 0);
    reviewed.layout = read_layout(reviewed.target);
    return reviewed;
}

static inline void
assert_not_opened(const Reviewed *reviewed, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_target_open_for_writing(reviewed->target, reviewed->layout, RUB_ACCESS_RAW,
                                               NULL, &error));
    g_assert_error(error, RUB_ERROR, code);
    if (!strstr(error->message, words))
        g_error("\"%s\" is not in: %s", words, error->message);
    g_assert_null(rub_target_get_disk(reviewed->target));
}

static inline void
assert_opened(const Reviewed *reviewed)
{
    GError *error = NULL;
    rub_target_open_for_writing(reviewed->target, reviewed->layout, RUB_ACCESS_RAW, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(rub_target_get_disk(reviewed->target));
}
