/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Where the fields of UDF's descriptors lie, in bytes from the start of each. All numbers are
 * little-endian. "ECMA" is ECMA-167, 3rd edition; "UDF" is OSTA UDF 2.60, which says the same as
 * the earlier revisions for what is listed here. Both are free of charge.
 */

/* Sizes */
enum {
    RUB_UDF_BLOCK_SIZE_MAX = 4096,
    RUB_UDF_REGID_NAME_SIZE = 23, /* ECMA 1/7.4: entity identifier, after one byte of flags */
};

/* Descriptor tag identifiers: ECMA 3/7.2.1 and 4/7.2.1 */
enum {
    RUB_UDF_ID_SPARING_TABLE = 0, /* UDF 2.2.12 */
    RUB_UDF_ID_ANCHOR = 2,
    RUB_UDF_ID_VOLUME_POINTER = 3,
    RUB_UDF_ID_PARTITION = 5,
    RUB_UDF_ID_LOGICAL_VOLUME = 6,
    RUB_UDF_ID_TERMINATING = 8,
    RUB_UDF_ID_FILE_SET = 256,
    RUB_UDF_ID_FILE_IDENTIFIER = 257,
    RUB_UDF_ID_ALLOCATION_EXTENT = 258,
    RUB_UDF_ID_FILE_ENTRY = 261,
    RUB_UDF_ID_EXTENDED_FILE_ENTRY = 266,
};

/* Descriptor tag: ECMA 3/7.2 */
enum {
    RUB_UDF_TAG_IDENTIFIER = 0,
    RUB_UDF_TAG_CHECKSUM = 4,
    RUB_UDF_TAG_CRC = 8,
    RUB_UDF_TAG_CRC_LENGTH = 10,
    RUB_UDF_TAG_LOCATION = 12,
    RUB_UDF_TAG_SIZE = 16,
};

/* Volume structure descriptor: ECMA 2/9.1; the sequence of them starts at byte 32768 */
enum {
    RUB_UDF_RECOGNITION_START = 32768,
    RUB_UDF_RECOGNITION_STEP = 2048,
    RUB_UDF_RECOGNITION_COUNT = 32, /* there is no limit; ISO 9660's own come before */
    RUB_UDF_RECOGNITION_HEAD_SIZE = 7,
};

/* The first place for an anchor is block 256 of 2048 bytes on all discs: ECMA 3/8.4.2.1 */
enum {
    RUB_UDF_FIRST_ANCHOR_END = 257 * 2048,
};

/* Anchor volume descriptor pointer: ECMA 3/10.2; two extent_ad (ECMA 3/7.1) */
enum {
    RUB_UDF_ANCHOR_MAIN = 16,
    RUB_UDF_ANCHOR_RESERVE = 24,
    RUB_UDF_EXTENT_AD_LENGTH = 0,
    RUB_UDF_EXTENT_AD_LOCATION = 4,
};

/* Volume descriptor pointer: ECMA 3/10.3 */
enum {
    RUB_UDF_VOLUME_POINTER_NEXT = 20,
};

/* Partition descriptor: ECMA 3/10.5 */
enum {
    RUB_UDF_PARTITION_SEQUENCE = 16,
    RUB_UDF_PARTITION_NUMBER = 22,
    RUB_UDF_PARTITION_START = 188,
    RUB_UDF_PARTITION_LENGTH = 192,
};

/* Logical volume descriptor: ECMA 3/10.6 */
enum {
    RUB_UDF_LOGICAL_VOLUME_SEQUENCE = 16,
    RUB_UDF_LOGICAL_VOLUME_NAME = 84, /* dstring of 128 bytes: ECMA 1/7.2.12 */
    RUB_UDF_LOGICAL_VOLUME_NAME_SIZE = 128,
    RUB_UDF_LOGICAL_VOLUME_BLOCK_SIZE = 212,
    RUB_UDF_LOGICAL_VOLUME_FILE_SET = 248, /* long_ad: UDF 2.2.4.4 */
    RUB_UDF_LOGICAL_VOLUME_MAPS_SIZE = 264,
    RUB_UDF_LOGICAL_VOLUME_MAP_COUNT = 268,
    RUB_UDF_LOGICAL_VOLUME_MAPS = 440,
};

/* Partition maps: ECMA 3/10.7, UDF 2.2.8 (virtual), 2.2.9 (sparable), 2.2.10 (metadata) */
enum {
    RUB_UDF_MAP_TYPE = 0,
    RUB_UDF_MAP_SIZE = 1,
    RUB_UDF_MAP_1_NUMBER = 4,
    RUB_UDF_MAP_1_TOTAL = 6,
    RUB_UDF_MAP_2_IDENTIFIER = 5,
    RUB_UDF_MAP_2_NUMBER = 38,
    RUB_UDF_MAP_2_TOTAL = 64,
    RUB_UDF_MAP_SPARABLE_PACKET_BLOCKS = 40,
    RUB_UDF_MAP_SPARABLE_TABLE_COUNT = 42,
    RUB_UDF_MAP_SPARABLE_TABLE_SIZE = 44,
    RUB_UDF_MAP_SPARABLE_TABLES = 48,
    RUB_UDF_MAP_SPARABLE_TABLES_MAX = 4,
    RUB_UDF_MAP_METADATA_MAIN = 40,
    RUB_UDF_MAP_METADATA_MIRROR = 44,
};

