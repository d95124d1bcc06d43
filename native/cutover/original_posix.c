#define _GNU_SOURCE /* RTLD_DEEPBIND */
#include "original.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#include "host.h"
#include "platform.h"
#include "said.h"

#define NAME "libcshis_original.so"
#define AGAIN_AFTER 2000 /* milliseconds between two attempts to load it */

#ifndef RTLD_DEEPBIND
#define RTLD_DEEPBIND 0
#endif

static void *_Atomic library;
static atomic_int_least64_t not_before;
static atomic_bool complained;

static bool path_of(char *path)
{
    return cshis_library_folder(path, CUTOVER_MOST_PATH - sizeof NAME) && strcat(path, NAME) != NULL;
}

bool cutover_original_there(void)
{
    char path[CUTOVER_MOST_PATH];
    uint64_t size;

    return path_of(path) && cshis_regular_file(path, &size);
}

/* Put in place twice, the library would call itself for ever. */
static bool is_own(void *loaded)
{
    const void *rows = dlsym(loaded, cshis_rows[0].name);
    Dl_info theirs, ours;

    return rows != NULL && dladdr(rows, &theirs) != 0 && dladdr(&library, &ours) != 0 &&
           theirs.dli_fbase == ours.dli_fbase;
}

static void complain(const char *why)
{
    atomic_store(&not_before, cshis_now() + AGAIN_AFTER);
    if (!atomic_exchange(&complained, true))
        cutover_say("original: %s cannot be loaded: %s", NAME, why);
}

/* Its own names come first for it: the exports of this library have the same ones. */
static void *load(void)
{
    char path[CUTOVER_MOST_PATH];
    void *loaded, *before = NULL;

    if (cshis_now() < atomic_load(&not_before))
        return NULL;
    loaded = path_of(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND) : NULL;
    if (loaded == NULL) {
        complain(cutover_original_there() ? dlerror() : "put the official library there under this name");
        return NULL;
    }
    if (is_own(loaded)) {
        dlclose(loaded);
        complain("it is this library itself: put the official one there");
        return NULL;
    }
    if (!atomic_compare_exchange_strong(&library, &before, loaded))
        dlclose(loaded);
    return atomic_load(&library);
}

cutover_address cutover_original(const struct cshis_row *row, bool *loaded)
{
    void *from = atomic_load(&library);
    void *found;
    cutover_address address;

    if (from == NULL)
        from = load();
    *loaded = from != NULL;
    found = from != NULL ? dlsym(from, row->name) : NULL;
    memcpy(&address, &found, sizeof address);
    return address;
}
