/* A DLL in the place of the official one whose functions cost next
 * to nothing: what is left of a call is what the recorder adds. */
#include <string.h>

#ifndef _WIN32
#define CARD int
#elif defined(_WIN64)
#define CARD __declspec(dllexport) int
#else
#define CARD __declspec(dllexport) int __stdcall
#endif

static void fill(char *buffer, short *length, size_t size)
{
    memset(buffer, '7', size);
    *length = (short)size;
}

CARD csOpenCom(int port)
{
    (void)port;
    return 0;
}

CARD csCloseCom(void)
{
    return 0;
}

CARD hisGetBasicData(char *buffer, short *length)
{
    fill(buffer, length, 72);
    return 0;
}

CARD hisReadPrescription(char *first, short *first_length, char *second, short *second_length, char *third,
                         short *third_length, char *fourth, short *fourth_length)
{
    fill(first, first_length, 3660);
    fill(second, second_length, 1320);
    fill(third, third_length, 360);
    fill(fourth, fourth_length, 120);
    return 0;
}
