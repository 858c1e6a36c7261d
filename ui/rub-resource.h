/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/** RUB_RESOURCE_PATH: where the wizard's resources are; libadwaita finds style and shortcuts there
 * by itself */
#define RUB_RESOURCE_PATH "/io/github/rescue_usb_builder/RescueUsbBuilder/"
