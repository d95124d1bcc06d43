/* recorder_overhead LIBRARY FUNCTION CALLS [ROOM]: a Windows program that
 * calls one function (csCloseCom, hisGetBasicData, hisReadPrescription) again
 * and again, with buffers exactly as large as their records, or of ROOM bytes.
 * Prints one line of JSON: the calls and their times in microseconds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

typedef int(WINAPI *PLAIN)(void);
typedef int(WINAPI *READ)(char *, short *);
typedef int(WINAPI *READ_4)(char *, short *, char *, short *, char *, short *, char *, short *);

static char buffers[4][32768];
static short lengths[4];
static FARPROC function;

static short sizes[4] = {3660, 1320, 360, 120};

static int call(const char *name)
{
    if (strcmp(name, "csCloseCom") == 0)
        return ((PLAIN)(void (*)(void))function)();
    memcpy(lengths, sizes, sizeof lengths);
    if (strcmp(name, "hisGetBasicData") == 0) {
        lengths[0] = sizes[0] == 3660 ? 72 : sizes[0];
        return ((READ)(void (*)(void))function)(buffers[0], &lengths[0]);
    }
    return ((READ_4)(void (*)(void))function)(buffers[0], &lengths[0], buffers[1], &lengths[1], buffers[2],
                                              &lengths[2], buffers[3], &lengths[3]);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    long count = argc >= 4 ? atol(argv[3]) : 0, i;
    int64_t *times = count > 0 ? calloc((size_t)count, sizeof *times) : NULL;
    LARGE_INTEGER frequency, begin, end;
    HMODULE library;

    if (times == NULL)
        return 64;
    for (i = 0; argc == 5 && i < 4; i++)
        sizes[i] = (short)atoi(argv[4]);
    library = LoadLibraryA(argv[1]);
    function = library != NULL ? GetProcAddress(library, argv[2]) : NULL;
    if (function == NULL || call(argv[2]) != 0) {
        fprintf(stderr, "no %s in %s, or it failed\n", argv[2], argv[1]);
        return 1;
    }
    QueryPerformanceFrequency(&frequency);
    for (i = 0; i < count; i++) {
        QueryPerformanceCounter(&begin);
        call(argv[2]);
        QueryPerformanceCounter(&end);
        times[i] = end.QuadPart - begin.QuadPart;
    }
    qsort(times, (size_t)count, sizeof *times, compare);
    printf("{\"calls\": %ld, \"p50_us\": %.2f, \"p99_us\": %.2f}\n", count,
           (double)times[count / 2] * 1e6 / (double)frequency.QuadPart,
           (double)times[count * 99 / 100] * 1e6 / (double)frequency.QuadPart);
    return 0;
}
