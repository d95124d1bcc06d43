#include "original.h"

#include "official_win32.h"

#include <string.h>

#include "host.h"
#include "platform.h"
#include "said.h"

#define NAME "cshis_original.dll"
#define WIDE_NAME L"cshis_original.dll"
#define AGAIN_AFTER 2000u /* milliseconds between two attempts to load it */
#define OWN_BITS ((int)(8 * sizeof(void *)))

static HMODULE volatile library;
static ULONGLONG volatile not_before;
static volatile LONG complained;

/* In wide characters: the folder may have a name that is not in the ANSI code page. */
static bool path_of(wchar_t *path)
{
    static const char inside = 0;
    HMODULE own;
    DWORD length;
    wchar_t *slash;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const wchar_t *)&inside, &own))
        return false;
    length = GetModuleFileNameW(own, path, CUTOVER_MOST_PATH);
    slash = length > 0 && length < CUTOVER_MOST_PATH ? wcsrchr(path, L'\\') : NULL;
    if (slash == NULL || (size_t)(slash - path) + sizeof NAME + 1 > CUTOVER_MOST_PATH)
        return false;
    wcscpy(slash + 1, WIDE_NAME);
    return true;
}

bool cutover_original_there(void)
{
    wchar_t path[CUTOVER_MOST_PATH];

    return path_of(path) && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static const char *meaning(DWORD error)
{
    switch (error) {
    case ERROR_MOD_NOT_FOUND:
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return cutover_original_there() ? "needs another DLL that is missing: install the official control "
                                          "software's own files beside it"
                                        : "is not there: put the official cshis.dll there under this name";
    case ERROR_BAD_EXE_FORMAT:
        return OWN_BITS == 32 ? "is no 32-bit DLL, and this program is 32-bit"
                              : "is no 64-bit DLL, and this "
                                "program is 64-bit";
    case ERROR_ACCESS_DENIED:
        return "may not be read by this user";
    case CSHIS_IS_OWN:
        return "is this DLL itself: put the official cshis.dll there";
    default:
        return "cannot be loaded";
    }
}

static HMODULE load(void)
{
    wchar_t path[CUTOVER_MOST_PATH];
    DWORD error = ERROR_PATH_NOT_FOUND;
    HMODULE loaded;

    if (GetTickCount64() < not_before)
        return NULL;
    loaded = path_of(path) ? cshis_load_official(path, &error) : NULL;
    if (loaded == NULL) {
        not_before = GetTickCount64() + AGAIN_AFTER;
        if (!InterlockedExchange(&complained, 1))
            cutover_say("original: %s %s (error %lu)", NAME, meaning(error), error);
        return NULL;
    }
    if (InterlockedCompareExchangePointer((void *volatile *)&library, loaded, NULL) != NULL)
        FreeLibrary(loaded);
    return library;
}

cutover_address cutover_original(const struct cshis_row *row, bool *loaded)
{
    HMODULE from = library;
    FARPROC found;
    cutover_address address;

    if (from == NULL)
        from = load();
    *loaded = from != NULL;
    found = from != NULL ? cshis_find_official(from, row->name, row->ordinal) : NULL;
    memcpy(&address, &found, sizeof address);
    return address;
}

void cutover_leave_original(void)
{
    if (library != NULL)
        FreeLibrary(library);
    library = NULL;
}
