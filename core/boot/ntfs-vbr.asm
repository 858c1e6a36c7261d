; SPDX-License-Identifier: GPL-3.0-or-later
;
; NTFS boot record: loads \bootmgr, in whatever case, of its volume whole to 2000:0000 and starts it.
;
; The assembled file goes to the front of $Boot, which has 16 sectors: sector 0 (all but the BPB),
; its copy to the last sector of the partition, and stage 2 to the sectors behind sector 0.
;
; Clusters of any size. Any attribute may be in any number of runs and of records, $MFT's own data
; included, and root directories may be large. Files that are compressed, encrypted or have holes
; are refused. Sizes and places have 32 bits here, which at 512-byte sectors is 2 TiB.
;
; In and out: vbr-sector0.inc, vbr-handover.inc. Only 512-byte sectors; only LBA.
; NTFS structures: the layout header of libntfs-3g (ntfs-3g/layout.h) and the documentation of the
; Linux-NTFS project.

        bits    16
        cpu     386
        org     0x7C00

BPB_END             equ 84
IDENTITY            equ 0x28
STAGE2_SECTOR       equ 1
STAGE2_SECTORS      equ 4
STAGE2_MAGIC        equ 'RUBN'
DATA                equ 0x8600          ; variables
BOOTMGR_SEGMENT     equ 0x2000

%define SECTORS_PER_CLUSTER  byte  [RECORD + 0x0D]
%define SECTORS_PER_TRACK    word  [RECORD + 0x18]
%define HEADS                word  [RECORD + 0x1A]
%define HIDDEN               dword [RECORD + 0x1C]
%define DRIVE                byte  [RECORD + 0x24]
%define MFT_CLUSTER          dword [RECORD + 0x30]
%define MFT_CLUSTER_HIGH     dword [RECORD + 0x34]
%define CLUSTERS_PER_RECORD  byte  [RECORD + 0x40]
%define CLUSTERS_PER_INDEX   byte  [RECORD + 0x44]

FILE_RECORD         equ 0x9000          ; the record at hand, at most 4 KiB
INDEX_BLOCK         equ 0xA000          ; at most 16 KiB
MAX_RECORD_SECTORS  equ 8
MAX_INDEX_SECTORS   equ 32
MAX_DEPTH           equ 16              ; of a directory's tree; ends one that is a loop

; Tables of decoded runs, in a segment of their own. A header of 8 bytes: how many clusters there
; are in all, where the next run goes. Then each run's clusters, and its first one on the volume.
RUNS_SEGMENT        equ 0x1000
TABLE_BYTES         equ 0x5000          ; 2559 runs
MFT_RUNS            equ 0
FILE_RUNS           equ TABLE_BYTES
LIST_RUNS           equ TABLE_BYTES * 2
TABLE_CLUSTERS      equ 0
TABLE_END           equ 4
TABLE_HEADER        equ 8

; An attribute list is put where BOOTMGR goes later.
LIST_SEGMENT        equ BOOTMGR_SEGMENT
MAX_LIST_BYTES      equ 0xF000

