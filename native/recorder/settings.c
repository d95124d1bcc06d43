#define WIN32_LEAN_AND_MEAN
#include "settings.h"

#include <windows.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "said.h"

#define INI L"cshis-recorder.ini"
#define MOST_INI 16384
#define MEGABYTE 1048576u
#define WHOLE 1000u
#define MOST_PARTS 10000

static const char mark[] = "\xEF\xBB\xBF";

/* As texts; empty where nothing is said. */
struct texts {
    wchar_t mode[16];
    wchar_t part_megabytes[16];
    wchar_t most_parts[16];
    wchar_t folder[RECORDER_MOST_PATH];
    wchar_t original[RECORDER_MOST_PATH];
};

struct place {
    const wchar_t *key, *variable;
    wchar_t *text;
    DWORD room;
};

enum { PLACES = 5 };

static void list_places(struct texts *texts, struct place *places)
{
    const struct place all[PLACES] = {
        {L"mode", L"CSHIS_RECORDER_MODE", texts->mode, 16},
        {L"part_megabytes", L"CSHIS_RECORDER_PART_MEGABYTES", texts->part_megabytes, 16},
        {L"most_parts", L"CSHIS_RECORDER_MOST_PARTS", texts->most_parts, 16},
        {L"folder", L"CSHIS_RECORDER_FOLDER", texts->folder, RECORDER_MOST_PATH},
        {L"original", L"CSHIS_RECORDER_ORIGINAL", texts->original, RECORDER_MOST_PATH},
    };

    memcpy(places, all, sizeof all);
}

static void complain(const wchar_t *what, const wchar_t *value, const wchar_t *instead)
{
    wchar_t text[512];

    _snwprintf(text, 511, L"%ls: %.300ls is not understood; %ls", what, value, instead);
    text[511] = L'\0';
    recorder_say(text);
}

static wchar_t *trimmed(wchar_t *text)
{
    size_t length;

    text += wcsspn(text, L" \t\r\n");
    length = wcslen(text);
    while (length > 0 && wcschr(L" \t\r\n", text[length - 1]) != NULL)
        text[--length] = L'\0';
    return text;
}

static void take_line(struct place *places, wchar_t *line)
{
    wchar_t *value;
    int i;

    line = trimmed(line);
    if (line[0] == L'\0' || line[0] == L';' || line[0] == L'#' || line[0] == L'[')
        return;
    value = wcschr(line, L'=');
    if (value != NULL) {
        *value = L'\0';
        line = trimmed(line);
        value = trimmed(value + 1);
        for (i = 0; i < PLACES; i++) {
            if (wcscmp(line, places[i].key) != 0)
                continue;
            if (places[i].text[0] == L'\0' && wcslen(value) < places[i].room)
                wcscpy(places[i].text, value);
            return;
        }
    }
    complain(INI, line, L"the line is left out");
}

/* Text in the ANSI code page, or in UTF-8 if it begins with Notepad's mark. NULL where there is none; to be freed. */
static wchar_t *as_wide(const char *bytes, int length)
{
    bool utf8 = length >= 3 && memcmp(bytes, mark, 3) == 0;
    wchar_t *text = calloc((size_t)length + 1, sizeof *text);

    if (text != NULL && length > 0)
        (void)MultiByteToWideChar(utf8 ? CP_UTF8 : CP_ACP, 0, bytes + (utf8 ? 3 : 0), length - (utf8 ? 3 : 0), text, length);
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
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        if (bytes != NULL && ReadFile(file, bytes, MOST_INI, &length, NULL))
            text = as_wide(bytes, (int)length);
        CloseHandle(file);
    }
    free(bytes);
    return text;
}

static void take_ini(struct place *places)
{
    wchar_t *text = read_ini();
    wchar_t *line, *end;

    for (line = text; line != NULL; line = end) {
        end = wcspbrk(line, L"\r\n");
        if (end != NULL)
            *end++ = L'\0';
        take_line(places, line);
    }
    free(text);
}

static enum recorder_mode chosen_mode(const wchar_t *text)
{
    if (wcscmp(text, L"compare") == 0)
        return RECORDER_COMPARE;
    if (wcscmp(text, L"off") == 0)
        return RECORDER_OFF;
    if (text[0] != L'\0' && wcscmp(text, L"record") != 0)
        complain(L"mode", text, L"it is record, compare or off; taken: record");
    return RECORDER_RECORD;
}

