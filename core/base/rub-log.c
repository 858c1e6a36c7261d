/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rub-error.h"

#define LOG_SUFFIX ".log"

struct _RubLog {
    GMutex lock;
    FILE *file;
    char *path;
};

RubLog *
rub_log_open(const char *path, GError **error)
{
    FILE *file = g_fopen(path, "we");
    if (!file) {
        rub_error_set_errno(error, RUB_CODE_USAGE, errno, N_("cannot write the log {name}"), "name",
                            path, NULL);
        return NULL;
    }
    RubLog *self = g_atomic_rc_box_new0(RubLog);
    g_mutex_init(&self->lock);
    self->file = file;
    self->path = g_strdup(path);
    return self;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(const char *const *) a, *(const char *const *) b);
}

/* The names begin with the time, so that their order is that of their age. The newest log counts
 * but is never removed, even if the clock was set back since the others were written. */
static void
remove_old_logs(const char *folder, const char *newest, guint keep_count)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    if (!dir)
        return;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        if (g_str_has_suffix(name, LOG_SUFFIX) && strcmp(name, newest) != 0)
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i + keep_count < names->len + 1; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
        g_unlink(path);
    }
}

RubLog *
rub_log_open_default(const char *folder, guint keep_count, GError **error)
{
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        rub_error_set_errno(error, RUB_CODE_USAGE, errno, N_("cannot make the log folder {name}"),
                            "name", folder, NULL);
        return NULL;
    }
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *stamp = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *name = g_strdup_printf("%s-%06d-%d" LOG_SUFFIX, stamp,
                                            g_date_time_get_microsecond(now), (int) getpid());
    g_autofree char *path = g_build_filename(folder, name, NULL);
    RubLog *self = rub_log_open(path, error);
    if (self)
        remove_old_logs(folder, name, keep_count);
    return self;
}

RubLog *
rub_log_ref(RubLog *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_log_clear(gpointer data)
{
    RubLog *self = data;
    fclose(self->file);
    g_mutex_clear(&self->lock);
    g_free(self->path);
}

void
rub_log_unref(RubLog *self)
{
    g_atomic_rc_box_release_full(self, rub_log_clear);
}

const char *
rub_log_get_path(const RubLog *self)
{
    return self->path;
}

void
rub_log_write(RubLog *self, const char *format, ...)
{
    if (!self)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    fprintf(self->file, "%s.%03d  %s\n", stamp, g_date_time_get_microsecond(now) / 1000, line);
    fflush(self->file);
}
