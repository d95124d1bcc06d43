/* The files of the trace, one after the other: each begins with a header and has a number.
 * Who calls holds the lock of trace_file.c, except for recorder_part_is_open() and recorder_close_part(). */
#ifndef RECORDER_PARTS_H
#define RECORDER_PARTS_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>

bool recorder_part_is_open(void);

/* Now and then: whether the file is there still. Where there is none: whether one can be made. */
void recorder_look_at_part(void);

/* Begins the next part if this one is full. What cannot be begun now is tried again after a while. */
void recorder_turn_page(void);

/* False: not all of it was written; recorder_why_lost() tells why.
 * Where some of it was, recorder_state()->broken is set. */
bool recorder_append(const void *data, size_t length);

/* A line is whole. If somebody has deleted the file, those since the last look are lost. */
void recorder_count_line(void);

void recorder_close_part(void);

#endif
