#include "process_state.h"

#include <stdio.h>
#include <string.h>

typedef void(WINAPI *precise_clock)(FILETIME *);

static struct recorder_state alone; /* where nothing can be shared with the DLL's next life */
static struct recorder_state *shared;

uint64_t recorder_now(void)
{
    static volatile LONG looked;
    static precise_clock precise; /* Windows 8 and later */
    FILETIME now;

    if (!looked) {
        FARPROC found = GetProcAddress(GetModuleHandleA("kernel32.dll"), "GetSystemTimePreciseAsFileTime");
        memcpy(&precise, &found, sizeof precise);
        InterlockedExchange(&looked, 1);
    }
    if (precise != NULL)
        precise(&now);
    else
        GetSystemTimeAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

/* The handle of the first life is never closed: it keeps the memory.
 * Those of later lives are, the view suffices. */
static BOOL CALLBACK find(INIT_ONCE *unused, void *parameter, void **context)
{
    wchar_t name[64];
    HANDLE memory;
    DWORD error;

    (void)unused;
    (void)parameter;
    (void)context;
    _snwprintf(name, 63, L"Local\\cshis-recorder-%lu", GetCurrentProcessId());
    name[63] = L'\0';
    memory = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof alone, name);
    error = GetLastError();
    if (memory != NULL)
        shared = MapViewOfFile(memory, FILE_MAP_WRITE, 0, 0, sizeof alone);
    if (memory != NULL && (shared == NULL || error == ERROR_ALREADY_EXISTS))
        CloseHandle(memory);
    if ((shared != NULL ? shared : &alone)->started == 0)
        (shared != NULL ? shared : &alone)->started = recorder_now();
    return TRUE;
}

struct recorder_state *recorder_state(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    (void)InitOnceExecuteOnce(&once, find, NULL, NULL);
    return shared != NULL ? shared : &alone;
}

void recorder_leave_state(void)
{
    if (shared != NULL)
        UnmapViewOfFile(shared);
    shared = NULL;
}
