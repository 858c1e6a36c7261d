/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-layout.h"

#include "rub-cli-thread.h"

typedef struct {
    RubTarget *target;
    RubLayout *layout;
    GError *error;
} Reading;

static void
read_in_thread(gpointer data, GCancellable *cancellable)
{
    Reading *self = data;
    self->layout = rub_target_read_layout(self->target, cancellable, &self->error);
}

RubLayout *
rub_cli_layout_read(RubTarget *target, GCancellable *cancellable, GError **error)
{
    Reading self = {target, NULL, NULL};
    rub_cli_thread_run(read_in_thread, &self, cancellable);
    if (self.error)
        g_propagate_error(error, self.error);
    return self.layout;
}
