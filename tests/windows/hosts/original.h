/* What original.c and the programs that look closely at it share. */
#ifndef ORIGINAL_H
#define ORIGINAL_H

#include <stdint.h>

#define SLOW 400                     /* milliseconds */
#define ERROR_LEFT 4711

/* A sum that every bit of every word has a part in, whatever its place. */
static inline int sum_of_words(const intptr_t *words, int count)
{
    uint64_t sum = 0;
    int i;

    for (i = 0; i < count; i++)
        sum = (sum ^ (uint64_t)words[i]) * 0x100000001B3u;
    return (int)(sum ^ sum >> 32);
}

#endif
