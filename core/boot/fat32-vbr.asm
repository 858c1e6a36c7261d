; SPDX-License-Identifier: GPL-3.0-or-later
;
; FAT32 boot record: loads \BOOTMGR of its volume whole to 2000:0000 and starts it.
;
; The assembled file is three sectors: the first goes to the volume's sector 0 (all but the BPB) and
; to its backup, the other two, stage 2, to reserved sectors 12 and 13. mkfs.fat uses 0, 1, 6 and 7,
; Windows also 2 and 8.
;
; In and out: vbr-sector0.inc, vbr-handover.inc. Only 512-byte sectors; only LBA.
; FAT structures: Microsoft Extensible Firmware Initiative FAT32 File System Specification 1.03.

        bits    16
        cpu     386
        org     0x7C00

BPB_END             equ 90
IDENTITY            equ 0x41
STAGE2_SECTOR       equ 12
STAGE2_SECTORS      equ 2
STAGE2_MAGIC        equ 'RUBF'
DATA                equ 0x8400          ; variables
BOOTMGR_SEGMENT     equ 0x2000
FAT_SECTOR          equ 0x8600          ; buffers of one sector
DIR_SECTOR          equ 0x8800
MAX_DIR_SECTORS     equ 4096            ; 65,536 entries, the most a directory may have

%define SECTORS_PER_CLUSTER  byte  [RECORD + 0x0D]
%define RESERVED_SECTORS     word  [RECORD + 0x0E]
%define NUMBER_OF_FATS       byte  [RECORD + 0x10]
%define SECTORS_PER_TRACK    word  [RECORD + 0x18]
%define HEADS                word  [RECORD + 0x1A]
%define HIDDEN               dword [RECORD + 0x1C]
%define TOTAL_SECTORS        dword [RECORD + 0x20]
%define FAT_SECTORS          dword [RECORD + 0x24]
%define FAT_FLAGS            word  [RECORD + 0x28]
%define ROOT_CLUSTER         dword [RECORD + 0x2C]
%define DRIVE                byte  [RECORD + 0x40]

; Directory entry
ATTRIBUTES          equ 11
CLUSTER_HIGH        equ 20
CLUSTER_LOW         equ 26
FILE_SIZE           equ 28
LABEL_OR_DIRECTORY  equ 0x18            ; long-name entries carry the label bit, too
END_OF_CHAIN        equ 0x0FFFFFF8

%include "vbr-sector0.inc"

VARIABLES           equ DATA + SECTOR0_DATA_SIZE
%define FIRST_DATA_SECTOR    dword [VARIABLES]       ; volume sector of cluster 2
%define LAST_CLUSTER         dword [VARIABLES + 4]
%define FIRST_FAT_SECTOR     dword [VARIABLES + 8]   ; volume sector of the FAT in use
%define CACHED_FAT_SECTOR    dword [VARIABLES + 12]  ; which of its sectors is at FAT_SECTOR
%define LOAD_SEGMENT         word  [VARIABLES + 16]
%define DIR_SECTORS_LEFT     word  [VARIABLES + 18]

; ------------------------------------------- stage 2 -------------------------------------------

        dd      STAGE2_MAGIC

stage2: movzx   esi, RESERVED_SECTORS
        movzx   eax, NUMBER_OF_FATS
        mul     FAT_SECTORS
        add     eax, esi
        mov     FIRST_DATA_SECTOR, eax
        movzx   ecx, SECTORS_PER_CLUSTER
        test    ecx, ecx
        jz      damaged
        sub     eax, TOTAL_SECTORS
        neg     eax
        xor     edx, edx
        div     ecx
        inc     eax                     ; the first cluster's number is 2
        mov     LAST_CLUSTER, eax

        xor     eax, eax
        mov     cx, FAT_FLAGS
        test    cl, 0x80                ; set: only the FAT with the number in bits 0..3 is in use
        jz      .first_fat
        mov     al, cl
        and     al, 0x0F
.first_fat:
        mul     FAT_SECTORS
        add     eax, esi
        mov     FIRST_FAT_SECTOR, eax
        or      CACHED_FAT_SECTOR, -1

