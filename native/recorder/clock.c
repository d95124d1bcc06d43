#define WIN32_LEAN_AND_MEAN
#include "clock.h"

#include <windows.h>

#define TENTHS 10000000 /* in a second */

int64_t recorder_ticks(void)
{
    LARGE_INTEGER now;

    (void)QueryPerformanceCounter(&now);
    return now.QuadPart;
}

/* Whole numbers alone: the program may have made
 * floating-point faults its own affair, and left one pending. */
int64_t recorder_tenths_since(int64_t began)
{
    int64_t passed = recorder_ticks() - began;
    LARGE_INTEGER second = {.QuadPart = 1};

    (void)QueryPerformanceFrequency(&second);
    if (passed <= 0)
        return 0;
    return passed / second.QuadPart * TENTHS + passed % second.QuadPart * TENTHS / second.QuadPart;
}
