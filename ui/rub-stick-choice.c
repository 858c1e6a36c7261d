/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stick-choice.h"

#include "target/rub-image-target.h"

#define DEFAULT_NEW_SIZE_BYTES (G_GUINT64_CONSTANT(8) * 1000 * 1000 * 1000)

struct _RubStickChoice {
    GObject parent_instance;
    char *chosen;
    char *path;
    guint64 new_size_bytes;
};

enum {
    PROP_CHOSEN = 1,
    PROP_PATH,
    PROP_NEW_SIZE_BYTES,
    PROP_IS_COMPLETE,
    N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE(RubStickChoice, rub_stick_choice, G_TYPE_OBJECT)

RubStickChoice *
rub_stick_choice_new(void)
{
    return g_object_new(RUB_TYPE_STICK_CHOICE, NULL);
}

const char *
rub_stick_choice_get_chosen(RubStickChoice *self)
{
    return self->chosen;
}

static void
choose(RubStickChoice *self, const char *chosen)
{
    g_free(self->chosen);
    self->chosen = g_strdup(chosen);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CHOSEN]);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_IS_COMPLETE]);
}

void
rub_stick_choice_choose_file(RubStickChoice *self, const char *path)
{
    g_free(self->path);
    self->path = g_strdup(path);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PATH]);
    choose(self, RUB_STICK_CHOICE_FILE);
}

void
rub_stick_choice_clear(RubStickChoice *self)
{
    choose(self, "");
}

const char *
rub_stick_choice_get_path(RubStickChoice *self)
{
    return self->path;
}

guint64
rub_stick_choice_get_new_size_bytes(RubStickChoice *self)
{
    gboolean is_new = self->path && !g_file_test(self->path, G_FILE_TEST_EXISTS);
    return is_new ? self->new_size_bytes : 0;
}

gboolean
rub_stick_choice_is_complete(RubStickChoice *self)
{
    return g_str_equal(self->chosen, RUB_STICK_CHOICE_FILE) && self->path;
}

RubTarget *
rub_stick_choice_make_target(RubStickChoice *self)
{
    return rub_image_target_new(self->path, rub_stick_choice_get_new_size_bytes(self));
}

static void
rub_stick_choice_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    switch (id) {
    case PROP_CHOSEN:
        g_value_set_string(value, self->chosen);
        break;
    case PROP_PATH:
        g_value_set_string(value, self->path);
        break;
    case PROP_NEW_SIZE_BYTES:
        g_value_set_uint64(value, self->new_size_bytes);
        break;
    case PROP_IS_COMPLETE:
        g_value_set_boolean(value, rub_stick_choice_is_complete(self));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
rub_stick_choice_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    switch (id) {
    case PROP_CHOSEN:
        choose(self, g_value_get_string(value));
        break;
    case PROP_NEW_SIZE_BYTES:
        self->new_size_bytes = g_value_get_uint64(value);
        g_object_notify_by_pspec(object, pspec);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
rub_stick_choice_finalize(GObject *object)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    g_free(self->chosen);
    g_free(self->path);
    G_OBJECT_CLASS(rub_stick_choice_parent_class)->finalize(object);
}

static void
rub_stick_choice_class_init(RubStickChoiceClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags fact = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = rub_stick_choice_get_property;
    object_class->set_property = rub_stick_choice_set_property;
    object_class->finalize = rub_stick_choice_finalize;
    properties[PROP_CHOSEN] =
        g_param_spec_string("chosen", NULL, NULL, "", fact | G_PARAM_WRITABLE);
    properties[PROP_PATH] = g_param_spec_string("path", NULL, NULL, NULL, fact);
    properties[PROP_NEW_SIZE_BYTES] =
        g_param_spec_uint64("new-size-bytes", NULL, NULL, 0, G_MAXUINT64, DEFAULT_NEW_SIZE_BYTES,
                            fact | G_PARAM_WRITABLE);
    properties[PROP_IS_COMPLETE] = g_param_spec_boolean("is-complete", NULL, NULL, FALSE, fact);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void
rub_stick_choice_init(RubStickChoice *self)
{
    self->chosen = g_strdup("");
    self->new_size_bytes = DEFAULT_NEW_SIZE_BYTES;
}
