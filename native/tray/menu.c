/* The menu: entries as the bridge has sent them, and what is done when one is chosen. */
#include "parts.h"

#include <stdlib.h>

enum { MOST_ENTRIES = 32, FIRST_STEP = 3 }; /* "entry", kind, text */

struct entry {
    UINT kind;
    BOOL is_default;
    wchar_t *text;
    wchar_t *steps[MOST_FIELDS];
    int count;
};

struct entries {
    struct entry all[MOST_ENTRIES];
    int count;
};

static struct entries shown, coming;

static void forget(struct entries *entries)
{
    for (int i = 0; i < entries->count; i++) {
        free(entries->all[i].text);
        for (int step = 0; step < entries->all[i].count; step++)
            free(entries->all[i].steps[step]);
    }
    memset(entries, 0, sizeof *entries);
}

void menu_begin(void)
{
    forget(&coming);
}

void menu_add(wchar_t *const *fields, int count)
{
    if (count < FIRST_STEP || coming.count == MOST_ENTRIES)
        return;
    struct entry *entry = &coming.all[coming.count++];
    entry->text = copy_of(fields[2]);
    entry->kind = fields[2][0] == 0 ? MF_SEPARATOR : wcscmp(fields[1], L"off") == 0 ? MF_GRAYED : MF_STRING;
    entry->is_default = wcscmp(fields[1], L"default") == 0;
    for (int i = FIRST_STEP; i < count; i++)
        entry->steps[entry->count++] = copy_of(fields[i]);
}

void menu_is_whole(void)
{
    forget(&shown);
    shown = coming;
    memset(&coming, 0, sizeof coming);
}

/* A new menu may come while this one is open: what was chosen is taken before, and by then copied. */
void menu_open(HWND window, POINT place)
{
    HMENU menu = CreatePopupMenu();
    if (menu == NULL)
        return;
    struct entries now = shown;
    memset(&shown, 0, sizeof shown);
    for (int i = 0; i < now.count; i++) {
        AppendMenuW(menu, now.all[i].kind, (UINT_PTR)i + 1, now.all[i].text);
        if (now.all[i].is_default)
            SetMenuDefaultItem(menu, (UINT)i + 1, FALSE);
    }
    SetForegroundWindow(window); /* else it stays open when somebody clicks beside it */
    UINT how = TPM_RETURNCMD | TPM_NONOTIFY | TPM_RIGHTBUTTON | TPM_BOTTOMALIGN;
    int chosen = (int)TrackPopupMenu(menu, how, place.x, place.y, 0, window, NULL);
    PostMessageW(window, WM_NULL, 0, 0);
    DestroyMenu(menu);
    if (chosen > 0 && chosen <= now.count) {
        const struct entry *entry = &now.all[chosen - 1];
        steps_begin(window, (const wchar_t *const *)entry->steps, entry->count);
    }
    if (shown.count > 0)
        forget(&now);
    else
        shown = now;
}
