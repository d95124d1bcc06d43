/* Beginning and end of the DLL's life in a program. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "ending.h"
#include "exception.h"
#include "original.h"
#include "platform.h"
#include "process_state.h"
#include "thread.h"
#include "trace_file.h"

/* The original goes as it would have gone when the program let
 * it go: here, and before FreeLibrary returns to the program.
 * The loader takes such a request from within DllMain and carries it out in the same pass. */
static void let_go(void)
{
    recorder_leave_exceptions();
    recorder_leave_threads();
    recorder_close_trace();
    recorder_leave_original();
    recorder_leave_state();
    cshis_platform_end();
}

/* At the end of the process (reserved is set) the system does all of this. */
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    (void)library;
    if (reason == DLL_PROCESS_ATTACH)
        recorder_watch_ending();
    else if (reason == DLL_PROCESS_DETACH && reserved == NULL)
        let_go();
    return TRUE;
}
