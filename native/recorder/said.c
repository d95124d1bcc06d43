#define WIN32_LEAN_AND_MEAN
#include "said.h"

#include <windows.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "paths.h"
#include "private.h"

#define MOST_TEXT 900
#define MOST_FILE 262144 /* bytes; nothing is added to a larger one */

static const wchar_t *volatile other_folder = L"";

void recorder_say_also_in(const wchar_t *folder)
{
    other_folder = folder;
}

static bool add_to(const wchar_t *folder, const char *line)
{
    wchar_t path[RECORDER_MOST_PATH + 32];
    LARGE_INTEGER size = {.QuadPart = 0};
    DWORD written = 0;
    HANDLE file;

    if (folder[0] == L'\0' || wcslen(folder) >= RECORDER_MOST_PATH - 1)
        return false;
    wcscpy(path, folder);
    if (path[wcslen(path) - 1] != L'\\')
        wcscat(path, L"\\");
    wcscat(path, RECORDER_PROBLEMS);
    file = CreateFileW(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE,
                       NULL, OPEN_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (GetFileSizeEx(file, &size) && size.QuadPart < MOST_FILE)
        (void)WriteFile(file, line, (DWORD)strlen(line), &written, NULL);
    CloseHandle(file);
    return size.QuadPart >= MOST_FILE || written == strlen(line);
}

/* The folder of the traces may not be there yet: the first call makes it, and this may come before. */
static bool add_to_other(const char *line)
{
    return other_folder[0] != L'\0' && recorder_make_folder(other_folder) && add_to(other_folder, line);
}

static void add_to_file(const char *line)
{
    wchar_t folder[RECORDER_MOST_PATH];

    recorder_own_folder(folder, RECORDER_MOST_PATH);
    if (add_to(folder, line) || add_to_other(line))
        return;
    if (GetTempPathW(RECORDER_MOST_PATH, folder) < RECORDER_MOST_PATH)
        (void)add_to(folder, line);
}

void recorder_say(const wchar_t *text)
{
    wchar_t program[MAX_PATH];
    wchar_t wide[MOST_TEXT];
    char utf8[3 * MOST_TEXT + 1];
    SYSTEMTIME now;

    GetLocalTime(&now);
    recorder_program(program, MAX_PATH);
    _snwprintf(wide, MOST_TEXT - 1, L"%04d-%02d-%02d %02d:%02d:%02d %.200ls %lu: %ls\r\n", now.wYear,
               now.wMonth, now.wDay, now.wHour, now.wMinute, now.wSecond, program, GetCurrentProcessId(),
               text);
    wide[MOST_TEXT - 1] = L'\0';
    if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, utf8, sizeof utf8, NULL, NULL) <= 0)
        return;
    OutputDebugStringA("cshis-bridge recorder: ");
    OutputDebugStringA(utf8);
    add_to_file(utf8);
}
