/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the parts of the UDF reader share. Data flows one way: reader (bytes) -> volume (anchor,
 * descriptors, partition maps) -> file (file entry, extents) -> folder (names) -> rub-udf.c (the
 * walk through the tree).
 */
#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "source/rub-entry.h"
#include "source/rub-image-file.h"
#include "source/rub-udf-layout.h"

G_BEGIN_DECLS

/* ---- rub-udf-reader.c: cached reading ---- */

typedef struct _RubUdfReader RubUdfReader;

RubUdfReader *rub_udf_reader_new(RubImageFile *file);
void rub_udf_reader_free(RubUdfReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdfReader, rub_udf_reader_free)

guint64 rub_udf_reader_get_size_bytes(const RubUdfReader *self);
/* Whether the bytes are inside the image; otherwise code 11 says by how much it is too short. */
gboolean rub_udf_reader_check(RubUdfReader *self, guint64 offset_bytes, guint64 size_bytes,
                              GError **error);
/* For descriptors: reads ahead, because the next one mostly lies close by. */
gboolean rub_udf_reader_read(RubUdfReader *self, guint64 offset_bytes, void *buffer,
                             gsize size_bytes, GError **error);
/* For the contents of a file: the first @size_bytes bytes of its extents, in large reads. */
gboolean rub_udf_reader_read_extents(RubUdfReader *self, const GArray *extents, guint8 *buffer,
                                     gsize size_bytes, GError **error);

/* ---- rub-udf-tag.c: descriptor tags ---- */

