/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-preview.h"

G_BEGIN_DECLS

/**
 * rub_cli_text_print_facts:
 * @preview: what is known before a build
 *
 * Prints it for people on standard output, a fact a line with its name before it.
 */
void rub_cli_text_print_facts(const RubCliPreview *preview);

G_END_DECLS
