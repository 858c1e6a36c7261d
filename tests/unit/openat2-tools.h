/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

/* The C library has no function for openat2(). This one stands in for its syscall(); what is called
 * with fewer arguments hands on what happens to be in the registers of the others. */

/* Returns the errno that the call shall fail with; 0 to go on. */
static int (*openat2_hook)(const struct open_how *how);

long syscall_with_hook(long number, long a, long b, long c, long d, long e,
                       long f) __asm__("syscall");

long
syscall_with_hook(long number, long a, long b, long c, long d, long e, long f)
{
    long (*real)(long, ...) = (long (*)(long, ...)) dlsym(RTLD_NEXT, "syscall");
    int errnum =
        number == SYS_openat2 && openat2_hook ? openat2_hook((const struct open_how *) c) : 0;
    if (errnum == 0)
        return real(number, a, b, c, d, e, f);
    errno = errnum;
    return -1;
}
