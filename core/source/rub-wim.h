/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "source/rub-pe.h"
#include "source/rub-source.h"

G_BEGIN_DECLS

/** RUB_WIM_HEADER_BYTES: the size of a WIM's header */
#define RUB_WIM_HEADER_BYTES 208

/** RUB_WIM_MAX_XML_BYTES: the largest description that is read; real ones have some kilobytes */
#define RUB_WIM_MAX_XML_BYTES (1024 * 1024)

/**
 * RubWimImage:
 * @name: (nullable): its name
 * @display_name: (nullable): its name as Windows Setup shows it
 * @description: (nullable): its description
 * @edition: (nullable): the edition of Windows: "Professional", "WindowsPE"...
 * @installation_type: (nullable): "Client", "Server", "WindowsPE"...
 * @machine: the processor it is for; %RUB_MACHINE_NONE where not said
 * @major: version, first number; 0 where not said
 * @minor: version, second number
 * @build: version, third number
 * @service_build: version, fourth number
 * @languages: (element-type utf8): its languages, "en-US"
 *
 * One Windows in a WIM.
 */
typedef struct {
    char *name;
    char *display_name;
    char *description;
    char *edition;
    char *installation_type;
    RubMachine machine;
    guint major;
    guint minor;
    guint build;
    guint service_build;
    GPtrArray *languages;
} RubWimImage;

/**
 * RubWim:
 * @image_count: how many images it holds
 * @boot_index: which one starts, from 1; 0 if none
 * @is_solid: whether files are compressed together (ESD)
 * @is_compressed: whether its files are compressed
 * @part_number: which part of a split WIM this is, from 1
 * @part_count: how many parts there are; 1 unless split
 * @is_splittable: whether it can be split as it is: in one part, not solid, not left half written
 * @xml_offset_bytes: where its description lies in the WIM
 * @xml_size_bytes: how large that is; 0 where there is none to be read
 * @images: (element-type RubWimImage): what the description says; empty where it is damaged
 *
 * What a WIM archive says of itself.
 */
typedef struct {
    guint image_count;
    guint boot_index;
    gboolean is_solid;
    gboolean is_compressed;
    guint part_number;
    guint part_count;
    gboolean is_splittable;
    guint64 xml_offset_bytes;
    gsize xml_size_bytes;
    GPtrArray *images;
} RubWim;

/**
 * rub_wim_parse_header:
 * @header: %RUB_WIM_HEADER_BYTES bytes
 * @file_size_bytes: the size of the whole file
 *
 * Returns: (transfer full) (nullable): a WIM without images; %NULL where it is none
 */
RubWim *rub_wim_parse_header(const guint8 *header, guint64 file_size_bytes);

/**
 * rub_wim_parse_xml:
 * @self: a WIM without images
 * @xml: its description, UTF-16 with the low byte first
 * @size: how many bytes that is
 *
 * Adds the images in the description to @self.
 *
 * Returns: whether the description is well-formed; no image is added if not
 */
gboolean rub_wim_parse_xml(RubWim *self, const guint8 *xml, gsize size);

/**
 * rub_wim_read:
 * @source: an image
 * @entry: a file in it
 * @wim: (out) (transfer full) (nullable): what it says; %NULL where it is no WIM
 * @error: return location
 *
 * Reads the header and the description of a WIM where it lies. Errors: those of
 * rub_source_read().
 *
 * Returns: whether the file could be read
 */
gboolean rub_wim_read(const RubSource *source, const RubEntry *entry, RubWim **wim, GError **error);

/**
 * rub_wim_get_boot_image:
 * @self: a WIM
 *
 * Returns: (transfer none) (nullable): the image that starts, else the first; %NULL without any
 */
const RubWimImage *rub_wim_get_boot_image(const RubWim *self);

/** rub_wim_free: frees a WIM's facts */
void rub_wim_free(RubWim *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubWim, rub_wim_free)

G_END_DECLS