; File record
FIRST_ATTRIBUTE     equ 0x14
RECORD_FLAGS        equ 0x16            ; bit 0: in use
; Attribute
TYPE                equ 0
LENGTH              equ 4
IS_NON_RESIDENT     equ 8
NAME_LENGTH         equ 9
ATTRIBUTE_FLAGS     equ 0x0C
VALUE_LENGTH        equ 0x10            ; of a resident one
VALUE_OFFSET        equ 0x14
LOWEST_CLUSTER      equ 0x10            ; of a non-resident one
RUNS_OFFSET         equ 0x20
ALLOCATED_BYTES     equ 0x28
DATA_BYTES          equ 0x30
INITIALIZED_BYTES   equ 0x38
NOT_PLAIN           equ 0xC0FF          ; compressed, encrypted, sparse
; Entry of an attribute list
LIST_LENGTH         equ 4
LIST_NAME_LENGTH    equ 6
LIST_LOWEST_CLUSTER equ 8
LIST_RECORD         equ 0x10
; Types of attributes, with the length of their name: $I30 is the one of a directory's index
ATTRIBUTE_LIST      equ 0x0020
UNNAMED_DATA        equ 0x0080
INDEX_ROOT          equ 0x0490
INDEX_ALLOCATION    equ 0x04A0
; Index
INDEX_ROOT_HEADER   equ 0x10            ; where the header is in the attribute's value
INDEX_BLOCK_HEADER  equ 0x18            ; and in a block
ENTRY_LENGTH        equ 8
ENTRY_FLAGS         equ 0x0C            ; bit 0: entries before it in a block below; bit 1: the last
ENTRY_FILE_FLAGS    equ 0x4B            ; the highest byte
ENTRY_NAME_LENGTH   equ 0x50
ENTRY_NAME          equ 0x52
IS_FOLDER           equ 0x10

MFT_RECORD          equ 0
ROOT_RECORD         equ 5

%include "vbr-sector0.inc"

VARIABLES           equ DATA + SECTOR0_DATA_SIZE
%define CLUSTER_SECTORS      dword [VARIABLES]
%define RECORD_SECTORS       dword [VARIABLES + 4]
%define INDEX_SECTORS        dword [VARIABLES + 8]
%define INDEX_UNIT_SECTORS   dword [VARIABLES + 12]  ; in which places of index blocks are counted
%define WANTED_CLUSTER       dword [VARIABLES + 16]  ; which piece of an attribute
%define LIST_END             dword [VARIABLES + 20]
%define LOAD_SEGMENT         word  [VARIABLES + 24]
%define WANTED               word  [VARIABLES + 26]  ; which attribute: name length, type
%define NODE_END             word  [VARIABLES + 28]
%define DEPTH                byte  [VARIABLES + 30]

; ------------------------------------------- stage 2 -------------------------------------------

        dd      STAGE2_MAGIC

stage2: movzx   eax, SECTORS_PER_CLUSTER
        cmp     al, 128
        jbe     .plain
        neg     al                      ; 256 sectors and more are told by their logarithm
        mov     cl, al
        mov     eax, 1
        cmp     cl, 12                  ; 2 MiB, the most there is
        ja      damaged
        shl     eax, cl
.plain: test    eax, eax
        jz      damaged
        mov     CLUSTER_SECTORS, eax

        mov     al, CLUSTERS_PER_RECORD
        call    decode_size
        cmp     eax, MAX_RECORD_SECTORS
        ja      damaged
        mov     RECORD_SECTORS, eax
        mov     al, CLUSTERS_PER_INDEX
        call    decode_size
        cmp     eax, MAX_INDEX_SECTORS
        ja      damaged
        mov     INDEX_SECTORS, eax
        mov     ecx, CLUSTER_SECTORS
        cmp     eax, ecx
        jae     .unit
        mov     ecx, 1                  ; blocks smaller than a cluster are counted in sectors
.unit:  mov     INDEX_UNIT_SECTORS, ecx

; Of $MFT only the beginning is known, which holds the record that tells where the rest is.
        mov     si, MFT_RUNS
        call    clear_runs
        mov     eax, RECORD_SECTORS
        add     eax, CLUSTER_SECTORS
        dec     eax
        xor     edx, edx
        div     CLUSTER_SECTORS
        mov     edx, eax
        cmp     MFT_CLUSTER_HIGH, 0
        jne     damaged
        mov     edi, MFT_CLUSTER
        mov     bp, si
        call    append_run
        mov     eax, MFT_RECORD
        mov     cx, UNNAMED_DATA
        call    open_attribute
        jc      damaged

