/* Asking one side, and whose card lies there. */
#ifndef CUTOVER_SIDES_H
#define CUTOVER_SIDES_H

#include "host.h"
#include "person.h"
#include "routes.h"

/* A call as it came. error: what the program had left in errno and GetLastError when it called; then what the
 * original left there. */
struct cutover_call {
    const struct cshis_row *row;
    const union cshis_word *sent, *passed;
    struct cutover_error *error;
};

/* Out: a legacy code. answered (or NULL): false where the side could not be reached. */
int cutover_ask(enum cutover_side side, const struct cutover_call *call, bool *answered);

/* Reads whose card lies in a side's reader. False: none does, or that cannot be told. */
bool cutover_identity(enum cutover_side side, struct cutover_person *person);

/* Whether a code comes with filled buffers. */
bool cutover_succeeded(const struct cshis_row *row, int code);

#endif