/* Sparing table: UDF 2.2.12 */
enum {
    RUB_UDF_SPARING_IDENTIFIER = 17,
    RUB_UDF_SPARING_COUNT = 48,
    RUB_UDF_SPARING_SEQUENCE = 52,
    RUB_UDF_SPARING_ENTRIES = 56,
    RUB_UDF_SPARING_ENTRY_SIZE = 8,
    RUB_UDF_SPARING_ENTRY_ORIGINAL = 0,
    RUB_UDF_SPARING_ENTRY_MAPPED = 4,
    RUB_UDF_SPARING_TABLE_SIZE_MAX = 56 + 65535 * 8 + 4096, /* all entries, in whole blocks */
};

/* Originals from here on mean a spare packet that is free or defective: UDF 2.2.12 */
#define RUB_UDF_SPARING_UNUSED 0xfffffff0u

/* File set descriptor: ECMA 4/14.1 */
enum {
    RUB_UDF_FILE_SET_ROOT = 400,
};

/* short_ad: ECMA 4/14.14.1; long_ad: 4/14.14.2; the top two bits of a length are its type */
enum {
    RUB_UDF_SHORT_AD_SIZE = 8,
    RUB_UDF_LONG_AD_SIZE = 16,
    RUB_UDF_AD_LENGTH = 0,
    RUB_UDF_AD_BLOCK = 4,
    RUB_UDF_LONG_AD_PARTITION = 8,
    RUB_UDF_AD_TYPE_SHIFT = 30,
    RUB_UDF_AD_LENGTH_MASK = 0x3fffffff,
};

/* Types of extents: ECMA 4/14.14.1.1 */
enum {
    RUB_UDF_AD_RECORDED = 0,
    RUB_UDF_AD_NOT_RECORDED = 1,
    RUB_UDF_AD_NOT_ALLOCATED = 2,
    RUB_UDF_AD_NEXT = 3,
};

/* File identifier descriptor: ECMA 4/14.4 */
enum {
    RUB_UDF_FID_CHARACTERISTICS = 18,
    RUB_UDF_FID_NAME_SIZE = 19,
    RUB_UDF_FID_ICB = 20,
    RUB_UDF_FID_IMPLEMENTATION_SIZE = 36,
    RUB_UDF_FID_FIXED_SIZE = 38,
    RUB_UDF_FID_DELETED = 1 << 2,
    RUB_UDF_FID_PARENT = 1 << 3,
};

/* Allocation extent descriptor: ECMA 4/14.5 */
enum {
    RUB_UDF_ALLOCATION_EXTENT_ADS_SIZE = 20,
    RUB_UDF_ALLOCATION_EXTENT_ADS = 24,
};

/* Beginning of file entries of both kinds, with the ICB tag: ECMA 4/14.6, 4/14.9 and 4/14.17 */
enum {
    RUB_UDF_ICB_STRATEGY = 20,
    RUB_UDF_ICB_STRATEGY_DIRECT = 4,
    RUB_UDF_ICB_FILE_TYPE = 27,
    RUB_UDF_ICB_FLAGS = 34,
    RUB_UDF_ICB_AD_KIND_MASK = 7,
    RUB_UDF_ICB_INFORMATION_LENGTH = 56,
};

/* What ICB flags say of the allocation descriptors: ECMA 4/14.6.8 */
enum {
    RUB_UDF_AD_KIND_SHORT = 0,
    RUB_UDF_AD_KIND_LONG = 1,
    RUB_UDF_AD_KIND_EXTENDED = 2,
    RUB_UDF_AD_KIND_EMBEDDED = 3,
};

/* File types: ECMA 4/14.6.6, UDF 2.2.6 (real-time file), 2.2.13 (metadata files) */
enum {
    RUB_UDF_FILE_TYPE_FOLDER = 4,
    RUB_UDF_FILE_TYPE_BYTES = 5,
    RUB_UDF_FILE_TYPE_SYMLINK = 12,
    RUB_UDF_FILE_TYPE_REAL_TIME = 249,
    RUB_UDF_FILE_TYPE_METADATA = 250,
    RUB_UDF_FILE_TYPE_METADATA_MIRROR = 251,
};

/* File entry: ECMA 4/14.9; extended file entry: 4/14.17 */
enum {
    RUB_UDF_FILE_ENTRY_MTIME = 84,
    RUB_UDF_FILE_ENTRY_FIXED_SIZE = 176,
    RUB_UDF_EXTENDED_FILE_ENTRY_MTIME = 92,
    RUB_UDF_EXTENDED_FILE_ENTRY_FIXED_SIZE = 216,
    /* Both end with the lengths of extended attributes and of allocation descriptors. */
    RUB_UDF_FILE_ENTRY_ATTRIBUTES_SIZE_BACK = 8,
    RUB_UDF_FILE_ENTRY_ADS_SIZE_BACK = 4,
};

/* Timestamp: ECMA 1/7.3 */
enum {
    RUB_UDF_TIME_ZONE = 0,
    RUB_UDF_TIME_YEAR = 2,
    RUB_UDF_TIME_MONTH = 4,
    RUB_UDF_TIME_DAY = 5,
    RUB_UDF_TIME_HOUR = 6,
    RUB_UDF_TIME_MINUTE = 7,
    RUB_UDF_TIME_SECOND = 8,
    RUB_UDF_TIME_SIZE = 12,
};

/* Path component: ECMA 4/14.16.1 */
enum {
    RUB_UDF_COMPONENT_TYPE = 0,
    RUB_UDF_COMPONENT_NAME_SIZE = 1,
    RUB_UDF_COMPONENT_NAME = 4,
    RUB_UDF_COMPONENT_AGREED_ROOT = 1,
    RUB_UDF_COMPONENT_ROOT = 2,
    RUB_UDF_COMPONENT_PARENT = 3,
    RUB_UDF_COMPONENT_CURRENT = 4,
    RUB_UDF_COMPONENT_NAMED = 5,
};
