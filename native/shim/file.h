/* A file of the calling program into a call frame: it belongs
 * to that program, with its drive letters, shares and rights. */
#ifndef CSHIS_FILE_H
#define CSHIS_FILE_H

#include "bytes.h"

/* Adds state, name and content of the file whose name has length bytes, as PROTOCOL.md says. */
void cshis_put_file(struct cshis_bytes *frame, const char *name, size_t length);

#endif
