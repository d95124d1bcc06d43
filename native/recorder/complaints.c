#define WIN32_LEAN_AND_MEAN
#include "complaints.h"

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#include "said.h"

#define MOST_TEXT 512

struct complaint {
    struct complaint *next;
    wchar_t text[MOST_TEXT];
};

static struct complaint *first, **last = &first;

void recorder_complain(const wchar_t *what, const wchar_t *value, const wchar_t *instead)
{
    struct complaint *complaint = calloc(1, sizeof *complaint);

    if (complaint == NULL)
        return;
    _snwprintf(complaint->text, MOST_TEXT - 1, L"%ls: %.300ls is not understood; %ls", what, value, instead);
    *last = complaint;
    last = &complaint->next;
}

void recorder_say_complaints(void)
{
    struct complaint *complaint;

    while (first != NULL) {
        complaint = first;
        first = complaint->next;
        recorder_say(complaint->text);
        free(complaint);
    }
    last = &first;
}
