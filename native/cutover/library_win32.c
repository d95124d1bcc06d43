/* The entry point of cshis.dll: with its connections, the original goes. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "original.h"
#include "platform.h"

/* At the end of the process (reserved is set) the system closes everything,
 * and other threads may have been ended in the middle of anything. */
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    (void)library;
    if (reason == DLL_PROCESS_DETACH && reserved == NULL) {
        cutover_leave_original();
        cshis_platform_end();
    }
    return TRUE;
}
