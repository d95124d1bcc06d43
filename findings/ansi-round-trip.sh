#!/usr/bin/env bash
# Windows' code pages (Wine 8.0): Big5 bytes come back whole through 1252 and 936, not through 932, 949 and UTF-8 (65001).
#
# Behaviour: a String of VB6 (Declare) and a string of PowerBuilder's ANSI functions pass a DLL by way of the system's code page,
#   whatever the bytes mean: MultiByteToWideChar to read, WideCharToMultiByte to write. 1252 has a character for each byte, 936 one
#   for each pair that Big5 uses, so that nothing is lost, though other characters are shown. 950 itself changes ten codes that
#   have a twin (十 is A451 and A2CC). UTF-8, which Windows offers as a box in its settings, makes U+FFFD of nearly all.
# Seen (page: codes of two bytes, followed by an A, that come back the same, of 13,911; that are read as two characters)
#   950: 13901 13911
#   1252: 13911 0
#   932: 12686 5881
#   936: 13911 13911
#   949: 9824 13911
#   65001: 930 3170
# What it means here: on an English or a mainland Chinese Windows an old program shows wrong names and still sends the right bytes
#   back to the bridge; on a Japanese or Korean one, or with the box for UTF-8, it does not, and fields move. `cshis-bridge doctor`
#   names the machine's code page (bridge/doctor/ansi_page.py).
# Needs wine (Debian's 8.0) and mingw-w64 for 64 bits. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all DISPLAY=''
trap 'wineserver -k >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
cd "$work"
[[ $(wine --version 2>/dev/null) == wine-8.0* ]] || { echo "another version of Wine" >&2; exit 1; }

cat > trip.c <<'C'
#include <stdio.h>
#include <string.h>
#include <windows.h>

int main(void) {
    static const UINT pages[] = {950, 1252, 932, 936, 949, 65001};
    for (size_t page = 0; page < sizeof pages / sizeof *pages; page++) {
        int same = 0, two = 0;
        for (int first = 0xA1; first <= 0xF9; first++)
            for (int second = 0x40; second <= 0xFE; second++) {
                const char code[3] = {(char)first, (char)second, 'A'};
                char back[16];
                WCHAR text[8];
                if (second > 0x7E && second < 0xA1) continue;
                if (MultiByteToWideChar(950, MB_ERR_INVALID_CHARS, code, 3, text, 8) != 2) continue;
                const int length = MultiByteToWideChar(pages[page], 0, code, 3, text, 8);
                const int bytes = WideCharToMultiByte(pages[page], 0, text, length, back, sizeof back, NULL, NULL);
                same += bytes == 3 && memcmp(back, code, 3) == 0;
                two += length == 2;
            }
        printf("%u: %d %d\n", pages[page], same, two);
    }
    return 0;
}
C
x86_64-w64-mingw32-gcc -O1 -o trip.exe trip.c
seen=$(wine trip.exe 2>/dev/null | tr -d '\r')
echo "$seen"
expected='950: 13901 13911
1252: 13911 0
932: 12686 5881
936: 13911 13911
949: 9824 13911
65001: 930 3170'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
