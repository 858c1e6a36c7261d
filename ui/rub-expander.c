/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-expander.h"

/* Space that is left above and below what is scrolled to. */
#define MARGIN 12
/* Frames after the last one in which it grew: its place is known once that one was laid out. */
#define LATE_FRAMES 2

typedef struct {
    GtkRevealer *revealer; /* borrowed: it is part of the row */
    guint frames_left;
} Follow;

/* All of it if there is room for that, else from its top on. */
static void
scroll_to(GtkWidget *widget)
{
    graphene_rect_t bounds;
    GtkWidget *scroller = gtk_widget_get_ancestor(widget, GTK_TYPE_SCROLLED_WINDOW);
    if (!scroller || !gtk_widget_compute_bounds(widget, scroller, &bounds))
        return;
    GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller));
    double value = gtk_adjustment_get_value(adjustment);
    double top = value + bounds.origin.y - MARGIN;
    double bottom = value + bounds.origin.y + bounds.size.height + MARGIN;
    double least = MAX(value, bottom - gtk_adjustment_get_page_size(adjustment));
    gtk_adjustment_set_value(adjustment, MIN(least, top));
}

/* There is no motion but that of the opening itself. */
static gboolean
on_frame_cb(GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
    Follow *follow = user_data;
    if (!gtk_revealer_get_reveal_child(follow->revealer))
        return G_SOURCE_REMOVE;
    scroll_to(widget);
    if (!gtk_revealer_get_child_revealed(follow->revealer))
        return G_SOURCE_CONTINUE;
    return follow->frames_left-- > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* What the program opens before the page is shown does not move it. */
static void
on_expanded_cb(AdwExpanderRow *row, GParamSpec *pspec, gpointer revealer)
{
    if (!adw_expander_row_get_expanded(row) || !gtk_widget_get_mapped(GTK_WIDGET(row)))
        return;
    Follow *follow = g_new0(Follow, 1);
    follow->revealer = revealer;
    follow->frames_left = LATE_FRAMES;
    gtk_widget_add_tick_callback(GTK_WIDGET(row), on_frame_cb, follow, g_free);
}

static void
show_state(AdwExpanderRow *row, GParamSpec *pspec, gpointer revealer)
{
    gtk_accessible_update_state(GTK_ACCESSIBLE(revealer), GTK_ACCESSIBLE_STATE_HIDDEN,
                                !adw_expander_row_get_expanded(row), -1);
}

void
rub_expander_set_up(AdwExpanderRow *row, GtkWidget *content)
{
    GtkWidget *revealer = gtk_widget_get_ancestor(content, GTK_TYPE_REVEALER);
    g_signal_connect_object(row, "notify::expanded", G_CALLBACK(show_state), revealer, 0);
    g_signal_connect_object(row, "notify::expanded", G_CALLBACK(on_expanded_cb), revealer, 0);
    show_state(row, NULL, revealer);
}
