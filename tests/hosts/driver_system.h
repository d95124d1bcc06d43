/*
 * driver_system.h - what differs between the systems that driver.c runs on: loading a library, memory
 * that ends at an unreadable page, and the calling convention. Included by driver.c only.
 */
#ifndef DRIVER_SYSTEM_H
#define DRIVER_SYSTEM_H

#include <stdint.h>
#include <stdio.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#ifdef _WIN32
static void *open_library(const char *path)
{
    return (void *)LoadLibraryA(path);
}

static void close_library(void *library)
{
    FreeLibrary((HMODULE)library);
}

static void *find_function(void *library, const char *name)
{
    return (void *)GetProcAddress((HMODULE)library, name);
}

static size_t page_size(void)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    return info.dwPageSize;
}

/* SIZE bytes, a multiple of the page, whose last page cannot be touched. */
static unsigned char *fenced_pages(size_t size)
{
    unsigned char *pages = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD before;

    if (pages == NULL || !VirtualProtect(pages + size - page_size(), page_size(), PAGE_NOACCESS, &before))
        return NULL;
    return pages;
}

static void release_pages(unsigned char *pages, size_t size)
{
    (void)size;
    VirtualFree(pages, 0, MEM_RELEASE);
}

static void no_crash_window(void)
{
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
}
#else
static void *open_library(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);

    if (library == NULL)
        fprintf(stderr, "driver: %s\n", dlerror());
    return library;
}

static void close_library(void *library)
{
    dlclose(library);
}

static void *find_function(void *library, const char *name)
{
    return dlsym(library, name);
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* SIZE bytes, a multiple of the page, whose last page cannot be touched. */
static unsigned char *fenced_pages(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED || mprotect((char *)pages + size - page_size(), page_size(), PROT_NONE) != 0)
        return NULL;
    return pages;
}

static void release_pages(unsigned char *pages, size_t size)
{
    munmap(pages, size);
}

static void no_crash_window(void)
{
}
#endif

/* ---- the call ---- */

struct outcome {
    int code;
    int stack;                       /* bytes left on the stack; 0 is right */
};

#if defined(_WIN32) && defined(__i386__)
/* stdcall: push from right to left, the callee removes the arguments. The stack pointer is kept in a
   register that the callee preserves, so that a function which removes too little or too much is
   reported instead of crashing the driver. */
static struct outcome call_function(void *function, const uintptr_t *words, int count)
{
    struct outcome outcome;

    __asm__ volatile("movl %%esp, %%edi\n\t"
                     "1: testl %%ecx, %%ecx\n\t"
                     "jz 2f\n\t"
                     "decl %%ecx\n\t"
                     "pushl (%%edx,%%ecx,4)\n\t"
                     "jmp 1b\n\t"
                     "2: call *%%eax\n\t"
                     "movl %%edi, %%edx\n\t"
                     "subl %%esp, %%edx\n\t"
                     "movl %%edi, %%esp\n\t"
                     : "=a"(outcome.code), "=d"(outcome.stack), "+c"(count)
                     : "0"(function), "1"(words)
                     : "edi", "memory", "cc");
    return outcome;
}
#else
/* Where the caller removes the arguments, only their number matters to the compiler. */
typedef uintptr_t W;
typedef int (*CALL0)(void);
typedef int (*CALL1)(W);
typedef int (*CALL2)(W, W);
typedef int (*CALL3)(W, W, W);
typedef int (*CALL4)(W, W, W, W);
typedef int (*CALL5)(W, W, W, W, W);
typedef int (*CALL6)(W, W, W, W, W, W);
typedef int (*CALL7)(W, W, W, W, W, W, W);
typedef int (*CALL8)(W, W, W, W, W, W, W, W);
typedef int (*CALL20)(W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W);

static int call_with(void *f, const W *w, int count)
{
    switch (count) {
    case 0: return ((CALL0)f)();
    case 1: return ((CALL1)f)(w[0]);
    case 2: return ((CALL2)f)(w[0], w[1]);
    case 3: return ((CALL3)f)(w[0], w[1], w[2]);
    case 4: return ((CALL4)f)(w[0], w[1], w[2], w[3]);
    case 5: return ((CALL5)f)(w[0], w[1], w[2], w[3], w[4]);
    case 6: return ((CALL6)f)(w[0], w[1], w[2], w[3], w[4], w[5]);
    case 7: return ((CALL7)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    case 8: return ((CALL8)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    default:                         /* csHisAPI has nineteen; the rest of w is zeros */
        return ((CALL20)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11],
                           w[12], w[13], w[14], w[15], w[16], w[17], w[18], w[19]);
    }
}

static struct outcome call_function(void *function, const uintptr_t *words, int count)
{
    struct outcome outcome = {call_with(function, words, count), 0};

    return outcome;
}
#endif

#endif
