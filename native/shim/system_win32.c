#define WIN32_LEAN_AND_MEAN
#include "system_win32.h"

#include <string.h>

HMODULE cshis_system_library(const char *name)
{
    char path[MAX_PATH];
    UINT length = GetSystemDirectoryA(path, sizeof path);

    if (length == 0 || length + strlen(name) + 2 > sizeof path)
        return NULL;
    path[length] = '\\';
    strcpy(path + length + 1, name);
    return LoadLibraryA(path);
}

bool cshis_find_function(HMODULE library, const char *name, void *pointer)
{
    FARPROC found = library != NULL ? GetProcAddress(library, name) : NULL;

    memcpy(pointer, &found, sizeof found);
    return found != NULL;
}
