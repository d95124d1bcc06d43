/* What the generated exports of the recorder hand to its runtime.
 * Every export calls recorder_begin, the original, recorder_end. */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

/* An argument as it came: a whole machine word, whatever width it is declared with. */
typedef uintptr_t recorder_word;

/* A function of the original DLL, to be cast to its own type. */
typedef void (*recorder_address)(void);

/* One export.
 * - ordinal: the official one, 0 where none is known.
 * - slots: what each declared argument is; length counts declared arguments.
 * - original: found at the first call.
 * - question: how the bridge is asked the same in a live comparison; NULL where it is not. */
struct recorder_function {
    const char *name;
    unsigned ordinal;
    int unreachable;
    int not_supported;
    unsigned count;
    const char *const *names;
    const struct cshis_slot *slots;
    recorder_address volatile *original;
    const struct cshis_function *question;
};

/* A call under way, on the stack of the export.
 * - frame: NULL where nothing is recorded.
 * - code: what to answer where there is no original. */
struct recorder_call {
    const struct recorder_function *function;
    const recorder_word *words;
    struct recorder_frame *frame;
    int code;
};

/* Which release and which mapping table the generated part comes from. */
extern const char recorder_software[];
extern const char *const recorder_table;

/* The function to call with the same words; NULL: answer call->code.
 * Leaves errno and GetLastError as the caller had them. */
recorder_address recorder_begin(struct recorder_call *call);

/* Records what came back. Out: code, unchanged. Leaves errno and GetLastError as the original did. */
int recorder_end(struct recorder_call *call, int code);

#endif
