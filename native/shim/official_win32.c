#include "official_win32.h"

#include <stdbool.h>

static const IMAGE_NT_HEADERS *headers_of(HMODULE module)
{
    const char *base = (const char *)module;

    return (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
}

static bool is_own(HMODULE module)
{
    static const char inside = 0;
    HMODULE own = NULL;

    (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                 GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                             (const wchar_t *)&inside, &own);
    return own == module;
}

HMODULE cshis_load_official(const wchar_t *path, DWORD *error)
{
    DWORD before = 0;
    HMODULE loaded;

    (void)SetThreadErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX, &before);
    loaded = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    *error = GetLastError();
    (void)SetThreadErrorMode(before, NULL);
    if (loaded == NULL || !is_own(loaded))
        return loaded;
    FreeLibrary(loaded);
    *error = CSHIS_IS_OWN;
    return NULL;
}

/* Whether an export has a name.
 * An ordinal whose function is called otherwise in that release is another function. */
static bool has_name(HMODULE module, unsigned ordinal)
{
    const char *base = (const char *)module;
    const IMAGE_DATA_DIRECTORY *entry =
        &headers_of(module)->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    const IMAGE_EXPORT_DIRECTORY *exports = (const IMAGE_EXPORT_DIRECTORY *)(base + entry->VirtualAddress);
    const WORD *indices;
    DWORD i;

    if (entry->VirtualAddress == 0 || entry->Size == 0)
        return false;
    indices = (const WORD *)(base + exports->AddressOfNameOrdinals);
    for (i = 0; i < exports->NumberOfNames; i++)
        if (exports->Base + indices[i] == ordinal)
            return true;
    return false;
}

FARPROC cshis_find_official(HMODULE official, const char *name, unsigned ordinal)
{
    FARPROC found = GetProcAddress(official, name);

    if (found == NULL && ordinal != 0 && !has_name(official, ordinal))
        found = GetProcAddress(official, MAKEINTRESOURCEA(ordinal));
    return found;
}

size_t cshis_official_bytes(HMODULE official)
{
    return headers_of(official)->OptionalHeader.SizeOfImage;
}
