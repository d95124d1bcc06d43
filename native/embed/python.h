/* The embedded build's way to Python: starting it in a process
 * that is not ours, and one line for a person when that fails. */
#ifndef CSHIS_EMBED_PYTHON_H
#define CSHIS_EMBED_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In start.c. Starts the interpreter unless the program has one already. Safe from several threads at once.
 * Never prints, never ends the process, whatever is missing.
 * False: Python cannot be used, and the log says why. */
bool cshis_start_python(void);

/* In other_python.c.
 * Whether the program runs a Python of another version: then none of its functions may be called,
 * and the log says which version it is. Starts nothing. */
bool cshis_other_python(void);

/* In log.c.
 * Appends a line to cshis-bridge-embedded.log in CSHIS_BRIDGE_DATA_DIR,
 * else (unset, not there) in the folder for temporary files. */
void cshis_log(const char *what, const char *detail);

/* In log.c. The same file, open for appending, or -1. */
int cshis_open_log(void);

/* In the file that cffi generates (answer.c). Runs the Python start-up code, then asks it for the reply.
 * False: there is none. */
bool cshis_attach(void);
bool cshis_ask(const uint8_t *request, size_t length, int seconds, void *reply);

#endif
