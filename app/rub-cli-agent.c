/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-agent.h"

#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the agent may take to register itself. */
#define READY_TIMEOUT_MS 10000

#define NOTIFY_FD 3

struct _RubCliAgent {
    GPid pid;
};

/* It ends with this program, however that ends. */
static void
set_up_child(gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static gboolean
start(GPid *pid, int notify_fd)
{
    const int target_fd = NOTIFY_FD;
    g_autofree char *process = g_strdup_printf("%d", (int) getpid());
    g_autofree char *notify = g_strdup_printf("%d", NOTIFY_FD);
    const char *const argv[] = {
        "pkttyagent", "--process", process, "--fallback", "--notify-fd", notify, NULL,
    };
    return g_spawn_async_with_pipes_and_fds(
        NULL, argv, NULL,
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN |
            G_SPAWN_STDERR_TO_DEV_NULL,
        set_up_child, NULL, -1, -1, -1, &notify_fd, &target_fd, 1, pid, NULL, NULL, NULL, NULL);
}

RubCliAgent *
rub_cli_agent_new(void)
{
    int fds[2];
    GPid pid = 0;
    if (!isatty(STDIN_FILENO) || !g_unix_open_pipe(fds, FD_CLOEXEC, NULL))
        return NULL;
    gboolean is_started = start(&pid, fds[1]);
    close(fds[1]);
    /* The agent closes its end once it is registered; so does its end. */
    struct pollfd ready = {.fd = fds[0], .events = POLLIN};
    if (is_started)
        poll(&ready, 1, READY_TIMEOUT_MS);
    close(fds[0]);
    if (!is_started)
        return NULL;
    RubCliAgent *self = g_new0(RubCliAgent, 1);
    self->pid = pid;
    return self;
}

void
rub_cli_agent_free(RubCliAgent *self)
{
    kill(self->pid, SIGTERM);
    waitpid(self->pid, NULL, 0);
    g_spawn_close_pid(self->pid);
    g_free(self);
}
