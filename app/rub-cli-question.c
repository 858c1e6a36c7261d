/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-question.h"

#include <glib-unix.h>
#include <unistd.h>

#include "rub-cli-intl.h"
#include "rub-cli-words.h"

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

static char *
join_lost(const RubPlan *plan)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->lost->len; i++)
        g_ptr_array_add(parts, rub_text_format(g_ptr_array_index(plan->lost, i), NULL));
    g_ptr_array_add(parts, NULL);
    return g_strjoinv("; ", (char **) parts->pdata);
}

static char *
word_question(const RubCliPreview *preview)
{
    const RubLayout *layout = preview->layout;
    g_autofree char *size = g_format_size(layout->size_bytes);
    g_autofree char *lost = join_lost(preview->plan);
    if (layout->is_new)
        return g_strdup_printf(_("%s (%s) will be made; nothing is erased."), layout->name, size);
    if (!*lost)
        return g_strdup_printf(_("Everything on %s (%s) will be erased; nothing was found on it."),
                               layout->name, size);
    return g_strdup_printf(_("Everything on %s (%s) will be erased: %s."), layout->name, size,
                           lost);
}

static gboolean
is_yes(const char *answer)
{
    g_autofree char *word = g_ascii_strdown(answer, -1);
    g_strstrip(word);
    return g_str_equal(word, "y") || g_str_equal(word, "yes");
}

gboolean
rub_cli_question_ask(FILE *stream, const RubCliPreview *preview, GCancellable *cancellable)
{
    g_autofree char *question = word_question(preview);
    g_autofree char *shown = rub_cli_make_printable(question);
    fprintf(stream, _("\n%s\nBuild? [y/N] "), shown);
    fflush(stream);
    g_autofree char *answer = read_answer(cancellable);
    if (is_yes(answer))
        return TRUE;
    fputc('\n', stream);
    fflush(stream);
    return FALSE;
}