/* Sets code 10 and "the UDF volume is damaged: ..." */
void rub_udf_set_damaged(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

guint16 rub_udf_crc(const guint8 *data, gsize size);
/* Checks checksum and CRC; @offset_bytes is where the descriptor lies, for the message. */
gboolean rub_udf_tag_check(RubBytes *descriptor, guint64 offset_bytes, GError **error);
/* Checks also that the descriptor says of itself that it lies in block @location. */
gboolean rub_udf_tag_check_at(RubBytes *descriptor, guint64 offset_bytes, guint32 location,
                              GError **error);
guint16 rub_udf_tag_get_identifier(RubBytes *descriptor);

/* ---- rub-udf-name.c: text and time ---- */

/* CS0 (UDF 2.1.1) to UTF-8; %NULL if it is not well-formed. */
char *rub_udf_name_decode(const guint8 *cs0, gsize size);
/* A field of fixed size whose last byte says how much of it is used (ECMA-167 1/7.2.12). */
char *rub_udf_name_decode_dstring(const guint8 *field, gsize size);
/* A timestamp to seconds since 1970 UTC; 0 where it is none. */
gint64 rub_udf_time_decode(RubBytes timestamp);
/* The path components of a symbolic link; %NULL if they are not well-formed. */
char *rub_udf_link_decode(RubBytes components);

/* ---- rub-udf-map.c: where the blocks of a partition lie ---- */

/* A block of a partition, as descriptors refer to it: lb_addr, ECMA-167 4/7.1 */
typedef struct {
    guint32 block;
    guint16 partition_reference;
} RubUdfAddress;

RubUdfAddress rub_udf_address_parse(RubBytes *bytes, gsize long_ad_offset);

/* Blocks of a partition that lie one after the other in the image. */
typedef struct {
    guint64 first_block;
    guint64 block_count;
    guint64 offset_bytes;
} RubUdfRun;

/* A partition as a partition map presents it: runs in ascending order, gaps are unreadable. */
typedef struct {
    guint16 partition_number;
    gboolean is_physical; /* type 1 or sparable: blocks are counted from where it starts */
    guint64 offset_bytes; /* where a physical partition starts */
    GArray *runs;
} RubUdfMap;

RubUdfMap *rub_udf_map_new(guint16 partition_number);
void rub_udf_map_free(RubUdfMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdfMap, rub_udf_map_free)

void rub_udf_map_add_run(RubUdfMap *self, guint64 first_block, guint64 block_count,
                         guint64 offset_bytes);

/* ---- rub-udf-anchor.c: where a volume may begin ---- */

/* Every place for an anchor, for every block size. */
#define RUB_UDF_ANCHOR_CANDIDATES 20

/* Reads candidate @index into @block; the size of @anchor is the volume's block size. */
gboolean rub_udf_anchor_read(RubUdfReader *reader, guint index, guint8 *block, RubBytes *anchor);
/* Whether a volume recognition sequence (ECMA-167 2/8.3.1) names UDF. */
gboolean rub_udf_anchor_is_announced(RubUdfReader *reader);

/* ---- rub-udf-volume.c: volume descriptors ---- */

typedef enum {
    RUB_UDF_METADATA_MAIN,
    RUB_UDF_METADATA_MIRROR,
} RubUdfMetadataCopy;

typedef struct {
    guint16 number;
    guint32 sequence;
    guint32 start_block;
    guint32 block_count;
} RubUdfPartition;

typedef struct {
    RubUdfReader *reader;
    guint32 block_size_bytes;
    guint64 size_bytes; /* to the end of the last partition */
    char *name;
    GArray *partitions; /* of RubUdfPartition */
    GPtrArray *maps;    /* of RubUdfMap; the index is the partition reference */
    RubUdfAddress root;
    guint64 budget_bytes;
} RubUdfVolume;

RubUdfVolume *rub_udf_volume_open(RubImageFile *file, RubUdfMetadataCopy copy, GError **error);
void rub_udf_volume_free(RubUdfVolume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdfVolume, rub_udf_volume_free)

/* Appends to @data where @size_bytes bytes from the start of a block lie; in rub-udf-map.c. */
gboolean rub_udf_volume_add_extent(RubUdfVolume *self, RubUdfAddress address, guint64 size_bytes,
                                   RubEntry *data, GError **error);
/* Reads the descriptor in a block, checks its tag, and says where in the image it lies. */
gboolean rub_udf_volume_read_descriptor(RubUdfVolume *self, RubUdfAddress address, guint8 *block,
                                        guint64 *offset_bytes, GError **error);
/* Takes from what may be spent on one volume, in memory and so in time. */
gboolean rub_udf_volume_spend(RubUdfVolume *self, guint64 size_bytes, GError **error);

/* ---- rub-udf-partition.c: partition maps ---- */

/* Fills maps from the partition maps of a logical volume descriptor; refuses virtual ones. */
gboolean rub_udf_volume_load_maps(RubUdfVolume *self, RubBytes *logical_volume, GError **error);
/* Then those of metadata partitions, which lie in files of the others. */
gboolean rub_udf_volume_load_metadata(RubUdfVolume *self, RubBytes *logical_volume,
                                      RubUdfMetadataCopy copy, GError **error);

/* ---- rub-udf-file.c: file entries ---- */

typedef struct {
    guint8 type; /* ECMA-167 4/14.6.6 */
    guint64 icb_offset_bytes;
    RubEntry *data; /* size, time and extents; without a path */
} RubUdfFile;

RubUdfFile *rub_udf_file_load(RubUdfVolume *volume, RubUdfAddress icb, GError **error);
void rub_udf_file_free(RubUdfFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdfFile, rub_udf_file_free)

/* All bytes of a folder or a symbolic link. */
guint8 *rub_udf_file_read(RubUdfVolume *volume, const RubUdfFile *self, GError **error);

/* ---- rub-udf-folder.c: the names in a folder ---- */

typedef struct _RubUdfFolder RubUdfFolder;

RubUdfFolder *rub_udf_folder_new(RubUdfVolume *volume, const RubUdfFile *file, GError **error);
void rub_udf_folder_free(RubUdfFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdfFolder, rub_udf_folder_free)

/* The next name and the address of its file entry; *@name is %NULL at the end of the folder. */
gboolean rub_udf_folder_next(RubUdfFolder *self, char **name, RubUdfAddress *icb, GError **error);

G_END_DECLS
