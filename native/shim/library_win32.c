/* The entry point of the DLLs whose only concern at their end is the connections of platform_win32.c. */
#define WIN32_LEAN_AND_MEAN
#include "platform.h"

#include <windows.h>

/* At the end of the process (reserved is set) the system closes everything,
 * and other threads may have been ended in the middle of anything. */
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    (void)library;
    if (reason == DLL_PROCESS_DETACH && reserved == NULL)
        cshis_platform_end();
    return TRUE;
}
