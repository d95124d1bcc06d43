/* Exceptions inside the original: noted, and otherwise none of our business. */
#ifndef RECORDER_EXCEPTION_H
#define RECORDER_EXCEPTION_H

/* From the first call on, hardware faults inside the original
 * are noted; they go on to whoever would have seen them. */
void recorder_watch_exceptions(void);

/* When the DLL is let go. */
void recorder_leave_exceptions(void);

#endif
