/* Why lines of the trace are lost. Who calls holds the lock of trace_file.c. */
#ifndef RECORDER_LOSS_H
#define RECORDER_LOSS_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* why: ASCII, less than 100 characters. */
void recorder_lost_because(const char *why);

/* An error of the system while doing something, such as "writing". */
void recorder_lost_by_error(DWORD error, const char *doing);

/* The last reason. */
const char *recorder_why_lost(void);

/* Says it to people, once in the process. */
void recorder_say_loss(void);

#endif
