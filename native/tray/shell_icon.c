/* The icon as Windows' shell shows it. What it shows is kept, so that it can be shown again: the shell may
 * not be there yet at log-on, and forgets every icon when it is started anew. */
#include "parts.h"

#include <shellapi.h>
#include <stdio.h>

enum { ICON_NUMBER = 1, TRY_AGAIN_MS = 3000 };

typedef UINT(WINAPI *dpi_of_window)(HWND);
typedef int(WINAPI *metrics_for_dpi)(int, UINT);

static NOTIFYICONDATAW icon;
static WORD number = YELLOW_ICON;
static BOOL there;

static FARPROC of_user32(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"user32.dll"), name);
}

/* The size in which the shell shows it here, in pixels. Windows 7 has neither function. */
static int size_here(HWND window)
{
    dpi_of_window dpi = (dpi_of_window)(void (*)(void))of_user32("GetDpiForWindow");
    metrics_for_dpi metrics = (metrics_for_dpi)(void (*)(void))of_user32("GetSystemMetricsForDpi");
    return dpi != NULL && metrics != NULL ? metrics(SM_CXSMICON, dpi(window)) : GetSystemMetrics(SM_CXSMICON);
}

static void load(void)
{
    HICON before = icon.hIcon;
    int size = size_here(icon.hWnd);
    icon.hIcon = LoadImageW(GetModuleHandleW(NULL), MAKEINTRESOURCEW(number), IMAGE_ICON, size, size, 0);
    if (icon.hIcon == NULL)
        icon.hIcon = before;
    else if (before != NULL)
        DestroyIcon(before);
}

void icon_begin(HWND window)
{
    icon.cbSize = sizeof icon;
    icon.hWnd = window;
    icon.uID = ICON_NUMBER;
    icon.uCallbackMessage = WM_ICON;
    icon.uVersion = NOTIFYICON_VERSION_4;
}

void icon_show(void)
{
    load();
    icon.uFlags = NIF_ICON | NIF_MESSAGE | NIF_TIP | NIF_SHOWTIP;
    there = Shell_NotifyIconW(NIM_ADD, &icon) || Shell_NotifyIconW(NIM_MODIFY, &icon);
    if (there) {
        Shell_NotifyIconW(NIM_SETVERSION, &icon);
        KillTimer(icon.hWnd, TIMER_OF_ICON);
    } else
        SetTimer(icon.hWnd, TIMER_OF_ICON, TRY_AGAIN_MS, NULL);
}

void icon_look(const wchar_t *colour, const wchar_t *tip)
{
    BOOL green = wcscmp(colour, L"green") == 0, red = wcscmp(colour, L"red") == 0;
    number = green ? GREEN_ICON : red ? RED_ICON : YELLOW_ICON;
    lstrcpynW(icon.szTip, tip, LONGEST_TIP);
    if (!there) {
        icon_show();
        return;
    }
    load();
    icon.uFlags = NIF_ICON | NIF_TIP | NIF_SHOWTIP;
    if (!Shell_NotifyIconW(NIM_MODIFY, &icon))
        icon_show();
}

void icon_balloon(const wchar_t *title, const wchar_t *text)
{
    lstrcpynW(icon.szInfoTitle, title, LONGEST_TITLE);
    lstrcpynW(icon.szInfo, text, LONGEST_BALLOON);
    icon.dwInfoFlags = NIIF_ERROR | NIIF_RESPECT_QUIET_TIME;
    icon.uFlags = NIF_INFO;
    Shell_NotifyIconW(NIM_MODIFY, &icon);
    icon.szInfo[0] = 0; /* an icon that is shown again says nothing again */
}

void icon_end(void)
{
    KillTimer(icon.hWnd, TIMER_OF_ICON);
    Shell_NotifyIconW(NIM_DELETE, &icon);
    there = FALSE;
}
