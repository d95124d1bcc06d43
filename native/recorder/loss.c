#include "loss.h"

#include <stdbool.h>
#include <stdio.h>

#include "said.h"
#include "settings.h"

#define MOST_WHY 100

static char why_lost[MOST_WHY];

void recorder_lost_because(const char *why)
{
    _snprintf(why_lost, MOST_WHY - 1, "%s", why);
}

void recorder_lost_by_error(DWORD error, const char *doing)
{
    const char *meaning = "";

    if (error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL)
        meaning = " (the disk is full)";
    else if (error == ERROR_ACCESS_DENIED)
        meaning = " (not permitted)";
    else if (error == ERROR_PATH_NOT_FOUND || error == ERROR_BAD_NETPATH || error == ERROR_INVALID_NAME ||
             error == ERROR_DIRECTORY)
        meaning = " (no such folder)";
    _snprintf(why_lost, MOST_WHY - 1, "error %lu%s while %s", error, meaning, doing);
}

const char *recorder_why_lost(void)
{
    return why_lost[0] != '\0' ? why_lost : "not known";
}

void recorder_say_loss(void)
{
    static bool said;
    wchar_t text[RECORDER_MOST_PATH + 200];

    if (said)
        return;
    said = true;
    _snwprintf(text, RECORDER_MOST_PATH + 199,
               L"calls are not recorded in %ls: %hs. The program has its answers all the same",
               recorder_settings()->folder, why_lost);
    text[RECORDER_MOST_PATH + 199] = L'\0';
    recorder_say(text);
}
