/* The end of the DLL's life in a program. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "ending.h"
#include "exception.h"
#include "original.h"
#include "platform.h"
#include "process_state.h"
#include "thread.h"
#include "trace_file.h"

static BOOLEAN(WINAPI *shutdown_in_progress)(void);

bool recorder_process_ends(void)
{
    return shutdown_in_progress != NULL && shutdown_in_progress();
}

/* The original goes as it would have gone when the program let it go: here, and before FreeLibrary returns to the program. The loader takes
 * such a request from within DllMain and carries it out in the same pass. At the end of the process (reserved is set) the system does all
 * of this. */
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    FARPROC found;

    (void)library;
    if (reason == DLL_PROCESS_ATTACH) {
        found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlDllShutdownInProgress");
        shutdown_in_progress = (BOOLEAN(WINAPI *)(void))(void (*)(void))found;
    }
    if (reason != DLL_PROCESS_DETACH || reserved != NULL)
        return TRUE;
    recorder_leave_exceptions();
    recorder_leave_threads();
    recorder_close_trace();
    recorder_leave_original();
    recorder_leave_state();
    cshis_platform_end();
    return TRUE;
}
