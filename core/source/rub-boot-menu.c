/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-boot-menu.h"

#include <string.h>

/* Which some editors put before UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* How often a line with a label in it is looked at, to find out what it is about: by find_word(),
 * and once by follow_quotes() and by is_assigned(). */
#define LOOKS_AT_A_LINE 7

/* The escapes of a space that menus have: udev's encoding of names in /dev/disk/by-label, the same
 * for GRUB, which takes one backslash for itself where there are no quotes, that of fstab(5), and
 * GRUB's own. */
static const struct {
    const char *text;
    RubMenuSpace space;
} escapes[] = {
    {"\\x20", RUB_MENU_SPACE_HEX},
    {"\\\\x20", RUB_MENU_SPACE_HEX_TWICE},
    {"\\040", RUB_MENU_SPACE_OCTAL},
    {"\\ ", RUB_MENU_SPACE_BACKSLASH},
};

/* One line of a menu, and what it is about. */
typedef struct {
    const char *start;
    const char *end;
    gboolean is_known;    /* whether the rest has been found out */
    const char *search;   /* (nullable): the words behind this one may be labels */
    gboolean is_literal;  /* whether parameters go to the kernel as they are */
    const char *unquoted; /* up to here quotes were followed */
    char quote;           /* the one that is open there, or 0 */
} Line;

void
rub_boot_menu_free(RubBootMenu *self)
{
    rub_entry_free(self->entry);
    g_free(self->label);
    g_array_unref(self->uses);
    g_free(self);
}

