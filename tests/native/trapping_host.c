/* trapping_host LIBRARY MASK: a program that floating-point exceptions end loads the library and calls it.
 *
 * MASK: the sum of what is not to be masked at loading and at the first call, by the places in `kinds`.
 * Later calls, one from this thread and one from a new one each, are made with every mask. The program rounds
 * upwards, has a flag of its own up, and on x86 wants denormal numbers to be an exception, too.
 * Prints each distinct outcome: code, length, first byte, "kept" or
 * "changed" for the program's environment, how often. */
#define _GNU_SOURCE /* feenableexcept */
#include <dlfcn.h>
#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

enum { ROOM = 72, KINDS = 5, MASKS = 1 << KINDS };

typedef int (*read_function)(char *, short *);

struct outcome {
    char line[40];
    int times;
};

static const int kinds[KINDS] = {FE_INVALID, FE_DIVBYZERO, FE_OVERFLOW, FE_UNDERFLOW, FE_INEXACT};
static read_function read_basic_data;
static struct outcome outcomes[8];

/* Everything of the environment that a program can see, in one number. */
static unsigned long environment(void)
{
    unsigned long seen = (unsigned long)fegetexcept() << 16 | (unsigned long)fetestexcept(FE_ALL_EXCEPT);

    seen ^= (unsigned long)fegetround() << 24;
#ifdef __x86_64__
    seen ^= (unsigned long)_mm_getcsr() << 32;
#endif
    return seen;
}

static void unmask(int mask)
{
    int i, unmasked = 0;

    for (i = 0; i < KINDS; i++)
        if (mask & 1 << i)
            unmasked |= kinds[i];
    fesetenv(FE_DFL_ENV);
    fesetround(FE_UPWARD);
    feraiseexcept(FE_DIVBYZERO & ~unmasked);
    feenableexcept(unmasked);
#ifdef __x86_64__
    _mm_setcsr(_mm_getcsr() & ~(unsigned)_MM_MASK_DENORM);
#endif
}

static void count(const char *line)
{
    int i = 0;

    while (outcomes[i].times > 0 && strcmp(outcomes[i].line, line) != 0)
        if (++i == sizeof outcomes / sizeof outcomes[0])
            abort();
    strcpy(outcomes[i].line, line);
    outcomes[i].times++;
}

static void *call(void *mask)
{
    char buffer[ROOM], line[40];
    short length = ROOM;
    unsigned long before;
    int code;

    unmask(*(int *)mask);
    before = environment();
    memset(buffer, '.', sizeof buffer);
    code = read_basic_data(buffer, &length);
    sprintf(line, "%d %d %c %s", code, length, buffer[0], environment() == before ? "kept" : "changed");
    count(line);
    return NULL;
}

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *found = library != NULL ? dlsym(library, "hisGetBasicData") : NULL;

    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    memcpy(&read_basic_data, &found, sizeof found);
}

int main(int argc, char **argv)
{
    int i, mask = argc == 3 ? atoi(argv[2]) : MASKS - 1;
    pthread_t thread;

    unmask(mask);
    load(argv[1]);
    call(&mask);
    for (mask = 0; mask < MASKS; mask++) {
        call(&mask);
        if (pthread_create(&thread, NULL, call, &mask) != 0 || pthread_join(thread, NULL) != 0)
            abort();
    }
    for (i = 0; outcomes[i].times > 0; i++)
        printf("%s %d\n", outcomes[i].line, outcomes[i].times);
    return 0;
}
