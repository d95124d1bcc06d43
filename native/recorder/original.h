/* The official DLL, renamed, that every call goes through to. */
#ifndef RECORDER_ORIGINAL_H
#define RECORDER_ORIGINAL_H

#include <stddef.h>

#include "recorder.h"

/* The function of the original: by name, else by its official ordinal.
 * Loads the DLL at the first call; where that fails, tries again now and then.
 * NULL: *code is what to answer; why is said and noted once. */
recorder_address recorder_find(const struct recorder_function *function, int *code);

/* Where an address lies in the original: "cshis_original.dll+0x1a2b", or "0x6a2b1a2b" outside it.
 * Takes no lock and no memory. */
void recorder_where(const void *address, char *text, size_t room);

/* When this DLL is let go: so is the original. */
void recorder_leave_original(void);

#endif
