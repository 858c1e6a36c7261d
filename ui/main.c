/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>

#include "base/rub-user-folders.h"
#include "rub-application.h"
#include "rub-intl.h"

int
main(int argc, char **argv)
{
    /* A limit on the size of files must not end a build halfway: writing says so by itself. */
    signal(SIGXFSZ, SIG_IGN);
    rub_user_folders_ignore_relative();
    rub_intl_init();
    rub_intl_use_marks();
    g_autoptr(RubApplication) application = rub_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
