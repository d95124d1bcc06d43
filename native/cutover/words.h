/* A call with as many machine words as it takes. */
#ifndef CUTOVER_WORDS_H
#define CUTOVER_WORDS_H

#include "original.h"
#include "route.h"

int cutover_call_words(cutover_address function, const union cshis_word *words, unsigned count);

#endif
