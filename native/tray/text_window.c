/* A window with text to read, to mark and to copy. */
#include "parts.h"

enum { SIZE_IN_POINTS = 10, POINTS_AN_INCH = 72 };

static const wchar_t CLASS[] = L"cshis-bridge-text";

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM first, LPARAM second)
{
    HWND text = GetWindow(window, GW_CHILD);
    switch (message) {
    case WM_SIZE:
        MoveWindow(text, 0, 0, LOWORD(second), HIWORD(second), TRUE);
        return 0;
    case WM_SETFOCUS:
        SetFocus(text);
        return 0;
    case WM_DESTROY:
        DeleteObject((HGDIOBJ)SendMessageW(text, WM_GETFONT, 0, 0));
        return 0;
    default:
        return DefWindowProcW(window, message, first, second);
    }
}

static HFONT font_for(HWND window)
{
    HDC device = GetDC(window);
    int height = -MulDiv(SIZE_IN_POINTS, GetDeviceCaps(device, LOGPIXELSY), POINTS_AN_INCH);
    ReleaseDC(window, device);
    return CreateFontW(height, 0, 0, 0, FW_NORMAL, 0, 0, 0, DEFAULT_CHARSET, 0, 0, CLEARTYPE_QUALITY,
                       FIXED_PITCH | FF_MODERN, L"Consolas");
}

HWND text_window_open(HINSTANCE instance, const wchar_t *title)
{
    WNDCLASSW kind = {.lpfnWndProc = on_message, .hInstance = instance, .lpszClassName = CLASS};
    kind.hCursor = LoadCursorW(NULL, (LPCWSTR)IDC_ARROW);
    kind.hIcon = LoadIconW(instance, MAKEINTRESOURCEW(GREEN_ICON));
    RegisterClassW(&kind); /* a second time changes nothing */
    RECT screen;
    SystemParametersInfoW(SPI_GETWORKAREA, 0, &screen, 0);
    int width = (screen.right - screen.left) * 3 / 4, height = (screen.bottom - screen.top) * 3 / 4;
    int left = screen.left + width / 6, top = screen.top + height / 6;
    HWND window = CreateWindowExW(0, CLASS, title, WS_OVERLAPPEDWINDOW, left, top, width, height, NULL, NULL,
                                  instance, NULL);
    if (window == NULL)
        return NULL;
    DWORD style = WS_CHILD | WS_VISIBLE | WS_VSCROLL | WS_HSCROLL;
    style |= ES_MULTILINE | ES_READONLY | ES_AUTOVSCROLL | ES_AUTOHSCROLL;
    HWND text = CreateWindowExW(0, L"EDIT", L"", style, 0, 0, 0, 0, window, NULL, instance, NULL);
    SendMessageW(text, EM_SETLIMITTEXT, 0, 0);
    SendMessageW(text, WM_SETFONT, (WPARAM)font_for(window), FALSE);
    ShowWindow(window, SW_SHOWNORMAL);
    SetForegroundWindow(window);
    return window;
}

void text_window_fill(HWND window, const wchar_t *text)
{
    wchar_t kind[sizeof CLASS / sizeof *CLASS + 1];
    /* it may be closed by now */
    if (GetClassNameW(window, kind, sizeof kind / sizeof *kind) && wcscmp(kind, CLASS) == 0)
        SetWindowTextW(GetWindow(window, GW_CHILD), text);
}

/* Esc closes it; Ctrl+A marks all. Out: whether the message was for that. */
BOOL text_window_takes(const MSG *message)
{
    wchar_t kind[sizeof CLASS / sizeof *CLASS + 1];
    HWND window = GetAncestor(message->hwnd, GA_ROOT);
    if (message->message != WM_KEYDOWN || !GetClassNameW(window, kind, sizeof kind / sizeof *kind) ||
        wcscmp(kind, CLASS) != 0)
        return FALSE;
    if (message->wParam == VK_ESCAPE) {
        DestroyWindow(window);
        return TRUE;
    }
    if (message->wParam == 'A' && GetKeyState(VK_CONTROL) < 0) {
        SendMessageW(message->hwnd, EM_SETSEL, 0, -1);
        return TRUE;
    }
    return FALSE;
}
