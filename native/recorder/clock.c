#define WIN32_LEAN_AND_MEAN
#include "clock.h"

#include <windows.h>

#define TENTHS 1e7 /* in a second */

int64_t recorder_ticks(void)
{
    LARGE_INTEGER now;

    (void)QueryPerformanceCounter(&now);
    return now.QuadPart;
}

int64_t recorder_tenths_since(int64_t began)
{
    int64_t passed = recorder_ticks() - began;
    LARGE_INTEGER frequency = {.QuadPart = 1};

    (void)QueryPerformanceFrequency(&frequency);
    return passed <= 0 ? 0 : (int64_t)((double)passed * TENTHS / (double)frequency.QuadPart);
}
