/* shell.exe FILE WORD: what Explorer does to an icon of ours: forgets it ("forget"), or says that it has been
 * started anew ("anew"). How many programs have one goes into the file; with another word that is all. */
#include <windows.h>

#include <shellapi.h>
#include <stdio.h>
#include <string.h>

enum { ICON_NUMBER = 1 };

int main(int count, char **arguments)
{
    int found = 0;
    if (count < 3)
        return 2;
    for (HWND window = NULL; (window = FindWindowExW(NULL, window, L"cshis-bridge-tray", NULL)) != NULL;) {
        NOTIFYICONDATAW icon = {.cbSize = sizeof icon, .hWnd = window, .uID = ICON_NUMBER};
        found++;
        if (strcmp(arguments[2], "forget") == 0)
            Shell_NotifyIconW(NIM_DELETE, &icon);
        else if (strcmp(arguments[2], "anew") == 0)
            PostMessageW(window, RegisterWindowMessageW(L"TaskbarCreated"), 0, 0);
    }
    FILE *file = fopen(arguments[1], "w");
    if (file == NULL)
        return 1;
    fprintf(file, "%d\n", found);
    return fclose(file);
}
