/* The files of the trace: parts of bounded size, of which the oldest go. Nothing here ever fails a call. */
#ifndef RECORDER_TRACE_FILE_H
#define RECORDER_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Opens or makes the part to write to, unless that was in vain a moment ago. */
void recorder_open_trace(void);

/* Appends a whole line, its newline included, in one write.
 * One that cannot be written is counted; the trace says so as soon as it can be written again.
 * urgent: from within an exception, where no memory may be asked for and no file made. */
void recorder_write(const void *line, size_t length, bool urgent);

/* A call that never became a line. why: a string literal. */
void recorder_lose(const char *why);

/* When the DLL is let go. */
void recorder_close_trace(void);

#endif
