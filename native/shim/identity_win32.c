#define WIN32_LEAN_AND_MEAN
#include "identity.h"

#include "system_win32.h"

typedef BOOLEAN(WINAPI *generator)(PVOID, ULONG);

uint64_t cshis_process_start(void)
{
    FILETIME began = {0}, ended, in_system, in_program;

    (void)GetProcessTimes(GetCurrentProcess(), &began, &ended, &in_system, &in_program);
    return (uint64_t)began.dwHighDateTime << 32 | began.dwLowDateTime;
}

bool cshis_random(uint8_t *to, size_t length)
{
    HMODULE library = cshis_system_library("advapi32.dll");
    generator generate;
    bool made =
        cshis_find_function(library, "SystemFunction036", &generate) && generate(to, (ULONG)length) != FALSE;

    if (library != NULL)
        FreeLibrary(library);
    return made;
}
