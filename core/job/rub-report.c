/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-report.h"

RubReport *
rub_report_new(void)
{
    RubReport *self = g_new0(RubReport, 1);
    self->steps = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void
rub_report_free(RubReport *self)
{
    g_clear_pointer(&self->failure, rub_finding_free);
    g_clear_pointer(&self->left_behind, rub_text_unref);
    g_ptr_array_unref(self->steps);
    g_free(self);
}
