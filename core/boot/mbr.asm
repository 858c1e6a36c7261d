; SPDX-License-Identifier: GPL-3.0-or-later
;
; Master boot record: finds the one active partition, loads its boot record and starts it.
;
; In:  the BIOS loaded sector 0 to linear 7C00h and jumped there as 0000:7C00 or 07C0:0000;
;      DL = BIOS drive number. Nothing else may be relied on.
; Out: jump to 0000:7C00 with the partition's first sector there,
;      DL = drive, DS:SI = DS:BP = the partition's table entry, DS = ES = SS = 0, SP = 7C00h,
;      interrupts on, direction flag clear.
;
; Bytes 0..439 of the sector are ours. 440..509 hold the disk signature and the partition table;
; they belong to whoever partitioned the disk, and the installer does not write them.

        bits    16
        cpu     386
        org     0x0600                  ; where it runs; 7C00h is needed for the boot record

ROOM    equ     440
SELF    equ     0x0600
RECORD  equ     0x7C00                  ; sectors are loaded here
TABLE   equ     SELF + 446              ; four entries of 16 bytes
%define DRIVE   byte [0x0800]           ; behind our copy, which is compared with the disk

; Partition table entry
FLAG    equ     0                       ; 80h active, 00h not; nothing else is legal
CHS     equ     1                       ; head, then sector and cylinder as INT 13h wants them in CX
LBA     equ     8

%include "console.inc"

start:  cli
        xor     ax, ax
        mov     ss, ax
        mov     sp, RECORD
        sti
        mov     ds, ax
        mov     es, ax
        cld
        mov     si, sp                  ; = RECORD, where we still are
        mov     di, SELF
        mov     cx, 256
        rep     movsw
        jmp     0x0000:main             ; also brings CS to 0

main:   test    dl, 0x70                ; 00h..0Fh and 80h..8Fh are believable. Some BIOSes leave
        jz      .believe                ; rubbish: take it for the first hard disk
        mov     dl, 0x80
.believe:
        mov     DRIVE, dl

        ; Exactly one entry must be active, and the others plainly not: any other flag means that
        ; this is no partition table.
        xor     bp, bp
        mov     si, TABLE
        mov     cl, 4                   ; CX is 0 after REP
.entry: mov     al, [si + FLAG]
        test    al, al
        jz      .next
        cmp     al, 0x80
        jne     .invalid
        test    bp, bp
        jnz     .invalid
        mov     bp, si
.next:  add     si, 16
        loop    .entry
        test    bp, bp
        jnz     .choose_drive
        stop    "no active partition"
.invalid:
        stop    "invalid partition table"

        ; A BIOS that shows the stick as a floppy disk (DL < 80h) may refuse LBA there, and yet
        ; serve it with LBA as the first hard disk. Believe that only if sector 0 is the same.
.choose_drive:
        call    check_lba
        jnc     .read
        mov     dl, 0x80
        xor     esi, esi
        call    read_lba
        jc      .read
        mov     si, SELF
        mov     di, RECORD
        mov     cx, 256
        repe    cmpsw
        jne     .read
        mov     DRIVE, 0x80

.read:  mov     di, 4                   ; attempts
.try:   mov     dl, DRIVE
        mov     esi, [bp + LBA]
        call    read_lba
        jnc     .loaded
        mov     dh, [bp + CHS]          ; no LBA, or it failed: by cylinder, head and sector
        mov     cx, [bp + CHS + 1]
        mov     bx, RECORD
        mov     ax, 0x0201
        int     0x13
        jnc     .loaded
        xor     ah, ah                  ; reset the drive, then once more
        int     0x13
        dec     di
        jnz     .try
        stop    "cannot read active partition"

.loaded:
        cmp     word [RECORD + 510], 0xAA55
        je      .run
        stop    "active partition not bootable"
.run:   mov     si, bp
        mov     dl, DRIVE
        jmp     0x0000:RECORD

; Reads sector ESI of drive DL to 0000:7C00. Out: carry on failure. Keeps DL, DI, BP.
read_lba:
        call    check_lba
        jc      check_lba.out
        push    dword 0                 ; disk address packet: LBA, high half
        push    esi                     ; LBA, low half
        push    word 0                  ; to segment
        push    word RECORD             ; and offset
        push    word 1                  ; sectors
        push    word 16                 ; size of the packet
        mov     si, sp
        mov     ah, 0x42
        int     0x13
        lea     sp, [esp + 16]          ; drops the packet and keeps the carry
        ret

%include "check-lba.inc"

        console_routines

        ; A negative count is an error: the build fails if the code outgrows its room.
        times   ROOM - ($ - $$) db 0
