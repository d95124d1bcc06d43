/* Calling a function of which nothing is known but its address and how many words it takes. */
#ifndef CUTOVER_INVOKE_H
#define CUTOVER_INVOKE_H

#include "original.h"
#include "route.h"

/* What a call of the official library came to. crashed: an exception that it did not handle itself, its
 * number and where it happened (Windows; elsewhere a crash ends the process as ever). */
struct cutover_outcome {
    int code;
    bool crashed;
    unsigned long exception;
    const void *at;
};

struct cutover_outcome cutover_invoke(cutover_address function, const union cshis_word *words,
                                      unsigned count);

#endif
