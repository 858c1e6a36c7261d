/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-question.h"

#include <glib-unix.h>
#include <unistd.h>

#include "rub-cli-words.h"
#include "rub-intl.h"

#define MAX_ANSWER_BYTES 256

typedef struct {
    GString *answer;
    gboolean is_complete;
} Answer;

static gboolean
on_input_cb(int fd, GIOCondition condition, gpointer user_data)
{
    Answer *answer = user_data;
    char byte;
    gssize count = read(fd, &byte, 1);
    answer->is_complete = count <= 0 || byte == '\n' || answer->answer->len == MAX_ANSWER_BYTES;
    if (answer->is_complete)
        return G_SOURCE_REMOVE;
    g_string_append_c(answer->answer, byte);
    return G_SOURCE_CONTINUE;
}

/* An answer that ends with the input instead of a line is none. */
static char *
read_answer(GCancellable *cancellable)
{
    Answer answer = {g_string_new(NULL), FALSE};
    guint source = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input_cb, &answer);
    while (!answer.is_complete && !g_cancellable_is_cancelled(cancellable))
        g_main_context_iteration(NULL, TRUE);
    if (!answer.is_complete)
        g_source_remove(source);
    return g_string_free(answer.answer, FALSE);
}

static gboolean
is_yes(const char *answer)
{
    g_autofree char *valid = g_utf8_make_valid(answer, -1);
    g_autofree char *word = g_utf8_strdown(g_strstrip(valid), -1);
    /* Translators: the answers, in lower case, that mean yes; the English ones count as well. */
    return g_str_equal(word, _("y")) || g_str_equal(word, _("yes")) || g_str_equal(word, "y") ||
           g_str_equal(word, "yes");
}

gboolean
rub_cli_question_ask(FILE *stream, const char *text, const char *prompt, GCancellable *cancellable)
{
    g_autofree char *shown = rub_cli_make_printable(text);
    fprintf(stream, "\n%s\n%s %s ", shown, prompt, _("[y/N]"));
    fflush(stream);
    g_autofree char *answer = read_answer(cancellable);
    if (is_yes(answer))
        return TRUE;
    fputc('\n', stream);
    fflush(stream);
    return FALSE;
}
