#define _GNU_SOURCE /* dl_iterate_phdr */
#include <Python.h>

#include "python.h"

#include <ctype.h>
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)
#define OURS NUMBER(PY_MAJOR_VERSION) "." NUMBER(PY_MINOR_VERSION)
#define LIBRARY "libpython"

typedef const char *(*version_function)(void);

/* "3.11.7 (main, ...)", "3.11.so.1.0": only the first two numbers decide what fits together. */
static bool is_ours(const char *version)
{
    return strncmp(version, OURS, strlen(OURS)) == 0 && !isdigit((unsigned char)version[strlen(OURS)]);
}

/* The function that everything in this process finds first: the program's own, if it has Python inside. */
static version_function shared_version(void)
{
    version_function function = NULL;
    void *program = dlopen(NULL, RTLD_LAZY);
    void *found = program != NULL ? dlsym(program, "Py_GetVersion") : NULL;

    memcpy(&function, &found, sizeof function);
    if (program != NULL)
        dlclose(program);
    return function;
}

/* A library of another Python, loaded where nobody sees it: it would take our functions for its own. */
static int note_other_library(struct dl_phdr_info *loaded, size_t size, void *found)
{
    const char *slash = strrchr(loaded->dlpi_name, '/');
    const char *name = slash != NULL ? slash + 1 : loaded->dlpi_name;
    const char *version = name + strlen(LIBRARY);

    (void)size;
    if (strncmp(name, LIBRARY, strlen(LIBRARY)) != 0 || !isdigit((unsigned char)*version) ||
        strchr(version, '.') == strstr(version, ".so") || is_ours(version))
        return 0;
    *(const char **)found = loaded->dlpi_name;
    return 1;
}

static void say(const char *which)
{
    cshis_log("this library needs Python " OURS ", and the program has another one inside", which);
}

bool cshis_other_python(void)
{
    version_function shared = shared_version();
    const char *other = is_ours(Py_GetVersion()) ? NULL : Py_GetVersion();
    const char *library = NULL;
    char number[16];

    if (other == NULL && shared != NULL && !is_ours(shared()))
        other = shared();
    if (other != NULL) {
        snprintf(number, sizeof number, "%.*s", (int)strcspn(other, " "), other);
        say(number);
        return true;
    }
    if (dl_iterate_phdr(note_other_library, &library) != 0)
        say(library);
    return library != NULL;
}
