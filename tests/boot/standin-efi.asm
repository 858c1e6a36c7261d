; SPDX-License-Identifier: GPL-3.0-or-later
;
; Stand-in for \EFI\BOOT\BOOTX64.EFI in tests: a PE32+ image put together by hand. It says
; "BOOTX64 OK" on COM1 and leaves QEMU through isa-debug-exit at port F4h.
;
; In: RDX = EFI_SYSTEM_TABLE, not needed; firmware has opened COM1.

        bits    64
        org     0

HEADERS_SIZE    equ 0x200
IMAGE_SIZE      equ 0x400

        db      "MZ"
        times   0x3C - ($ - $$) db 0
        dd      pe_header
pe_header:
        db      "PE", 0, 0
        dw      0x8664                  ; x86-64
        dw      1                       ; sections
        dd      0, 0, 0
        dw      section_table - optional_header
        dw      0x0022                  ; executable, large addresses
optional_header:
        dw      0x020B                  ; PE32+
        dw      0
        dd      IMAGE_SIZE - HEADERS_SIZE, 0, 0
        dd      code                    ; entry point
        dd      code
        dq      0                       ; image base
        dd      0x200, 0x200            ; alignment in memory and in the file
        times   6 dw 0                  ; versions
        dd      0
        dd      IMAGE_SIZE, HEADERS_SIZE, 0
        dw      10, 0                   ; EFI application
        times   4 dq 0                  ; stack and heap
        dd      0, 6
        times   6 dq 0                  ; data directories
section_table:
        db      ".text", 0, 0, 0
        dd      IMAGE_SIZE - HEADERS_SIZE, code, IMAGE_SIZE - HEADERS_SIZE, code
        dd      0, 0, 0
        dd      0x60000020              ; code, readable, executable
        times   HEADERS_SIZE - ($ - $$) db 0

code:   cld
        lea     rsi, [rel text]
.next:  lodsb
        test    al, al
        jz      .leave
        mov     ah, al
        mov     dx, 0x03F8 + 5
.busy:  in      al, dx
        test    al, 0x20
        jz      .busy
        mov     dx, 0x03F8
        mov     al, ah
        out     dx, al
        jmp     .next
.leave: mov     al, 0x10
        out     0xF4, al
        xor     eax, eax                ; EFI_SUCCESS, where there is no such port
        ret

text    db      13, 10, "BOOTX64 OK", 13, 10, 0
        times   IMAGE_SIZE - ($ - $$) db 0
