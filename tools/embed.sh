#!/bin/sh
# embed.sh NAME FILE... - an assembler file that carries FILEs inside a program.
# It defines `const struct tl_embed tl_embed_NAME[]` (include/tl_embed.h): {name, data, len}, ended by a row of NULLs.
name=$1; shift
n=0
printf '.section .rodata\n'
for f in "$@"; do
    printf 'tl_e_%s_%d:\n .incbin "%s"\ntl_e_%s_%d_end:\n .byte 0\ntl_e_%s_%d_name: .asciz "%s"\n' \
        "$name" $n "$f" "$name" $n "$name" $n "$(basename "$f")"
    n=$((n + 1))
done
printf '.section .data.rel.ro,"aw"\n.balign 8\n.globl tl_embed_%s\ntl_embed_%s:\n' "$name" "$name"
i=0
while [ $i -lt $n ]; do
    printf ' .quad tl_e_%s_%d_name, tl_e_%s_%d, tl_e_%s_%d_end - tl_e_%s_%d\n' "$name" $i "$name" $i "$name" $i "$name" $i
    i=$((i + 1))
done
printf ' .quad 0, 0, 0\n.section .note.GNU-stack,"",%%progbits\n'
