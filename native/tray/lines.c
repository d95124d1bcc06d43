/* Lines from standard input, each posted to the window as it comes. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, LONGEST_LINE = 64 * 1024 };

static void post_line(HWND window, const char *line, int length)
{
    int wide = MultiByteToWideChar(CP_UTF8, 0, line, length, NULL, 0);
    wchar_t *text = calloc((size_t)wide + 1, sizeof *text);
    if (text == NULL)
        return;
    MultiByteToWideChar(CP_UTF8, 0, line, length, text, wide);
    if (!PostMessageW(window, WM_LINE, 0, (LPARAM)text))
        free(text);
}

static DWORD WINAPI gather(void *window)
{
    static char line[LONGEST_LINE];
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    char block[BLOCK];
    DWORD got = 0;
    int length = 0;
    while (ReadFile(input, block, sizeof block, &got, NULL) && got > 0)
        for (DWORD i = 0; i < got; i++) {
            if (block[i] == '\n') {
                post_line(window, line, length);
                length = 0;
            } else if (length < LONGEST_LINE)
                line[length++] = block[i];
        }
    PostMessageW(window, WM_NO_MORE, 0, 0);
    return 0;
}

void read_lines(HWND window)
{
    /* what is started from here must not keep the bridge's pipe open */
    SetHandleInformation(GetStdHandle(STD_INPUT_HANDLE), HANDLE_FLAG_INHERIT, 0);
    HANDLE thread = CreateThread(NULL, 0, gather, window, 0, NULL);
    if (thread == NULL)
        PostMessageW(window, WM_NO_MORE, 0, 0);
    else
        CloseHandle(thread);
}

/* Takes the escapes of one field away, in place. */
static void plain(wchar_t *field)
{
    wchar_t *to = field;
    for (const wchar_t *from = field; *from != 0; from++) {
        if (*from == L'\\' && from[1] != 0) {
            from++;
            *to++ = *from == L'n' ? L'\n' : *from == L't' ? L'\t' : *from;
        } else
            *to++ = *from;
    }
    *to = 0;
}

/* Out: how many fields; their texts lie in the line. What is beyond the last place is left out. */
int split_fields(wchar_t *line, wchar_t *fields[MOST_FIELDS])
{
    int count = 0;
    while (line != NULL && count < MOST_FIELDS) {
        wchar_t *end = wcschr(line, L'\t');
        if (end != NULL)
            *end++ = 0;
        plain(line);
        fields[count++] = line;
        line = end;
    }
    return count;
}