; Looks for BOOTMGR in the root directory.
        mov     DIR_SECTORS_LEFT, MAX_DIR_SECTORS
        mov     eax, ROOT_CLUSTER
.dir_cluster:
        call    check_cluster
        push    eax
        call    cluster_to_sector
        movzx   cx, SECTORS_PER_CLUSTER
.dir_sector:
        push    cx
        push    eax
        mov     cx, 1
        mov     bx, DIR_SECTOR
        call    read
        jc      disk_error
        mov     di, DIR_SECTOR
.dir_entry:
        cmp     byte [di], 0            ; nothing behind this one
        je      .missing
        test    byte [di + ATTRIBUTES], LABEL_OR_DIRECTORY
        jnz     .next_entry
        push    di
        mov     si, bootmgr_name
        mov     cx, 11
        repe    cmpsb
        pop     di
        je      .found
.next_entry:
        add     di, 32
        cmp     di, DIR_SECTOR + 512
        jb      .dir_entry
        pop     eax
        pop     cx
        inc     eax
        dec     DIR_SECTORS_LEFT        ; ends a chain that is a loop
        jz      damaged
        loop    .dir_sector
        pop     eax
        call    next_cluster
        cmp     eax, END_OF_CHAIN
        jb      .dir_cluster
.missing:
        stop    "BOOTMGR is missing"

; DI = its directory entry. EBX = first cluster, EDI = sectors to load from here on.
.found: push    word [di + CLUSTER_HIGH]
        push    word [di + CLUSTER_LOW]
        pop     ebx
        mov     edi, [di + FILE_SIZE]
%include "vbr-size.inc"
        mov     LOAD_SEGMENT, BOOTMGR_SEGMENT

; Joins neighbouring clusters into one run: EBX = its first cluster, ECX = its sectors,
; EAX = the cluster behind it. One read a cluster would take minutes on USB 1.1.
.run:   mov     eax, ebx
        xor     ecx, ecx
.join:  call    check_cluster
        movzx   edx, SECTORS_PER_CLUSTER
        add     ecx, edx
        cmp     ecx, edi
        jae     .load
        mov     esi, eax
        inc     esi
        call    next_cluster
        cmp     eax, esi
        je      .join
.load:  push    eax
        mov     eax, ebx
        call    cluster_to_sector
        cmp     ecx, edi                ; the last cluster may be used in part
        jbe     .piece
        mov     ecx, edi

%include "vbr-load-run.inc"
        pop     ebx
        test    edi, edi
        jnz     .run

%include "vbr-handover.inc"

; Stops unless EAX is the number of a cluster of this volume.
check_cluster:
        cmp     eax, 2
        jb      damaged
        cmp     eax, LAST_CLUSTER
        ja      damaged
        ret

; In: EAX = cluster. Out: EAX = its first volume sector. Keeps the rest but EDX.
cluster_to_sector:
        push    ecx
        sub     eax, 2
        movzx   ecx, SECTORS_PER_CLUSTER
        mul     ecx
        add     eax, FIRST_DATA_SECTOR
        pop     ecx
        ret

; In: EAX = cluster, checked. Out: EAX = the next of its chain. Keeps the rest but EDX.
next_cluster:
        push    ebx
        push    cx
        push    es
        mov     edx, eax
        shr     eax, 7                  ; 128 entries a sector
        cmp     eax, CACHED_FAT_SECTOR
        je      .cached
        mov     CACHED_FAT_SECTOR, eax
        add     eax, FIRST_FAT_SECTOR
        mov     cx, 1
        xor     bx, bx
        mov     es, bx
        mov     bx, FAT_SECTOR
        call    read
        jc      disk_error
.cached:
        and     edx, 127
        mov     eax, [FAT_SECTOR + edx * 4]
        and     eax, 0x0FFFFFFF         ; the upper four bits are reserved
        pop     es
        pop     cx
        pop     ebx
        ret

bootmgr_name        db "BOOTMGR    "

%include "vbr-errors.inc"

        ; A negative count is an error: the build fails if the code outgrows its room.
        times   (1 + STAGE2_SECTORS) * 512 - ($ - $$) db 0
