/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-tree.h"

#include <string.h>

#include "base/rub-error.h"

/* "." and ".." */
#define DOT_SLOTS 2
/* The volume's label. */
#define LABEL_SLOTS 1

static RubFatNode *
node_new(RubFatNode *parent, const char *name, gboolean is_folder)
{
    RubFatNode *self = g_new0(RubFatNode, 1);
    self->parent = parent;
    self->name = g_strdup(name);
    self->is_folder = is_folder;
    self->depth = parent ? parent->depth + 1 : 0;
    if (!is_folder)
        return self;
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->new_nodes = g_ptr_array_new();
    self->removed_nodes = g_ptr_array_new();
    self->aliases = rub_fat_aliases_new();
    return self;
}

static void
node_free(RubFatNode *self)
{
    g_free(self->name);
    g_clear_pointer(&self->runs, g_array_unref);
    g_clear_pointer(&self->names, g_hash_table_unref);
    g_clear_pointer(&self->new_nodes, g_ptr_array_unref);
    g_clear_pointer(&self->removed_nodes, g_ptr_array_unref);
    g_clear_pointer(&self->aliases, rub_fat_aliases_free);
    g_free(self);
}

RubFatTree *
rub_fat_tree_new(RubFatTreeLoad load, gpointer user_data)
{
    RubFatTree *self = g_new0(RubFatTree, 1);
    self->nodes = g_ptr_array_new_with_free_func((GDestroyNotify) node_free);
    self->new_nodes = g_ptr_array_new();
    self->removed_nodes = g_ptr_array_new();
    self->changed_folders = g_ptr_array_new();
    self->load = load;
    self->user_data = user_data;
    self->root = node_new(NULL, "", TRUE);
    self->root->is_loaded = load == NULL;
    self->root->slot_count = self->root->old_slot_count = LABEL_SLOTS;
    g_ptr_array_add(self->nodes, self->root);
    return self;
}

void
rub_fat_tree_free(RubFatTree *self)
{
    g_ptr_array_unref(self->nodes);
    g_ptr_array_unref(self->new_nodes);
    g_ptr_array_unref(self->removed_nodes);
    g_ptr_array_unref(self->changed_folders);
    g_free(self);
}

char *
rub_fat_node_get_path(const RubFatNode *self)
{
    if (!self->parent)
        return g_strdup("");
    GString *path = g_string_new(self->name);
    for (const RubFatNode *node = self->parent; node->parent; node = node->parent) {
        g_string_prepend_c(path, '/');
        g_string_prepend(path, node->name);
    }
    return g_string_free(path, FALSE);
}

static gboolean G_GNUC_PRINTF(2, 3) refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, message);
    return FALSE;
}

/* An existing entry can be met under its short name, too. On a damaged volume that may be the name
 * of another entry, which comes first. */
void
rub_fat_tree_add_existing(RubFatTree *self, RubFatNode *folder, const RubFatSlotIter *at,
                          const RubFatSlot *slot, const char *long_name)
{
    g_autofree char *short_name = rub_fat_name_from_short(slot->short_name, slot->case_bits);
    gboolean is_folder = (slot->attributes & RUB_FAT_ATTR_FOLDER) != 0;
    RubFatNode *node = node_new(folder, long_name ? long_name : short_name, is_folder);
    node->attributes = slot->attributes;
    node->mtime_unix = slot->mtime_unix;
    node->first_cluster = slot->first_cluster;
    node->size_bytes = slot->size_bytes;
    node->last_slot = at->next_slot - 1;
    node->entry_slots = at->entry_slots;
    folder->live_count++;
    g_ptr_array_add(self->nodes, node);
    rub_fat_aliases_reserve(folder->aliases, slot->short_name);
    g_autofree char *short_key = rub_fat_name_make_key(short_name);
    if (!g_hash_table_contains(folder->names, short_key))
        g_hash_table_insert(folder->names, g_steal_pointer(&short_key), node);
    if (long_name)
        g_hash_table_insert(folder->names, rub_fat_name_make_key(long_name), node);
}

static gboolean
load_folder(RubFatTree *self, RubFatNode *folder, GError **error)
{
    if (folder->is_loaded)
        return TRUE;
    if (!self->load(folder, self->user_data, error)) {
        g_autofree char *path = rub_fat_node_get_path(folder);
        rub_error_put_into(error, N_("the folder “{name}”: {text}"), *path ? path : "/");
        return FALSE;
    }
    folder->is_loaded = TRUE;
    return TRUE;
}