gboolean
rub_boot_menu_is_one(const RubEntry *entry)
{
    static const char *const places[] = {"boot/", "grub", "linux", "limine", "loader/", "efi/"};
    g_autofree char *path = g_ascii_strdown(entry->path, -1);
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes == 0 ||
        !(g_str_has_suffix(path, ".cfg") || g_str_has_suffix(path, ".conf")))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        if (strstr(path, places[i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_one_of(char c, const char *chars)
{
    return c != '\0' && strchr(chars, c) != NULL;
}

static gboolean
is_quote(char c)
{
    return is_one_of(c, "'\"");
}

/* Blanks, and within programs what surrounds a text. */
static gboolean
is_blank(char c)
{
    return g_ascii_isspace(c) || g_ascii_iscntrl(c);
}

/* Whether a label ends before @at. */
static gboolean
ends_word(const Line *line, const char *at)
{
    return at == line->end || is_blank(*at) || is_one_of(*at, "'\":,;)|&");
}

static gboolean
begins_word(const Line *line, const char *at)
{
    return at == line->start || is_blank(at[-1]) || is_one_of(at[-1], ";&|({'\"");
}

static gboolean
is_before(const Line *line, const char *at, const char *text)
{
    gsize length = strlen(text);
    return (gsize) (at - line->start) >= length &&
           g_ascii_strncasecmp(at - length, text, length) == 0;
}

static gboolean
is_at(const Line *line, const char *at, const char *text)
{
    gsize length = strlen(text);
    return (gsize) (line->end - at) >= length && memcmp(at, text, length) == 0;
}

static const char *
find_word(const Line *line, const char *word)
{
    for (const char *at = line->start; at < line->end; at++) {
        const char *after = at + strlen(word);
        if (is_at(line, at, word) && begins_word(line, at) &&
            (after == line->end || g_ascii_isspace(*after)))
            return at;
    }
    return NULL;
}

static gboolean
begins_with(const Line *line, const char *keyword)
{
    gsize length = strlen(keyword);
    return (gsize) (line->end - line->start) > length &&
           is_before(line, line->start + length, keyword) && !g_ascii_isalnum(line->start[length]);
}

/* GRUB's "search --label NAME" in all its spellings (GRUB manual, "search"), and the line of a
 * rEFInd stanza that says on which volume its files are. */
static const char *
find_search(const Line *line)
{
    if (begins_with(line, "volume"))
        return line->start;
    gboolean is_by_label =
        find_word(line, "--label") || find_word(line, "-l") || find_word(line, "--fs-label");
    return is_by_label ? find_word(line, "search") : find_word(line, "search.fs_label");
}

/* Syslinux, systemd-boot, rEFInd and Limine hand on parameters as they are. */
static gboolean
has_literal_parameters(const Line *line)
{
    static const char *const keywords[] = {"append", "kernel", "options", "cmdline"};
    for (guint i = 0; i < G_N_ELEMENTS(keywords); i++) {
        if (begins_with(line, keywords[i]))
            return TRUE;
    }
    return FALSE;
}

/* Which quote is open at @at, which must not be before that of the last call; 0 if none. A
 * backslash takes the meaning of the next character away but within single quotes (GRUB manual,
 * "Quoting"). */
static char
follow_quotes(Line *line, const char *at)
{
    for (; line->unquoted < at; line->unquoted++) {
        char c = *line->unquoted;
        if (c == '\\' && line->quote != '\'')
            line->unquoted++;
        else if (line->quote ? c == line->quote : is_quote(c))
            line->quote = line->quote ? '\0' : c;
    }
    return line->quote;
}

/* Whether "name=", which ends before @word, sets a variable of GRUB. */
static gboolean
is_assigned(const Line *line, const char *word)
{
    if (word[-1] != '=')
        return FALSE;
    const char *name = word - 1;
    while (name > line->start && (g_ascii_isalnum(name[-1]) || name[-1] == '_'))
        name--;
    const char *before = name;
    while (before > line->start && g_ascii_isspace(before[-1]))
        before--;
    return before == line->start || is_one_of(before[-1], ";{&|") ||
           (before < name && is_before(line, before, "set") && begins_word(line, before - 3));
}

/* Parameters: CDLABEL=NAME of dracut, archisolabel=NAME, root=LABEL=NAME, hd:LABEL=NAME of
 * Anaconda; and paths of devices. */
static gboolean
follows_parameter(const Line *line, const char *at)
{
    return is_before(line, at, "label=") || is_before(line, at, "/by-label/");
}

/* How long a space is that begins at @at, in whatever spelling; 0 if there is none. */
static gsize
match_space(const Line *line, const char *at, RubMenuSpace *space)
{
    if (at < line->end && *at == ' ') {
        *space = RUB_MENU_SPACE_PLAIN;
        return 1;
    }
    for (guint i = 0; i < G_N_ELEMENTS(escapes); i++) {
        if (!is_at(line, at, escapes[i].text))
            continue;
        *space = escapes[i].space;
        return strlen(escapes[i].text);
    }
    return 0;
}

/* How long the label is that begins at @at; 0 if it is not there. Tells the spelling of its first
 * space, if it has one. */
static gsize
match_label(const Line *line, const char *at, const char *label, RubMenuSpace *space)
{
    const char *next = at;
    gboolean has_space = FALSE;
    for (; *label; label++) {
        RubMenuSpace spelling = RUB_MENU_SPACE_PLAIN;
        gsize length = *label == ' ' ? match_space(line, next, &spelling) : 1;
        if (length == 0 || next == line->end || (*label != ' ' && *next != *label))
            return 0;
        if (*label == ' ' && !has_space)
            *space = spelling;
        has_space = has_space || *label == ' ';
        next += length;
    }
    gboolean is_quoted = at > line->start && is_quote(at[-1]);
    gboolean is_whole = is_quoted ? next < line->end && *next == at[-1] : ends_word(line, next);
    return is_whole ? (gsize) (next - at) : 0;
}

/* How a space is written in a parameter that has none yet. What a variable is used for is not
 * known; within quotes a backslash before an x is one. */
static RubMenuSpace
choose_space(Line *line, const char *at, const char *word)
{
    if (line->is_literal)
        return RUB_MENU_SPACE_HEX;
    if (is_assigned(line, word))
        return RUB_MENU_SPACE_NONE;
    return follow_quotes(line, at) ? RUB_MENU_SPACE_HEX : RUB_MENU_SPACE_HEX_TWICE;
}

/* Whether a label at this place is what is looked for; then also how spaces are written there. */
static gboolean
is_looked_for(Line *line, const char *at, RubMenuSpace *space)
{
    gboolean is_quoted = at > line->start && is_quote(at[-1]);
    const char *word = is_quoted ? at - 1 : at;
    /* The resource of a path in Limine's menus (CONFIG.md, "Paths"). */
    if (is_before(line, at, "fslabel(")) {
        *space = RUB_MENU_SPACE_PLAIN;
        return TRUE;
    }
    if (follows_parameter(line, word)) {
        *space = choose_space(line, at, word);
        return TRUE;
    }
    if (!line->search || word <= line->search || !g_ascii_isspace(word[-1]))
        return FALSE;
    /* A command within quotes has quotes of its own, however they are written. */
    if (is_quoted)
        *space = RUB_MENU_SPACE_PLAIN;
    else
        *space = follow_quotes(line, at) ? RUB_MENU_SPACE_NONE : RUB_MENU_SPACE_QUOTED;
    return TRUE;
}

/* Whether so many bytes may be looked at, once. */
static gboolean
spend(RubMenuBudget *budget, gsize size_bytes)
{
    budget->work_bytes -= MIN(budget->work_bytes, size_bytes);
    return budget->work_bytes > 0;
}

/* What a line is about, which matters only where it has a label. */
static gboolean
learn(Line *line, RubMenuBudget *budget)
{
    if (line->is_known)
        return TRUE;
    if (!spend(budget, LOOKS_AT_A_LINE * (gsize) (line->end - line->start)))
        return FALSE;
    line->search = find_search(line);
    line->is_literal = has_literal_parameters(line);
    line->unquoted = line->start;
    line->is_known = TRUE;
    return TRUE;
}

/* The next place from @at on where the label may begin: what is before its first space. */
static const char *
find_candidate(const Line *line, const char *at, const char *label, RubMenuBudget *budget)
{
    gsize plain_bytes = strcspn(label, " ");
    gsize left_bytes = (gsize) (line->end - at);
    const char *found = left_bytes > 0 ? memmem(at, left_bytes, label, plain_bytes) : NULL;
    gsize looked_at_bytes = found ? (gsize) (found - at) + strlen(label) : left_bytes;
    return spend(budget, looked_at_bytes) ? found : NULL;
}

static void
search_line(Line *line, const char *text, const char *label, RubMenuBudget *budget, GArray *uses)
{
    const char *at = find_candidate(line, line->start, label, budget);
    while (at && budget->use_count > 0 && learn(line, budget)) {
        RubMenuSpace space;
        gsize size = is_looked_for(line, at, &space) ? match_label(line, at, label, &space) : 0;
        if (size > 0) {
            RubLabelUse use = {(guint64) (at - text), size, space};
            g_array_append_val(uses, use);
            budget->use_count--;
        }
        at = find_candidate(line, at + MAX(size, 1), label, budget);
    }
}

/* The end of a line, which GRUB continues after a backslash. */
static const char *
find_line_end(const char *start, const char *end)
{
    const char *newline = memchr(start, '\n', (gsize) (end - start));
    for (; newline && *start != '#';
         newline = memchr(newline + 1, '\n', (gsize) (end - newline - 1))) {
        const char *last = newline;
        while (last > start && last[-1] == '\r')
            last--;
        if (last == start || last[-1] != '\\')
            break;
    }
    return newline ? newline : end;
}

GArray *
rub_boot_menu_find_label(const char *text, gsize size_bytes, const char *label,
                         RubMenuBudget *budget)
{
    GArray *uses = g_array_new(FALSE, FALSE, sizeof(RubLabelUse));
    const char *end = text + size_bytes;
    const char *start = text;
    if (size_bytes >= strlen(BYTE_ORDER_MARK) &&
        memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        start += strlen(BYTE_ORDER_MARK);
    while (start < end && !rub_menu_budget_is_used_up(budget)) {
        const char *before = start;
        while (start < end && g_ascii_isspace(*start))
            start++;
        Line line = {start, start < end ? find_line_end(start, end) : end};
        spend(budget, (gsize) (line.end - before));
        if (start < end && *start != '#')
            search_line(&line, text, label, budget, uses);
        start = line.end;
    }
    return uses;
}

/* Whether a UUID that begins at @at is one that is looked for. */
static gboolean
is_uuid_looked_for(const Line *line, const char *at, gsize length)
{
    const char *first = line->start;
    while (first < at && g_ascii_isspace(*first))
        first++;
    gboolean begins =
        begins_word(line, at) || is_one_of(at[-1], "=") || is_before(line, at, "/by-uuid/");
    return *first != '#' && begins && ends_word(line, at + length);
}

gboolean
rub_boot_menu_has_uuid(const char *text, gsize size_bytes, const char *uuid, RubMenuBudget *budget)
{
    const char *end = text + size_bytes;
    gsize length = strlen(uuid);
    const char *at = spend(budget, size_bytes) ? memmem(text, size_bytes, uuid, length) : NULL;
    while (at) {
        const char *newline = memrchr(text, '\n', (gsize) (at - text));
        Line line = {newline ? newline + 1 : text, end};
        if (!spend(budget, (gsize) (at - line.start) + length))
            return FALSE;
        if (is_uuid_looked_for(&line, at, length))
            return TRUE;
        at = memmem(at + length, (gsize) (end - at) - length, uuid, length);
    }
    return FALSE;
}

gboolean
rub_menu_budget_is_used_up(const RubMenuBudget *self)
{
    return self->work_bytes == 0 || self->use_count == 0;
}

gboolean
rub_boot_menu_can_name(const char *label)
{
    gsize length = strlen(label);
    if (length == 0 || label[0] == ' ' || label[length - 1] == ' ')
        return FALSE;
    for (const char *c = label; *c; c++) {
        if (!g_ascii_isalnum(*c) && !is_one_of(*c, "-_ "))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_boot_menu_can_look_for(const RubBootMenu *self, const char *label)
{
    if (self->state != RUB_BOOT_MENU_PLAIN || !rub_boot_menu_can_name(label))
        return FALSE;
    for (guint i = 0; i < self->uses->len && strchr(label, ' '); i++) {
        if (g_array_index(self->uses, RubLabelUse, i).space == RUB_MENU_SPACE_NONE)
            return FALSE;
    }
    return TRUE;
}

/* A label as the menu has to write it. */
static char *
spell(const char *label, RubMenuSpace space)
{
    if (!strchr(label, ' ') || space == RUB_MENU_SPACE_PLAIN)
        return g_strdup(label);
    if (space == RUB_MENU_SPACE_QUOTED)
        return g_strdup_printf("\"%s\"", label);
    g_auto(GStrv) words = g_strsplit(label, " ", -1);
    for (guint i = 0; i < G_N_ELEMENTS(escapes); i++) {
        if (escapes[i].space == space)
            return g_strjoinv(escapes[i].text, words);
    }
    g_return_val_if_reached(NULL);
}

RubEntry *
rub_boot_menu_relabel(const RubBootMenu *self, const char *label)
{
    RubEntry *entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup(self->entry->path));
    guint64 done_bytes = 0;
    entry->mtime_unix = self->entry->mtime_unix;
    for (guint i = 0; i < self->uses->len; i++) {
        const RubLabelUse *use = &g_array_index(self->uses, RubLabelUse, i);
        g_autofree char *spelled = spell(label, use->space);
        rub_entry_add_range(entry, self->entry, done_bytes, use->offset_bytes - done_bytes);
        rub_entry_add_memory(entry, spelled, strlen(spelled));
        done_bytes = use->offset_bytes + use->size_bytes;
    }
    rub_entry_add_range(entry, self->entry, done_bytes, self->entry->size_bytes - done_bytes);
    for (guint i = 0; i < entry->extents->len; i++)
        entry->size_bytes += g_array_index(entry->extents, RubExtent, i).size_bytes;
    return entry;
}
