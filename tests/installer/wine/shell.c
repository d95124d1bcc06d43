/* What Explorer does to an icon of ours: forgets it (argument "forget"), or says that it has been started anew
 * ("anew"). Without an argument it counts the programs that have one. */
#include <windows.h>

#include <shellapi.h>
#include <stdio.h>
#include <string.h>

enum { ICON_NUMBER = 1 };

int main(int count, char **arguments)
{
    int found = 0;
    const char *wanted = count > 1 ? arguments[1] : "";
    for (HWND window = NULL; (window = FindWindowExW(NULL, window, L"cshis-bridge-tray", NULL)) != NULL;) {
        NOTIFYICONDATAW icon = {.cbSize = sizeof icon, .hWnd = window, .uID = ICON_NUMBER};
        found++;
        if (strcmp(wanted, "forget") == 0)
            Shell_NotifyIconW(NIM_DELETE, &icon);
        else if (strcmp(wanted, "anew") == 0)
            PostMessageW(window, RegisterWindowMessageW(L"TaskbarCreated"), 0, 0);
    }
    printf("%d\n", found);
    return 0;
}
