/* A file of the calling program into a call frame: it belongs
 * to that program, with its drive letters, shares and rights. */
#ifndef CSHIS_FILE_H
#define CSHIS_FILE_H

#include "bytes.h"

/* Adds state, name and content of the file whose name has length bytes, as PROTOCOL.md says.
 * - Where there is no such file, the one beginning of the bytes that names one is the name: programs of some
 *   languages pass arrays without a NUL, and something else follows in memory.
 * - ended false: the name was not seen to end, so that only such a beginning can be meant. */
void cshis_put_file(struct cshis_bytes *frame, const char *name, size_t length, bool ended);

#endif
