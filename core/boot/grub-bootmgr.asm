; SPDX-License-Identifier: GPL-3.0-or-later
;
; The head of a file BOOTMGR that is GRUB: our boot records start any BOOTMGR, and this one moves the
; GRUB behind it to where GRUB's own loader would have put it.
;
; In:  the file is whole in memory at 2000:0000, CS:IP = 2000:0000, DL = BIOS drive number.
; Out: jump to 0000:8200 with GRUB's kernel there, DL = drive, DS = ES = SS = 0, SP = 7C00h,
;      interrupts on, direction flag clear (what GRUB's diskboot.img hands on; GRUB sets up the rest).

        bits    16
        cpu     386
        org     0

SELF    equ     0x2000                  ; segment
KERNEL  equ     0x0820                  ; segment; GRUB_BOOT_MACHINE_KERNEL_ADDR is 8200h
MOVER   equ     0x0600                  ; nobody needs the MBR that was there
STACK   equ     0x7C00
SECTOR  equ     512

start:  jmp     short move
        times   4 - ($ - start) db 0
sector_count:
        dw      0                       ; of the kernel; whoever makes the file fills it in

; What is moved may come to lie on this head, so the loop runs elsewhere.
move:   cli
        cld
        xor     ax, ax
        mov     ss, ax
        mov     sp, STACK
        sti
        mov     es, ax
        mov     ax, SELF
        mov     ds, ax
        mov     bp, [sector_count]
        mov     si, mover
        mov     di, MOVER
        mov     cx, mover_end - mover
        rep     movsb
        mov     bx, SELF + SECTOR / 16
        mov     ax, KERNEL
        jmp     0x0000:MOVER

; From BX:0 to AX:0, BP sectors, upwards: the goal is below the source.
mover:  mov     ds, bx
        mov     es, ax
        xor     si, si
        xor     di, di
        mov     cx, SECTOR / 2
        rep     movsw
        add     bx, SECTOR / 16
        add     ax, SECTOR / 16
        dec     bp
        jnz     mover
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        jmp     0x0000:KERNEL * 16
mover_end:

        times   SECTOR - ($ - start) db 0
