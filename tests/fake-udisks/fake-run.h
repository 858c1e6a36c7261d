/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

gboolean fake_run(const char *const *arguments, const char *input, char **out_output,
                  GError **error);
gboolean fake_run_status(const char *const *arguments, int *out_status, char **out_output,
                         GError **error);
