#define WIN32_LEAN_AND_MEAN
#include "paths.h"

#include <windows.h>

void recorder_own_folder(wchar_t *folder, size_t room)
{
    static const char inside = 0;
    const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    HMODULE library;
    DWORD length = 0;
    wchar_t *slash;

    if (GetModuleHandleExW(flags, (const wchar_t *)&inside, &library))
        length = GetModuleFileNameW(library, folder, (DWORD)room);
    folder[length < room ? length : 0] = L'\0';
    slash = wcsrchr(folder, L'\\');
    if (slash != NULL)
        slash[1] = L'\0';
    else
        folder[0] = L'\0';
}

void recorder_program(wchar_t *name, size_t room)
{
    wchar_t path[RECORDER_MOST_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, RECORDER_MOST_PATH);
    const wchar_t *slash;

    path[length < RECORDER_MOST_PATH ? length : 0] = L'\0';
    slash = wcsrchr(path, L'\\');
    wcsncpy(name, slash != NULL ? slash + 1 : path, room - 1);
    name[room - 1] = L'\0';
}