/* Digits, perhaps a point and up to three more, in thousandths. No floating point: see clock.c. False for anything else. */
static bool read_thousandths(const wchar_t *text, uint64_t *number)
{
    unsigned decimals = 0, digits = 0;
    bool point = false;

    *number = 0;
    for (; *text != L'\0'; text++) {
        if (*text == L'.' && !point) {
            point = true;
            continue;
        }
        if (*text < L'0' || *text > L'9' || decimals == 3 || ++digits > 9)
            return false;
        *number = *number * 10 + (uint64_t)(*text - L'0');
        decimals += point;
    }
    for (; decimals < 3; decimals++)
        *number *= 10;
    return digits > 0;
}

/* A number between least and most, all in thousandths, else the default. */
static uint64_t chosen_number(const wchar_t *name, const wchar_t *text, uint64_t least, uint64_t most, uint64_t otherwise)
{
    uint64_t number;

    if (text[0] == L'\0')
        return otherwise;
    if (read_thousandths(text, &number) && number >= least && number <= most)
        return number;
    complain(name, text, L"the default is taken");
    return otherwise;
}

static bool is_absolute(const wchar_t *path)
{
    return (path[0] == L'\\' && path[1] == L'\\') || (path[0] != L'\0' && path[1] == L':' && (path[2] == L'\\' || path[2] == L'/'));
}

static void choose_original(struct recorder_settings *settings, const wchar_t *text)
{
    size_t i;

    settings->original[0] = L'\0';
    if (!is_absolute(text))
        recorder_own_folder(settings->original, RECORDER_MOST_PATH);
    if (text[0] == L'\0')
        text = L"cshis_original.dll";
    if (wcslen(settings->original) + wcslen(text) < RECORDER_MOST_PATH)
        wcscat(settings->original, text);
    for (i = 0; settings->original[i] != L'\0'; i++) /* a search path of its folder needs these */
        if (settings->original[i] == L'/')
            settings->original[i] = L'\\';
}

static void choose_folder(struct recorder_settings *settings, const wchar_t *text)
{
    static const wchar_t below[] = L"\\cshis-bridge\\trace";
    DWORD room = RECORDER_MOST_PATH - 32, length = 0;

    if (text[0] != L'\0' && !is_absolute(text))
        complain(L"folder", text, L"it must be a whole path; the default is taken");
    if (is_absolute(text)) {
        wcscpy(settings->folder, text);
    } else {
        length = GetEnvironmentVariableW(L"LOCALAPPDATA", settings->folder, room);
        if (length == 0 || length >= room) /* services may lack it */
            length = GetTempPathW(room, settings->folder);
        settings->folder[length < room ? length : 0] = L'\0';
    }
    for (length = (DWORD)wcslen(settings->folder); length > 0 && wcschr(L"\\/", settings->folder[length - 1]) != NULL; length--)
        settings->folder[length - 1] = L'\0';
    if (!is_absolute(text))
        wcscat(settings->folder, below);
}

static struct recorder_settings chosen;

static BOOL CALLBACK choose(INIT_ONCE *unused, void *parameter, void **context)
{
    static struct texts texts; /* not on the stack: the program's threads may have small ones */
    struct place places[PLACES];
    int i;

    (void)unused;
    (void)parameter;
    (void)context;
    list_places(&texts, places);
    for (i = 0; i < PLACES; i++)
        if (GetEnvironmentVariableW(places[i].variable, places[i].text, places[i].room) >= places[i].room)
            places[i].text[0] = L'\0'; /* it did not fit */
    take_ini(places);
    chosen.mode = chosen_mode(texts.mode);
    chosen.part_bytes = chosen_number(L"part_megabytes", texts.part_megabytes, 10, 4096 * WHOLE, 64 * WHOLE) * MEGABYTE / WHOLE;
    chosen.most_parts = (unsigned)(chosen_number(L"most_parts", texts.most_parts, WHOLE, MOST_PARTS * WHOLE, 16 * WHOLE) / WHOLE);
    choose_folder(&chosen, texts.folder);
    choose_original(&chosen, texts.original);
    return TRUE;
}

const struct recorder_settings *recorder_settings(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    (void)InitOnceExecuteOnce(&once, choose, NULL, NULL);
    return &chosen;
}

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
