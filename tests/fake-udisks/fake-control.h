/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

JsonObject *fake_control_run(FakeWorld *world, JsonObject *command);
void fake_control_run_all(FakeWorld *world, JsonArray *commands);
void fake_control_start(FakeWorld *world, GMainLoop *loop);