; Looks for BOOTMGR in the root directory.
        mov     si, FILE_RUNS
        call    clear_runs              ; a small directory has no blocks
        mov     eax, ROOT_RECORD
        mov     cx, INDEX_ALLOCATION
        call    open_attribute
        mov     eax, ROOT_RECORD
        mov     cx, INDEX_ROOT
        mov     WANTED_CLUSTER, 0
        call    find_piece
        jc      damaged
        cmp     byte [di + IS_NON_RESIDENT], 0
        jne     damaged
        add     di, [di + VALUE_OFFSET]
        add     di, INDEX_ROOT_HEADER
        mov     DEPTH, MAX_DEPTH
.node:  mov     bx, di                  ; DI = header
        add     bx, [di + 4]            ; how long the node is
        jc      damaged
        mov     NODE_END, bx
        add     di, [di]                ; first entry
.entry: mov     bx, [di + ENTRY_LENGTH]
        cmp     bx, 16
        jb      damaged
        add     bx, di                  ; BX = behind it
        jc      damaged
        cmp     bx, NODE_END
        ja      damaged
        test    byte [di + ENTRY_FLAGS], 2
        jnz     .down
        call    compare_name
        je      .found
        jb      .down
        mov     di, bx                  ; BOOTMGR is behind this entry
        jmp     .entry
.down:  test    byte [di + ENTRY_FLAGS], 1
        jz      .missing
        dec     DEPTH
        jz      damaged
        cmp     dword [bx - 4], 0
        jne     damaged
        mov     eax, [bx - 8]           ; place of the block
        mul     INDEX_UNIT_SECTORS
        jc      damaged
        mov     edi, INDEX_SECTORS
        mov     LOAD_SEGMENT, INDEX_BLOCK / 16
        mov     si, FILE_RUNS
        call    read_attribute
        mov     di, INDEX_BLOCK
        mov     eax, 'INDX'
        mov     ecx, INDEX_SECTORS
        call    fix_up
        add     di, INDEX_BLOCK_HEADER
        jmp     .node
.found: test    byte [di + ENTRY_FILE_FLAGS], IS_FOLDER
        jz      .load
.missing:
        stop    "BOOTMGR is missing"

; DI = its entry in the index.
.load:  mov     eax, [di]
        cmp     word [di + 4], 0        ; the upper bits of the record's number
        jne     damaged
        push    eax
        mov     cx, UNNAMED_DATA
        mov     WANTED_CLUSTER, 0
        call    find_piece
        jc      .odd
        test    word [di + ATTRIBUTE_FLAGS], NOT_PLAIN
        jnz     .odd
        cmp     byte [di + IS_NON_RESIDENT], 0
        jne     .non_resident
        cmp     dword [di + VALUE_LENGTH], 0
        je      .empty
        stop    "BOOTMGR is too small"  ; it lies in its record, and no real one does
.empty: xor     edi, edi
        jmp     .size
.non_resident:
        mov     eax, [di + INITIALIZED_BYTES]
        cmp     eax, [di + DATA_BYTES]
        jne     .odd
        mov     edx, [di + DATA_BYTES + 4]
        mov     edi, eax
        test    edx, edx
        jz      .size
        or      edi, -1                 ; 4 GiB and more
.size:
%include "vbr-size.inc"
        pop     eax
        push    edi
        mov     cx, UNNAMED_DATA
        mov     si, FILE_RUNS
        call    open_attribute
        jc      damaged
        pop     edi
        xor     eax, eax
        mov     LOAD_SEGMENT, BOOTMGR_SEGMENT
        call    read_attribute
        jmp     start_bootmgr
.odd:   stop    "BOOTMGR is compressed, encrypted or has holes"

; In: AL = a size in the BPB: clusters, or if negative the logarithm of bytes. Out: EAX = sectors.
; Clobbers CL, EDX.
decode_size:
        movsx   eax, al
        test    eax, eax
        jz      damaged
        js      .bytes
        mul     CLUSTER_SECTORS
        ret
