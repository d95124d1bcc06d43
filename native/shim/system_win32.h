/* Functions of the system's own libraries, loaded when they are needed:
 * the DLL imports from as few as programs of twenty years ago had loaded anyway. */
#ifndef CSHIS_SYSTEM_WIN32_H
#define CSHIS_SYSTEM_WIN32_H

#include <stdbool.h>

#include "platform.h"

#include <windows.h>

/* A library from the system's folder, and from nowhere else. NULL: there is none.
 * The caller lets it go with FreeLibrary. */
HMODULE cshis_system_library(const char *name);

/* Writes the address of a function to a pointer to that function. False: the library has no such. */
bool cshis_find_function(HMODULE library, const char *name, void *pointer);

#endif
