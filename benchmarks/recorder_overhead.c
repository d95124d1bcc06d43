/* recorder_overhead LIBRARY FUNCTION CALLS [ROOM]: a program that
 * calls one function (csCloseCom, hisGetBasicData, hisReadPrescription) again
 * and again, with buffers exactly as large as their records, or of ROOM bytes.
 * Prints one line of JSON: the calls and their times in microseconds. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*WORD_OF_CODE)(void);

#ifdef _WIN32
#include <windows.h>

#define CARD WINAPI
#define OPEN(path) LoadLibraryA(path)
#define FIND(library, name) ((WORD_OF_CODE)(void (*)(void))GetProcAddress(library, name))
typedef HMODULE LIBRARY;

static double now_us(void)
{
    LARGE_INTEGER frequency, now;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (double)now.QuadPart * 1e6 / (double)frequency.QuadPart;
}
#else
#include <dlfcn.h>
#include <time.h>

#define CARD
#define OPEN(path) dlopen(path, RTLD_NOW)
#define FIND(library, name) ((WORD_OF_CODE)(uintptr_t)dlsym(library, name))
typedef void *LIBRARY;

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}
#endif

typedef int(CARD *PLAIN)(void);
typedef int(CARD *READ)(char *, short *);
typedef int(CARD *READ_4)(char *, short *, char *, short *, char *, short *, char *, short *);

static char buffers[4][32768];
static short lengths[4];
static WORD_OF_CODE function;

static short sizes[4] = {3660, 1320, 360, 120};

static int call(const char *name)
{
    if (strcmp(name, "csCloseCom") == 0)
        return ((PLAIN)function)();
    memcpy(lengths, sizes, sizeof lengths);
    if (strcmp(name, "hisGetBasicData") == 0) {
        lengths[0] = sizes[0] == 3660 ? 72 : sizes[0];
        return ((READ)function)(buffers[0], &lengths[0]);
    }
    return ((READ_4)function)(buffers[0], &lengths[0], buffers[1], &lengths[1], buffers[2], &lengths[2],
                              buffers[3], &lengths[3]);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    long count = argc >= 4 ? atol(argv[3]) : 0, i;
    double *times = count > 0 ? calloc((size_t)count, sizeof *times) : NULL;
    LIBRARY library;

    if (times == NULL)
        return 64;
    for (i = 0; argc == 5 && i < 4; i++)
        sizes[i] = (short)atoi(argv[4]);
    library = OPEN(argv[1]);
    function = library != NULL ? FIND(library, argv[2]) : NULL;
    if (function == NULL || call(argv[2]) != 0) {
        fprintf(stderr, "no %s in %s, or it failed\n", argv[2], argv[1]);
        return 1;
    }
    for (i = 0; i < count; i++) {
        double begin = now_us();
        call(argv[2]);
        times[i] = now_us() - begin;
    }
    qsort(times, (size_t)count, sizeof *times, compare);
    printf("{\"calls\": %ld, \"p50_us\": %.2f, \"p99_us\": %.2f}\n", count, times[count / 2],
           times[count * 99 / 100]);
    return 0;
}