/* What has a name now, or had it until this round. */
static RubFatNode *
look_up(const RubFatNode *folder, const char *name)
{
    g_autofree char *key = rub_fat_name_make_key(name);
    RubFatNode *node = g_hash_table_lookup(folder->names, key);
    while (node && node->successor)
        node = node->successor;
    return node && !node->is_gone ? node : NULL;
}

/* Whether @name is only the short name that FAT has for an entry. What has that for its name is
 * something else; whoever looks it up finds this entry all the same, so both cannot be. */
static gboolean
is_alias_of(const char *name, const RubFatNode *node)
{
    g_autofree char *key = rub_fat_name_make_key(name);
    g_autofree char *own_key = rub_fat_name_make_key(node->name);
    return strcmp(key, own_key) != 0;
}

/* Finds the folder that @path goes into, and the last part of the path. */
static RubFatNode *
find_parent(RubFatTree *self, const char *path, const char **name, GError **error)
{
    RubFatNode *folder = self->root;
    const char *part = path;
    if (!load_folder(self, folder, error))
        return NULL;
    for (const char *slash = strchr(part, '/'); slash; slash = strchr(part, '/')) {
        g_autofree char *folder_name = g_strndup(part, (gsize) (slash - part));
        folder = look_up(folder, folder_name);
        if (!folder || !folder->is_folder || folder->is_removed ||
            is_alias_of(folder_name, folder)) {
            refuse(error, "“%s”: there is no folder “%.*s”", path, (int) (slash - path), path);
            return NULL;
        }
        if (!load_folder(self, folder, error))
            return NULL;
        part = slash + 1;
    }
    *name = part;
    return folder;
}

static gboolean
check_path(const char *path, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    if (g_strv_length(parts) > RUB_FAT_MAX_DEPTH)
        return refuse(error, "“%s” is nested too deeply", path);
    for (guint i = 0; parts[i]; i++) {
        RubFatNameFault fault = rub_fat_name_check(parts[i]);
        if (fault != RUB_FAT_NAME_OK) {
            g_autofree char *shown = g_utf8_make_valid(path, -1);
            g_autoptr(RubText) reason = rub_fat_name_describe_fault(fault);
            rub_error_take_text(error, RUB_CODE_NAME_NOT_REPRESENTABLE,
                                rub_text_new_named(shown, reason));
            return FALSE;
        }
    }
    return *parts ? TRUE : refuse(error, "a path is empty");
}

static gboolean
refuse_taken(const RubFatNode *other, const char *path, GError **error)
{
    g_autofree char *other_path = rub_fat_node_get_path(other);
    if (other->is_removed)
        return refuse(error, "“%s” is only being removed from the volume", other_path);
    if (!other->is_new)
        return refuse(error, "%s“%s” exists already on the volume, as “%s”",
                      other->is_folder ? "the folder " : "", path, other_path);
    if (strcmp(path, other_path) == 0)
        return refuse(error, "“%s” occurs twice", path);
    return refuse(error, "“%s” and “%s” are the same name on FAT", other_path, path);
}

static void
mark_changed(RubFatTree *self, RubFatNode *folder)
{
    if (folder->is_changed)
        return;
    folder->is_changed = TRUE;
    g_ptr_array_add(self->changed_folders, folder);
}

static gboolean
take_slots(RubFatNode *folder, guint slots, GError **error)
{
    if (folder->slot_count + slots > RUB_FAT_MAX_FOLDER_SLOTS) {
        g_autofree char *path = rub_fat_node_get_path(folder);
        return refuse(error, "the folder “%s” has more entries than FAT can hold",
                      *path ? path : "/");
    }
    folder->slot_count += slots;
    return TRUE;
}

static void
remove_node(RubFatTree *self, RubFatNode *node)
{
    node->is_removed = TRUE;
    node->parent->live_count--;
    g_ptr_array_add(self->removed_nodes, node);
    g_ptr_array_add(node->parent->removed_nodes, node);
    mark_changed(self, node->parent);
}

/* What a declared node has whatever it comes from. */
static RubFatNode *
new_node_new(RubFatNode *folder, const char *name, gboolean is_folder, gint64 mtime_unix,
             RubVolumeFlags flags)
{
    RubFatNode *self = node_new(folder, name, is_folder);
    self->is_new = TRUE;
    self->is_loaded = TRUE;
    self->stage = RUB_FAT_STAGE_MAIN;
    self->attributes = is_folder ? RUB_FAT_ATTR_FOLDER : RUB_FAT_ATTR_ARCHIVE;
    if (flags & RUB_VOLUME_HIDDEN)
        self->attributes |= RUB_FAT_ATTR_HIDDEN;
    self->mtime_unix = mtime_unix != 0 ? mtime_unix : g_get_real_time() / G_USEC_PER_SEC;
    self->slot_count = self->old_slot_count = is_folder ? DOT_SLOTS : 0;
    return self;
}

