/* The arguments of a call as JSON objects: what docs/reference/trace-format.md calls values. */
#ifndef RECORDER_VALUES_H
#define RECORDER_VALUES_H

#include "bytes.h"
#include "recorder.h"

/* Every argument as it is now, before the call. */
void recorder_put_given(struct cshis_bytes *line, const struct recorder_function *function,
                        const recorder_word *words);

/* After the call: every buffer, every number at an address, every string that may be written over. */
void recorder_put_answered(struct cshis_bytes *line, const struct recorder_function *function,
                           const recorder_word *words);

/* How many bytes an in-string has, and whether its memory can be read at all. */
bool recorder_measure(const struct cshis_slot *slot, const void *text, size_t *length);

/* The 16 bits at an address. False: they cannot be read. */
bool recorder_read16(const void *from, int *number);

#endif
