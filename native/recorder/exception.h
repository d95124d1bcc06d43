/* Exceptions inside the original: noted, and otherwise none of our business. */
#ifndef RECORDER_EXCEPTION_H
#define RECORDER_EXCEPTION_H

#include "thread.h"

/* From the first call on, hardware faults inside the original are noted; they go on to whoever would have seen them. */
void recorder_watch_exceptions(void);

/* Writes the note of a call under way: its function and "in", and why (ASCII). Asks for no memory of the C runtime. */
void recorder_note_exception(struct recorder_frame *frame, const char *why);

/* When the DLL is let go. */
void recorder_leave_exceptions(void);

#endif