static void
add_new(RubFatTree *self, RubFatNode *node)
{
    g_ptr_array_add(self->nodes, node);
    g_ptr_array_add(self->new_nodes, node);
    g_ptr_array_add(node->parent->new_nodes, node);
    node->parent->live_count++;
    mark_changed(self, node->parent);
}

/* Adds a name that is not taken. Takes @node, and frees it where there is no room. */
static gboolean
append_new(RubFatTree *self, RubFatNode *node, GError **error)
{
    node->entry_slots = rub_fat_name_get_slot_count(node->name);
    if (!take_slots(node->parent, node->entry_slots, error)) {
        node_free(node);
        return FALSE;
    }
    add_new(self, node);
    g_hash_table_insert(node->parent->names, rub_fat_name_make_key(node->name), node);
    return TRUE;
}

/* An entry keeps its place, its names, and what it says about the file: read-only, hidden. */
static void
replace_by_new(RubFatTree *self, RubFatNode *node, RubFatNode *old)
{
    if (!old->is_removed)
        remove_node(self, old);
    old->successor = node;
    node->replaces = old;
    node->attributes |= old->attributes;
    node->last_slot = old->last_slot;
    node->entry_slots = old->entry_slots;
    g_free(node->name);
    node->name = g_strdup(old->name);
    add_new(self, node);
}

static gboolean
gives_way(const RubFatNode *self, const char *name, RubVolumeFlags flags)
{
    return !self->is_folder && !self->is_new && !is_alias_of(name, self) &&
           (self->is_removed || (flags & RUB_VOLUME_REPLACE) != 0);
}

gboolean
rub_fat_tree_add_folder(RubFatTree *self, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
                        GError **error)
{
    const char *name = NULL;
    if (!check_path(path, error))
        return FALSE;
    RubFatNode *parent = find_parent(self, path, &name, error);
    if (!parent)
        return FALSE;
    const RubFatNode *other = look_up(parent, name);
    if (!other)
        return append_new(self, new_node_new(parent, name, TRUE, mtime_unix, flags), error);
    if (other->is_folder && !other->is_removed && !is_alias_of(name, other) &&
        (!other->is_new || strcmp(other->name, name) == 0))
        return TRUE;
    return refuse_taken(other, path, error);
}

RubFatNode *
rub_fat_tree_add_file(RubFatTree *self, const char *path, guint64 size_bytes, gint64 mtime_unix,
                      RubVolumeFlags flags, GError **error)
{
    const char *name = NULL;
    if (!check_path(path, error))
        return NULL;
    if (size_bytes > G_MAXUINT32) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE,
                    "“%s” has %" G_GUINT64_FORMAT " bytes, FAT32 holds %u at most", path,
                    size_bytes, G_MAXUINT32);
        return NULL;
    }
    RubFatNode *parent = find_parent(self, path, &name, error);
    if (!parent)
        return NULL;
    RubFatNode *other = look_up(parent, name);
    if (other && !gives_way(other, name, flags)) {
        refuse_taken(other, path, error);
        return NULL;
    }
    RubFatNode *node = new_node_new(parent, name, FALSE, mtime_unix, flags);
    node->size_bytes = size_bytes;
    if (!other)
        return append_new(self, node, error) ? node : NULL;
    replace_by_new(self, node, other);
    return node;
}

/* Finds what is on the volume, and was not declared or removed in this round. */
static RubFatNode *
find_existing(RubFatTree *self, const char *path, GError **error)
{
    const char *name = NULL;
    RubFatNode *parent = find_parent(self, path, &name, error);
    if (!parent)
        return NULL;
    RubFatNode *node = look_up(parent, name);
    if (node && !node->is_removed && !is_alias_of(name, node))
        return node;
    refuse(error, "“%s” does not exist on the volume", path);
    return NULL;
}

/* Finds the file whose clusters can pass to another entry: of one that is replaced, the old one,
 * unless that is replaced by a moved one, which cannot take its place before it is gone. */
