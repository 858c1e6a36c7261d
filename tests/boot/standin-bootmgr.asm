; SPDX-License-Identifier: GPL-3.0-or-later
;
; Stand-in for BOOTMGR in tests. It checks the contract of core/boot/vbr-handover.inc from the other
; side, says on COM1 either
;       BOOTMGR OK drive=80 hidden=00000800
; or    BOOTMGR BAD: what is wrong
; and leaves QEMU through isa-debug-exit at port F4h, with 10h for good and 20h for bad.
;
; make-standin.py pads the program with noise to the wanted size and fills in the header.

        bits    16
        cpu     386
        org     0

RECORD  equ     0x7C00
SECTOR  equ     0x6000                  ; the volume's first sector is read to here
HIDDEN  equ     0x1C
FAT_DRIVE  equ  0x40
NTFS_DRIVE equ  0x24
HEADER  equ     64                      ; the checksum covers what follows

        jmp     near start
        db      0
size    dd      0                       ; of the whole file
sum     dd      0                       ; FNV-1a of all bytes behind this header
; What the registers were.
got_eax  dd 0
got_ebx  dd 0
got_ecx  dd 0
got_edx  dd 0
got_esi  dd 0
got_edi  dd 0
got_ebp  dd 0
got_esp  dd 0
got_flags dd 0
got_ds  dw 0
got_es  dw 0
got_fs  dw 0
got_gs  dw 0
got_ss  dw 0
        times   HEADER - ($ - $$) db 0

; check CONDITION, "text": goes on if the condition holds
%macro check 2
        j%+1    %%good
        call    bad
        db      %2, 0
%%good:
%endmacro

start:  mov     [cs:got_ds], ds
        push    cs
        pop     ds
        pushfd
        pop     dword [got_flags]
        mov     [got_eax], eax
        mov     [got_ebx], ebx
        mov     [got_ecx], ecx
        mov     [got_edx], edx
        mov     [got_esi], esi
        mov     [got_edi], edi
        mov     [got_ebp], ebp
        mov     [got_esp], esp
        mov     [got_es], es
        mov     [got_fs], fs
        mov     [got_gs], gs
        mov     [got_ss], ss
        cld
        call    open_serial

        call    .ip
.ip:    pop     ax
        cmp     ax, .ip
        check   e, "IP is not 0000"
        mov     ax, cs
        cmp     ax, 0x2000
        check   e, "CS is not 2000"
        call    checksum
        cmp     eax, [sum]
        check   e, "checksum"

        call    check_registers
        call    check_record
        call    check_a20

        mov     si, text_ok
        call    say
        mov     al, [got_edx]
        call    say_hex8
        mov     si, text_hidden
        call    say
        xor     ax, ax
        mov     es, ax
        mov     eax, [es:RECORD + HIDDEN]
        call    say_hex32
        mov     si, text_end
        call    say
        mov     al, 0x10
leave_emulator:
        out     0xF4, al
.hang:  hlt
        jmp     .hang

; Out: EAX = FNV-1a of the file behind the header. Clobbers ECX, SI, ES.
checksum:
        mov     eax, 0x811C9DC5
        mov     ecx, [size]
        sub     ecx, HEADER
        push    cs
        pop     es
        mov     si, HEADER
.byte:  xor     al, [es:si]
        imul    eax, eax, 0x01000193
        inc     si
        jnz     .same_segment
        mov     bx, es
        add     bx, 0x1000
        mov     es, bx
.same_segment:
        dec     ecx
        jnz     .byte
        ret

check_registers:
        mov     eax, [got_eax]
        or      eax, [got_ebx]
        or      eax, [got_ecx]
        or      eax, [got_esi]
        or      eax, [got_edi]
        check   z, "a general register is not 0"
        mov     eax, [got_edx]
        shr     eax, 8
        check   z, "EDX holds more than the drive"
        cmp     dword [got_esp], RECORD
        check   e, "ESP is not 7C00"
        cmp     dword [got_ebp], RECORD
        check   e, "EBP is not 7C00"
        mov     ax, [got_ds]
        or      ax, [got_es]
        or      ax, [got_fs]
        or      ax, [got_gs]
        or      ax, [got_ss]
        check   z, "a segment register is not 0"
        test    word [got_flags], 0x0200
        check   z, "interrupts are on"
        test    word [got_flags], 0x0400
        check   z, "the direction flag is set"
        ret

