/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-process.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

/* Enough to find a wait that hangs once in a thousand times now and then. */
#define MANY 300

typedef struct {
    GSubprocess *process;
    GCancellable *cancellable;
    GBytes *said;
    GError *error;
} Fixture;

static void
start(Fixture *self, const char *script)
{
    self->process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                         &self->error, "sh", "-c", script, NULL);
    g_assert_no_error(self->error);
}

static void
set_up(Fixture *self, gconstpointer unused)
{
    self->cancellable = g_cancellable_new();
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    g_clear_object(&self->process);
    g_clear_object(&self->cancellable);
    g_clear_pointer(&self->said, g_bytes_unref);
    g_clear_error(&self->error);
}

static gboolean
wait_for_end(Fixture *self)
{
    return rub_process_wait(self->process, self->cancellable, &self->said, &self->error);
}

static void
test_what_it_says_is_read(Fixture *self, gconstpointer unused)
{
    start(self, "echo no room >&2; exit 3");
    g_assert_true(wait_for_end(self));
    g_assert_no_error(self->error);
    g_assert_cmpint(g_subprocess_get_exit_status(self->process), ==, 3);
    gsize size_bytes;
    const char *said = g_bytes_get_data(self->said, &size_bytes);
    g_assert_cmpmem(said, size_bytes, "no room\n", 8);
}

/* More than a pipe holds. */
static void
test_a_long_speech_does_not_stop_it(Fixture *self, gconstpointer unused)
{
    start(self, "head -c 300000 /dev/zero >&2");
    g_assert_true(wait_for_end(self));
    g_assert_cmpuint(g_bytes_get_size(self->said), ==, 300000);
    g_assert_true(g_subprocess_get_successful(self->process));
}

static void
test_a_pipe_is_not_needed(Fixture *self, gconstpointer unused)
{
    self->process = g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, NULL, "true", NULL);
    g_assert_true(wait_for_end(self));
    g_assert_null(self->said);
    g_assert_true(g_subprocess_get_successful(self->process));
}

/* Cancels as soon as the program has said something. */
static gpointer
cancel_when_it_runs(gpointer data)
{
    Fixture *self = data;
    char byte;
    int fd = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(self->process), "started"));
    g_assert_cmpint(read(fd, &byte, 1), ==, 1);
    g_cancellable_cancel(self->cancellable);
    close(fd);
    return NULL;
}

static void
test_what_is_stopped_is_gone(Fixture *self, gconstpointer unused)
{
    int started[2];
    g_assert_true(g_unix_open_pipe(started, FD_CLOEXEC, NULL));
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_take_fd(launcher, started[1], 3);
    self->process = g_subprocess_launcher_spawn(launcher, &self->error, "sh", "-c",
                                                "echo x >&3; exec tail -f /dev/null", NULL);
    g_assert_no_error(self->error);
    g_object_set_data(G_OBJECT(self->process), "started", GINT_TO_POINTER(started[0]));
    g_autofree char *id = g_strdup(g_subprocess_get_identifier(self->process));
    GThread *thread = g_thread_new("cancel", cancel_when_it_runs, self);
    g_assert_false(wait_for_end(self));
    g_thread_join(thread);
    g_assert_error(self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_true(g_subprocess_get_if_signaled(self->process));
    g_assert_cmpint(kill((pid_t) g_ascii_strtoll(id, NULL, 10), 0), ==, -1);
}

static void
test_what_was_stopped_before_does_not_go_on(Fixture *self, gconstpointer unused)
{
    g_cancellable_cancel(self->cancellable);
    start(self, "exec tail -f /dev/null");
    g_assert_false(wait_for_end(self));
    g_assert_error(self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_true(g_subprocess_get_if_signaled(self->process));
}

static void
test_many_in_a_row_all_end(Fixture *self, gconstpointer unused)
{
    for (guint i = 0; i < MANY; i++) {
        start(self, "exit 0");
        g_assert_true(wait_for_end(self));
        g_clear_object(&self->process);
        g_clear_pointer(&self->said, g_bytes_unref);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add("/process/" path, Fixture, NULL, set_up, function, tear_down)
    ADD("words", test_what_it_says_is_read);
    ADD("many-words", test_a_long_speech_does_not_stop_it);
    ADD("no-pipe", test_a_pipe_is_not_needed);
    ADD("stopped", test_what_is_stopped_is_gone);
    ADD("stopped-before", test_what_was_stopped_before_does_not_go_on);
    ADD("many", test_many_in_a_row_all_end);
    return g_test_run();
}