.bytes: neg     al
        mov     cl, al
        sub     cl, 9
        jb      damaged
        mov     eax, 1
        shl     eax, cl
        ret

; In: DI = an entry of the index, not the last. Out: flags as of comparing BOOTMGR with its name.
; Names are sorted by their upper-case letters; of other letters than a..z none becomes one of
; BOOTMGR's. Keeps BX, DI.
compare_name:
        push    di
        movzx   cx, byte [di + ENTRY_NAME_LENGTH]
        add     di, ENTRY_NAME
        mov     si, bootmgr_name
        xor     ax, ax
.letter:
        lodsb
        jcxz    .ended
        mov     dx, [di]
        cmp     dx, 'a'
        jb      .upper
        cmp     dx, 'z'
        ja      .upper
        sub     dl, 'a' - 'A'
.upper: cmp     ax, dx                  ; the end of BOOTMGR, 0, is below any letter
        jne     .out
        inc     di
        inc     di
        loop    .letter
        lodsb
.ended: cmp     al, 0
.out:   pop     di
        ret

; In: EAX = number of a file record, CX = attribute, SI = table. Out: carry if there is no such
; attribute; else its runs, from all of its pieces, are in the table. For $MFT's own data the table
; is replaced as soon as the first piece is at hand, through which the others are found.
open_attribute:
        mov     WANTED_CLUSTER, 0
        push    eax
        push    cx
        push    si
        call    find_piece
        pop     si
        jc      .out
        mov     eax, [di + ALLOCATED_BYTES]
        mov     edx, [di + ALLOCATED_BYTES + 4]
        shrd    eax, edx, 9
        shr     edx, 9
        jnz     damaged
        div     CLUSTER_SECTORS
        push    eax                     ; how many clusters are to come
        call    clear_runs
.piece: call    append_runs
        mov     eax, [fs:si + TABLE_CLUSTERS]
        pop     edx
        cmp     eax, edx
        jae     .out                    ; carry is clear
        cmp     eax, WANTED_CLUSTER
        je      damaged                 ; a piece of nothing would be found again
        mov     WANTED_CLUSTER, eax
        pop     cx
        pop     eax
        push    eax
        push    cx
        push    edx
        push    si
        call    find_piece
        pop     si
        jnc     .piece
        jmp     damaged
.out:   pop     cx
        pop     eax
        ret

; In: EAX = number of a file record, CX = attribute, WANTED_CLUSTER = first cluster of the piece.
; Out: DI = that piece of it, or carry. Clobbers everything.
find_piece:
        mov     WANTED, cx
        push    eax
        call    load_record
        mov     cx, ATTRIBUTE_LIST
        call    find_attribute
        jnc     .list
        pop     eax
        mov     di, FILE_RECORD
        mov     cx, WANTED
        jmp     find_attribute
.list:  pop     eax
        call    load_list
        xor     di, di                  ; ES:DI = entry
.entry: movzx   eax, di
        cmp     eax, LIST_END
        cmc
        jc      .out
        mov     cx, WANTED
        movzx   eax, cl
        cmp     [es:di + TYPE], eax
        jne     .next
        cmp     [es:di + LIST_NAME_LENGTH], ch
        jne     .next
        mov     eax, [es:di + LIST_LOWEST_CLUSTER]
        cmp     eax, WANTED_CLUSTER
        je      .found
.next:  mov     ax, [es:di + LIST_LENGTH]
        test    ax, ax
        jz      damaged
        add     di, ax
        jc      damaged
        jmp     .entry
.found: mov     eax, [es:di + LIST_RECORD]
        cmp     word [es:di + LIST_RECORD + 4], 0
        jne     damaged
        call    load_record
        mov     cx, WANTED
        jmp     find_attribute
.out:   ret

