/* Who this process is, and bytes that nobody can guess. */
#ifndef CSHIS_IDENTITY_H
#define CSHIS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When this process began, in a unit of the system's.
 * Together with its number no other process of this machine has had it. */
uint64_t cshis_process_start(void);

/* False: the system gives none. */
bool cshis_random(uint8_t *to, size_t length);

#endif
