/* Prints code page 950 of the system that it runs on:
 * "d CODE CHARACTER" for each pair that is a character there,
 * "e CHARACTER CODE" for each character that has a code of its own, in hexadecimal. */
#include <stdio.h>
#include <windows.h>

#define PAGE 950

int main(void)
{
    for (unsigned code = 0x8100; code <= 0xFEFF; code++) {
        char pair[2] = {(char)(code >> 8), (char)(code & 0xFF)};
        WCHAR text[2];
        unsigned trail = code & 0xFF;
        if (trail >= 0x40 && trail != 0x7F && (trail < 0x80 || trail > 0xA0) && trail != 0xFF &&
            MultiByteToWideChar(PAGE, MB_ERR_INVALID_CHARS, pair, 2, text, 2) == 1)
            printf("d %04X %04X\n", code, text[0]);
    }
    for (unsigned number = 0x80; number <= 0xFFFF; number++) {
        WCHAR character = (WCHAR)number;
        unsigned char code[4];
        BOOL replaced = FALSE;
        int width =
            WideCharToMultiByte(PAGE, WC_NO_BEST_FIT_CHARS, &character, 1, (char *)code, 4, NULL, &replaced);
        if (width == 2 && !replaced)
            printf("e %04X %02X%02X\n", number, code[0], code[1]);
    }
    return 0;
}
