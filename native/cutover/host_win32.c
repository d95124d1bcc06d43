#define WIN32_LEAN_AND_MEAN
#include "host.h"

#include <windows.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"

static SRWLOCK lock = SRWLOCK_INIT;

static CONDITION_VARIABLE woken = CONDITION_VARIABLE_INIT;

static bool process_ends(void)
{
    static BOOLEAN(WINAPI *volatile ask)(void);
    FARPROC found;

    if (ask == NULL) {
        found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlDllShutdownInProgress");
        ask = (BOOLEAN(WINAPI *)(void))(void (*)(void))found;
    }
    return ask != NULL && ask();
}

void cutover_lock(void)
{
    if (!process_ends())
        AcquireSRWLockExclusive(&lock);
}

void cutover_unlock(void)
{
    if (!process_ends())
        ReleaseSRWLockExclusive(&lock);
}

bool cutover_wait(int milliseconds)
{
    return SleepConditionVariableSRW(&woken, &lock, (DWORD)milliseconds, 0) != FALSE;
}

void cutover_wake(void)
{
    WakeConditionVariable(&woken);
}

static HMODULE held; /* by the one thread */
static void (*work)(void);

static DWORD WINAPI run_in_thread(void *library)
{
    work();
    FreeLibraryAndExitThread(library, 0);
}

bool cutover_start(void (*run)(void))
{
    HANDLE thread;

    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const char *)&lock, &held))
        return false;
    work = run;
    thread = CreateThread(NULL, 0, run_in_thread, held, 0, NULL);
    if (thread == NULL)
        FreeLibrary(held);
    else
        CloseHandle(thread);
    return thread != NULL;
}

static bool made(const char *folder)
{
    return CreateDirectoryA(folder, NULL) || GetLastError() == ERROR_ALREADY_EXISTS;
}

static bool own_folder(char *folder, size_t room)
{
    char base[CUTOVER_MOST_PATH];
    DWORD length;

    if (cshis_environment("CSHIS_BRIDGE_CUTOVER_DIR", folder, room))
        return made(folder);
    if (!cshis_environment("LOCALAPPDATA", base, sizeof base)) { /* services may lack it */
        length = GetTempPathA(sizeof base, base);
        if (length == 0 || length >= sizeof base)
            return false;
    }
    return (size_t)snprintf(folder, room, "%s\\cshis-bridge", base) < room && made(folder);
}

bool cutover_own_file(const char *name, char *path, size_t room)
{
    size_t length;

    if (!own_folder(path, room))
        return false;
    length = strlen(path);
    return (size_t)snprintf(path + length, room - length, "\\%s", name) < room - length;
}

bool cutover_append(const char *path, const void *data, size_t length, size_t most)
{
    HANDLE file =
        CreateFileA(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, 0, NULL);
    LARGE_INTEGER size;
    DWORD written = 0;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (GetFileSizeEx(file, &size) && (uint64_t)size.QuadPart < most)
        (void)WriteFile(file, data, (DWORD)length, &written, NULL);
    CloseHandle(file);
    return written == length;
}

void cutover_time_text(char *text, size_t room)
{
    SYSTEMTIME now;

    GetLocalTime(&now);
    (void)snprintf(text, room, "%04d-%02d-%02d %02d:%02d:%02d", now.wYear, now.wMonth, now.wDay, now.wHour,
                   now.wMinute, now.wSecond);
}

struct cutover_error cutover_error(void)
{
    return (struct cutover_error){.c_error = errno, .system = GetLastError()};
}

void cutover_set_error(struct cutover_error error)
{
    errno = error.c_error;
    SetLastError(error.system);
}
