/* Arguments into a call frame, and a reply frame into the caller's memory. */
#ifndef CSHIS_MARSHAL_H
#define CSHIS_MARSHAL_H

#include "bytes.h"
#include "runtime.h"

/* A call under way. capacities: what each record's length variable said when the call was packed;
 * the caller's variable is not read again, because another of its threads may change it meanwhile. */
struct cshis_pending {
    const struct cshis_function *function;
    const union cshis_word *words;
    uint32_t number;
    int capacities[CSHIS_MOST_ARGUMENTS];
};

enum cshis_packed { CSHIS_PACKED, CSHIS_BAD_ARGUMENT, CSHIS_NO_MEMORY };

/* Writes the call frame; how long its caller waits is left 0. Fills call->capacities.
 * Nothing is written to the caller's memory. */
enum cshis_packed cshis_pack(struct cshis_pending *call, struct cshis_bytes *frame);

/* Checks a whole reply frame, then writes its outputs and its code.
 * False, and nothing written, if anything in it is wrong. */
bool cshis_unpack(const struct cshis_pending *call, const struct cshis_bytes *frame, int *code);

#endif
