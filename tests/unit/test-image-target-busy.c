/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disk images that somebody else is using. */
#include <sys/wait.h>

#include "image-target-tools.h"

/* A process that locks some bytes of a file and holds them until its pipe is closed. */
typedef struct {
    pid_t pid;
    int leash;
} Locker;

static Locker
start_locker(const char *path, struct flock lock, int command)
{
    int ready[2], leash[2];
    char byte = 0;
    g_assert_cmpint(pipe(ready), ==, 0);
    g_assert_cmpint(pipe(leash), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(leash[1]);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        byte = fcntl(fd, command, &lock) == 0 ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1 || read(leash[0], &byte, 1) != 0)
            _exit(1);
        _exit(0);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
    close(ready[0]);
    close(ready[1]);
    close(leash[0]);
    return (Locker){.pid = pid, .leash = leash[1]};
}

static void
end_locker(Locker locker)
{
    int status;
    close(locker.leash);
    g_assert_cmpint(waitpid(locker.pid, &status, 0), ==, locker.pid);
    g_assert_cmpint(status, ==, 0);
}

/* A look at it tells already. */
static void
assert_looks_busy(const Reviewed *reviewed, gboolean is_busy)
{
    g_autoptr(RubTarget) target = rub_image_target_new(reviewed->path, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLayout) layout = rub_target_read_layout(target, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(layout->refusal != NULL, ==, is_busy);
    g_assert_cmpint(layout->refusal_code, ==, is_busy ? RUB_CODE_DEVICE_BUSY : 0);
}

static void
assert_locked_out(Fixture *fixture, struct flock lock, int command)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    Locker locker = start_locker(reviewed.path, lock, command);
    g_autofree char *words = g_strdup_printf("(process %d)", (int) locker.pid);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_BUSY, words);
    assert_looks_busy(&reviewed, TRUE);
    end_locker(locker);
    assert_looks_busy(&reviewed, FALSE);
    assert_opened(&reviewed);
}

static void
test_a_file_locked_by_another_is_code_14(Fixture *fixture, gconstpointer user_data)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_locked_out(fixture, lock, F_OFD_SETLK);
}

static void
test_a_file_locked_the_old_way_is_code_14(Fixture *fixture, gconstpointer user_data)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_locked_out(fixture, lock, F_SETLK);
}

/* QEMU takes shared locks on single bytes from 100 on (its file-posix.c). */
static void
test_a_file_with_locks_like_qemus_is_code_14(Fixture *fixture, gconstpointer user_data)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 1};
    assert_locked_out(fixture, lock, F_OFD_SETLK);
}

static void
test_a_running_qemu_is_noticed(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("qemu-io"))
        return;
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    GError *error = NULL;
    g_autoptr(GSubprocess) qemu =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                         "qemu-io", "-f", "raw", reviewed.path, NULL);
    g_assert_no_error(error);
    /* Its prompt comes once it has opened the image. */
    char prompt[4];
    g_assert_cmpint(g_input_stream_read(g_subprocess_get_stdout_pipe(qemu), prompt, sizeof prompt,
                                        NULL, &error),
                    >, 0);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_BUSY, "qemu-io (process ");
    g_assert_true(g_output_stream_close(g_subprocess_get_stdin_pipe(qemu), NULL, &error));
    g_assert_true(g_subprocess_wait(qemu, NULL, &error));
    assert_opened(&reviewed);
}

static void
test_two_builds_do_not_meet(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_autoptr(RubTarget) second = rub_image_target_new(reviewed.path, 0);
    g_autoptr(GError) error = NULL;
    assert_opened(&reviewed);
    g_assert_false(
        rub_target_open_for_writing(second, reviewed.layout, RUB_ACCESS_RAW, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_BUSY);
    g_clear_error(&error);
    assert_looks_busy(&reviewed, TRUE);
    /* What is being written cannot be checked. */
    g_assert_null(rub_target_open_for_reading(second, FALSE, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_BUSY);
    g_assert_true(rub_target_finish(reviewed.target, NULL));
    g_assert_null(rub_target_get_disk(reviewed.target));
    g_assert_true(rub_target_open_for_writing(second, reviewed.layout, RUB_ACCESS_RAW, NULL, NULL));
}

static void
test_a_file_behind_a_loop_drive_is_code_14(Fixture *fixture, gconstpointer user_data)
{
    if (geteuid() != 0 || access("/dev/loop-control", W_OK) != 0) {
        g_test_skip("only an administrator with loop drives can make one");
        return;
    }
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_autofree char *node =
        g_strchomp(run_tool(NULL, "losetup", "--find", "--show", reviewed.path, NULL));
    g_autofree char *words = g_strconcat("in use as the drive ", node + strlen("/dev/"), NULL);
    /* Detached while in use, the drive goes with the last descriptor, even if the test fails. */
    int node_fd = open(node, O_RDONLY | O_CLOEXEC);
    g_assert_no_errno(node_fd);
    run("losetup", "--detach", node);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_BUSY, words);
    close(node_fd);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/image-target-busy/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("lock", test_a_file_locked_by_another_is_code_14);
    ADD("posix-lock", test_a_file_locked_the_old_way_is_code_14);
    ADD("byte-lock", test_a_file_with_locks_like_qemus_is_code_14);
    ADD("qemu", test_a_running_qemu_is_noticed);
    ADD("build", test_two_builds_do_not_meet);
    ADD("loop", test_a_file_behind_a_loop_drive_is_code_14);
    return g_test_run();
}
