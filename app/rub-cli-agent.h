/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubCliAgent:
 *
 * Asks for passwords on the terminal as long as it lives, for those who have no desktop that does:
 * over SSH, on a console.
 */
typedef struct _RubCliAgent RubCliAgent;

/**
 * rub_cli_agent_new:
 *
 * Starts polkit's own agent for this process and waits until it is ready. It leaves the questions
 * to the desktop where there is one.
 *
 * Returns: (transfer full) (nullable): an agent; %NULL where standard input is no terminal or there
 *   is no such program
 */
RubCliAgent *rub_cli_agent_new(void);

/** rub_cli_agent_free: ends it */
void rub_cli_agent_free(RubCliAgent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliAgent, rub_cli_agent_free)

G_END_DECLS
