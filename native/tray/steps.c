/* What an entry of the menu does, step by step, in a thread of its own: a command may take its time. */
#include "parts.h"

#include <shellapi.h>
#include <stdlib.h>

enum { LONGEST_RUN_MS = 90 * 1000, MOST_BYTES = 1024 * 1024, REFUSED = 32 };

static const wchar_t NAME[] = L"cshis-bridge";

struct work {
    HWND window;
    wchar_t *steps[MOST_FIELDS];
    int count;
};

wchar_t *copy_of(const wchar_t *text)
{
    size_t length = wcslen(text) + 1;
    wchar_t *copy = malloc(length * sizeof *copy);
    if (copy == NULL)
        ExitProcess(1); /* nothing is lost with it but the icon */
    memcpy(copy, text, length * sizeof *copy);
    return copy;
}

static int ask(const wchar_t *text, UINT kind)
{
    return MessageBoxW(NULL, text, NAME, kind | MB_SETFOREGROUND | MB_TOPMOST);
}

static void complain(const wchar_t *about)
{
    wchar_t text[1024], why[512];
    wchar_t shorter[400];
    DWORD error = GetLastError(), how = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    if (!FormatMessageW(how, NULL, error, 0, why, 512, NULL))
        why[0] = 0;
    lstrcpynW(shorter, about, 400);
    wsprintfW(text, L"%s\n\n%s (%u)", shorter, why, (unsigned)error);
    ask(text, MB_ICONERROR);
}

/* Starts a command without a console window. ``output``: where it prints to, or NULL. Out: its process, or
 * NULL. */
static HANDLE start(wchar_t *command, HANDLE output)
{
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION made;
    if (output != NULL) {
        how.dwFlags = STARTF_USESTDHANDLES;
        how.hStdOutput = how.hStdError = output;
    }
    BOOL inherits = output != NULL;
    if (!CreateProcessW(NULL, command, NULL, NULL, inherits, CREATE_NO_WINDOW, NULL, NULL, &how, &made)) {
        complain(command);
        return NULL;
    }
    CloseHandle(made.hThread);
    return made.hProcess;
}

static void run(wchar_t *command)
{
    HANDLE process = start(command, NULL);
    if (process != NULL) {
        WaitForSingleObject(process, LONGEST_RUN_MS);
        CloseHandle(process);
    }
}

/* UTF-8 with Unix' ends of lines becomes text with Windows'. Out: a text that the caller frees, or NULL. */
static wchar_t *as_text(const char *bytes, int length)
{
    int wide = MultiByteToWideChar(CP_UTF8, 0, bytes, length, NULL, 0);
    wchar_t *from = calloc((size_t)wide + 1, sizeof *from);
    wchar_t *text = calloc(2 * (size_t)wide + 1, sizeof *text);
    if (from != NULL && text != NULL) {
        MultiByteToWideChar(CP_UTF8, 0, bytes, length, from, wide);
        wchar_t *to = text;
        for (const wchar_t *each = from; *each != 0; each++) {
            if (*each == L'\n')
                *to++ = L'\r';
            if (*each != L'\r')
                *to++ = *each;
        }
    }
    free(from);
    return text;
}

static int read_all(HANDLE from, char *room, int most)
{
    int length = 0;
    DWORD got;
    while (length < most && ReadFile(from, room + length, (DWORD)(most - length), &got, NULL) && got > 0)
        length += (int)got;
    return length;
}

/* Shows what a command prints, in a window: at once, or only if it has printed something by its end. */
static void show(HWND window, wchar_t *command, BOOL at_once)
{
    HANDLE reading, writing;
    if (!CreatePipe(&reading, &writing, NULL, 0)) {
        complain(command);
        return;
    }
    SetHandleInformation(writing, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    HWND shown = at_once ? (HWND)SendMessageW(window, WM_SHOW_TEXT, 0, (LPARAM)L"...") : NULL;
    HANDLE process = start(command, writing);
    CloseHandle(writing);
    char *room = malloc(MOST_BYTES);
    if (process != NULL && room != NULL) {
        int length = read_all(reading, room, MOST_BYTES);
        wchar_t *text = as_text(room, length);
        if (text != NULL && (at_once || length > 0))
            SendMessageW(window, WM_SHOW_TEXT, (WPARAM)shown, (LPARAM)text);
        free(text);
        CloseHandle(process);
    } else if (at_once)
        SendMessageW(window, WM_SHOW_TEXT, (WPARAM)shown, (LPARAM)L"");
    free(room);
    CloseHandle(reading);
}

static void open_it(const wchar_t *what)
{
    if ((INT_PTR)ShellExecuteW(NULL, L"open", what, NULL, NULL, SW_SHOWNORMAL) <= REFUSED)
        complain(what);
}

/* Out: whether the next step follows. */
static BOOL step(HWND window, wchar_t *words)
{
    wchar_t *about = wcschr(words, L' ');
    if (about == NULL)
        return FALSE;
    *about++ = 0;
    if (wcscmp(words, L"leave") == 0)
        PostMessageW(window, WM_LEAVE, 0, 0);
    else if (wcscmp(words, L"ask") == 0)
        return ask(about, MB_YESNO | MB_ICONQUESTION) == IDYES;
    else if (wcscmp(words, L"tell") == 0)
        ask(about, MB_OK | MB_ICONINFORMATION);
    else if (wcscmp(words, L"run") == 0)
        run(about);
    else if (wcscmp(words, L"start") == 0) {
        HANDLE process = start(about, NULL);
        if (process == NULL)
            return FALSE;
        CloseHandle(process);
    } else if (wcscmp(words, L"show") == 0)
        show(window, about, TRUE);
    else if (wcscmp(words, L"try") == 0)
        show(window, about, FALSE);
    else if (wcscmp(words, L"open") == 0)
        open_it(about);
    return TRUE;
}

static DWORD WINAPI work(void *given)
{
    struct work *todo = given;
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED); /* some of what "open" opens wants it */
    for (int i = 0; i < todo->count; i++)
        if (!step(todo->window, todo->steps[i]))
            break;
    CoUninitialize();
    PostMessageW(todo->window, WM_STEPS_OVER, 0, 0);
    for (int i = 0; i < todo->count; i++)
        free(todo->steps[i]);
    free(todo);
    return 0;
}

/* Out of this comes one WM_STEPS_OVER, whatever happens. */
void steps_begin(HWND window, const wchar_t *const *steps, int count)
{
    struct work *todo = calloc(1, sizeof *todo);
    if (todo == NULL)
        ExitProcess(1);
    todo->window = window;
    for (int i = 0; i < count; i++)
        todo->steps[todo->count++] = copy_of(steps[i]);
    SendMessageW(window, WM_STEPS_OVER, 1, 0);
    HANDLE thread = CreateThread(NULL, 0, work, todo, 0, NULL);
    if (thread == NULL)
        PostMessageW(window, WM_STEPS_OVER, 0, 0);
    else
        CloseHandle(thread);
}
