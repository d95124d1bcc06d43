#define WIN32_LEAN_AND_MEAN
#include "original.h"

#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "note.h"
#include "official_win32.h"
#include "said.h"
#include "settings.h"

#define AGAIN_AFTER 2000u /* milliseconds between two attempts to load it */
#define MOST_TEXT (RECORDER_MOST_PATH + 200)
#define OWN_BITS ((int)(8 * sizeof(void *)))

static HMODULE volatile library;
static ULONGLONG volatile not_before;
static volatile LONG complained;
static size_t library_bytes;

static void tell(const wchar_t *text)
{
    char utf8[3 * MOST_TEXT];

    if (WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL) > 0 &&
        recorder_settings()->mode != RECORDER_OFF)
        recorder_note("original", 0, utf8);
    recorder_say(text);
}

static const wchar_t *meaning(DWORD error)
{
    switch (error) {
    case ERROR_MOD_NOT_FOUND:
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        if (GetFileAttributesW(recorder_settings()->original) == INVALID_FILE_ATTRIBUTES)
            return L"is not there: put the official cshis.dll there under this name";
        return L"needs another DLL that is missing: "
               L"install the official control software's own files beside it";
    case ERROR_BAD_EXE_FORMAT:
        return OWN_BITS == 32
                   ? L"is no 32-bit DLL, and this program is 32-bit: take the official 32-bit cshis.dll"
                   : L"is no 64-bit DLL, and this program is 64-bit: take the official 64-bit cshis.dll";
    case ERROR_ACCESS_DENIED:
        return L"may not be read by this user";
    case CSHIS_IS_OWN:
        return L"is this recorder itself: put the official cshis.dll there";
    case ERROR_DLL_INIT_FAILED:
        return L"refused to start";
    default:
        return L"cannot be loaded";
    }
}

static void complain(DWORD error)
{
    wchar_t text[MOST_TEXT];

    if (InterlockedExchange(&complained, 1))
        return;
    _snwprintf(text, MOST_TEXT - 1, L"%ls %ls (error %lu)", recorder_settings()->original, meaning(error),
               error);
    text[MOST_TEXT - 1] = L'\0';
    tell(text);
}

/* No lock of our own is held: whoever comes second has loaded it once more and lets that go again. */
static HMODULE load(void)
{
    DWORD error;
    HMODULE loaded;

    if (GetTickCount64() < not_before)
        return NULL;
    loaded = cshis_load_official(recorder_settings()->original, &error);
    if (loaded == NULL) {
        not_before = GetTickCount64() + AGAIN_AFTER;
        complain(error);
        return NULL;
    }
    library_bytes = cshis_official_bytes(loaded);
    if (InterlockedCompareExchangePointer((void *volatile *)&library, loaded, NULL) != NULL)
        FreeLibrary(loaded);
    return library;
}

static recorder_address look_up(HMODULE module, const struct recorder_function *function)
{
    recorder_address address;
    FARPROC found = cshis_find_official(module, function->name, function->ordinal);

    memcpy(&address, &found, sizeof address);
    return address;
}

/* Takes the place of a function that the original does not
 * have, so that it is looked for and complained of once. */
static void missing(void)
{
}

static void complain_of_function(const struct recorder_function *function)
{
    wchar_t text[MOST_TEXT];

    _snwprintf(text, MOST_TEXT - 1, L"%ls has no function %hs: it answers %d", recorder_settings()->original,
               function->name, function->not_supported);
    text[MOST_TEXT - 1] = L'\0';
    tell(text);
}

static recorder_address find_in(HMODULE module, const struct recorder_function *function)
{
    recorder_address found = look_up(module, function);

    if (found == NULL) {
        complain_of_function(function);
        found = missing;
    }
    *function->original = found;
    return found;
}

recorder_address recorder_find(const struct recorder_function *function, int *code)
{
    HMODULE module = library;
    recorder_address found = *function->original;

    if (found == NULL) {
        if (module == NULL)
            module = load();
        if (module == NULL) {
            *code = function->unreachable;
            return NULL;
        }
        found = find_in(module, function);
    }
    *code = function->not_supported;
    return found != missing ? found : NULL;
}

void recorder_where(const void *address, char *text, size_t room)
{
    const wchar_t *name = wcsrchr(recorder_settings()->original, L'\\');
    size_t offset = (size_t)((const char *)address - (const char *)library);

    if (library != NULL && name != NULL && offset < library_bytes)
        _snprintf(text, room - 1, "%ls+0x%Ix", name + 1, offset);
    else
        _snprintf(text, room - 1, "0x%Ix", (size_t)address);
    text[room - 1] = '\0';
}

void recorder_leave_original(void)
{
    if (library != NULL)
        FreeLibrary(library);
    library = NULL;
}