; In: DI = attribute list in FILE_RECORD. Out: it is at ES:0000. Clobbers everything.
load_list:
        cmp     byte [di + IS_NON_RESIDENT], 0
        jne     .non_resident
        mov     ecx, [di + VALUE_LENGTH]
        cmp     ecx, MAX_RECORD_SECTORS * 512
        ja      damaged
        mov     LIST_END, ecx
        mov     si, di
        add     si, [di + VALUE_OFFSET]
        xor     di, di
        push    word LIST_SEGMENT
        pop     es
        rep     movsb
        ret
.non_resident:
        mov     eax, [di + DATA_BYTES]
        cmp     eax, MAX_LIST_BYTES
        ja      too_fragmented
        mov     LIST_END, eax
        push    eax
        mov     si, LIST_RUNS
        call    clear_runs
        call    append_runs
        pop     edi
        add     edi, 511
        shr     edi, 9
        xor     eax, eax
        mov     LOAD_SEGMENT, LIST_SEGMENT
        call    read_attribute
        push    word LIST_SEGMENT
        pop     es
        ret

; In: DI = file record, CX = attribute, WANTED_CLUSTER if it is one in pieces. Out: DI = it, or
; carry. Clobbers EAX, BX.
find_attribute:
        lea     bx, [di + MAX_RECORD_SECTORS * 512 - ALLOCATED_BYTES]
        add     di, [di + FIRST_ATTRIBUTE]
.look:  cmp     di, bx
        ja      damaged
        cmp     dword [di + TYPE], -1
        stc
        je      .out
        movzx   eax, cl
        cmp     [di + TYPE], eax
        jne     .next
        cmp     [di + NAME_LENGTH], ch
        jne     .next
        cmp     byte [di + IS_NON_RESIDENT], 0  ; clears the carry
        je      .out
        cmp     cl, ATTRIBUTE_LIST      ; is never in pieces
        je      .out
        mov     eax, WANTED_CLUSTER
        cmp     [di + LOWEST_CLUSTER], eax
        je      .out
.next:  cmp     word [di + LENGTH], 0
        je      damaged
        add     di, [di + LENGTH]
        jc      damaged
        jmp     .look
.out:   ret

; In: EAX = number of a file record. Out: DI = it, at FILE_RECORD. Clobbers everything.
load_record:
        mul     RECORD_SECTORS
        jc      damaged
        mov     edi, RECORD_SECTORS
        mov     LOAD_SEGMENT, FILE_RECORD / 16
        mov     si, MFT_RUNS
        call    read_attribute
        mov     di, FILE_RECORD
        mov     eax, 'FILE'
        mov     ecx, RECORD_SECTORS
        call    fix_up
        test    byte [di + RECORD_FLAGS], 1
        jz      damaged
        ret

; In: DI = a block of ECX sectors that begins with EAX. Undoes its update sequence: the last word of
; each sector was put aside, and a number in its place tells whether all sectors were written.
; Clobbers AX, BX, CX, DX, SI.
fix_up: cmp     [di], eax
        jne     damaged
        mov     bx, [di + 4]
        inc     cx
        cmp     [di + 6], cx            ; the number and a word for each sector
        jne     damaged
        cmp     bx, 512 - 2 - (MAX_INDEX_SECTORS + 1) * 2
        ja      damaged
        add     bx, di
        mov     ax, [bx]
        lea     si, [di + 510]
        dec     cx
.sector:
        inc     bx
        inc     bx
        cmp     [si], ax
        jne     damaged
        mov     dx, [bx]
        mov     [si], dx
        add     si, 512
        loop    .sector
        ret

%include "ntfs-runs.inc"

start_bootmgr:
%include "vbr-handover.inc"

too_fragmented:
        stop    "the file system is too fragmented"

bootmgr_name        db "BOOTMGR", 0

%include "vbr-errors.inc"

        ; A negative count is an error: the build fails if the code outgrows its room.
        times   (1 + STAGE2_SECTORS) * 512 - ($ - $$) db 0
