/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

#include <gio/gunixfdlist.h>

/* A method call on its way from the bus to the function that does it. */
typedef struct {
    FakeWorld *world;
    const char *path;
    GVariant *parameters;
    GVariant *options; /* its first argument of type a{sv} */
    guint32 pid;
    GUnixFDList *descriptors; /* to be sent with the reply */
} FakeCall;

/* Runs with the lock held; returns what is replied, a floating tuple, or NULL with an error. */
typedef GVariant *(*FakeMethodFunc)(FakeCall *call, GError **error);

typedef struct {
    const char *name;   /* "Block.Format" */
    const char *action; /* what PolicyKit is asked about, or NULL */
    FakeMethodFunc run;
} FakeMethod;

extern const FakeMethod fake_block_methods[];
extern const FakeMethod fake_partition_methods[];
extern const FakeMethod fake_filesystem_methods[];
extern const FakeMethod fake_drive_methods[];

void fake_call_serve(FakeWorld *world, gpointer interface);
guint fake_call_count(FakeWorld *world, const char *method);
const char *fake_call_get_string(const FakeCall *call, const char *option);
FakeNode *fake_call_get_node(FakeCall *call, GError **error);
