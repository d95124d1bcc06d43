/* The program: cshis-tray.exe NAME. NAME stands for one bridge of this session; whoever comes later under the
 * same name takes the place of the former. */
#include "parts.h"

#include <shellapi.h>
#include <stdlib.h>

static const wchar_t CLASS[] = L"cshis-bridge-tray";
static UINT shell_is_new; /* Explorer has been started, or started again */
static int busy;          /* entries of the menu that are being done */
static BOOL leaving;
static BOOL said_bye;
static int code;          /* to exit with */
static wchar_t gone[3][LONGEST_BALLOON];

static BOOL CALLBACK is_text(HWND window, LPARAM found)
{
    wchar_t kind[32];
    if (GetClassNameW(window, kind, 32) && wcscmp(kind, L"cshis-bridge-text") == 0)
        *(BOOL *)found = TRUE;
    return TRUE;
}

/* The end waits for what was begun, and for a text that somebody reads. */
static void end_when_idle(void)
{
    BOOL reading = FALSE;
    EnumThreadWindows(GetCurrentThreadId(), is_text, (LPARAM)&reading);
    if (leaving && busy == 0 && !reading)
        PostQuitMessage(code);
}

static void leave(void)
{
    leaving = TRUE;
    icon_end();
    end_when_idle();
}

static void on_line(wchar_t *line)
{
    wchar_t *fields[MOST_FIELDS];
    int count = split_fields(line, fields);
    if (wcscmp(fields[0], L"look") == 0 && count >= 3)
        icon_look(fields[1], fields[2]);
    else if (wcscmp(fields[0], L"balloon") == 0 && count >= 3)
        icon_balloon(fields[1], fields[2]);
    else if (wcscmp(fields[0], L"gone") == 0 && count >= 4)
        for (int i = 0; i < 3; i++)
            lstrcpynW(gone[i], fields[i + 1], LONGEST_BALLOON);
    else if (wcscmp(fields[0], L"menu") == 0)
        menu_begin();
    else if (wcscmp(fields[0], L"entry") == 0)
        menu_add(fields, count);
    else if (wcscmp(fields[0], L"shown") == 0)
        menu_is_whole();
    else if (wcscmp(fields[0], L"bye") == 0) {
        said_bye = TRUE;
        leave();
    }
    free(line);
}

static void on_end_of_lines(void)
{
    if (said_bye)
        return;
    if (gone[0][0] == 0) { /* nothing was ever said */
        leave();
        return;
    }
    icon_look(L"red", gone[0]);
    icon_balloon(gone[1], gone[2]);
}

static LRESULT show_text(HWND window, const wchar_t *text)
{
    if (window == NULL)
        window = text_window_open(GetModuleHandleW(NULL), L"cshis-bridge");
    text_window_fill(window, text);
    return (LRESULT)window;
}

/* ``place``: where the shell says that the icon is, also for somebody who came to it by keys. */
static void on_icon(HWND window, UINT what, WPARAM place)
{
    POINT point = {(short)LOWORD(place), (short)HIWORD(place)};
    if (what == WM_CONTEXTMENU || what == NIN_SELECT || what == NIN_KEYSELECT)
        menu_open(window, point);
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM first, LPARAM second)
{
    if (message == shell_is_new && shell_is_new != 0) {
        if (!leaving)
            icon_show();
        return 0;
    }
    switch (message) {
    case WM_LINE:
        on_line((wchar_t *)second);
        return 0;
    case WM_NO_MORE:
        on_end_of_lines();
        return 0;
    case WM_ICON:
        on_icon(window, LOWORD(second), first);
        return 0;
    case WM_STEPS_OVER:
        busy += first != 0 ? 1 : -1;
        return 0;
    case WM_SHOW_TEXT:
        return show_text((HWND)first, (const wchar_t *)second);
    case WM_TIMER:
    case WM_DPICHANGED:
    case WM_DISPLAYCHANGE:
        if (!leaving)
            icon_show();
        return 0;
    case WM_ENDSESSION:
        if (first)
            leave();
        return 0;
    case WM_LEAVE:
        code = REPLACED;
        leave();
        return 0;
    case WM_CLOSE:
        leave();
        return 0;
    default:
        return DefWindowProcW(window, message, first, second);
    }
}

/* Those that stand for the same bridge go. */
static void replace_others(const wchar_t *name)
{
    for (HWND other = NULL; (other = FindWindowExW(NULL, other, CLASS, name)) != NULL;)
        PostMessageW(other, WM_LEAVE, 0, 0);
}

static HWND make_window(HINSTANCE instance, const wchar_t *name)
{
    WNDCLASSW kind = {.lpfnWndProc = on_message, .hInstance = instance, .lpszClassName = CLASS};
    RegisterClassW(&kind);
    /* not one for messages alone: those are not told that the shell is new */
    return CreateWindowExW(0, CLASS, name, WS_POPUP, 0, 0, 0, 0, NULL, NULL, instance, NULL);
}

static void let_through(HWND window)
{
    /* the shell runs with fewer rights than a bridge that was started as administrator */
    ChangeWindowMessageFilterEx(window, shell_is_new, MSGFLT_ALLOW, NULL);
    ChangeWindowMessageFilterEx(window, WM_ICON, MSGFLT_ALLOW, NULL);
}

int wmain(int count, wchar_t **arguments)
{
    const wchar_t *name = count > 1 ? arguments[1] : L"";
    shell_is_new = RegisterWindowMessageW(L"TaskbarCreated");
    replace_others(name);
    HWND window = make_window(GetModuleHandleW(NULL), name);
    if (window == NULL)
        return 1;
    let_through(window);
    icon_begin(window);
    read_lines(window);
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        if (!text_window_takes(&message)) {
            TranslateMessage(&message);
            DispatchMessageW(&message);
        }
        end_when_idle();
    }
    return (int)message.wParam;
}
