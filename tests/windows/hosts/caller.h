/*
 * caller.h - what the programs of this folder share: failing with a reason, the library's functions by
 * name, memory with guards on both sides. Exit codes: 0 all as expected, 1 not, 3 no library, 64 usage.
 */
#ifndef CALLER_H
#define CALLER_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#define CARDAPI __stdcall
#define EXIT_UNEXPECTED 1
#define EXIT_NO_LIBRARY 3
#define EXIT_USAGE 64

/* What a program leaves in the upper half of a word in which it pushes a 16-bit number. */
#define DIRTY(number) ((int)0x4FFB0000 | ((number) & 0xFFFF))

#define MARGIN 32
#define GUARD 0xA5

static inline void fail(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_UNEXPECTED);
}

static inline HMODULE load(const char *path)
{
    HMODULE library;

    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    library = LoadLibraryA(path);
    if (library == NULL) {
        fprintf(stderr, "cannot load %s: error %lu\n", path, GetLastError());
        exit(EXIT_NO_LIBRARY);
    }
    return library;
}

static inline void *find(HMODULE library, const char *name)
{
    void *function = (void *)GetProcAddress(library, name);

    if (function == NULL)
        fail("the library has no %s", name);
    return function;
}

/* SIZE bytes of value FILL between two margins of guard bytes; the memory is the caller's to keep. */
static inline unsigned char *guarded(unsigned char *memory, int fill, size_t size)
{
    memset(memory, GUARD, MARGIN);
    memset(memory + MARGIN, fill, size);
    memset(memory + MARGIN + size, GUARD, MARGIN);
    return memory + MARGIN;
}

static inline int is_whole(const unsigned char *memory, size_t size)
{
    size_t i;

    for (i = 0; i < MARGIN; i++)
        if (memory[i] != GUARD || memory[MARGIN + size + i] != GUARD)
            return 0;
    return 1;
}

/* How many handles this process has open. Tried one by one: Wine's GetProcessHandleCount always says 0. */
static inline int open_handles(void)
{
    enum { LAST = 0x8000, STEP = 4 };
    DWORD flags;
    uintptr_t handle;
    int count = 0;

    for (handle = STEP; handle < LAST; handle += STEP)
        count += GetHandleInformation((HANDLE)handle, &flags) != 0;
    return count;
}

#endif