static RubFatNode *
find_source(RubFatTree *self, const char *path, GError **error)
{
    RubFatNode *node = find_existing(self, path, error);
    if (!node)
        return NULL;
    if (node->is_new && node->replaces && node->stage != RUB_FAT_STAGE_MOVED)
        node = node->replaces;
    if (!node->is_folder && !node->is_new && !node->is_given_away)
        return node;
    refuse(error, "“%s” cannot be moved: it is %s", path,
           node->is_folder ? "a folder" : "being moved or written already");
    return NULL;
}

static RubFatNode *
moved_node_new(RubFatNode *parent, const char *name, RubFatNode *source, RubVolumeFlags flags)
{
    RubFatNode *self = new_node_new(parent, name, FALSE, 0, flags);
    self->stage = RUB_FAT_STAGE_MOVED;
    self->source = source;
    self->attributes |= source->attributes;
    self->mtime_unix = source->mtime_unix;
    self->size_bytes = source->size_bytes;
    self->first_cluster = source->first_cluster;
    return self;
}

/* Gives the clusters of @source to another entry. */
static gboolean
pass_on(RubFatTree *self, RubFatNode *source, const char *to, RubVolumeFlags flags, GError **error)
{
    const char *name = NULL;
    RubFatNode *parent = check_path(to, error) ? find_parent(self, to, &name, error) : NULL;
    if (!parent)
        return FALSE;
    RubFatNode *other = look_up(parent, name);
    if (other && (other == source || other->is_given_away || !gives_way(other, name, flags)))
        return refuse_taken(other, to, error);
    RubFatNode *node = moved_node_new(parent, name, source, flags);
    guint8 attributes = node->attributes;
    if (other)
        replace_by_new(self, node, other);
    else if (!append_new(self, node, error))
        return FALSE;
    node->attributes = attributes;
    source->is_given_away = TRUE;
    return TRUE;
}

gboolean
rub_fat_tree_move(RubFatTree *self, const char *from, const char *to, RubVolumeFlags flags,
                  GError **error)
{
    RubFatNode *source = find_source(self, from, error);
    if (!source || !pass_on(self, source, to, flags, error))
        return FALSE;
    if (!source->is_removed)
        remove_node(self, source);
    return TRUE;
}

gboolean
rub_fat_tree_adopt(RubFatTree *self, const RubFatSlot *lost, const char *to, RubVolumeFlags flags,
                   GError **error)
{
    RubFatNode *source = node_new(self->root, to, FALSE);
    source->is_removed = TRUE;
    source->attributes = lost->attributes;
    source->first_cluster = lost->first_cluster;
    source->size_bytes = lost->size_bytes;
    source->mtime_unix = lost->mtime_unix;
    g_ptr_array_add(self->nodes, source);
    if (!pass_on(self, source, to, flags, error))
        return FALSE;
    g_ptr_array_add(self->removed_nodes, source);
    return TRUE;
}

gboolean
rub_fat_tree_remove(RubFatTree *self, const char *path, GError **error)
{
    RubFatNode *node = find_existing(self, path, error);
    if (!node)
        return FALSE;
    if (node->is_new)
        return refuse(error, "“%s” is only being written", path);
    if (node->is_folder && !load_folder(self, node, error))
        return FALSE;
    if (node->is_folder && node->live_count > 0)
        return refuse(error, "the folder “%s” is not empty", path);
    remove_node(self, node);
    return TRUE;
}

static void
settle_folder(RubFatNode *self)
{
    self->old_slot_count = self->slot_count;
    self->old_run_count = self->runs ? self->runs->len : 0;
    self->is_changed = FALSE;
    g_ptr_array_set_size(self->new_nodes, 0);
    g_ptr_array_set_size(self->removed_nodes, 0);
}

void
rub_fat_tree_settle(RubFatTree *self)
{
    for (guint i = 0; i < self->new_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->new_nodes, i);
        node->is_new = FALSE;
        node->replaces = NULL;
        node->source = NULL;
        if (node->is_folder)
            settle_folder(node);
        else
            g_clear_pointer(&node->runs, g_array_unref);
    }
    for (guint i = 0; i < self->removed_nodes->len; i++)
        ((RubFatNode *) g_ptr_array_index(self->removed_nodes, i))->is_gone = TRUE;
    for (guint i = 0; i < self->changed_folders->len; i++)
        settle_folder(g_ptr_array_index(self->changed_folders, i));
    g_ptr_array_set_size(self->new_nodes, 0);
    g_ptr_array_set_size(self->removed_nodes, 0);
    g_ptr_array_set_size(self->changed_folders, 0);
}
