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

enum { TICKS = 6, MOST_SECONDS = 24 * 60 * 60, LONGEST_COLOUR = 8 };

struct words {
    wchar_t tip[LONGEST_BALLOON], title[LONGEST_BALLOON], text[LONGEST_BALLOON];
};

static struct words gone, hung;
static struct {
    wchar_t colour[LONGEST_COLOUR], tip[LONGEST_TIP];
} last; /* what the bridge has said of itself */
/* Silence is counted in ticks and not by the clock, which goes on while the machine sleeps. */
static UINT tick_ms;
static int silent;
static BOOL is_hung;

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

static void keep_words(struct words *words, wchar_t *const *fields)
{
    lstrcpynW(words->tip, fields[0], LONGEST_BALLOON);
    lstrcpynW(words->title, fields[1], LONGEST_BALLOON);
    lstrcpynW(words->text, fields[2], LONGEST_BALLOON);
}

static void turn_red(const struct words *why)
{
    icon_look(L"red", why->tip);
    icon_balloon(why->title, why->text);
}

static void on_look(const wchar_t *colour, const wchar_t *tip)
{
    lstrcpynW(last.colour, colour, LONGEST_COLOUR);
    lstrcpynW(last.tip, tip, LONGEST_TIP);
    icon_look(last.colour, last.tip);
}

static void listen_for(HWND window, const wchar_t *seconds)
{
    int given = _wtoi(seconds);
    tick_ms = given > 0 && given <= MOST_SECONDS ? (UINT)given * 1000 / TICKS : 0;
    if (tick_ms > 0)
        SetTimer(window, TIMER_OF_SILENCE, tick_ms, NULL);
}

static void on_tick(HWND window)
{
    if (++silent < TICKS)
        return;
    KillTimer(window, TIMER_OF_SILENCE);
    is_hung = TRUE;
    turn_red(&hung);
}

static void on_sign_of_life(HWND window)
{
    silent = 0;
    if (!is_hung)
        return;
    is_hung = FALSE;
    SetTimer(window, TIMER_OF_SILENCE, tick_ms, NULL);
    icon_look(last.colour, last.tip);
}

static void on_line(HWND window, wchar_t *line)
{
    wchar_t *fields[MOST_FIELDS];
    int count = split_fields(line, fields);
    on_sign_of_life(window);
    if (wcscmp(fields[0], L"look") == 0 && count >= 3)
        on_look(fields[1], fields[2]);
    else if (wcscmp(fields[0], L"balloon") == 0 && count >= 3)
        icon_balloon(fields[1], fields[2]);
    else if (wcscmp(fields[0], L"gone") == 0 && count >= 4)
        keep_words(&gone, fields + 1);
    else if (wcscmp(fields[0], L"hung") == 0 && count >= 5) {
        keep_words(&hung, fields + 2);
        listen_for(window, fields[1]);
    }
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

static void on_end_of_lines(HWND window)
{
    KillTimer(window, TIMER_OF_SILENCE);
    if (said_bye)
        return;
    if (gone.tip[0] == 0) { /* nothing was ever said */
        leave();
        return;
    }
    turn_red(&gone);
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
        on_line(window, (wchar_t *)second);
        return 0;
    case WM_NO_MORE:
        on_end_of_lines(window);
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
        if (first == TIMER_OF_SILENCE && !leaving)
            on_tick(window);
        else if (!leaving)
            icon_show();
        return 0;
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
