#define WIN32_LEAN_AND_MEAN
#include "ending.h"

#include <windows.h>

static BOOLEAN(WINAPI *shutdown_in_progress)(void);

void recorder_watch_ending(void)
{
    FARPROC found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlDllShutdownInProgress");

    shutdown_in_progress = (BOOLEAN(WINAPI *)(void))(void (*)(void))found;
}

bool recorder_process_ends(void)
{
    return shutdown_in_progress != NULL && shutdown_in_progress();
}
