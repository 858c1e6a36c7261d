/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offsets and numbers of the Microsoft PE Format specification: COFF file header, optional header,
 * section table, attribute certificate table, .rsrc section. */
#pragma once

#include "base/rub-bytes.h"

#define RUB_PE_DOS_MAGIC 0x5a4d
#define RUB_PE_DOS_HEADER_AT 0x3c
#define RUB_PE_MAGIC 0x00004550
#define RUB_PE_HEADER_BYTES 24
#define RUB_PE_MACHINE_AT 4
#define RUB_PE_SECTION_COUNT_AT 6
#define RUB_PE_OPTIONAL_BYTES_AT 20

/* From the start of the optional header. */
#define RUB_PE32 0x10b
#define RUB_PE32_PLUS 0x20b
#define RUB_PE_SUBSYSTEM_AT 68
#define RUB_PE32_DIRECTORIES_AT 96
#define RUB_PE32_PLUS_DIRECTORIES_AT 112
#define RUB_PE_DIRECTORY_BYTES 8
#define RUB_PE_DIRECTORY_RESOURCES 2
#define RUB_PE_DIRECTORY_CERTIFICATES 4
#define RUB_PE_SUBSYSTEM_EFI_APPLICATION 10

#define RUB_PE_SECTION_BYTES 40
#define RUB_PE_SECTION_NAME_BYTES 8
#define RUB_PE_SECTION_VIRTUAL_SIZE_AT 8
#define RUB_PE_SECTION_ADDRESS_AT 12
#define RUB_PE_SECTION_RAW_SIZE_AT 16
#define RUB_PE_SECTION_RAW_AT 20

#define RUB_PE_CERTIFICATE_HEADER_BYTES 8
#define RUB_PE_CERTIFICATE_PKCS7 2

#define RUB_PE_RESOURCE_FOLDER_BYTES 16
#define RUB_PE_RESOURCE_ENTRY_BYTES 8
#define RUB_PE_RESOURCE_IS_FOLDER 0x80000000u
#define RUB_PE_RESOURCE_RAW_DATA 10
