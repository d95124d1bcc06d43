#define WIN32_LEAN_AND_MEAN
#include "settings.h"

#include <windows.h>

#include <stdbool.h>
#include <string.h>

#include "complaints.h"
#include "ini.h"
#include "paths.h"
#include "said.h"

#define MEGABYTE 1048576u
#define WHOLE 1000u
#define MOST_PARTS 10000

/* As texts; empty where nothing is said. */
struct texts {
    wchar_t mode[16];
    wchar_t part_megabytes[16];
    wchar_t most_parts[16];
    wchar_t folder[RECORDER_MOST_PATH];
    wchar_t original[RECORDER_MOST_PATH];
};

enum { SETTINGS = 5 };

static void list_texts(struct texts *texts, struct recorder_text *listed)
{
    const struct recorder_text all[SETTINGS] = {
        {L"mode", L"CSHIS_RECORDER_MODE", texts->mode, 16},
        {L"part_megabytes", L"CSHIS_RECORDER_PART_MEGABYTES", texts->part_megabytes, 16},
        {L"most_parts", L"CSHIS_RECORDER_MOST_PARTS", texts->most_parts, 16},
        {L"folder", L"CSHIS_RECORDER_FOLDER", texts->folder, RECORDER_MOST_PATH},
        {L"original", L"CSHIS_RECORDER_ORIGINAL", texts->original, RECORDER_MOST_PATH},
    };

    memcpy(listed, all, sizeof all);
}

static enum recorder_mode chosen_mode(const wchar_t *text)
{
    if (wcscmp(text, L"compare") == 0)
        return RECORDER_COMPARE;
    if (wcscmp(text, L"off") == 0)
        return RECORDER_OFF;
    if (text[0] != L'\0' && wcscmp(text, L"record") != 0)
        recorder_complain(L"mode", text, L"it is record, compare or off; taken: record");
    return RECORDER_RECORD;
}

/* Digits, perhaps a point and up to three more, in thousandths. No floating point: see clock.c.
 * False for anything else. */
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
static uint64_t chosen_number(const wchar_t *name, const wchar_t *text, uint64_t least, uint64_t most,
                              uint64_t otherwise)
{
    uint64_t number;

    if (text[0] == L'\0')
        return otherwise;
    if (read_thousandths(text, &number) && number >= least && number <= most)
        return number;
    recorder_complain(name, text, L"the default is taken");
    return otherwise;
}

static bool is_absolute(const wchar_t *path)
{
    return (path[0] == L'\\' && path[1] == L'\\') ||
           (path[0] != L'\0' && path[1] == L':' && (path[2] == L'\\' || path[2] == L'/'));
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
        recorder_complain(L"folder", text, L"it must be a whole path; the default is taken");
    if (is_absolute(text)) {
        wcscpy(settings->folder, text);
    } else {
        length = GetEnvironmentVariableW(L"LOCALAPPDATA", settings->folder, room);
        if (length == 0 || length >= room) /* services may lack it */
            length = GetTempPathW(room, settings->folder);
        settings->folder[length < room ? length : 0] = L'\0';
    }
    for (length = (DWORD)wcslen(settings->folder);
         length > 0 && wcschr(L"\\/", settings->folder[length - 1]) != NULL; length--)
        settings->folder[length - 1] = L'\0';
    if (!is_absolute(text))
        wcscat(settings->folder, below);
}

static struct recorder_settings chosen;

static BOOL CALLBACK choose(INIT_ONCE *unused, void *parameter, void **context)
{
    static struct texts texts; /* not on the stack: the program's threads may have small ones */
    struct recorder_text listed[SETTINGS];
    int i;

    (void)unused;
    (void)parameter;
    (void)context;
    list_texts(&texts, listed);
    for (i = 0; i < SETTINGS; i++)
        if (GetEnvironmentVariableW(listed[i].variable, listed[i].text, listed[i].room) >= listed[i].room)
            listed[i].text[0] = L'\0'; /* it did not fit */
    recorder_read_ini(listed, SETTINGS);
    chosen.mode = chosen_mode(texts.mode);
    chosen.part_bytes = chosen_number(L"part_megabytes", texts.part_megabytes, 10, 4096 * WHOLE, 64 * WHOLE) *
                        MEGABYTE / WHOLE;
    chosen.most_parts =
        (unsigned)(chosen_number(L"most_parts", texts.most_parts, WHOLE, MOST_PARTS * WHOLE, 16 * WHOLE) /
                   WHOLE);
    choose_folder(&chosen, texts.folder);
    choose_original(&chosen, texts.original);
    recorder_say_also_in(chosen.folder);
    recorder_say_complaints();
    return TRUE;
}

const struct recorder_settings *recorder_settings(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    (void)InitOnceExecuteOnce(&once, choose, NULL, NULL);
    return &chosen;
}