; The sector at 0000:7C00 must be the one that the BPB's hidden sectors and DL lead to, except for
; the fields that are patched in memory.
check_record:
        sti
        xor     ax, ax
        mov     es, ax
        mov     di, RECORD + FAT_DRIVE
        cmp     dword [es:RECORD + 3], 'NTFS'
        jne     .drive
        mov     di, RECORD + NTFS_DRIVE
.drive: mov     al, [got_edx]
        cmp     [es:di], al
        check   e, "the BPB's drive is not DL"
        mov     [drive_field], di
        mov     ah, 0x08
        mov     dl, al
        push    es
        int     0x13
        pop     es
        check   nc, "no geometry from the BIOS"
        and     cx, 0x3F
        cmp     [es:RECORD + 0x18], cx
        check   e, "the BPB's sectors per track are not the BIOS's"
        movzx   dx, dh
        inc     dx
        cmp     [es:RECORD + 0x1A], dx
        check   e, "the BPB's heads are not the BIOS's"

        mov     eax, [es:RECORD + HIDDEN]
        mov     [packet.lba], eax
        mov     si, packet
        mov     dl, [got_edx]
        mov     ah, 0x42
        int     0x13
        check   nc, "cannot read at the BPB's hidden sectors with DL"
        xor     ax, ax
        mov     es, ax
        mov     eax, [es:RECORD + 0x18]         ; geometry, then hidden sectors, then drive
        mov     [es:SECTOR + 0x18], eax
        mov     eax, [es:RECORD + HIDDEN]
        mov     [es:SECTOR + HIDDEN], eax
        mov     di, [drive_field]
        mov     al, [es:di]
        mov     [es:di + SECTOR - RECORD], al
        push    ds
        push    es
        pop     ds
        mov     si, RECORD
        mov     di, SECTOR
        mov     cx, 512
        repe    cmpsb
        pop     ds
        check   e, "0000:7C00 is not the volume's first sector"
        ret

; With A20 off, FFFF:0510 is the byte at 0000:0500.
check_a20:
        cli
        xor     ax, ax
        mov     es, ax
        dec     ax
        mov     fs, ax
        mov     byte [es:0x0500], 0x5A
        mov     byte [fs:0x0510], 0xA5
        cmp     byte [es:0x0500], 0x5A
        check   e, "A20 is off"
        ret

; Says the text behind the call and leaves.
bad:    push    cs
        pop     ds
        mov     si, text_bad
        call    say
        pop     si
        call    say
        mov     si, text_end
        call    say
        mov     al, 0x20
        jmp     leave_emulator

; COM1, 115200 baud, 8N1, no interrupts
open_serial:
        mov     si, .settings
.next:  lodsw
        test    ax, ax
        jz      .done
        movzx   dx, al
        add     dx, 0x03F8
        mov     al, ah
        out     dx, al
        jmp     .next
.done:  ret
.settings:
        db      1, 0x00, 3, 0x83, 0, 0x01, 1, 0x00, 3, 0x03, 0, 0

say:    lodsb
        test    al, al
        jz      open_serial.done
        call    say_char
        jmp     say

say_hex32:
        push    eax
        shr     eax, 16
        call    .half
        pop     eax
.half:  push    ax
        mov     al, ah
        call    say_hex8
        pop     ax
say_hex8:
        push    ax
        shr     al, 4
        call    .digit
        pop     ax
        and     al, 0x0F
.digit: cmp     al, 10
        jb      .decimal
        add     al, 'a' - '0' - 10
.decimal:
        add     al, '0'
say_char:
        mov     ah, al
        mov     dx, 0x03F8 + 5
.busy:  in      al, dx
        test    al, 0x20
        jz      .busy
        mov     dx, 0x03F8
        mov     al, ah
        out     dx, al
        ret

text_ok         db "BOOTMGR OK drive=", 0
text_hidden     db " hidden=", 0
text_bad        db "BOOTMGR BAD: ", 0
text_end        db 13, 10, 0

drive_field     dw 0                    ; of the BPB at 0000:7C00

        align   4
packet          dw 16, 1, SECTOR, 0     ; one sector to 0000:6000
.lba            dd 0, 0
