/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RubQuestion:
 *
 * Asks, within a page, whether something shall really be done that cannot be taken back. The answer
 * is the action win.answer; no is the default.
 */
#define RUB_TYPE_QUESTION (rub_question_get_type())
G_DECLARE_FINAL_TYPE(RubQuestion, rub_question, RUB, QUESTION, AdwBin)

/**
 * rub_question_set:
 * @self: a question
 * @title: what is asked; no markup
 * @text: what it would mean; no markup
 * @no: the button to leave it, with a mnemonic
 * @yes: the button to do it, with a mnemonic
 */
void rub_question_set(RubQuestion *self, const char *title, const char *text, const char *no,
                      const char *yes);

/** rub_question_focus: moves the focus to the button to leave it */
void rub_question_focus(RubQuestion *self);

G_END_DECLS
