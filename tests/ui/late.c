/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preloaded poll() that has the main thread run by fits and starts, as on a computer that is busy
 * with something else, while the other threads go on: what a test takes for done without waiting
 * for it is not done yet. Which moments these are is by chance. */
#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*PollFunc)(struct pollfd *fds, nfds_t count, int timeout_ms);

static const long most_at_work_ms = 300, most_away_ms = 800;

static long
get_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
be_away(void)
{
    static long next_ms;
    if (get_now_ms() < next_ms)
        return;
    long away_ms = random() % most_away_ms;
    struct timespec away = {.tv_sec = 0, .tv_nsec = away_ms * 1000000};
    nanosleep(&away, NULL);
    next_ms = get_now_ms() + random() % most_at_work_ms;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    PollFunc poll_there = (PollFunc) dlsym(RTLD_NEXT, "poll");
    if (gettid() == getpid())
        be_away();
    return poll_there(fds, count, timeout_ms);
}

__attribute__((constructor)) static void
begin(void)
{
    srandom((unsigned) getpid());
}
