/*
 * driver_system.h - what differs between the systems that driver.c runs on: loading a library, memory
 * that ends at an unreadable page, and the calling convention (driver_call.h). Included by driver.c only.
 */
#ifndef DRIVER_SYSTEM_H
#define DRIVER_SYSTEM_H

#include <stdint.h>
#include <stdio.h>

#include "driver_call.h"

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

#endif
