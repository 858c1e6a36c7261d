/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-inhibitor.h"
#include "rub-window.h"

G_BEGIN_DECLS

struct _RubWindow {
    AdwApplicationWindow parent_instance;
    AdwToastOverlay *toasts;
    AdwToast *toast; /* the last one */
    AdwWindowTitle *window_title;
    GtkStack *stack;
    GtkWidget *bottom_bar;
    GtkButton *next_button;
    GtkButton *cancel_button;
    GtkWidget *pages[RUB_PAGE_RESULT + 1]; /* NULL before they are needed; borrowed */
    RubWizard *wizard;
    RubInhibitor *inhibitor;
    guint list_idle;
};

/* rub-window-actions.c: all named actions, and when they are enabled. */
void rub_window_add_actions(RubWindow *self);
void rub_window_remove_actions(RubWindow *self);
void rub_window_update_actions(RubWindow *self);

/* rub-window-drop.c: files dropped anywhere on the window. */
void rub_window_accept_drops(RubWindow *self);

void rub_window_show_toast(RubWindow *self, const char *text);

G_END_DECLS
