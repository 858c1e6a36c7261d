/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-wizard-private.h"

G_DEFINE_ENUM_TYPE(RubTreatment, rub_treatment, G_DEFINE_ENUM_VALUE(RUB_TREATMENT_KEEP, "keep"),
                   G_DEFINE_ENUM_VALUE(RUB_TREATMENT_ERASE, "erase"))

G_DEFINE_ENUM_TYPE(RubFilesystemChoice, rub_filesystem_choice,
                   G_DEFINE_ENUM_VALUE(RUB_CHOICE_AUTO, "auto"),
                   G_DEFINE_ENUM_VALUE(RUB_CHOICE_FAT32, "fat32"),
                   G_DEFINE_ENUM_VALUE(RUB_CHOICE_NTFS, "ntfs"))

G_DEFINE_ENUM_TYPE(RubMethod, rub_method, G_DEFINE_ENUM_VALUE(RUB_METHOD_AUTO, "auto"),
                   G_DEFINE_ENUM_VALUE(RUB_METHOD_FILES, "files"),
                   G_DEFINE_ENUM_VALUE(RUB_METHOD_RAW, "raw"))

void
rub_wizard_init_choices(RubWizard *self)
{
    self->treatment = RUB_TREATMENT_KEEP;
    self->is_multiboot = TRUE;
    self->filesystem = RUB_CHOICE_AUTO;
    self->method = RUB_METHOD_AUTO;
    self->verifies = TRUE;
    self->label = g_strdup("");
}

void
rub_wizard_make_choices(GParamSpec **properties)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    properties[RUB_WIZARD_PROP_TREATMENT] =
        g_param_spec_enum("treatment", NULL, NULL, RUB_TYPE_TREATMENT, RUB_TREATMENT_KEEP, flags);
    properties[RUB_WIZARD_PROP_MULTIBOOT] =
        g_param_spec_boolean("multiboot", NULL, NULL, TRUE, flags);
    properties[RUB_WIZARD_PROP_FILESYSTEM] = g_param_spec_enum(
        "filesystem", NULL, NULL, RUB_TYPE_FILESYSTEM_CHOICE, RUB_CHOICE_AUTO, flags);
    properties[RUB_WIZARD_PROP_METHOD] =
        g_param_spec_enum("method", NULL, NULL, RUB_TYPE_METHOD, RUB_METHOD_AUTO, flags);
    properties[RUB_WIZARD_PROP_LABEL] = g_param_spec_string("label", NULL, NULL, "", flags);
    properties[RUB_WIZARD_PROP_VERIFIES] =
        g_param_spec_boolean("verifies", NULL, NULL, TRUE, flags);
}

void
rub_wizard_get_choice(RubWizard *self, RubWizardProp property, GValue *value)
{
    switch (property) {
    case RUB_WIZARD_PROP_TREATMENT:
        g_value_set_enum(value, self->treatment);
        break;
    case RUB_WIZARD_PROP_MULTIBOOT:
        g_value_set_boolean(value, self->is_multiboot);
        break;
    case RUB_WIZARD_PROP_FILESYSTEM:
        g_value_set_enum(value, (int) self->filesystem);
        break;
    case RUB_WIZARD_PROP_METHOD:
        g_value_set_enum(value, (int) self->method);
        break;
    case RUB_WIZARD_PROP_LABEL:
        g_value_set_string(value, self->label);
        break;
    case RUB_WIZARD_PROP_VERIFIES:
        g_value_set_boolean(value, self->verifies);
        break;
    default:
        g_assert_not_reached();
    }
}

void
rub_wizard_set_choice(RubWizard *self, RubWizardProp property, const GValue *value)
{
    switch (property) {
    case RUB_WIZARD_PROP_TREATMENT:
        self->treatment = (RubTreatment) g_value_get_enum(value);
        break;
    case RUB_WIZARD_PROP_MULTIBOOT:
        self->is_multiboot = g_value_get_boolean(value);
        break;
    case RUB_WIZARD_PROP_FILESYSTEM:
        self->filesystem = (RubFilesystemChoice) g_value_get_enum(value);
        break;
    case RUB_WIZARD_PROP_METHOD:
        self->method = (RubMethod) g_value_get_enum(value);
        break;
    case RUB_WIZARD_PROP_LABEL:
        g_free(self->label);
        self->label = g_strstrip(g_strdup(g_value_get_string(value)));
        break;
    case RUB_WIZARD_PROP_VERIFIES:
        self->verifies = g_value_get_boolean(value);
        break;
    default:
        g_assert_not_reached();
    }
}

/* Windows is started from its files only. */
gboolean
rub_wizard_has_methods(RubWizard *self)
{
    const RubImageInfo *info = self->inspection ? self->inspection->info : NULL;
    return info && info->kind != RUB_IMAGE_WINDOWS_PE && info->kind != RUB_IMAGE_WINDOWS_SETUP &&
           (info->raw_starts_bios || info->raw_uefi_machines != RUB_MACHINE_NONE);
}
