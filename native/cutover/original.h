/* The official library beside this one: cshis_original.dll, on Linux libcshis_original.so. */
#ifndef CUTOVER_ORIGINAL_H
#define CUTOVER_ORIGINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "route.h"

typedef void (*cutover_address)(void);

/* Whether there is such a file. */
bool cutover_original_there(void);

/* Its function for an export: by name, else by its official ordinal. NULL: it cannot be loaded (loaded is
 * false; why is said once, and it is tried again now and then), or it has no such function. */
cutover_address cutover_original(const struct cshis_row *row, bool *loaded);

#ifdef _WIN32
/* When this DLL is let go: so is the original. */
void cutover_leave_original(void);
#endif

#endif
