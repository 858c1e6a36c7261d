/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/** _: marks a text that a user reads and puts it into the user's language; for now that is English
 */
#define _(String) (String)
