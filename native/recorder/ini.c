#define WIN32_LEAN_AND_MEAN
#include "ini.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "complaints.h"
#include "paths.h"

#define INI L"cshis-recorder.ini"
#define MOST_INI 16384

static const char mark[] = "\xEF\xBB\xBF";

static wchar_t *trimmed(wchar_t *text)
{
    size_t length;

    text += wcsspn(text, L" \t\r\n");
    length = wcslen(text);
    while (length > 0 && wcschr(L" \t\r\n", text[length - 1]) != NULL)
        text[--length] = L'\0';
    return text;
}

static void take_line(const struct recorder_text *texts, unsigned count, wchar_t *line)
{
    wchar_t *value;
    unsigned i;

    line = trimmed(line);
    if (line[0] == L'\0' || line[0] == L';' || line[0] == L'#' || line[0] == L'[')
        return;
    value = wcschr(line, L'=');
    if (value != NULL) {
        *value = L'\0';
        line = trimmed(line);
        value = trimmed(value + 1);
        for (i = 0; i < count; i++) {
            if (wcscmp(line, texts[i].key) != 0)
                continue;
            if (texts[i].text[0] == L'\0' && wcslen(value) < texts[i].room)
                wcscpy(texts[i].text, value);
            return;
        }
    }
    recorder_complain(INI, line, L"the line is left out");
}

/* Text in the ANSI code page, or in UTF-8 if it begins with Notepad's mark.
 * NULL where there is none; to be freed. */
static wchar_t *as_wide(const char *bytes, int length)
{
    bool utf8 = length >= 3 && memcmp(bytes, mark, 3) == 0;
    wchar_t *text = calloc((size_t)length + 1, sizeof *text);

    if (text != NULL && length > 0)
        (void)MultiByteToWideChar(utf8 ? CP_UTF8 : CP_ACP, 0, bytes + (utf8 ? 3 : 0), length - (utf8 ? 3 : 0),
                                  text, length);
    return text;
}

static wchar_t *read_ini(void)
{
    wchar_t path[RECORDER_MOST_PATH + 32];
    char *bytes = malloc(MOST_INI);
    wchar_t *text = NULL;
    DWORD length = 0;
    HANDLE file;

    recorder_own_folder(path, RECORDER_MOST_PATH);
    wcscat(path, INI);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        if (bytes != NULL && ReadFile(file, bytes, MOST_INI, &length, NULL))
            text = as_wide(bytes, (int)length);
        CloseHandle(file);
    }
    free(bytes);
    return text;
}

void recorder_read_ini(const struct recorder_text *texts, unsigned count)
{
    wchar_t *text = read_ini();
    wchar_t *line, *end;

    for (line = text; line != NULL; line = end) {
        end = wcspbrk(line, L"\r\n");
        if (end != NULL)
            *end++ = L'\0';
        take_line(texts, count, line);
    }
    free(text);
}
