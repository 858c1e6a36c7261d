; SPDX-License-Identifier: GPL-3.0-or-later
;
; Boot sector of a floppy disk that behaves like an odd BIOS: it loads one sector of the first hard
; disk to 0000:7C00 and starts it with a drive number of the test's choice in DL, as 07C0:0000.

        bits    16
        cpu     386
        org     0x0600

        jmp     short start
        nop
drive   db      0                       ; filled in by the test
packet  dw      16, 1, 0x7C00, 0
.lba    dd      0, 0                    ; filled in by the test

start:  cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7000
        cld
        mov     si, 0x7C00
        mov     di, 0x0600
        mov     cx, 256
        rep     movsw
        jmp     0x0000:.moved
.moved: sti
        mov     si, packet
        mov     dl, 0x80
        mov     ah, 0x42
        int     0x13
        mov     dl, [drive]
        mov     ax, 0xFFFF              ; nothing but DL may be relied on
        mov     bx, ax
        mov     cx, ax
        mov     si, ax
        mov     di, ax
        mov     bp, ax
        mov     ds, ax
        mov     es, ax
        std
        jmp     0x07C0:0x0000

        times   510 - ($ - $$) db 0
        dw      0xAA55
